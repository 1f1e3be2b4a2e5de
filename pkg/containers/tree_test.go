package containers

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// tree is a made-up root file system.
type tree struct {
	t    *testing.T
	root string
}

func newTree(t *testing.T) tree { return tree{t, t.TempDir()} }

func (tr tree) places() Places {
	return Places{Root: tr.root, RuntimeDirs: []string{"/run/user/1000"}, DataDirs: []string{"/home/u/.local/share"}}
}

func (tr tree) write(name, text string) {
	tr.t.Helper()
	name = filepath.Join(tr.root, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		tr.t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		tr.t.Fatal(err)
	}
}

// process adds a process that started at that time, with a mount namespace and
// a root directory of its own, in which its program is.
func (tr tree) process(pid int, started, cgroup, nspid string) {
	tr.processIn(pid, started, cgroup, nspid, pid, strconv.Itoa(pid))
}

// processIn adds one that is in a mount namespace, and has a root directory.
func (tr tree) processIn(pid int, started, cgroup, nspid string, mount int, root string) {
	tr.t.Helper()
	dir := "proc/" + strconv.Itoa(pid)
	tr.write(dir+"/stat", "1 (x) S"+strings.Repeat(" 1", 18)+" "+started+" 2 3\n")
	tr.write(dir+"/cgroup", cgroup)
	tr.write(dir+"/status", "Name:\tx\nNSpid:\t"+nspid+"\n")
	program := filepath.Join("roots", root, "init")
	tr.write(program, "")
	tr.link(filepath.Join(tr.root, "roots", root), dir+"/root")
	tr.link("mnt:["+strconv.Itoa(mount)+"]", dir+"/ns/mnt")
	tr.link(filepath.Join(tr.root, program), dir+"/exe")
	f, err := os.Open(filepath.Join(tr.root, program))
	if err != nil {
		tr.t.Fatal(err)
	}
	defer f.Close()
	id, ok := mountOf(int(f.Fd()))
	if !ok {
		tr.t.Fatal("a file lies on no mount")
	}
	tr.write(dir+"/mountinfo", "1 0 0:1 / /x rw - x x rw\n"+id+" 1 0:1 / / rw - x x rw\n")
}

func (tr tree) link(target, name string) {
	tr.t.Helper()
	name = filepath.Join(tr.root, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		tr.t.Fatal(err)
	}
	if err := os.Symlink(target, name); err != nil {
		tr.t.Fatal(err)
	}
}

// host adds the processes that are outside: number 1 and the caller.
func (tr tree) host() {
	tr.processIn(1, "1", "0::/init.scope\n", "1", 1, "host")
	tr.link("1", "proc/self")
}

// alike compares containers by what files say of them.
var alike = cmpopts.IgnoreFields(Container{}, "Mount", "Root")

