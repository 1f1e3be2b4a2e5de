package containers

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestConfiguredDirectories finds a container by its name wherever its runtime
// was told to keep it.
func TestConfiguredDirectories(t *testing.T) {
	config := "/containers/" + hashA + "/config.v2.json"
	const text = `{"Name":"/web","State":{"Running":true,"Pid":42}}`
	podman := func(tr tree, graph, run string) {
		tr.write(graph+"/overlay-containers/containers.json", `[{"id":"`+hashA+`","names":["web"]}]`)
		tr.write(run+"/overlay-containers/"+hashA+"/userdata/pidfile", "42")
	}
	containerd := func(tr tree, state string) {
		tr.write(state+"/io.containerd.runtime.v2.task/default/web/init.pid", "42")
	}
	for name, make := range map[string]func(tr tree){
		"userns-remap": func(tr tree) { tr.write("var/lib/docker/165536.165536"+config, text) },
		"daemon.json": func(tr tree) {
			tr.write("etc/docker/daemon.json", `{"data-root": "/srv/docker", "debug": true}`)
			tr.write("srv/docker"+config, text)
		},
		"daemon.json and userns-remap": func(tr tree) {
			tr.write("etc/docker/daemon.json", `{"graph": "/srv/docker"}`)
			tr.write("srv/docker/1000.1000"+config, text)
		},
		"daemon.json of a user": func(tr tree) {
			tr.write("home/u/.config/docker/daemon.json", `{"data-root": "/home/u/d"}`)
			tr.write("home/u/d"+config, text)
		},
		"dockerd --data-root": func(tr tree) {
			tr.daemon(50, "/usr/sbin/dockerd", "--data-root", "/srv/docker", "-H", "unix:///x")
			tr.write("srv/docker"+config, text)
		},
		"dockerd -g": func(tr tree) {
			tr.daemon(50, "dockerd", "-g", "/srv/docker/")
			tr.write("srv/docker"+config, text)
		},
		"dockerd --config-file": func(tr tree) {
			tr.daemon(50, "dockerd", "--config-file=/srv/docker.json")
			tr.write("srv/docker.json", `{"data-root": "/srv/docker"}`)
			tr.write("srv/docker"+config, text)
		},
		"storage.conf": func(tr tree) {
			tr.write("etc/containers/storage.conf", "[storage]\n  driver = \"overlay\"\n  # graphroot = \"/x\"\n  graphroot = \"/srv/g\" # here\n  runroot='/srv/r'\n[storage.options]\ngraphroot = \"/y\"\n")
			podman(tr, "srv/g", "srv/r")
		},
		"storage.conf of a user": func(tr tree) {
			tr.write("home/u/.config/containers/storage.conf", "[storage]\nrootless_storage_path = \"/home/u/g\"\nrunroot = \"/home/u/r\"\n")
			podman(tr, "home/u/g", "home/u/r")
		},
		"podman --root": func(tr tree) {
			tr.daemon(50, "/usr/bin/conmon", "--api-version", "1", "-c", hashA, "-n", "web", "-b", "/srv/g/overlay-containers/"+hashA+"/userdata", "-p", "/srv/r/overlay-containers/"+hashA+"/userdata/pidfile")
			podman(tr, "srv/g", "srv/r")
		},
		"containerd --state": func(tr tree) {
			tr.daemon(50, "containerd", "--state=/srv/c")
			containerd(tr, "srv/c")
		},
		"containerd's config.toml": func(tr tree) {
			tr.write("etc/containerd/config.toml", "version = 2\nstate = \"/srv/c\"\n[plugins.x]\nstate = \"/y\"\n")
			containerd(tr, "srv/c")
		},
		"lxc.conf": func(tr tree) {
			tr.write("etc/lxc/lxc.conf", "lxc.lxcpath = /srv/lxc\n")
			tr.write("srv/lxc/web/config", "")
		},
		"k0s": func(tr tree) { containerd(tr, "run/k0s/containerd") },
	} {
		tr := newTree(t)
		tr.host()
		make(tr)
		group := "0::/\n"
		if name == "lxc.conf" {
			group = "0::/lxc.payload.web\n"
		}
		tr.process(42, "7", group, "42\t1")
		at := tr.places()
		at.ConfigDirs = []string{"/home/u/.config"}
		if got, err := Find(at, "web"); err != nil || got.PID != 42 || got.Name != "web" {
			t.Errorf("%s: Find = %+v, %v", name, got, err)
		}
	}
}

