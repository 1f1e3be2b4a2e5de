package census

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/procfs"
	"golang.org/x/sys/unix"

	"github.com/nskit/nskit/internal/rtnl"
	"github.com/nskit/nskit/internal/testkit"
	"github.com/nskit/nskit/pkg/ns"
)

// The main thread stays in the namespaces it is in: it is the process to others.
func init() { runtime.LockOSThread() }

// reference reads the namespaces of all processes with prometheus/procfs.
func reference(t testing.TB) map[int]map[string]uint32 {
	fs, err := procfs.NewFS("/proc")
	if err != nil {
		t.Fatal(err)
	}
	processes, err := fs.AllProcs()
	if err != nil {
		t.Fatal(err)
	}
	all := map[int]map[string]uint32{}
	for _, p := range processes {
		links, err := p.Namespaces()
		if err != nil {
			continue // gone, or not ours to read
		}
		all[p.PID] = map[string]uint32{}
		for name, link := range links {
			if _, ok := ns.Parse(name); ok {
				all[p.PID][name] = link.Inode
			}
		}
	}
	return all
}

// TestAgreesWithProcfs compares every process of the live system that two
// readings by the reference, one before and one after, say the same of.
func TestAgreesWithProcfs(t *testing.T) {
	before := reference(t)
	s, err := Take(Options{})
	if err != nil {
		t.Fatal(err)
	}
	after := reference(t)
	compared := 0
	for pid, links := range before {
		if !cmp.Equal(links, after[pid]) || len(links) == 0 {
			continue
		}
		got := map[string]uint32{}
		if p := s.Process(pid); p != nil {
			for k, inode := range p.Namespaces {
				if inode != 0 {
					got[ns.Kind(k).String()] = inode
				}
			}
		}
		if diff := cmp.Diff(links, got); diff != "" {
			t.Errorf("process %d: %s", pid, diff)
		}
		compared++
	}
	if compared == 0 {
		t.Error("nothing to compare")
	}
	t.Logf("%d processes", compared)
}

// withThread runs f on a thread of its own, whatever namespaces it goes into, and
// returns when that has ended and is in none of them any more.
func withThread(f func()) {
	thread := make(chan int, 1)
	go func() {
		runtime.LockOSThread()
		f()
		thread <- unix.Gettid()
	}()
	path := "/proc/self/task/" + strconv.Itoa(<-thread)
	testkit.Poll(func() bool { _, err := os.Stat(path); return err != nil })
}

// makeNamespaces makes network namespaces that only a descriptor and only a
// socket hold, and returns their inodes.
func makeNamespaces(t *testing.T) (byDescriptor, bySocket Inode) {
	withThread(func() {
		for _, made := range []*Inode{&byDescriptor, &bySocket} {
			if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
				t.Error(err)
				return
			}
			fd, err := unix.Open("/proc/thread-self/ns/net", unix.O_RDONLY|unix.O_CLOEXEC, 0)
			if err != nil {
				t.Error(err)
				return
			}
			*made = inodeOf(fd)
			if made == &bySocket {
				unix.Close(fd)
				fd, err = unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
			}
			if err != nil {
				t.Error(err)
			}
			t.Cleanup(func() { unix.Close(fd) })
		}
	})
	return byDescriptor, bySocket
}

func TestHeldByDescriptorAndSocket(t *testing.T) {
	testkit.Require(t, testkit.NeedsRoot)
	byDescriptor, bySocket := makeNamespaces(t)
	s, err := Take(Options{Kinds: ns.SetOf(ns.Net), Want: Descriptors | Sockets})
	if err != nil {
		t.Fatal(err)
	}
	for inode, how := range map[Inode]How{byDescriptor: ByDescriptor, bySocket: BySocket} {
		n := s.Find(inode)
		if n == nil || len(n.Holders) != 1 || n.Holders[0].How != how || n.Holders[0].PID != os.Getpid() {
			t.Errorf("net:[%d]: %+v", inode, n)
			continue
		}
		fd, err := s.Open(n)
		if err != nil || inodeOf(fd) != inode {
			t.Errorf("net:[%d] cannot be opened: %v", inode, err)
		}
		unix.Close(fd)
	}
	s.NetIDs = &rtnl.NetIDs{}
	if err := s.Relate(Owners|OwnerUIDs|NetIDs|IDs, nil); err != nil {
		t.Fatal(err)
	}
	n := s.Find(byDescriptor)
	if n.OwnerUID == nil || *n.OwnerUID != 0 || n.Owner == 0 || n.NetID != nil {
		t.Errorf("%+v", n)
	}
	if n.ID != 0 && n.ID == s.Find(bySocket).ID {
		t.Errorf("two namespaces have the identifier %d", n.ID)
	}
}