func TestEveryRuntimesStateFiles(t *testing.T) {
	for _, c := range []struct {
		file, text string
		want       Container
	}{
		{"var/lib/docker/containers/" + hashA + "/config.v2.json", `{"Name":"/web","State":{"Pid":42}}`, Container{Name: "web", ID: hashA, Runtime: Docker}},
		{"home/u/.local/share/docker/containers/" + hashA + "/config.v2.json", `{"Name":"/web","State":{"Pid":42}}`, Container{Name: "web", ID: hashA, Runtime: Docker}},
		{"run/containers/storage/overlay-containers/" + hashA + "/userdata/pidfile", "42", Container{Name: hashA, ID: hashA, Runtime: Podman}},
		{"run/user/1000/containers/vfs-containers/" + hashA + "/userdata/pidfile", "42", Container{Name: hashA, ID: hashA, Runtime: Podman}},
		{"run/containerd/io.containerd.runtime.v2.task/k8s.io/" + hashA + "/init.pid", "42", Container{Name: hashA, ID: hashA, Namespace: "k8s.io", Runtime: Containerd}},
		{"run/k3s/containerd/io.containerd.runtime.v2.task/k8s.io/" + hashA + "/init.pid", "42", Container{Name: hashA, ID: hashA, Namespace: "k8s.io", Runtime: Containerd}},
		{"run/docker/containerd/daemon/io.containerd.runtime.v2.task/moby/" + hashA + "/init.pid", "42", Container{Name: hashA, ID: hashA, Namespace: "moby", Runtime: Containerd}},
		{"run/user/1000/docker/containerd/daemon/io.containerd.runtime.v2.task/moby/" + hashA + "/init.pid", "42", Container{Name: hashA, ID: hashA, Namespace: "moby", Runtime: Containerd}},
		{"run/user/1000/containerd/io.containerd.runtime.v2.task/default/" + hashA + "/init.pid", "42", Container{Name: hashA, ID: hashA, Namespace: "default", Runtime: Containerd}},
		{"run/systemd/machines/box", "CLASS=container\nLEADER=42\n", Container{Name: "box", ID: "box", Runtime: Machined}},
		{"run/runc/web/state.json", `{"init_process_pid":42,"init_process_start":7}`, Container{Name: "web", ID: "web", Runtime: Runc, Started: 7}},
		{"run/containerd/runc/k8s.io/web/state.json", `{"init_process_pid":42}`, Container{Name: "web", ID: "web", Namespace: "k8s.io", Runtime: Runc}},
		{"run/k3s/containerd/runc/k8s.io/web/state.json", `{"init_process_pid":42}`, Container{Name: "web", ID: "web", Namespace: "k8s.io", Runtime: Runc}},
		{"run/docker/runtime-runc/moby/web/state.json", `{"init_process_pid":42}`, Container{Name: "web", ID: "web", Namespace: "moby", Runtime: Runc}},
		{"run/user/1000/runc/web/state.json", `{"init_process_pid":42}`, Container{Name: "web", ID: "web", Runtime: Runc}},
		{"run/user/1000/docker/runtime-runc/moby/web/state.json", `{"init_process_pid":42}`, Container{Name: "web", ID: "web", Namespace: "moby", Runtime: Runc}},
		{"run/crun/web/status", `{"pid":42,"process-start-time":7}`, Container{Name: "web", ID: "web", Runtime: Crun, Started: 7}},
		{"run/user/1000/crun/web/status", `{"pid":42}`, Container{Name: "web", ID: "web", Runtime: Crun}},
	} {
		tr := newTree(t)
		tr.write(c.file, c.text)
		tr.process(42, "7", "0::/\n", "42\t1")
		c.want.PID, c.want.Started, c.want.Apart, c.want.Source = 42, 7, true, filepath.Join(tr.root, c.file)
		got, skipped := List(tr.places())
		if diff := cmp.Diff([]Container{c.want}, got, alike); diff != "" || skipped != nil {
			t.Errorf("%s: skipped %v %s", c.file, skipped, diff)
		}
	}
}

func TestNamesAndProcessesInDifferentFiles(t *testing.T) {
	for _, c := range []struct {
		names, namesText, pids, pidsText, want string
	}{
		{"var/lib/containers/storage/overlay-containers/containers.json", `[{"id":"` + hashA + `","names":["web"]}]`,
			"run/containers/storage/overlay-containers/" + hashA + "/userdata/pidfile", "42", "web"},
		{"home/u/.local/share/containers/storage/vfs-containers/containers.json", `[{"id":"` + hashA + `","names":["web"]}]`,
			"run/user/1000/containers/vfs-containers/" + hashA + "/userdata/pidfile", "42", "web"},
		{"run/containerd/io.containerd.runtime.v2.task/k8s.io/" + hashA + "/config.json", `{"annotations":{"io.kubernetes.cri.container-name":"app","io.kubernetes.cri.sandbox-name":"pod","io.kubernetes.cri.sandbox-namespace":"prod"}}`,
			"run/containerd/io.containerd.runtime.v2.task/k8s.io/" + hashA + "/init.pid", "42", "pod/app"},
	} {
		tr := newTree(t)
		tr.write(c.names, c.namesText)
		tr.write(c.pids, c.pidsText)
		tr.process(42, "7", "0::/\n", "42\t1")
		for _, query := range []string{c.want, hashA, hashA[:3]} {
			got, err := Find(tr.places(), query)
			if err != nil || got.PID != 42 || got.Name != c.want || got.Source != filepath.Join(tr.root, c.pids) {
				t.Errorf("%s: Find(%q) = %+v, %v", c.names, query, got, err)
			}
		}
	}
}

func TestOneContainerKnownToSeveralRuntimes(t *testing.T) {
	tr := newTree(t)
	tr.write("var/lib/docker/containers/"+hashA+"/config.v2.json", `{"Name":"/web","State":{"Pid":42}}`)
	tr.write("run/docker/containerd/daemon/io.containerd.runtime.v2.task/moby/"+hashA+"/init.pid", "42")
	tr.write("run/docker/runtime-runc/moby/"+hashA+"/state.json", `{"init_process_pid":42,"init_process_start":7}`)
	tr.process(42, "7", "0::/docker/"+hashA+"\n", "42\t1")
	got, _ := List(tr.places())
	if len(got) != 1 || got[0].Runtime != Docker || got[0].Name != "web" {
		t.Errorf("List = %+v; want the one that Docker knows", got)
	}
}

