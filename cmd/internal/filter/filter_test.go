package filter

import (
	"errors"
	"strings"
	"testing"
)

// row has one cell of each sort.
var row = map[string]Value{
	"NS":      {Type: Integer, Integer: 4026531837},
	"TYPE":    {Text: "net"},
	"NPROCS":  {Type: Integer, Integer: 12},
	"PID":     {Type: Integer, Empty: true},
	"USER":    {Text: "root"},
	"NSFS":    {Empty: true},
	"LOAD":    {Type: Float, Float: 1.5},
	"UID":     {Type: Integer},
	"COMMAND": {Text: "sleep 300"},
}

func known(name string) bool { _, ok := row[name]; return ok }

func TestMatch(t *testing.T) {
	for _, test := range []struct {
		expression string
		want       bool
	}{
		// spellings
		{`NPROCS == 12`, true}, {`NPROCS eq 12`, true}, {`NPROCS EQ 12`, true},
		{`NPROCS != 12`, false}, {`NPROCS ne 12`, false}, {`NPROCS NE 12`, false},
		{`NPROCS < 13`, true}, {`NPROCS lt 12`, false}, {`NPROCS LT 13`, true},
		{`NPROCS <= 12`, true}, {`NPROCS le 12`, true}, {`NPROCS LE 11`, false},
		{`NPROCS > 11`, true}, {`NPROCS gt 12`, false}, {`NPROCS GT 11`, true},
		{`NPROCS >= 12`, true}, {`NPROCS ge 12`, true}, {`NPROCS GE 13`, false},
		{`true && true`, true}, {`true and false`, false}, {`true AND true`, true},
		{`false || true`, true}, {`false or false`, false}, {`TRUE OR FALSE`, true},
		{`! false`, true}, {`not false`, true}, {`NOT true`, false}, {`!!true`, true},
		{`(NPROCS == 12)`, true}, {`nprocs==12and type=="net"`, true}, {`NPROCS==12&&TYPE=='net'`, true},
		// literals
		{`NPROCS < 1K`, true}, {`NPROCS < 1KiB`, true}, {`1K == 1024`, true}, {`1M == 1024K`, true},
		{`1G == 1024MiB`, true}, {`1T == 1024G`, true}, {`1P == 1024T`, true}, {`1EiB == 1024P`, true}, {`0Z == 0Y`, true},
		{`7E > 7000000000000000000`, true}, {`TYPE == "it's" or TYPE != 'a"b'`, true},
		{`NPROCS < 1E`, true}, {`LOAD == 1.5`, true}, {`LOAD > 1.25`, true},
		{`TYPE == " net "`, true}, {`TYPE == 'net'`, true}, {`NSFS == ""`, true},
		// precedence
		{`true or false and false`, false}, {`true or (false and false)`, true}, {`false and false or true`, true},
		{`!NPROCS == 3`, false}, {`!NPROCS == 0`, true}, {`!(NPROCS == 3)`, true}, {`NPROCS == 12 == true`, true},
		// types
		{`NPROCS > "9"`, false}, {`NPROCS > 9`, true}, {`"12" == NPROCS`, true},
		{`NPROCS < LOAD`, false}, {`LOAD < NPROCS`, true}, {`LOAD == 1`, false}, {`TYPE != USER`, true},
		{`TYPE > NPROCS`, true}, {`LOAD < 2`, true}, {`NPROCS == 12.5`, false}, {`NPROCS > 11.5`, true}, {`LOAD == "1.5"`, true},
		{`NPROCS == true`, true}, {`NS > NPROCS`, true},
		// empty cells
		{`PID == 1`, false}, {`PID != 1`, false}, {`PID < 1`, false}, {`!(PID == 1)`, true}, {`PID == NPROCS`, false}, {`NPROCS != PID`, false},
		{`PID == ""`, false}, {`NSFS == 5`, false}, {`PID`, false}, {`!PID`, true}, {`NSFS`, false}, {`!NSFS`, true},
		// bare columns
		{`NPROCS`, true}, {`UID`, false}, {`TYPE`, true}, {`0`, false}, {`""`, false}, {`0.0`, false}, {`7`, true},
		// patterns
		{`COMMAND =~ "^sl(e+)p [0-9]{3}$"`, true}, {`COMMAND =~ 'x'`, false}, {`COMMAND !~ "x"`, true},
		{`COMMAND =~ "[[:digit:]]+"`, true}, {`NPROCS =~ "^1"`, true}, {`PID =~ "^$"`, true},
		{`TYPE =~ "^(net|mnt)$" and NPROCS > 2`, true}, {`!TYPE =~ "net"`, false}, {`not COMMAND !~ "x"`, true},
		// as long as may be
		{`COMMAND !~ "` + strings.Repeat("a", maxPattern) + `"`, true},
		{strings.Repeat(" ", maxExpression-1) + `1`, true}, {strings.Repeat("1 or ", maxNodes/2-1) + "1", true},
	} {
		f, err := Parse(test.expression, known)
		if err != nil {
			t.Errorf("%s: %v", test.expression, err)
			continue
		}
		got, err := f.Match(func(name string) Value { return row[name] })
		if got != test.want || err != nil {
			t.Errorf("%s: %v, %v", test.expression, got, err)
		}
	}
}