// daemon adds a process with a command line that sees what the caller sees.
func (tr tree) daemon(pid int, args ...string) {
	tr.processIn(pid, "7", "0::/\n", "50", 1, "host")
	tr.write(filepath.Join("proc/50/comm"), filepath.Base(args[0])+"\n")
	tr.write(filepath.Join("proc/50/cmdline"), strings.Join(args, "\x00")+"\x00")
}

// TestFalseDaemons does not go by who only calls itself a daemon.
func TestFalseDaemons(t *testing.T) {
	for name, make := range map[string]func(tr tree){
		"in a container": func(tr tree) { tr.processIn(50, "7", "0::/\n", "50", 99, "container") },
		"in a mount namespace of its own": func(tr tree) {
			if os.Geteuid() != 0 {
				tr.processIn(50, "7", "0::/\n", "50", 99, "container")
				return
			}
			tr.processIn(50, "7", "0::/\n", "50", 99, "host")
		},
		"by the name of its process": func(tr tree) {
			tr.processIn(50, "7", "0::/\n", "50", 1, "host")
			tr.write("proc/50/cmdline", "sh\x00--data-root\x00/srv/docker\x00")
		},
	} {
		tr := newTree(t)
		tr.host()
		tr.write("proc/50/comm", "dockerd\n")
		tr.write("proc/50/cmdline", "dockerd\x00--data-root\x00/srv/docker\x00")
		make(tr)
		tr.write("srv/docker/containers/"+hashA+"/config.v2.json", `{"Name":"/web","State":{"Running":true,"Pid":42}}`)
		tr.process(42, "7", "0::/\n", "42\t1")
		if got, err := Find(tr.places(), "web"); !errors.Is(err, ErrNotFound) {
			t.Errorf("%s: Find = %+v, %v", name, got, err)
		}
	}
}

// TestOldCopyOfADataRoot has the directory from before it was moved, where the
// container does not run.
func TestOldCopyOfADataRoot(t *testing.T) {
	tr := newTree(t)
	tr.host()
	tr.write(dockerA, `{"Name":"/web","State":{"Running":false,"Pid":0}}`)
	tr.write("etc/docker/daemon.json", `{"data-root": "/srv/docker"}`)
	tr.write("srv/docker/containers/"+hashA+"/config.v2.json", `{"Name":"/web","State":{"Running":true,"Pid":42}}`)
	tr.process(42, "7", "0::/\n", "42\t1")
	if got, err := Find(tr.places(), "web"); err != nil || got.PID != 42 {
		t.Errorf("Find = %+v, %v", got, err)
	}
}

func TestOption(t *testing.T) {
	args := []string{"x", "--data-root=/a", "-g", "/b", "--state", "/c", "--last"}
	for _, c := range []struct {
		names []string
		want  string
	}{
		{[]string{"data-root"}, "/a"}, {[]string{"-g"}, "/b"}, {[]string{"graph", "-g"}, "/b"}, {[]string{"state"}, "/c"}, {[]string{"last"}, ""}, {[]string{"data"}, ""},
	} {
		if got := option(args, c.names...); got != c.want {
			t.Errorf("option(%v) = %q, want %q", c.names, got, c.want)
		}
	}
}

func TestAssigned(t *testing.T) {
	for text, want := range map[string]string{
		"state = \"/a\"\n":          "/a",
		"\"state\" = '/a' # x\n":    "/a",
		"[t]\nstate = \"/a\"\n":     "",
		"states = \"/a\"\n":         "",
		"# state = \"/a\"\n":        "",
		"state = \"/a\\u0041\"\n":   "",
		"state = /a\n":              "",
		"state = \"/a\n":            "",
		"state\n":                   "",
		"[t]\n[]\nstate = \"/a\"\n": "/a",
	} {
		if diff := cmp.Diff(want, assigned(text, "", "state")); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
}

// TestNameOfTwo has one name in two runtimes, one of whose files do not tell
// whether it runs: neither wins by that.
func TestNameOfTwo(t *testing.T) {
	tr := newTree(t)
	tr.host()
	tr.write(dockerA, `{"Name":"/box","State":{"Running":true,"Pid":42}}`)
	tr.write("var/lib/lxc/box/config", "")
	tr.process(42, "7", "0::/docker/"+hashA+"\n", "42\t1")
	tr.process(43, "7", "0::/lxc.payload.box\n", "43\t1")
	if got, err := Find(tr.places(), "box"); !errors.Is(err, ErrAmbiguous) {
		t.Errorf("Find = %+v, %v; want both", got, err)
	}
}
