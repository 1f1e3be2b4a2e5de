package main

import (
	"maps"
	"strings"
	"testing"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/cmd/internal/getopt"
)

// TestDrift wants the committed files to be what would be made now.
func TestDrift(t *testing.T) {
	files, err := generate("../..", everything())
	if err == nil {
		err = compare("../..", files)
	}
	if err != nil {
		t.Error(err)
	}
}

// made is an applet with the options of a table.
func made(options ...getopt.Option) *applet.Applet {
	return &applet.Applet{Name: "sample", Section: 1, Summary: "Try it.", Compatible: "another", Usages: func(string) []applet.Usage {
		return []applet.Usage{{Operands: "<new root> [<key>[=<value>]...]", Options: options, Notes: "Columns:\n .x"}}
	}}
}

const sampleProse = `.Dd January 1, 2026
.Sh DESCRIPTION
.Nm
does it.
.\" notes help
.Sh OPTIONS
.\" --one
It is one.
.\" --two
It is two.
.Sh SEE ALSO
`

func TestManual(t *testing.T) {
	one := getopt.Option{Short: 'o', Long: "one", Arg: getopt.OptionalLong, Value: "uid|name"}
	two := getopt.Option{Long: "two", Arg: getopt.Required, Value: "x", Extra: true}
	page, err := manual(made(one, two), parseProse("sample.mdoc", sampleProse))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		".Dt NSKIT-SAMPLE 1\n",
		".Nd try it\n",
		".Ar new root Oo Ar key Ns Oo No \\&= Ns Ar value Oc Ns No \\&... Oc\n",
		"does it.\n.Bd -literal\n .x\n.Ed\n",
		".It Fl o , Fl -one Ns Oo = Ns Ar uid Ns | Ns Ar name Oc\nIt is one.\n",
		".It Fl -two Ns = Ns Ar x\nIt is two.\nThis option is nskit's own.\n",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in\n%s", want, page)
		}
	}
}

// TestSilence wants an error for an option that nobody says anything about, and
// for words about an option that is not there.
func TestSilence(t *testing.T) {
	one := getopt.Option{Long: "one"}
	_, err := manual(made(one, getopt.Option{Long: "two"}, getopt.Option{Long: "three"}), parseProse("sample.mdoc", sampleProse))
	if err == nil || !strings.Contains(err.Error(), "says nothing about --three") {
		t.Errorf("a new option without prose: %v", err)
	}
	_, err = manual(made(one), parseProse("sample.mdoc", sampleProse))
	if err == nil || !strings.Contains(err.Error(), "--two") {
		t.Errorf("prose without an option: %v", err)
	}
}

// TestCompare wants a changed and a surplus file to be found.
func TestCompare(t *testing.T) {
	top := t.TempDir()
	files := map[string]string{"man/a.1": "a", "man/b.1": "b"}
	if err := write(top, files); err != nil {
		t.Fatal(err)
	}
	if err := compare(top, files); err != nil {
		t.Error(err)
	}
	changed := maps.Clone(files)
	changed["man/a.1"] = "A"
	if err := compare(top, changed); err == nil || !strings.Contains(err.Error(), "[man/a.1]") {
		t.Errorf("a changed file: %v", err)
	}
	delete(changed, "man/b.1")
	if err := compare(top, changed); err == nil || !strings.Contains(err.Error(), "man/b.1") {
		t.Errorf("a surplus file: %v", err)
	}
}

// TestSections wants what every page must have.
func TestSections(t *testing.T) {
	files, err := generate("../..", everything())
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range everything() {
		page := files["man/"+pageName(a)]
		needed := []string{"NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS", "EXAMPLES", "SEE ALSO"}
		if a.Compatible != "" {
			needed = append(needed, "DIFFERENCES FROM UTIL-LINUX")
		}
		for _, title := range needed {
			if !strings.Contains(page, "\n.Sh "+title+"\n") {
				t.Errorf("%s has no section %s", pageName(a), title)
			}
		}
	}
}

func TestOptionLines(t *testing.T) {
	got := optionLines([]getopt.Option{
		{Short: 'f', Long: "fork", Help: "fork first"},
		{Long: "a-rather-long-option", Arg: getopt.Required, Value: "value", Help: "does\nmuch"},
		{Short: 'm', Long: "mount", Arg: getopt.OptionalLong, Value: "file", Help: "x"},
	})
	want := " -f, --fork                 fork first\n" +
		"     --a-rather-long-option <value>\n" + strings.Repeat(" ", 28) + "does\n" + strings.Repeat(" ", 30) + "much\n" +
		" -m, --mount[=<file>]       x\n"
	if got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}
