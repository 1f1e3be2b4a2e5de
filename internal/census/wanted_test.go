package census

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

const mountTableText = `20 1 8:1 / / rw - ext4 /dev/sda1 rw
21 20 8:17 / /mnt/data rw shared:1 - ext4 /dev/sdb1 rw
22 21 0:40 / /mnt/data/sub rw - tmpfs none rw
23 20 8:17 /in/a /srv/bind\040here rw - ext4 /dev/sdb1 rw
24 20 0:41 / /merged rw - overlay overlay rw,lowerdir=/mnt/data/l\134:1:/x,upperdir=/y,workdir=/z
25 20 0:42 / /vol rw - btrfs /dev/sdc rw
26 21 0:43 / /mnt/data rw - tmpfs over rw
27 20 0:44 / /host/lib/c1/shm//deleted rw - tmpfs shm rw
28 20 8:170 / /mnt/data2 rw - ext4 /dev/sdz rw
29 20 0:45 / /odd rw - overlay overlay rw,lowerdir=/l/co\134:lon:/l/com\134\054ma:/l/back\134\134slash,upperdir=/u:x\054y,workdir=/z\040z
30 20 0:46 / /new rw - overlay overlay rw,lowerdir+=/n/a:b\054c\134d,datadir+=/n/data
`

// TestWanted compares one table with what can be asked for.
func TestWanted(t *testing.T) {
	for _, test := range []struct {
		name string
		Wanted
		want string
	}{
		{"a device", Wanted{Devices: []Device{{8, 17}}}, "/mnt/data 0 covered; /srv/bind here 0; /mnt/data/sub 2"},
		{"a directory of it", Wanted{Devices: []Device{{8, 17}}, Root: "/in"}, "/srv/bind here 0"},
		{"a directory with a similar name", Wanted{Devices: []Device{{8, 17}}, Root: "/i"}, ""},
		{"a source", Wanted{Sources: []string{"/dev/sdc"}}, "/vol 0"},
		{"a layer", Wanted{Layers: []string{"/mnt/data"}}, "/merged 3 lowerdir"},
		{"a layer's beginning", Wanted{Layers: []string{"/mnt/dat"}}, ""},
		{"a lower layer", Wanted{Layers: []string{"/y"}}, "/merged 3 upperdir"},
		{"a layer with a colon", Wanted{Layers: []string{"/l/co:lon"}}, "/odd 3 lowerdir"},
		{"a layer with a comma", Wanted{Layers: []string{"/l/com,ma"}}, "/odd 3 lowerdir"},
		{"a layer with a backslash", Wanted{Layers: []string{`/l/back\slash`}}, "/odd 3 lowerdir"},
		{"half of a layer", Wanted{Layers: []string{"/l/co"}}, ""},
		{"an upper layer with a colon and a comma", Wanted{Layers: []string{"/u:x,y"}}, "/odd 3 upperdir"},
		{"a working directory with a blank", Wanted{Layers: []string{"/z z"}}, "/odd 3 workdir"},
		{"a layer by itself", Wanted{Layers: []string{`/n/a:b,c\d`}}, "/new 3 lowerdir"},
		{"a layer of data", Wanted{Layers: []string{"/n/data"}}, "/new 3 datadir"},
		{"a spot", Wanted{Spot: Spot{Device{8, 1}, "/mnt/data"}}, "/mnt/data 1 covered; /mnt/data/sub 2"},
		{"a spot inside", Wanted{Spot: Spot{Device{8, 17}, "/sub"}}, "/mnt/data/sub 1"},
		{"what is gone", Wanted{Path: "/host/lib/c1/shm"}, "/host/lib/c1/shm//deleted 1"},
		{"nothing", Wanted{}, ""},
	} {
		var got []string
		for _, m := range newMatcher(&test.Wanted).match([]byte(mountTableText)) {
			text := fmt.Sprintf("%s %d", m.Point, m.Why)
			if m.Covered {
				text += " covered"
			}
			got = append(got, strings.TrimSpace(text+" "+m.Layer))
		}
		if strings.Join(got, "; ") != test.want {
			t.Errorf("%s: %q, want %q", test.name, strings.Join(got, "; "), test.want)
		}
	}
}

