package census

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/nskit/nskit/pkg/ns"
)

// madeUp is a /proc with the given files, and links where a text begins with "->".
func madeUp(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		var err error
		if len(text) > 2 && text[:2] == "->" {
			err = os.Symlink(text[2:], path)
		} else {
			err = os.WriteFile(path, []byte(text), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// host is a system with all that can be told from files: two processes in the
// same namespaces, one in a network namespace of its own, a kernel thread
// without descriptors, three threads of which one is in a network namespace of its own and one has ended, a zombie, a process of somebody else, and one that has
// just ended, of which only the directory is left.
func host(t *testing.T) string {
	return madeUp(t, map[string]string{
		"1/ns/net": "->net:[10]", "1/ns/uts": "->uts:[20]", "1/ns/user": "->user:[30]",
		"1/fd/0": "->/dev/null", "1/fd/7": "->net:[12]", "1/fd/8": "->pipe:[99]", "1/fd/9": "->socket:[98]",
		"1/stat": "1 (init) S 0 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 5 0 0", "1/cmdline": "/sbin/init\x00a b\x00", "1/cgroup": "0::/init.scope\n",
		"1/mountinfo": "30 22 0:4 uts:[21] /run/uts rw - nsfs nsfs rw\n",
		"1/ns/mnt":    "->mnt:[40]",
		"2/ns/net":    "->net:[10]", "2/ns/uts": "->uts:[20]", "2/ns/user": "->user:[30]", "2/comm": "kthreadd\n", "2/cmdline": "",
		"10/ns/net": "->net:[11]", "10/ns/uts": "->uts:[20]", "10/ns/user": "->user:[30]", "10/ns/pid": "->pid:[50]", "10/ns/pid_for_children": "->pid:[51]",
		"10/ns/mnt": "->mnt:[41]", "10/mountinfo": "31 22 0:4 net:[13] /run/a\\040b rw - nsfs nsfs rw\n32 22 0:4 net:[11] /run/eleven rw - nsfs nsfs rw\n",
		"10/task/10/ns/net": "->net:[11]", "10/task/15/ns/net": "->net:[11]", "10/task/15/ns/pid_for_children": "->pid:[52]",
		"10/task/16/ns/net": "->net:[14]", "10/task/16/ns/uts": "->uts:[20]", "10/task/17/ns": "",
		"11/ns/user": "->user:[30]", // a zombie
		"12/stat":    "", "13/ns/x": "",
		"self":    "->1",
		"cpuinfo": "", "sys/x": "",
	})
}

func TestTake(t *testing.T) {
	proc := host(t)
	summary := func(options Options) (lines []string) {
		options.Proc = proc
		s, err := Take(options)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range s.Namespaces {
			lines = append(lines, fmt.Sprintf("%v:[%d] %d %d %v %v", n.Kind, n.Inode, n.Processes, n.PID, n.Mounts, n.Holders))
		}
		return lines
	}
	processes := []string{
		"net:[10] 2 1 [] []", "net:[11] 1 10 [] []", "uts:[20] 3 1 [] []", "user:[30] 4 1 [] []",
		"mnt:[40] 1 1 [] []", "mnt:[41] 1 10 [] []", "pid:[50] 1 10 [] []",
	}
	for _, test := range []struct {
		name    string
		options Options
		want    []string
	}{
		{"processes", Options{}, processes},
		{"two threads", Options{Workers: 2}, processes},
		{"one kind", Options{Kinds: ns.SetOf(ns.UTS)}, []string{"uts:[20] 3 1 [] []"}},
		{"descriptors", Options{Kinds: ns.SetOf(ns.Net), Want: Descriptors | Sockets}, []string{
			"net:[10] 2 1 [] []", "net:[11] 1 10 [] []", "net:[12] 0 0 [] [fd 1/7]"}},
		{"mounts", Options{Kinds: ns.SetOf(ns.UTS, ns.Net), Want: Mounts}, []string{
			"net:[10] 2 1 [] []", "net:[11] 1 10 [] []", "uts:[20] 3 1 [] []", "uts:[21] 0 0 [/run/uts] []"}},
		{"all mounts", Options{Want: Mounts | AllMounts}, []string{
			"net:[10] 2 1 [] []", "net:[11] 1 10 [] [mount /run/eleven in mnt:[41]]", "net:[13] 0 0 [] [mount /run/a b in mnt:[41]]",
			"uts:[20] 3 1 [] []", "uts:[21] 0 0 [/run/uts] []", "user:[30] 4 1 [] []",
			"mnt:[40] 1 1 [] []", "mnt:[41] 1 10 [] []", "pid:[50] 1 10 [] []"}},
		{"all mounts, one kind", Options{Kinds: ns.SetOf(ns.UTS), Want: AllMounts}, []string{"uts:[20] 3 1 [] []", "uts:[21] 0 0 [/run/uts] []"}},
		{"mounts of what is not known", Options{Kinds: ns.SetOf(ns.Net), Want: OnlyMounts}, []string{
			"net:[10] 2 1 [] []", "net:[11] 1 10 [] []", "net:[13] 0 0 [] [mount /run/a b in mnt:[41]]"}},
		{"threads", Options{Kinds: ns.SetOf(ns.Net, ns.UTS, ns.PID), Want: Threads | Descriptors | ForChildren}, []string{
			"net:[10] 2 1 [] []", "net:[11] 1 10 [] []", "net:[12] 0 0 [] [fd 1/7]", "net:[14] 0 0 [] [thread 10/16]",
			"uts:[20] 3 1 [] []", "pid:[50] 1 10 [] []", "pid:[51] 0 0 [] [children of 10]", "pid:[52] 0 0 [] [children of 10/15]"}},
		{"children", Options{Kinds: ns.SetOf(ns.PID), Want: ForChildren}, []string{
			"pid:[50] 1 10 [] []", "pid:[51] 0 0 [] [children of 10]"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, summary(test.options)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTakeFails(t *testing.T) {
	if _, err := Take(Options{Proc: filepath.Join(t.TempDir(), "none")}); !os.IsNotExist(err) {
		t.Errorf("no directory: %v", err)
	}
	if _, err := Take(Options{Proc: t.TempDir(), Want: Descriptors | Mounts | AllMounts}); !os.IsNotExist(err) {
		t.Errorf("an empty directory: %v", err)
	}
}

func TestDetails(t *testing.T) {
	s, err := Take(Options{Proc: host(t)})
	if err != nil {
		t.Fatal(err)
	}
	r := s.Reader()
	got, ok := r.Details(1, Command|PPID|UID|ControlGroup|Root)
	want := Details{Command: "/sbin/init a b", UID: os.Geteuid(), Cgroup: "0::/init.scope\n", CgroupPath: "/init.scope"}
	if diff := cmp.Diff(want, got); diff != "" || !ok {
		t.Error(ok, diff)
	}
	if got, _ := r.Details(2, Command|PPID); got.Command != "kthreadd" || got.PPID != -1 {
		t.Errorf("a kernel thread: %+v", got)
	}
	if got, ok := r.Details(77, Command|UID); ok || got.UID != -1 {
		t.Errorf("nobody: %+v, %v", got, ok)
	}
}

// A process that has the PID of one that ended is not taken for it.
func TestDetailsOfReusedPID(t *testing.T) {
	proc := host(t)
	s, err := Take(Options{Proc: proc})
	if err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(proc, "10/ns/net")
	if err := os.Remove(link); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("net:[10]", link); err != nil {
		t.Fatal(err)
	}
	if got, ok := s.Reader().Details(10, Command); ok {
		t.Errorf("%+v", got)
	}
}

func TestDiff(t *testing.T) {
	earlier := []Namespace{{Inode: 1, Kind: ns.Net}, {Inode: 2, Kind: ns.UTS}, {Inode: 3, Kind: ns.PID}}
	later := []Namespace{{Inode: 1, Kind: ns.Net}, {Inode: 2, Kind: ns.Net}, {Inode: 4, Kind: ns.PID}}
	later[0].ID, earlier[0].ID = 7, 7
	d := Diff(earlier, later)
	if fmt.Sprint(inodes(d.Appeared), inodes(d.Vanished)) != "[2 4] [2 3]" {
		t.Errorf("%+v", d)
	}
	later[0].ID = 8 // the same inode, another namespace
	if d = Diff(earlier, later); fmt.Sprint(inodes(d.Appeared), inodes(d.Vanished)) != "[1 2 4] [1 2 3]" {
		t.Errorf("%+v", d)
	}
}

func inodes(all []Namespace) (list []Inode) {
	for _, n := range all {
		list = append(list, n.Inode)
	}
	return list
}

func TestHoldByRelation(t *testing.T) {
	s := Snapshot{Namespaces: []Namespace{
		{Inode: 1, Kind: ns.User}, {Inode: 2, Kind: ns.User, Relations: Relations{Parent: 1, Owner: 1}}, {Inode: 3, Kind: ns.Net, Relations: Relations{Owner: 2}}}}
	s.HoldByRelation()
	if got := fmt.Sprint(s.Namespaces[0].Holders, s.Namespaces[1].Holders); got != "[below: 2] [owned: 3]" {
		t.Error(got)
	}
}

// A crowd with 1,000 processes is put together the same by any number of workers.
func TestWorkersAgree(t *testing.T) {
	files := map[string]string{}
	for pid := 1; pid <= 1000; pid++ {
		files[strconv.Itoa(pid)+"/ns/net"] = fmt.Sprintf("->net:[%d]", 1000+pid%37)
		files[strconv.Itoa(pid)+"/fd/3"] = fmt.Sprintf("->net:[%d]", 2000+pid%5)
	}
	proc := madeUp(t, files)
	one, err := Take(Options{Proc: proc, Want: Descriptors, Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	many, err := Take(Options{Proc: proc, Want: Descriptors, Workers: 8})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(one, many, cmpopts.IgnoreUnexported(Snapshot{})); diff != "" {
		t.Error(diff)
	}
	if len(one.Processes) != 1000 || len(one.Namespaces) != 42 {
		t.Errorf("%d processes, %d namespaces", len(one.Processes), len(one.Namespaces))
	}
}
