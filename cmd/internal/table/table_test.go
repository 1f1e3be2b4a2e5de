package table

import (
	"bufio"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func written(t *Table, layout Layout) string {
	var b strings.Builder
	w := bufio.NewWriter(&b)
	t.Write(w, layout)
	w.Flush()
	return b.String()
}

func columns(tree string) []Column {
	all := []Column{
		{Name: "NSFS", Lines: true},
		{Name: "NS", Hint: 10, Right: true, Number: true},
		{Name: "PID", Hint: 5, Right: true, Number: true},
		{Name: "COMMAND", Shrink: true},
	}
	for i := range all {
		all[i].Tree = all[i].Name == tree
	}
	return all
}

// family is a tree whose middle row has lines in one cell and a row below it.
func family() []*Row {
	return []*Row{{
		Cells: []string{"", "4026531837", "2", "kthreadd"},
		Children: []*Row{
			{Cells: []string{"", "4026531833", "2", "kthreadd"}},
			{Cells: []string{"/run/a\n/run/b", "4026532325", "8924", "sh -c x"}, Children: []*Row{
				{Cells: []string{"", "4026532394", "8926", "sleep 301"}},
			}},
		},
	}}
}

// The expected texts of these tests were printed by lsns of util-linux 2.38,
// the widths of PID excepted, where 2.43 is narrower.
func TestText(t *testing.T) {
	flat := []*Row{
		{Cells: []string{"/run/a\n/run/b", "4026532255", "8793", "unshare -Urnp"}},
		{Cells: []string{"", "4026532256", "7", "x"}},
	}
	for _, test := range []struct {
		name   string
		table  Table
		layout Layout
		want   string
	}{
		{"flat", Table{Columns: columns(""), Rows: flat}, Layout{}, "" +
			"NSFS           NS   PID COMMAND\n" +
			"/run/a 4026532255  8793 unshare -Urnp\n" +
			"/run/b                  \n" +
			"       4026532256     7 x\n"},
		{"joined", Table{Columns: columns(""), Rows: flat}, Layout{NoWrap: true, NoHeadings: true}, "" +
			"/run/a,/run/b 4026532255  8793 unshare -Urnp\n" +
			"              4026532256     7 x\n"},
		{"right column last", Table{Columns: []Column{{Name: "A"}, {Name: "NETNSID", Right: true}},
			Rows: []*Row{{Cells: []string{"1", ""}}, {Cells: []string{"2", "3"}}}}, Layout{}, "" +
			"A NETNSID\n" +
			"1 \n" +
			"2       3\n"},
		{"tree in the middle", Table{Columns: columns("NS"), Rows: family()}, Layout{}, "" +
			"NSFS   NS               PID COMMAND\n" +
			"       4026531837         2 kthreadd\n" +
			"       |-4026531833       2 kthreadd\n" +
			"/run/a `-4026532325    8924 sh -c x\n" +
			"/run/b   |                  \n" +
			"         `-4026532394  8926 sleep 301\n"},
		{"tree at the end", Table{Columns: columns("COMMAND"), Rows: family()}, Layout{UTF8: true}, "" +
			"NSFS           NS   PID COMMAND\n" +
			"       4026531837     2 kthreadd\n" +
			"       4026531833     2 ├─kthreadd\n" +
			"/run/a 4026532325  8924 └─sh -c x\n" +
			"/run/b                    │ \n" +
			"       4026532394  8926   └─sleep 301\n"},
		{"cut", Table{Columns: columns("COMMAND"), Rows: family()}, Layout{Width: 34}, "" +
			"NSFS           NS   PID COMMAND\n" +
			"       4026531837     2 kthreadd\n" +
			"       4026531833     2 |-kthreadd\n" +
			"/run/a 4026532325  8924 `-sh -c x\n" +
			"/run/b                    | \n" +
			"       4026532394  8926   `-sleep \n"},
		{"cut to the heading at most", Table{Columns: columns(""), Rows: flat[:1]}, Layout{Width: 5}, "" +
			"NSFS           NS   PID COMMAND\n" +
			"/run/a 4026532255  8793 unshare\n" +
			"/run/b                  \n"},
		{"no rows", Table{Columns: columns("")}, Layout{}, ""},
		{"colour", Table{Columns: []Column{{Name: "A", Style: "1"}, {Name: "B", Right: true}},
			Rows: []*Row{{Cells: []string{"1", "22"}}, {Cells: []string{"3", "4"}, Style: "31"}}}, Layout{Color: true}, "" +
			"\x1b[1mA\x1b[m  B\n" +
			"\x1b[1m1\x1b[m 22\n" +
			"\x1b[31m3\x1b[m  \x1b[31m4\x1b[m\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, written(&test.table, test.layout)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestColumnWidth(t *testing.T) {
	for _, test := range []struct {
		name       string
		hint, data int
		noHeadings bool
		want       int
	}{
		{"PID", 5, 3, false, 3},
		{"PID", 5, 4, false, 5},
		{"PID", 5, 6, false, 6},
		{"TYPE", 5, 3, false, 4},
		{"TYPE", 5, 3, true, 5},
		{"TYPE", 5, 6, true, 6},
		{"NPROCS", 5, 1, true, 1},
		{"NPROCS", 5, 2, true, 5},
		{"NPROCS", 5, 1, false, 6},
		{"NSFS", 0, 0, true, 0},
		{"NSFS", 0, 0, false, 4},
		{"NETNSID", 0, 10, false, 10},
	} {
		c := Column{Name: test.name, Hint: test.hint}
		if got := c.width(test.data, test.noHeadings); got != test.want {
			t.Errorf("%+v: width %d", test, got)
		}
	}
}

// terminal are columns as lsns has them.
func terminal() []Column {
	return []Column{
		{Name: "NS", Hint: 10, Right: true}, {Name: "TYPE", Hint: 5}, {Name: "NPROCS", Hint: 5, Right: true}, {Name: "PID", Hint: 5, Right: true},
		{Name: "PPID", Hint: 5, Right: true}, {Name: "USER"}, {Name: "UID", Right: true}, {Name: "NETNSID", Right: true}, {Name: "NSFS"},
		{Name: "COMMAND", Shrink: true}, {Name: "PNS", Hint: 10, Right: true}, {Name: "ONS", Hint: 10, Right: true},
	}
}

// TestTerminal has rows as util-linux 2.42 prints them on terminals of some widths.
func TestTerminal(t *testing.T) {
	cells := []string{"4026532534", "net", "1", "6", "1", "root", "0", "unassigned", "", "a long command line with words that goes on and on", "0", "4026531837"}
	for _, test := range []struct {
		columns string
		layout  Layout
		want    string
	}{
		{"NS TYPE NPROCS PID PPID USER UID PNS ONS", Layout{Width: 200}, "" +
			"        NS TYPE  NPROCS   PID  PPID USER UID        PNS        ONS\n" +
			"4026532534 net        1     6     1 root   0          0 4026531837\n"},
		{"NS TYPE NPROCS PID PPID USER UID PNS ONS", Layout{Width: 60}, "" +
			"        NS TYPE  NPROCS  PID  PPID USER UID   PNS        ONS\n" +
			"4026532534 net        1    6     1 root   0     0 4026531837\n"},
		{"NS TYPE NPROCS PID PPID USER UID PNS ONS", Layout{Width: 30}, "" +
			"        NS TYPE NPROCS PID PPID USER UID PNS        ONS\n" +
			"4026532534 net       1   6    1 root   0   0 4026531837\n"},
		{"NS TYPE NPROCS PID PPID USER UID PNS ONS", Layout{}, "" +
			"        NS TYPE NPROCS PID PPID USER UID PNS        ONS\n" +
			"4026532534 net       1   6    1 root   0   0 4026531837\n"},
		{"NS TYPE NPROCS PID USER", Layout{Width: 200, NoHeadings: true}, "4026532534 net       1     6 root\n"},
		{"NS TYPE NPROCS PID USER", Layout{Width: 30, NoHeadings: true}, "4026532534 net     1    6 root\n"},
		{"NS TYPE NPROCS PID USER", Layout{NoHeadings: true}, "4026532534 net   1 6 root\n"},
		{"NS TYPE NPROCS PID USER NETNSID NSFS COMMAND", Layout{Width: 100}, "" +
			"        NS TYPE  NPROCS  PID USER    NETNSID NSFS COMMAND\n" +
			"4026532534 net        1    6 root unassigned      a long command line with words that goes on and on\n"},
		{"NS TYPE NPROCS PID USER NETNSID NSFS COMMAND", Layout{Width: 40}, "" +
			"        NS TYPE NPROCS PID USER    NETNSID NSFS COMMAND\n" +
			"4026532534 net       1   6 root unassigned      a long \n"},
		{"NS TYPE NPROCS PID USER NETNSID NSFS COMMAND", Layout{Width: 40, NoTruncate: true}, "" +
			"        NS TYPE NPROCS PID USER    NETNSID NSFS COMMAND\n" +
			"4026532534 net       1   6 root unassigned      a long command line with words that goes on and on\n"},
		{"NS PID COMMAND PPID", Layout{Width: 100, NoTruncate: true}, "" +
			"        NS   PID COMMAND                                             PPID\n" +
			"4026532534     6 a long command line with words that goes on and on     1\n"},
		{"NS NSFS NSFS", Layout{NoHeadings: true}, "4026532534  \n"},
	} {
		table := Table{Rows: []*Row{{}}}
		for _, name := range strings.Fields(test.columns) {
			i := slices.IndexFunc(terminal(), func(c Column) bool { return c.Name == name })
			table.Columns = append(table.Columns, terminal()[i])
			table.Rows[0].Cells = append(table.Rows[0].Cells, cells[i])
		}
		if diff := cmp.Diff(test.want, written(&table, test.layout)); diff != "" {
			t.Errorf("%s, %+v: %s", test.columns, test.layout, diff)
		}
	}
}

// TestJSONWriter has objects inside each other, of which none is a row.
func TestJSONWriter(t *testing.T) {
	var b strings.Builder
	w := bufio.NewWriter(&b)
	j := NewJSON(w)
	j.Array("", func() {
		for range 2 {
			j.Object("", func() {
				j.Text("name", "a\"b")
				j.Object("netns", func() { j.Bare("inode", "7") })
				j.Array("none", func() {})
				j.Array("addrs", func() { j.Text("", "10.0.0.1"); j.Text("", "::1") })
			})
		}
	})
	j.End()
	w.Flush()
	const object = `{
      "name": "a\"b",
      "netns": {
         "inode": 7
      },
      "none": [],
      "addrs": [
         "10.0.0.1",
         "::1"
      ]
   }`
	if diff := cmp.Diff("[\n   "+object+","+object+"\n]\n", b.String()); diff != "" {
		t.Error(diff)
	}
}

func TestRaw(t *testing.T) {
	table := Table{Columns: columns("NS"), Rows: family()}
	want := "" +
		"NSFS NS PID COMMAND\n" +
		" 4026531837 2 kthreadd\n" +
		" |-4026531833 2 kthreadd\n" +
		"/run/a,/run/b `-4026532325 8924 sh\\x20-c\\x20x\n" +
		" \\x20\\x20`-4026532394 8926 sleep\\x20301\n"
	if diff := cmp.Diff(want, written(&table, Layout{Format: Raw})); diff != "" {
		t.Error(diff)
	}
}

func TestJSON(t *testing.T) {
	table := Table{Name: "namespaces", Columns: columns("NS")[:2], Rows: family()}
	want := `{
   "namespaces": [
      {
         "nsfs": null,
         "ns": 4026531837,
         "children": [
            {
               "nsfs": null,
               "ns": 4026531833
            },{
               "nsfs": "/run/a\n/run/b",
               "ns": 4026532325,
               "children": [
                  {
                     "nsfs": null,
                     "ns": 4026532394
                  }
               ]
            }
         ]
      }
   ]
}
`
	if diff := cmp.Diff(want, written(&table, Layout{Format: JSON})); diff != "" {
		t.Error(diff)
	}
	line := `{"nsfs":null,"ns":4026531837,"children":[{"nsfs":null,"ns":4026531833},` +
		`{"nsfs":"/run/a,/run/b","ns":4026532325,"children":[{"nsfs":null,"ns":4026532394}]}]}` + "\n"
	if diff := cmp.Diff(line, written(&table, Layout{Format: JSONLines, NoWrap: true})); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff("{\"namespaces\":[\n"+line+"]}\n", written(&table, Layout{Format: JSONCompact, NoWrap: true})); diff != "" {
		t.Error(diff)
	}
	empty := Table{Name: "namespaces", Columns: columns("")}
	if diff := cmp.Diff("{\"namespaces\":[\n]}\n", written(&empty, Layout{Format: JSONCompact})); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff("{\n   \"namespaces\": [\n\n   ]\n}\n", written(&empty, Layout{Format: JSON})); diff != "" {
		t.Error(diff)
	}
}

func TestEscapes(t *testing.T) {
	hostile := "a\tb\x01\x7f\xff\"/\\ \\x é中\b\f\r\n\x1b[31mX\u0085 \u202e"
	for _, test := range []struct{ name, got, want string }{
		{"text", string(appendText(nil, hostile, false)),
			`a\x09b\x01\x7f\xff"/\ \x5cx \xc3\xa9\xe4\xb8\xad\x08\x0c\x0d\x0a\x1b[31mX\xc2\x85 \xe2\x80\xae`},
		{"text in UTF-8", string(appendText(nil, hostile, true)),
			`a\x09b\x01\x7f\xff"/\ \x5cx é中\x08\x0c\x0d\x0a\x1b[31mX\xc2\x85 \xe2\x80\xae`},
		{"raw", string(appendRaw(nil, hostile)),
			`a\x09b\x01\x7f\xff"/\x5c\x20\x5cx\x20\xc3\xa9\xe4\xb8\xad\x08\x0c\x0d\x0a\x1b[31mX\xc2\x85\x20\xe2\x80\xae`},
		{"JSON", string(AppendJSONString(nil, hostile)),
			`"a\tb\u0001\u007f` + "\ufffd" + `\"/\\ \\x é中\b\f\r\n\u001b[31mX\u0085 \u202e"`},
		{"JSON outside the basic plane", string(AppendJSONString(nil, "\U000e0001\U0001f600")), `"\udb40\udc01` + "\U0001f600\""},
	} {
		if test.got != test.want {
			t.Errorf("%s:\n%s, want\n%s", test.name, test.got, test.want)
		}
	}
}

func TestRuneWidths(t *testing.T) {
	for text, want := range map[string]int{"abc": 3, "中文": 4, "e\u0301": 1, "├─": 2, "한": 2, "😀": 2} {
		if got := width(text); got != want {
			t.Errorf("%q: width %d, want %d", text, got, want)
		}
	}
	if got := cut("a中文", 4); got != "a中" {
		t.Errorf("cut in the middle of a wide character: %q", got)
	}
}

func TestUTF8Locale(t *testing.T) {
	for _, test := range []struct {
		env  map[string]string
		want bool
	}{
		{nil, false},
		{map[string]string{"LANG": "en_US.UTF-8"}, true},
		{map[string]string{"LANG": "en_US.UTF-8", "LC_ALL": "C"}, false},
		{map[string]string{"LANG": "C", "LC_CTYPE": "de_DE.utf8"}, true},
	} {
		if got := UTF8Locale(func(name string) string { return test.env[name] }); got != test.want {
			t.Errorf("%v: %v", test.env, got)
		}
	}
}

func FuzzCells(f *testing.F) {
	f.Add("plain", "\x1b[2J\r\n\x00\xff")
	f.Add("中\\x41", "a\nb\n")
	f.Fuzz(func(t *testing.T, a, b string) {
		table := Table{Name: "n", Columns: []Column{{Name: "A", Shrink: true, Tree: true}, {Name: "B", Lines: true}},
			Rows: []*Row{{Cells: []string{a, b}, Children: []*Row{{Cells: []string{b, a}}}}}}
		for _, format := range []Format{Text, Raw} {
			for _, utf8OK := range []bool{false, true} {
				checkPrintable(t, written(&table, Layout{Format: format, UTF8: utf8OK, Width: 20}))
			}
		}
		if got := strings.Count(written(&table, Layout{Format: Raw}), "\n"); got != 3 {
			t.Errorf("%d raw lines for a heading and two rows", got)
		}
		text := written(&table, Layout{Format: JSON})
		checkPrintable(t, text)
		var back struct{ N []struct{ A, B string } }
		if err := json.Unmarshal([]byte(text), &back); err != nil {
			t.Fatal(err)
		}
		if utf8.ValidString(a) && back.N[0].A != a {
			t.Errorf("JSON: %q came back as %q", a, back.N[0].A)
		}
	})
}

func checkPrintable(t *testing.T, text string) {
	t.Helper()
	for _, r := range text {
		if r != '\n' && (r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r == 0x202e) {
			t.Errorf("%q holds %q", text, r)
		}
	}
}
