package multicall

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nskit/nskit/cmd/internal/applet"
)

var known = []*applet.Applet{{Name: "unshare"}, {Name: "pivot", Aliases: []string{"pivot_root"}}}

func TestResolve(t *testing.T) {
	for _, tt := range []struct{ argv, name, argv0, args, err string }{
		{"unshare -u true", "unshare", "unshare", "-u true", ""},
		{"/usr/bin/unshare -u", "unshare", "/usr/bin/unshare", "-u", ""},
		{"pivot_root a b", "pivot_root", "pivot_root", "a b", ""},
		{"nskit unshare -u", "unshare", "nskit unshare", "-u", ""},
		{"./nskit-1.0 pivot_root a", "pivot_root", "nskit pivot_root", "a", ""},
		{"nskit --help unshare", "unshare", "nskit unshare", "--help", ""},
		{"nskit -h pivot_root", "pivot_root", "nskit pivot_root", "-h", ""},
		{"nskit --help nosuch", "", "", "", "nskit: unknown applet 'nosuch' (nskit --list shows them)"},
		{"nskit --help", "nskit", "nskit", "--help", ""},
		{"nskit --help --list", "nskit", "nskit", "--help --list", ""},
		{"nskit", "nskit", "nskit", "", ""},
		{"nskit --list", "nskit", "nskit", "--list", ""},
		{"nskit nosuch", "", "", "", "nskit: unknown applet 'nosuch' (nskit --list shows them)"},
		{"", "nskit", "nskit", "", ""},
	} {
		inv := applet.Invocation{All: known, Argv: strings.Fields(tt.argv)}
		if err := Resolve(&inv); err != nil {
			if "nskit: "+err.Error() != tt.err {
				t.Errorf("%q: %v", tt.argv, err)
			}
			continue
		}
		if inv.Name != tt.name || inv.ByNskit != (tt.argv0 == "nskit "+tt.name) || strings.Join(inv.Args, " ") != tt.args {
			t.Errorf("%q: %q, %v, %q", tt.argv, inv.Name, inv.ByNskit, inv.Args)
		}
	}
}

// TestResolveByFile: the file's name counts where argv[0] names nobody.
func TestResolveByFile(t *testing.T) {
	for _, tt := range []struct{ argv0, file, name string }{
		{"other", "/usr/bin/unshare", "unshare"}, {"-unshare", "unshare", "unshare"}, {"", "./pivot_root", "pivot_root"},
		{"unshare", "/usr/bin/pivot", "unshare"}, {"nskit", "/usr/bin/unshare", "nskit"}, {"/usr/bin/nskit", "./unshare", "nskit"},
		{"other", "/usr/bin/nskit", "nskit"}, {"other", "", "nskit"},
	} {
		inv := applet.Invocation{All: known, Argv: []string{tt.argv0, "-u"}, File: tt.file}
		if err := Resolve(&inv); err != nil || inv.Name != tt.name || inv.Args[0] != "-u" {
			t.Errorf("%q of %q: %q, %q, %v", tt.argv0, tt.file, inv.Name, inv.Args, err)
		}
	}
}

func TestLinks(t *testing.T) {
	top, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"img/usr/bin", "img/bin", "img/deep/er"} {
		if err := os.MkdirAll(filepath.Join(top, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("img/deep/er", filepath.Join(top, "short")); err != nil {
		t.Fatal(err)
	}
	t.Chdir(top)
	for dir, want := range map[string]string{
		"img/usr/bin":      "nskit",
		"img/bin":          "../usr/bin/nskit",
		"./img/../img/bin": "../usr/bin/nskit",
		"short":            "../../usr/bin/nskit",
		top + "/short":     "../../usr/bin/nskit",
	} {
		links, err := linksIn(dir, []string{"unshare"}, top+"/img/usr/bin/nskit")
		if err != nil || links[0].target != want {
			t.Errorf("%s: %v, %v, want %s", dir, links, err, want)
		}
	}
	if links, err := linksIn("nowhere", []string{"unshare"}, top+"/img/usr/bin/nskit"); err == nil {
		t.Errorf("nowhere: %v", links)
	}
}

func TestOfFile(t *testing.T) {
	for status, want := range map[string]bool{
		"Name:\tx\nCapPrm:\t0000000000000000\nCapAmb:\t0000000000000000\n":   false,
		"CapPrm:\t0000000000200000\nCapEff:\t0\nCapAmb:\t0000000000000000\n": true,
		"CapPrm:\t0000000000200000\nCapAmb:\t0000000000200000\n":             false,
		"CapPrm:\t000001ffffffffff\nCapAmb:\t0000000000200000\n":             true,
	} {
		if got := ofFile(status); got != want {
			t.Errorf("%q: %v", status, got)
		}
	}
}
