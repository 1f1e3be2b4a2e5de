package multicall

import (
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
		{"nskit --help --list", "nskit", "nskit", "--list --help", ""},
		{"nskit", "nskit", "nskit", "", ""},
		{"nskit --list", "nskit", "nskit", "--list", ""},
		{"nskit nosuch", "", "", "", "nskit: unknown applet 'nosuch' (nskit --list shows them)"},
		{"", "nskit", "nskit", "", ""},
	} {
		inv, err := resolve(known, strings.Fields(tt.argv))
		if err != nil {
			if err.Error() != tt.err {
				t.Errorf("%q: %v", tt.argv, err)
			}
			continue
		}
		if inv.Name != tt.name || inv.Argv0 != tt.argv0 || strings.Join(inv.Args, " ") != tt.args {
			t.Errorf("%q: %q, %q, %q", tt.argv, inv.Name, inv.Argv0, inv.Args)
		}
	}
}

func TestLinks(t *testing.T) {
	for _, tt := range []struct{ dir, self, want string }{
		{"/usr/libexec/nskit", "/usr/bin/nskit", "/usr/libexec/nskit/unshare -> /usr/bin/nskit"},
		{"/usr/bin", "/usr/bin/nskit", "/usr/bin/unshare -> nskit"},
	} {
		links := linksIn(tt.dir, []string{"unshare"}, tt.self)
		if got := links[0].path + " -> " + links[0].target; got != tt.want {
			t.Errorf("%s, want %s", got, tt.want)
		}
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
