package census

import (
	"strings"
	"testing"

	"github.com/nskit/nskit/pkg/ns"
)

func TestParseLink(t *testing.T) {
	for link, want := range map[string]struct {
		kind  ns.Kind
		inode Inode
		ok    bool
	}{
		"net:[4026531840]":           {ns.Net, 4026531840, true},
		"mnt:[1]":                    {ns.Mount, 1, true},
		"time:[4294967295]":          {ns.Time, 4294967295, true},
		"time:[4294967296]":          {},
		"pid_for_children:[12]":      {},
		"socket:[12]":                {},
		"pipe:[12]":                  {},
		"net:[]":                     {},
		"net:[12":                    {},
		"net:[12x]":                  {},
		"net:[-1]":                   {},
		"net:12":                     {},
		"":                           {},
		"net:[99999999999999999999]": {},
		"/run/net:[12]":              {},
		"anon_inode:[eventfd]":       {},
	} {
		kind, inode, ok := parseLink([]byte(link))
		if kind != want.kind && ok || inode != want.inode && ok || ok != want.ok {
			t.Errorf("%s: %v %d %v", link, kind, inode, ok)
		}
	}
	if inode, ok := parseSocket([]byte("socket:[77]")); inode != 77 || !ok {
		t.Errorf("socket: %d, %v", inode, ok)
	}
	if _, ok := parseSocket([]byte("net:[77]")); ok {
		t.Error("a namespace is taken for a socket")
	}
}

func TestParsePID(t *testing.T) {
	for name, want := range map[string]int{"1": 1, "4194304": 4194304, "0": 0, "self": 0, "": 0, "12a": 0, "99999999999": 0} {
		if pid, ok := parsePID([]byte(name)); ok != (want > 0) || ok && pid != want {
			t.Errorf("%q: %d, %v", name, pid, ok)
		}
	}
}

func TestParseStat(t *testing.T) {
	tail := " S 12 1 1 0 -1 4194560 5 0 0 0 1 2 0 0 20 0 1 0 777 1000 10 18446744073709551615\n"
	for _, name := range []string{"sh", "a b", "x) R 99", "((", "\n)"} {
		got, err := parseStat([]byte("34 (" + name + ")" + tail))
		if err != nil || got != (stat{'S', 12, 4194560, 1, 777}) {
			t.Errorf("%q: %+v, %v", name, got, err)
		}
	}
	for _, text := range []string{"", "34 (sh)", "34 (sh) S", "34 (sh) S x" + strings.Repeat(" 1", 30)} {
		if got, err := parseStat([]byte(text)); err == nil {
			t.Errorf("%q: %+v", text, got)
		}
	}
}

func TestParseStatus(t *testing.T) {
	for text, want := range map[string][2]int{
		"": {}, "NSpid:\t1\n": {1, 0}, "Name:\tsh\nTracerPid:\t9\nNSpid:\t812\t7\t1\nNSpgid:\t3\n": {1, 9},
		"TracerPid:\t0\nNSpid:\t8\t2": {2, 0}, "NSpid:\n": {}, "Name:\tNSpid:\n": {},
	} {
		innermost, tracer := parseStatus([]byte(text))
		if got := [2]int{innermost, tracer}; got != want {
			t.Errorf("%q: %d", text, got)
		}
	}
}

func TestLife(t *testing.T) {
	for _, test := range []struct {
		details Details
		others  bool
		want    string
	}{
		{Details{}, false, ""},
		{Details{State: 'S', Flags: 0x400100, Threads: 1}, true, "running"},
		{Details{State: 'D', Threads: 1}, true, "running"},
		{Details{State: 'T', Threads: 1}, false, "running"},
		{Details{State: 'Z', Flags: 0x4, Threads: 1}, true, "zombie"},
		{Details{State: 'Z', Flags: 0x4, Threads: 2}, true, "running"}, // its first thread has ended
		{Details{State: 'S', Flags: 0x4, Threads: 2}, true, "running"},
		{Details{State: 'R', Flags: 0x4, Threads: 1}, false, "exiting"},
		{Details{State: 'S', Flags: 0x4, Threads: 1}, true, "stuck"},
		{Details{State: 'S', Flags: 0x4, Threads: 1, Wait: "do_wait"}, false, "stuck"}, // for an init below
		{Details{State: 'S', Flags: 0x4, Threads: 1, Wait: "zap_pid_ns_processes"}, false, "stuck"},
	} {
		if got := lifeOf(&test.details, test.others).String(); got != test.want {
			t.Errorf("%+v: %q, want %q", test, got, test.want)
		}
	}
}

