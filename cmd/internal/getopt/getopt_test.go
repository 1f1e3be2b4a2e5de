package getopt

import (
	"errors"
	"strings"
	"testing"
)

// note writes down in the target what an option was given.
func note(target any, opt *Option, value Value) error {
	met := target.(*[]string)
	text := opt.Long
	if value.Given {
		text += "=" + value.Text
	}
	*met = append(*met, text)
	return nil
}

// table has options of each kind.
var table = []Option{
	{Short: 'm', Long: "mount", Arg: OptionalLong, Apply: note},
	{Short: 'u', Long: "uts", Arg: Optional, Apply: note},
	{Long: "mount-proc", Arg: Optional, Apply: note},
	{Long: "map-user", Arg: Required, Apply: note},
	{Long: "map-users", Arg: Required, Apply: note},
	{Short: 'f', Long: "fork", Apply: note},
	{Short: 'S', Long: "setuid", Arg: Required, Apply: note},
	{Long: "forever", Extra: true, Apply: note},
}

func TestParse(t *testing.T) {
	for _, tt := range []struct {
		args     string // words separated by blanks, "" for none
		mode     Mode
		met      string
		operands string
		err      string
	}{
		{args: "-fm true -f", met: "fork mount", operands: "true -f"},
		{args: "-f true -m", mode: Permute, met: "fork mount", operands: "true"},
		{args: "-f -- -m x", met: "fork", operands: "-m x"},
		{args: "a -- -m", mode: Permute, operands: "a -m"},
		{args: "- -f", operands: "- -f"},
		{args: "--fo", met: "fork"},
		{args: "--forever", met: "forever"},
		{args: "--foreve", err: "unrecognized option '--foreve'"},
		{args: "--mount", met: "mount"},
		{args: "--mount=", met: "mount="},
		{args: "--mount=/x", met: "mount=/x"},
		{args: "--mount-p", met: "mount-proc"},
		{args: "-m/x", met: "mount", err: "invalid option -- '/'"},
		{args: "-u/x", met: "uts=/x"},
		{args: "-u=/x", met: "uts==/x"},
		{args: "-u /x", met: "uts", operands: "/x"},
		{args: "-fS 7", met: "fork setuid=7"},
		{args: "-fS7", met: "fork setuid=7"},
		{args: "--map-user 5", met: "map-user=5"},
		{args: "--map-users=a=b", met: "map-users=a=b"},
		{args: "--m=1", err: "option '--m=1' is ambiguous; possibilities: '--mount' '--mount-proc' '--map-user' '--map-users'"},
		{args: "--bogus=1", err: "unrecognized option '--bogus=1'"},
		{args: "--fork=1", err: "option '--fork' doesn't allow an argument"},
		{args: "--fo=1", err: "option '--fork' doesn't allow an argument"},
		{args: "--setuid", err: "option '--setuid' requires an argument"},
		{args: "-S", err: "option requires an argument -- 'S'"},
		{args: "-\xff", err: "invalid option -- '\xff'"},
		{args: "-fx", met: "fork", err: "invalid option -- 'x'"},
	} {
		t.Run(tt.args, func(t *testing.T) {
			var met []string
			operands, err := new(Parser).Parse(&met, strings.Fields(tt.args), table, tt.mode)
			if got := strings.Join(met, " "); got != tt.met {
				t.Errorf("met %q, want %q", got, tt.met)
			}
			if got := strings.Join(operands, " "); got != tt.operands {
				t.Errorf("operands %q, want %q", got, tt.operands)
			}
			var fault *Error
			if tt.err != "" && (!errors.As(err, &fault) || fault.Error() != tt.err) || tt.err == "" && err != nil {
				t.Errorf("error %v, want %q", err, tt.err)
			}
		})
	}
}

func TestAnErrorEndsTheParse(t *testing.T) {
	stop := errors.New("stop")
	var met []string
	_, err := new(Parser).Parse(&met, []string{"-ab"}, []Option{
		{Short: 'a', Long: "a", Apply: func(any, *Option, Value) error { return stop }},
		{Short: 'b', Long: "b", Apply: note},
	}, Permute)
	if !errors.Is(err, stop) || met != nil {
		t.Errorf("err %v, met %v; want the parse to end at a", err, met)
	}
}