// bound binds a namespace of a short-lived process to a path with characters
// that mount tables escape.
func bound(t *testing.T) (path string, inode Inode) {
	dir := t.TempDir()
	path = filepath.Join(dir, "a b\\c\td")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	withThread(func() {
		if err := unix.Unshare(unix.CLONE_NEWUTS); err != nil {
			t.Error(err)
			return
		}
		if err := unix.Sethostname([]byte("census-test")); err != nil {
			t.Error(err)
		}
		var st unix.Stat_t
		if err := unix.Stat("/proc/thread-self/ns/uts", &st); err != nil {
			t.Error(err)
		}
		inode = Inode(st.Ino)
		if err := unix.Mount("/proc/thread-self/ns/uts", path, "", unix.MS_BIND, ""); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() { unix.Unmount(path, unix.MNT_DETACH) })
	return path, inode
}

// TestMountsBothWays asks for bind mounts with listmount(2) and without.
func TestMountsBothWays(t *testing.T) {
	testkit.Require(t, testkit.NeedsRoot)
	path, inode := bound(t)
	if !hasListmount() {
		t.Log("no listmount(2) on this kernel: the mount table is read both times")
	}
	var both [2]*Snapshot
	for i, without := range []bool{false, true} {
		s, err := Take(Options{Kinds: ns.SetOf(ns.UTS), Want: Mounts, NoNewCalls: without})
		if err != nil {
			t.Fatal(err)
		}
		if n := s.Find(inode); n == nil || len(n.Mounts) != 1 || n.Mounts[0] != path || n.Processes != 0 {
			t.Errorf("without %v: %+v", without, n)
		}
		both[i] = s
	}
	if diff := cmp.Diff(both[0].Find(inode), both[1].Find(inode)); diff != "" {
		t.Error(diff)
	}
	if err := both[0].Relate(Hostnames, nil); err != nil || both[0].Find(inode).Hostname != "census-test" {
		t.Errorf("%+v, %v", both[0].Find(inode), err)
	}
	var name unix.Utsname
	if err := unix.Uname(&name); err != nil || unix.ByteSliceToString(name.Nodename[:]) == "census-test" {
		t.Errorf("asking for a host name left a thread in its namespace: %v", err)
	}
}

// sleeper starts a process in new namespaces and ends it with the test.
func sleeper(t testing.TB, flags uintptr) int {
	t.Helper()
	cmd := exec.Command("sleep", "1000")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: flags, Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	asleep(t, cmd.Process.Pid)
	return cmd.Process.Pid
}

func TestRelations(t *testing.T) {
	testkit.Require(t, testkit.NeedsUserNamespaces)
	pid := sleeper(t, syscall.CLONE_NEWUSER|syscall.CLONE_NEWPID|syscall.CLONE_NEWUTS)
	s, err := Take(Options{Kinds: ns.SetOf(ns.PID, ns.UTS)})
	if err != nil {
		t.Fatal(err)
	}
	p := s.Process(pid)
	if err := s.Relate(Parents|Owners|OwnerUIDs|Ancestors, func(n *Namespace) bool { return n.PID == pid }); err != nil {
		t.Fatal(err)
	}
	mine, err := os.Readlink("/proc/self/ns/user")
	if err != nil {
		t.Fatal(err)
	}
	owner := s.Find(s.Find(p.Namespaces[ns.UTS]).Owner)
	if owner == nil || owner.Kind != ns.User || owner.Processes != 0 || fmt.Sprintf("user:[%d]", owner.Parent) != mine ||
		owner.OwnerUID == nil || *owner.OwnerUID != os.Geteuid() {
		t.Errorf("the owner: %+v, we are in %s", owner, mine)
	}
	space := s.Find(p.Namespaces[ns.PID])
	if self := s.Process(os.Getpid()); space.Parent != self.Namespaces[ns.PID] || space.Owner != owner.Inode {
		t.Errorf("%+v", space)
	}
}

func TestAllMounts(t *testing.T) {
	testkit.Require(t, testkit.NeedsRoot)
	testkit.Require(t, testkit.NeedsTool("nsenter"))
	path := filepath.Join(t.TempDir(), "elsewhere")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	holder := sleeper(t, syscall.CLONE_NEWNS)
	pid := sleeper(t, syscall.CLONE_NEWIPC)
	from := "/proc/" + strconv.Itoa(pid) + "/ns/ipc"
	into := exec.Command("nsenter", "--mount=/proc/"+strconv.Itoa(holder)+"/ns/mnt", "mount", "--bind", from, path)
	if text, err := into.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	for _, without := range []bool{false, true} {
		s, err := Take(Options{Want: AllMounts, NoNewCalls: without})
		if err != nil {
			t.Fatal(err)
		}
		inside := s.Process(holder).Namespaces[ns.Mount]
		want := []Holder{{How: ByMount, Path: path, Namespace: inside}}
		if diff := cmp.Diff(want, s.Find(s.Process(pid).Namespaces[ns.IPC]).Holders); diff != "" {
			t.Errorf("without %v: %s", without, diff)
		}
	}
}

// TestHidepid looks at a mount of /proc that shows an unprivileged user nothing of
// others: what there is to see is one process and its namespaces.
func TestHidepid(t *testing.T) {
	testkit.Require(t, testkit.NeedsRoot)
	dir := t.TempDir()
	if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount("proc", dir, "proc", 0, "hidepid=2"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Unmount(dir, unix.MNT_DETACH) })
	withThread(func() {
		if _, _, err := unix.RawSyscall(unix.SYS_SETRESUID, 65534, 65534, 65534); err != 0 { // of this thread only
			t.Error(err)
			return
		}
		s, err := Take(Options{Proc: dir, Want: Descriptors | Sockets | Mounts, Workers: 1})
		if err != nil {
			t.Error(err)
			return
		}
		for _, p := range s.Processes {
			if p.PID == 1 {
				t.Errorf("a hidden process is shown: %+v", p)
			}
		}
	})
}

func BenchmarkTake(b *testing.B) {
	for b.Loop() {
		if _, err := Take(Options{Workers: 1}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkProcfs does with prometheus/procfs what BenchmarkTake does.
func BenchmarkProcfs(b *testing.B) {
	for b.Loop() {
		reference(b)
	}
}

func BenchmarkTakeDescriptors(b *testing.B) {
	for b.Loop() {
		if _, err := Take(Options{Want: Descriptors | Sockets | Mounts}); err != nil {
			b.Fatal(err)
		}
	}
}