func TestTypeErrors(t *testing.T) {
	for _, expression := range []string{`TYPE == 5`, `5 == TYPE`, `USER > 1.5`, `TYPE == NPROCS and USER < 3`, `NPROCS == TYPE`, `LOAD < USER`} {
		f, err := Parse(expression, known)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := f.Match(func(name string) Value { return row[name] }); got || !errors.Is(err, ErrType) {
			t.Errorf("%s: %v, %v", expression, got, err)
		}
	}
}

func TestParseErrors(t *testing.T) {
	for _, test := range []struct{ expression, want string }{
		{`NS ==`, `failed to parse "NS ==": syntax error, unexpected end of file`},
		{``, `failed to parse "": syntax error, unexpected end of file`},
		{`NS == 1 2`, `failed to parse "NS == 1 2": syntax error, unexpected integer`},
		{`(NS == 1`, `failed to parse "(NS == 1": syntax error, unexpected end of file`},
		{`NS == )`, `failed to parse "NS == )": syntax error, unexpected )`},
		{`COMMAND =~ TYPE`, `failed to parse "COMMAND =~ TYPE": syntax error, unexpected identifier, expecting string`},
		{`COMMAND =~ "("`, `failed to parse "COMMAND =~ "("": invalid regular expression`},
		{`COMMAND =~ "(a+)*"`, `failed to parse "COMMAND =~ "(a+)*"": nested quantifiers in regular expression`},
		{`COMMAND =~ "a+*"`, `failed to parse "COMMAND =~ "a+*"": nested quantifiers in regular expression`},
		{`COMMAND =~ "` + strings.Repeat("a", 257) + `"`, ``},
		{`TYPE == "net`, `failed to parse "TYPE == "net": syntax error, unterminated string`},
		{`NS == 1Q`, `failed to parse "NS == 1Q": syntax error, unexpected identifier`},
		{`NS == 8E`, `failed to parse "NS == 8E": syntax error, number out of range or malformed`},
		{`NS == 1Z`, `failed to parse "NS == 1Z": syntax error, number out of range or malformed`},
		{`NS == 1YiB`, `failed to parse "NS == 1YiB": syntax error, number out of range or malformed`},
		{`NS Eq 1`, `failed to parse "NS Eq 1": syntax error, unexpected identifier`},
		{`COMMAND =~ 5`, `failed to parse "COMMAND =~ 5": syntax error, unexpected integer, expecting string`},
		{`NS # 1`, `failed to parse "NS # 1": syntax error, unexpected "#"`},
		{`foo == 1`, `unknown column: foo`},
		{`NS == ` + strings.Repeat(" ", 1024) + `1`, ``},
		{strings.Repeat("1 or ", 130) + "1", ``},
		{strings.Repeat("(", 900), ``},
	} {
		_, err := Parse(test.expression, known)
		if err == nil || test.want != "" && err.Error() != test.want {
			t.Errorf("%.40s: %v", test.expression, err)
		}
	}
}

func TestNestedQuantifiers(t *testing.T) {
	for pattern, want := range map[string]bool{
		`a*b+`: false, `(ab)+`: false, `(a|b)*c`: false, `[*+]+`: false, `[]*]+`: false, `[^]*]+`: false, `\*+`: false, `[[:alpha:]*]+`: false,
		`a**`: true, `a+?`: true, `(a*)+`: true, `((a{2})b){3}`: true, `(x(a*)y)`: false, `(x(a*)y)?`: true,
	} {
		if nestedQuantifier(pattern) != want {
			t.Errorf("%s: %v", pattern, !want)
		}
	}
}

func TestColumns(t *testing.T) {
	f, err := Parse("type == 'net' or NS > 1 and Type", known)
	if err != nil || strings.Join(f.Columns(), " ") != "NS TYPE" {
		t.Errorf("%v, %v", f, err)
	}
}
