package containers

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const dockerA = "var/lib/docker/containers/" + hashA + "/config.v2.json"

// TestWhatIsNoContainersProcess has what stands around while a container starts
// or stops, or after that: none of it is the container.
func TestWhatIsNoContainersProcess(t *testing.T) {
	running := `{"Name":"/web","State":{"Running":true,"Pid":42}}`
	stopped := `{"Name":"/web","State":{"Running":false,"Pid":0}}`
	group := "0::/docker/" + hashA + "\n"
	for _, c := range []struct {
		name  string
		query string
		want  error
		make  func(tr tree)
	}{
		{"a process in the group of a stopped container", "web", ErrNotRunning, func(tr tree) {
			tr.write(dockerA, stopped)
			tr.process(42, "7", group, "42\t1")
		}},
		{"not running, says the file, and still names a process", "web", ErrNotRunning, func(tr tree) {
			tr.write(dockerA, `{"Name":"/web","State":{"Running":false,"Pid":42}}`)
			tr.process(42, "7", group, "42\t1")
		}},
		{"a stopped container of which another file has a process", "web", ErrNotRunning, func(tr tree) {
			tr.write(dockerA, stopped)
			tr.write("run/docker/runtime-runc/moby/"+hashA+"/state.json", `{"init_process_pid":42,"init_process_start":7}`)
			tr.process(42, "7", group, "42\t1")
		}},
		{"the PID of a file without a time is a process of the host by now", "web", ErrNotRunning, func(tr tree) {
			tr.write(dockerA, running)
			tr.processIn(42, "7", "0::/system.slice/sshd.service\n", "42", 1, "host")
		}},
		{"the same in a mount namespace of its own", "web", ErrNotRunning, func(tr tree) {
			tr.write(dockerA, running)
			tr.processIn(42, "7", "0::/system.slice/sshd.service\n", "42", 99, "host")
		}},
		{"a helper in the group that has unshared nothing", "web", ErrNotRunning, func(tr tree) {
			tr.write(dockerA, running)
			tr.processIn(42, "7", group, "42", 1, "host")
		}},
		{"a helper in the group that has not changed its root", "web", ErrNotRunning, func(tr tree) {
			tr.write(dockerA, running)
			tr.processIn(42, "7", group, "42", 99, "host")
		}},
		{"a bundle whose process is not known yet", hashA, ErrNotRunning, func(tr tree) {
			tr.write("run/containerd/io.containerd.runtime.v2.task/k8s.io/"+hashA+"/config.json", `{}`)
			tr.process(42, "7", "0::/kubepods.slice/cri-containerd-"+hashA+".scope\n", "42\t1")
		}},
		{"a group alone: nothing is unshared", "lxc/box", ErrNotFound, func(tr tree) {
			tr.processIn(42, "7", "0::/lxc.payload.box\n", "42", 1, "box")
		}},
		{"a group alone: the root is the host's", "box", ErrNotRunning, func(tr tree) {
			tr.write("var/lib/lxc/box/config", "")
			tr.processIn(42, "7", "0::/lxc.payload.box\n", "42\t1", 99, "host")
		}},
		{"a group alone: the program is the runtime's", "box", ErrNotRunning, func(tr tree) {
			tr.write("var/lib/lxc/box/config", "")
			tr.process(42, "7", "0::/lxc.payload.box\n", "42\t1")
			tr.write("proc/42/mountinfo", "1 0 0:1 / / rw - x x rw\n")
		}},
		{"a group alone: what it is cannot be seen", "box", ErrNotRunning, func(tr tree) {
			tr.write("var/lib/lxc/box/config", "")
			tr.process(42, "7", "0::/lxc.payload.box\n", "42\t1")
			if err := os.Remove(filepath.Join(tr.root, "proc/42/ns/mnt")); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		tr := newTree(t)
		tr.host()
		c.make(tr)
		if got, err := Find(tr.places(), c.query); !errors.Is(err, c.want) {
			t.Errorf("%s: Find(%q) = %+v, %v; want %v", c.name, c.query, got, err, c.want)
		}
	}
}

// TestWhatIsAContainersProcess has the same when the container is up.
func TestWhatIsAContainersProcess(t *testing.T) {
	for _, c := range []struct {
		name, query string
		apart       bool
		make        func(tr tree)
	}{
		{"no group, but set up", "web", true, func(tr tree) {
			tr.write(dockerA, `{"Name":"/web","State":{"Running":true,"Pid":42}}`)
			tr.process(42, "7", "0::/\n", "42")
		}},
		{"the root is the host's on purpose", "box", true, func(tr tree) {
			tr.write("run/systemd/machines/box", "CLASS=container\nLEADER=42\n")
			tr.processIn(42, "7", "0::/machine.slice/machine-box.scope\n", "42\t1", 99, "host")
		}},
		{"known by its start alone", "web", false, func(tr tree) {
			tr.write("run/runc/web/state.json", `{"init_process_pid":42,"init_process_start":7}`)
			tr.processIn(42, "7", "0::/\n", "42", 1, "host")
		}},
		{"a group alone, of a runtime whose files do not tell", "box", true, func(tr tree) {
			tr.write("var/lib/lxc/box/config", "")
			tr.process(42, "7", "0::/lxc.payload.box\n", "42\t1")
		}},
		{"closed to the caller, but in the group", "box", false, func(tr tree) {
			tr.write("run/systemd/machines/box", "CLASS=container\nLEADER=42\n")
			tr.process(42, "7", "0::/machine.slice/machine-box.scope\n", "42\t1")
			if err := os.Remove(filepath.Join(tr.root, "proc/42/ns/mnt")); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		tr := newTree(t)
		tr.host()
		c.make(tr)
		got, err := Find(tr.places(), c.query)
		if err != nil || got.PID != 42 || got.Started != 7 || got.Apart != c.apart {
			t.Errorf("%s: Find(%q) = %+v, %v; want process 42", c.name, c.query, got, err)
		}
	}
}

// TestNamespacesOfContainerd keeps containers apart that only share an ID.
func TestNamespacesOfContainerd(t *testing.T) {
	for _, id := range []string{"d1", hashA} {
		tr := newTree(t)
		tr.host()
		for pid, namespace := range map[int]string{42: "default", 43: "other"} {
			text := map[int]string{42: "42", 43: "43"}[pid]
			tr.write("run/containerd/io.containerd.runtime.v2.task/"+namespace+"/"+id+"/init.pid", text)
			tr.write("run/containerd/runc/"+namespace+"/"+id+"/state.json", `{"init_process_pid":`+text+`,"init_process_start":7}`)
			tr.process(pid, "7", "0::/\n", text+"\t1")
		}
		for query, pid := range map[string]int{"default/" + id: 42, "other/" + id: 43, "containerd/other/" + id: 43, "containerd/default/" + id: 42} {
			if got, err := Find(tr.places(), query); err != nil || got.PID != pid {
				t.Errorf("Find(%q) = %+v, %v; want process %d", query, got, err, pid)
			}
		}
		for _, query := range []string{id, "containerd/" + id} {
			_, err := Find(tr.places(), query)
			if !errors.Is(err, ErrAmbiguous) || !strings.Contains(err.Error(), "default/"+id+" (containerd)") || !strings.Contains(err.Error(), "other/"+id+" (containerd)") {
				t.Errorf("Find(%q) = %v; want both", query, err)
			}
		}
	}
}

// TestSameIDOfTwoRuntimes has a container of runc beside one of containerd.
func TestSameIDOfTwoRuntimes(t *testing.T) {
	tr := newTree(t)
	tr.host()
	tr.write("run/containerd/io.containerd.runtime.v2.task/default/d1/init.pid", "42")
	tr.write("run/runc/d1/state.json", `{"init_process_pid":43,"init_process_start":7}`)
	tr.process(42, "7", "0::/\n", "42\t1")
	tr.process(43, "7", "0::/\n", "43\t1")
	for query, pid := range map[string]int{"containerd/d1": 42, "runc/d1": 43} {
		if got, err := Find(tr.places(), query); err != nil || got.PID != pid {
			t.Errorf("Find(%q) = %+v, %v; want process %d", query, got, err, pid)
		}
	}
}

// TestBeginningOfAnID has a second container that stands still for a moment:
// the query must not mean the first one meanwhile.
func TestBeginningOfAnID(t *testing.T) {
	all := []Container{{Name: "a", ID: "3f1", Runtime: Docker}, {Name: "b", ID: "3f2", Runtime: Docker, PID: 2}}
	if got, err := match(all, "3f"); !errors.Is(err, ErrAmbiguous) || len(err.(*LookupError).Candidates) != 2 {
		t.Errorf("match = %+v, %v; want both to be named", got, err)
	}
}

func TestNearest(t *testing.T) {
	for query, want := range map[string]string{
		"we":   "web, web-2, lowest, db",
		"dab":  "db, web, web-2, lowest",
		"wep":  "web, db, web-2, lowest",
		"EST":  "db, web, web-2, lowest",
		"west": "lowest, web, web-2, db",
		"":     "db, web, web-2, lowest",
	} {
		var all []Container
		for _, name := range []string{"lowest", "db", "web-2", "web"} {
			all = append(all, Container{Name: name, ID: name})
		}
		var got []string
		for _, c := range nearest(all, query) {
			got = append(got, c.Name)
		}
		if text := strings.Join(got, ", "); text != want {
			t.Errorf("nearest(%q) = %s, want %s", query, text, want)
		}
	}
}