func TestStaleStateFiles(t *testing.T) {
	for _, c := range []struct {
		name, file, text, started, cgroup string
	}{
		{"another process has the number now", "run/crun/web/status", `{"pid":42,"process-start-time":6}`, "7", "0::/\n"},
		{"another container's process has it", "var/lib/docker/containers/" + hashA + "/config.v2.json", `{"Name":"/web","State":{"Pid":42}}`, "7", "0::/docker/" + hashB + "\n"},
		{"the process is gone", "run/crun/web/status", `{"pid":43}`, "7", "0::/\n"},
	} {
		tr := newTree(t)
		tr.write(c.file, c.text)
		tr.process(42, c.started, c.cgroup, "42")
		if got, err := Find(tr.places(), "web"); !errors.Is(err, ErrNotRunning) {
			t.Errorf("%s: Find = %+v, %v; want ErrNotRunning", c.name, got, err)
		}
	}
}

func TestFindInControlGroups(t *testing.T) {
	tr := newTree(t)
	tr.write("var/lib/lxc/box/config", "lxc.uts.name = box\n")
	tr.process(20, "7", "0::/lxc.monitor.box\n", "20")
	tr.process(22, "7", "0::/lxc.payload.box\n", "22")               // lxc-attach, outside the PID namespace
	tr.process(31, "7", "0::/lxc.payload.box/x\n", "31\t2")          // started by the init
	tr.process(30, "7", "0::/lxc.payload.box/init.scope\n", "30\t1") // the init
	tr.process(32, "7", "0::/lxc.payload.box/y\n", "32\t9\t1")       // a container in the container
	tr.process(40, "7", "0::/kubepods/pod1/"+hashB+"\n", "40")
	for query, pid := range map[string]int{"box": 30, "lxc/box": 30, hashB: 40, hashB[:5]: 40} {
		if got, err := Find(tr.places(), query); err != nil || got.PID != pid {
			t.Errorf("Find(%q) = %+v, %v; want process %d", query, got, err, pid)
		}
	}
}

func TestHostileFiles(t *testing.T) {
	tr := newTree(t)
	tr.process(42, "7", "0::/\n", "42")
	tr.write("elsewhere", `{"pid":42}`)
	tr.write("run/crun/large/status", `{"pid":42}`+strings.Repeat(" ", maxFile))
	tr.write("run/crun/b\x1b[31m/status", `{"pid":42}`)
	tr.write("run/crun/broken/status", `{"pid":`)
	tr.write("run/crun/directory/status/x", "")
	tr.write("run/crun/link/x", "")
	tr.write("run/crun/fifo/x", "")
	tr.write("run/crun/file", "")
	if err := os.Symlink("../../../elsewhere", filepath.Join(tr.root, "run/crun/link/status")); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(filepath.Join(tr.root, "run/crun/fifo/status"), 0o600); err != nil {
		t.Fatal(err)
	}
	found, skipped := List(tr.places())
	if len(found) != 0 {
		t.Errorf("List = %+v; want none", found)
	}
	var texts []string
	for _, err := range skipped {
		texts = append(texts, strings.ReplaceAll(err.Error(), tr.root, ""))
	}
	all := strings.Join(texts, "\n")
	for _, want := range []string{
		"read /run/crun/large/status: too large", "parse /run/crun/broken/status: cannot parse JSON: ", "read /run/crun/directory/status: not a regular file",
		"open /run/crun/link/status: too many levels of symbolic links", "read /run/crun/fifo/status: not a regular file",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("skipped does not have %q:\n%s", want, all)
		}
	}
}

func TestDirectoryWithTooManyEntries(t *testing.T) {
	tr := newTree(t)
	for i := range 3 {
		tr.write("d/"+strconv.Itoa(i), "")
	}
	dir := filepath.Join(tr.root, "d")
	if names, err := entries(dir, 3); len(names) != 3 || err != nil {
		t.Errorf("entries of 3 with a limit of 3 = %v, %v", names, err)
	}
	if names, err := entries(dir, 2); names != nil || !errors.Is(err, errTooLarge) {
		t.Errorf("entries of 3 with a limit of 2 = %v, %v; want %v", names, err, errTooLarge)
	}
}