// FuzzTable: no text makes the reading of a table fail.
func FuzzTable(f *testing.F) {
	f.Add(mountTableText)
	f.Add("1 1 8:17 / / - ")
	f.Fuzz(func(t *testing.T, text string) {
		newMatcher(&Wanted{Devices: []Device{{8, 17}}, Spot: Spot{Device{8, 1}, "/a"}, Layers: []string{"/b"}}).match([]byte(text))
		l := locator{table: parseTable([]byte(text)), look: func(string) (seen, error) { return seen{}, nil }}
		if _, err := l.follow("/mnt/data/../x"); err != nil {
			t.Error(err)
		}
	})
}

func TestUnescape(t *testing.T) {
	for _, path := range []string{"/plain", "/a b\tc\nd\\e", "/ends\\", "/\\400", "/\\01"} {
		if got := unescape(escape(path)); got != path {
			t.Errorf("%q: %q", path, got)
		}
	}
	if got := unescape([]byte(`\999\04`)); got != `\999\04` {
		t.Errorf("what is no escape: %q", got)
	}
}

// looker tells what is at the paths of TestLocate.
func looker(t *testing.T, asked *[]string) func(string) (seen, error) {
	links := map[string]string{"/link": "net/in/x", "/abs": "/bound/../bound/d", "/loop": "loop", "/proc/self": "7",
		"/proc/7/ns/net": "net:[4026532001]", "/proc/7/root": "/jail", "/proc/7/fd/3": "/mnt/f"}
	return func(path string) (seen, error) {
		*asked = append(*asked, path)
		if strings.HasPrefix(path, "/net/") {
			t.Errorf("%s was asked for", path)
		}
		switch {
		case strings.HasSuffix(path, "/gone"):
			return seen{}, unix.ENOENT
		case strings.HasPrefix(path, "/proc/1/") || path == "/secret":
			return seen{}, unix.EACCES
		case path == "/dev/sdb":
			return seen{mode: unix.S_IFBLK, rdev: Device{8, 16}}, nil
		}
		return seen{mode: unix.S_IFDIR, link: links[path]}, nil
	}
}

// TestLocate follows paths by a table, and asks no file system that can keep it waiting.
func TestLocate(t *testing.T) {
	table := parseTable([]byte(`20 1 8:1 / / rw - ext4 /dev/sda1 rw
21 20 0:50 / /net rw - nfs4 server:/ rw
22 21 0:51 / /net/in rw - tmpfs t rw
23 20 0:52 / /proc rw - proc proc rw
24 20 0:4 net:[4026532000] /run/blue rw - nsfs nsfs rw
25 20 0:53 / /stack rw - tmpfs one rw
26 25 0:54 / /stack rw - tmpfs two rw
27 20 8:1 /srv/real /bound rw - ext4 /dev/sda1 rw
`))
	var asked []string
	look := looker(t, &asked)
	other := parseTable([]byte("90 1 0:90 / / rw - overlay o rw\n91 90 0:91 / /mnt rw - tmpfs t rw\n"))
	for path, want := range map[string]string{
		"/":                 "/ 20 mount",
		"/a/./b/../c":       "/a/c 20",
		"/net":              "/net 21 mount",
		"/net/x/y":          "/net/x/y 21",
		"/net/in":           "/net/in 22 mount",
		"/link":             "/net/in/x 22",
		"/abs":              "/bound/d 27",
		"/stack":            "/stack 26 mount",
		"/run/blue":         "/run/blue 24 mount ns 4026532000",
		"/proc/self/ns/net": "/proc/7/ns/net 23 ns 4026532001",
		"/proc/7/root/mnt":  "/mnt 91 mount",
		"/proc/7/fd/3":      "/mnt/f 91",
		"/a/gone/b":         "/a/gone/b 20 missing",
		"/dev/sdb":          "/dev/sdb 20 8:16",
	} {
		l := locator{table: table, look: look, tableOf: func(string) []Mounting { return other }}
		p, err := l.follow(path)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		got := fmt.Sprintf("%s %d", p.Path, p.Mount.ID)
		if p.IsMount {
			got += " mount"
		}
		if p.Namespace != 0 {
			got += fmt.Sprint(" ns ", p.Namespace)
		}
		if p.Missing {
			got += " missing"
		}
		if p.Block != (Device{}) {
			got += " " + p.Block.String()
		}
		if got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
	for path, want := range map[string]error{"/loop": unix.ELOOP, "/proc/1/ns/net": unix.EACCES, "/secret/a": nil} {
		l := locator{table: table, look: look}
		if _, err := l.follow(path); err != want {
			t.Errorf("%s: %v", path, err)
		}
	}
	if !slices.Contains(asked, "/a") {
		t.Error("nothing is asked")
	}
}
