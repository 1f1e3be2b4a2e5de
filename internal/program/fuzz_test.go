package program

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// FuzzListing reads a listing back: whatever the texts of a Program hold, every
// call has a line of its own with its name, and every text that is passed
// stands in it, quoted, and comes out the same.
func FuzzListing(f *testing.F) {
	f.Add("/a", "b\nunshare(0)", "\" = x # \x1b[2J", uint8(0))
	f.Add("", "\xff\x80", "\u202e", uint8(255))
	f.Fuzz(func(t *testing.T, a, b, c string, how uint8) {
		if strings.Contains(a+b+c, "\x00") {
			return
		}
		p := texts3(a, b, c, how)
		if err := p.Validate(); err != nil {
			t.Fatal(err)
		}
		var listing strings.Builder
		if err := p.Print(&listing); err != nil {
			t.Fatal(err)
		}
		check(t, listing.String(), []call{
			{"mount", []string{a, b, c}}, {"openat", []string{b}}, {"write", []string{c}}, {"chdir", []string{a}}, {"execve", []string{b, a, b, c}},
		})
		if got := strings.Count(p.String(), "\n"); got != len(p.Steps)+1 { // and one label
			t.Errorf("%d lines for %d steps:\n%s", got, len(p.Steps), p)
		}
	})
}

// call is a line of a listing: a name, and the texts among the arguments.
type call struct {
	name  string
	texts []string
}

// texts3 is a Program with three texts in all places where one can be.
func texts3(a, b, c string, how uint8) *Program {
	builder := New("x")
	builder.Cmdline([]string{"x", a, b, c})
	fd, over := builder.Var("fd"), builder.Label("over")
	builder.Mount(a, b, "", uintptr(how), "").Or("mount ", a)
	builder.p.Steps[0].Args[4] = Text(c)
	builder.Open(b, int(how)).Into(fd).Or("open ", b).On(unix.Errno(1+int(how)), over)
	builder.Write(Value(fd), c).Or("write ", c).Hint(unix.EPERM, a)
	builder.Place(over)
	builder.Chdir(a).Or("chdir ", a)
	builder.Execve(b, Argv(1), Envp()).OrExit(127, c)
	return builder.Program()
}

// check compares the lines of a listing with the calls that they must show.
func check(t *testing.T, listing string, calls []call) {
	lines := strings.Split(strings.TrimSuffix(listing, "\n"), "\n")
	if len(lines) != len(calls) {
		t.Fatalf("%d lines for %d calls:\n%s", len(lines), len(calls), listing)
	}
	for i, line := range lines {
		name, rest, _ := strings.Cut(line, "(")
		if texts := quoted(rest); name != calls[i].name || !slices.Equal(texts, calls[i].texts) {
			t.Errorf("%s shows %q, want %q", line, texts, calls[i].texts)
		}
		if strings.ContainsFunc(line, func(r rune) bool { return r < ' ' || r == 0x7f || r >= 0x80 && !strconv.IsPrint(r) }) {
			t.Errorf("%q holds what a terminal would take for more than text", line)
		}
	}
}

// quoted are the quoted texts in a line, up to its end or a reason.
func quoted(line string) []string {
	var texts []string
	for {
		i := strings.IndexAny(line, "\"#")
		if i < 0 || line[i] == '#' {
			return texts
		}
		prefix, err := strconv.QuotedPrefix(line[i:])
		if err != nil {
			return append(texts, line[i:])
		}
		text, _ := strconv.Unquote(prefix)
		texts, line = append(texts, text), line[i+len(prefix):]
	}
}