func TestParseCommand(t *testing.T) {
	for cmdline, want := range map[string]string{
		"": "", "sh\x00": "sh", "sleep\x00300\x00": "sleep 300", "a\x00\x00b\x00": "a  b", "title ": "title", "\x00": "",
	} {
		if got := parseCommand([]byte(cmdline)); got != want {
			t.Errorf("%q: %q", cmdline, got)
		}
	}
}

func TestParseCgroup(t *testing.T) {
	for text, want := range map[string]string{
		"0::/user.slice/a\n":                     "/user.slice/a",
		"4:cpu:/x\n1:name=systemd:/sd\n0::/\n":   "/sd",
		"4:cpu:/x\n1:name=systemd:/sd\n0::/v2\n": "/v2",
		"0::/\n":                                 "/",
		"0::/a:b\n":                              "/a:b",
		"":                                       "",
		"nonsense\n":                             "",
	} {
		if got := parseCgroup([]byte(text)); got != want {
			t.Errorf("%q: %q", text, got)
		}
	}
}

const mountLines = `22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 22 0:4 net:[4026532255] /run/netns/a\040b rw shared:5 - nsfs nsfs rw
31 22 0:4 uts:[4026532256] /run/uts\134x rw - nsfs nsfs rw
32 22 0:9 / /run/x\040-\040nsfs\040y rw - tmpfs tmpfs rw
33 22 0:4 mnt:[bad] /run/bad rw - nsfs nsfs rw
34 31 0:50 / /run/uts\134x rw - fuse.sshfs host: rw
`

func TestParseBinds(t *testing.T) {
	got := parseBinds([]byte(mountLines), &mountTable{parents: map[uint64]bool{}})
	want := []bind{{ns.Net, 4026532255, "/run/netns/a b", false}, {ns.UTS, 4026532256, "/run/uts\\x", true}}
	if len(got) != len(want) || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("%+v", got)
	}
}

// FuzzParsers feeds every parser of /proc whatever there may be: none panics,
// and what is read again from its own text stays the same.
func FuzzParsers(f *testing.F) {
	for _, seed := range []string{"net:[4026531840]", "34 (a) b) S 12 1 1", "a\x00b\x00", "0::/x\n", mountLines, "\xff:[1]"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if kind, inode, ok := parseLink(text); ok {
			again := kind.String() + ":[" + string(text[len(kind.String())+2:])
			if k, n, ok := parseLink([]byte(again)); !ok || k != kind || n != inode {
				t.Errorf("%q and %q differ", text, again)
			}
		}
		parsePID(text)
		parseStat(text)
		if command := parseCommand(text); strings.Contains(command, "\x00") {
			t.Errorf("%q holds a zero byte", command)
		}
		parseCgroup(text)
		parseBinds(text, &mountTable{parents: map[uint64]bool{}})
		if len(text) > offsetStrings {
			stringAt(text, offsetRoot)
		}
	})
}

func TestParseMapping(t *testing.T) {
	for _, tt := range []struct{ line, area, device, path string }{
		{"00400000-004dc000 r-xp 00000000 fe:00 9979727                            /usr/bin/a\n", "00400000-004dc000", "fe:00", "/usr/bin/a"},
		{"7f00-7f01 r--s 00001000 00:2a 3 /a b  c\\012 (deleted)\n", "7f00-7f01", "00:2a", "/a b  c\\012 (deleted)"},
		{"7f00-7f01 rw-p 00000000 1a3:fffff 3 /x", "7f00-7f01", "1a3:fffff", "/x"},
		{"005ff000-00634000 rw-p 00000000 00:00 0 \n", "", "", ""},
		{"7f00-7f01 rw-p 00000000 00:00 0    [heap]\n", "", "", ""},
		// A name by prctl(2) that looks like the rest of a line.
		{"7f00-7f01 rw-p 00000000 00:00 0    [anon: fe:00 1 /usr/bin/a]\n", "", "", ""},
		{"7f00-7f01 rw-p", "", "", ""},
		{"", "", "", ""},
	} {
		if area, device, path := parseMapping([]byte(tt.line)); area != tt.area || device != tt.device || path != tt.path {
			t.Errorf("%q: %q, %q, %q", tt.line, area, device, path)
		}
	}
}
