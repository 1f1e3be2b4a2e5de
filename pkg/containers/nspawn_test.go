package containers

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestUnregistered finds a container of systemd-nspawn --register=no by its name.
func TestUnregistered(t *testing.T) {
	begin := func(t *testing.T) tree {
		tr := newTree(t)
		tr.host()
		tr.daemon(50, "/usr/bin/systemd-nspawn", "--register=no", "-qD", "/srv/web")
		tr.write("proc/50/task/50/children", "41 42 ")
		return tr
	}
	want := Container{Name: "web", ID: "web", Runtime: Machined, PID: 42, Started: 7, Apart: true}
	for name, make := range map[string]func(tr tree){
		"its init": func(tr tree) { tr.process(42, "7", "0::/payload\n", "42\t1") },
		"a stub init": func(tr tree) {
			tr.process(42, "7", "0::/payload\n", "42\t1")
			tr.write("proc/42/mountinfo", "1 0 0:1 / / rw - x x rw\n")
			tr.write("proc/42/task/42/children", "43 ")
			tr.processIn(43, "8", "0::/payload\n", "43\t2", 42, "42")
		},
		"registered after all": func(tr tree) {
			tr.write("run/systemd/machines/web", "CLASS=container\nLEADER=42\n")
			tr.process(42, "7", "0::/payload\n", "42\t1")
		},
	} {
		tr := begin(t)
		make(tr)
		got, err := Find(tr.places(), "web")
		want.Source = filepath.Join(tr.root, "proc/42")
		if strings.HasPrefix(name, "registered") {
			want.Source = filepath.Join(tr.root, "run/systemd/machines/web")
		}
		if diff := cmp.Diff(want, got, alike); diff != "" || err != nil {
			t.Errorf("%s: %v %s", name, err, diff)
		}
		if c, ok := NewIndex(tr.places()).Of(got.Process()); !ok || c.Name != "web" {
			t.Errorf("%s: of its process: %+v %t", name, c, ok)
		}
		if all, _ := List(tr.places()); len(all) != 1 {
			t.Errorf("%s: List: %+v", name, all)
		}
	}
	for name, make := range map[string]func(tr tree){
		"not set up yet": func(tr tree) {
			tr.process(42, "7", "0::/payload\n", "42\t1")
			tr.write("proc/42/mountinfo", "1 0 0:1 / / rw - x x rw\n")
		},
		"outside": func(tr tree) { tr.processIn(42, "7", "0::/payload\n", "42\t1", 1, "host") },
		"called by a name that is none": func(tr tree) {
			tr.write("proc/50/cmdline", "systemd-nspawn\x00-M\x00web\x1b\x00")
			tr.process(42, "7", "0::/payload\n", "42\t1")
		},
	} {
		tr := begin(t)
		make(tr)
		if got, err := Find(tr.places(), "web"); !errors.Is(err, ErrNotFound) {
			t.Errorf("%s: %+v %v", name, got, err)
		}
	}
}

// TestNspawnName was watched with systemd 252.
func TestNspawnName(t *testing.T) {
	for line, want := range map[string]string{
		"-M web":                                 "web",
		"-qbMweb -D /srv/box":                    "web",
		"--machine=web --image=/x.raw":           "web",
		"--machine web prog":                     "web",
		"-D /srv/box prog -M web":                "box",
		"-bD /srv/box/":                          "box",
		"--directory box":                        "box",
		"--template=/srv/t --directory=/srv/d":   "d",
		"-i /srv/image.raw":                      "image",
		"-u root --bind /x -E A=B --machine=web": "web",
		"-E A=B -D /a -- -M web":                 "a",
		"-D /srv/my_box":                         "mybox",
		"-D /srv/.a..b-":                         "a.b",
		"--private-users -M web":                 "web",
		"-D /":                                   "",
		"-q":                                     "cwd",
		"-M":                                     "cwd",
		"":                                       "cwd",
	} {
		if got := nspawnName(append([]string{"systemd-nspawn"}, strings.Fields(line)...), "/some/cwd"); got != want {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
}
