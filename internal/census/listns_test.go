package census

import (
	"fmt"
	"os"
	"strconv"
	"testing"
	"unsafe"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/nskit/nskit/internal/testkit"
	"github.com/nskit/nskit/pkg/ns"
)

// listedNamespace is a namespace of a made-up kernel. One without a kind is
// gone before it is opened.
type listedNamespace struct {
	id    uint64
	kind  string
	inode Inode
}

// madeUpList is the list of a made-up kernel; calls counts how often it is asked.
func madeUpList(all []listedNamespace, calls *int) *nsList {
	return &nsList{
		list: func(_ ns.Set, after uint64, ids []uint64) (int, unix.Errno) {
			*calls++
			if after != 0 && after == all[len(all)-1].id {
				return 0, unix.ENOENT
			}
			n := 0
			for _, one := range all {
				if one.id > after && n < len(ids) {
					ids[n] = one.id
					n++
				}
			}
			return n, 0
		},
		identify: func(id uint64) (ns.Kind, Inode, bool) {
			for _, one := range all {
				if kind, ok := ns.Parse(one.kind); ok && one.id == id {
					return kind, one.inode, true
				}
			}
			return 0, 0, false
		},
	}
}

// refusing is a kernel that answers with an error behind the first pages.
func refusing(pages int, err unix.Errno) *nsList {
	return &nsList{
		list: func(_ ns.Set, after uint64, ids []uint64) (int, unix.Errno) {
			if pages--; pages < 0 {
				return 0, err
			}
			ids[0] = after + 1
			return 1, 0
		},
		identify: func(id uint64) (ns.Kind, Inode, bool) { return ns.Net, Inode(100 + id), true },
	}
}

// ownProc is a made-up /proc that shows the caller.
func ownProc(t *testing.T) string {
	pid := strconv.Itoa(os.Getpid())
	return madeUp(t, map[string]string{"self": "->" + pid, pid + "/ns/net": "->net:[10]", pid + "/fd/3": "->net:[11]"})
}

func TestListed(t *testing.T) {
	proc := ownProc(t)
	var calls int
	kernel := madeUpList([]listedNamespace{{7, "net", 10}, {9, "net", 11}, {20, "", 0}, {21, "uts", 12}, {22, "net", 13}, {23, "", 0}}, &calls)
	standstill := &nsList{
		list:     func(_ ns.Set, _ uint64, ids []uint64) (int, unix.Errno) { ids[0] = 5; return 1, 0 },
		identify: func(uint64) (ns.Kind, Inode, bool) { return ns.Net, 13, true },
	}
	scanned := []string{"net:[10] 1 id 0", "net:[11] 0 id 0"}
	for _, test := range []struct {
		name    string
		options Options
		list    *nsList
		want    []string
	}{
		{"present", Options{Want: Descriptors | Listed}, kernel, []string{"net:[10] 1 id 7", "net:[11] 0 id 9", "uts:[12] 0 id 21", "net:[13] 0 id 22"}},
		{"one kind", Options{Want: Descriptors | Listed, Kinds: ns.SetOf(ns.UTS)}, kernel, []string{"uts:[12] 0 id 21"}},
		{"not wanted", Options{Want: Descriptors}, kernel, scanned},
		{"without new calls", Options{Want: Descriptors | Listed, NoNewCalls: true}, kernel, scanned},
		{"not there", Options{Want: Descriptors | Listed}, refusing(0, unix.ENOSYS), scanned},
		{"not allowed", Options{Want: Descriptors | Listed}, refusing(0, unix.EPERM), scanned},
		{"refused on the way", Options{Want: Descriptors | Listed}, refusing(2, unix.EPERM),
			append(scanned[:2:2], "net:[101] 0 id 1", "net:[102] 0 id 2")},
		{"no progress", Options{Want: Descriptors | Listed}, standstill, append(scanned[:2:2], "net:[13] 0 id 5")},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.options.Proc = proc
			calls = 0
			s, err := take(test.options, &system{*test.list, isLocal})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, n := range s.Namespaces {
				got = append(got, fmt.Sprintf("%v:[%d] %d id %d", n.Kind, n.Inode, n.Processes, n.ID))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
			if calls > 0 && (test.options.NoNewCalls || test.options.Want&Listed == 0) {
				t.Error("the kernel was asked all the same")
			}
		})
	}
}

// The list is that of the caller's system, and says nothing about other ones.
func TestListedElsewhere(t *testing.T) {
	var calls int
	kernel := madeUpList([]listedNamespace{{7, "net", 99}}, &calls)
	s, err := take(Options{Proc: host(t), Want: Listed}, &system{*kernel, isLocal})
	if err != nil || calls != 0 || s.Find(99) != nil {
		t.Errorf("%d calls, %v, %v", calls, s.Find(99), err)
	}
}

func TestListedInPages(t *testing.T) {
	var all []listedNamespace
	for n := range 1300 {
		all = append(all, listedNamespace{uint64(n + 3), "ipc", Inode(5000 + n)})
	}
	for _, count := range []int{511, 512, 513, 1024, 1300} {
		var calls int
		s, err := take(Options{Proc: ownProc(t), Want: Listed, Kinds: ns.SetOf(ns.IPC)}, &system{*madeUpList(all[:count], &calls), isLocal})
		if err != nil || len(s.Namespaces) != count || calls != (count+511)/512+1 {
			t.Errorf("%d: %d namespaces in %d calls, %v", count, len(s.Namespaces), calls, err)
		}
	}
}

// TestIdentify asks the kernel for the identifier of a namespace, and for the
// namespace of the identifier.
func TestIdentify(t *testing.T) {
	fd, err := unix.Open("/proc/self/ns/net", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	id, errno := ioctlUint64(fd, unix.NS_GET_ID)
	if errno != 0 { // before Linux 6.18
		if _, _, ok := identify(1); ok {
			t.Error("a kernel without identifiers opens one")
		}
		return
	}
	if kind, inode, ok := identify(id); ok && (kind != ns.Net || inode != inodeOf(fd)) {
		t.Errorf("%d is %v:[%d]", id, kind, inode)
	} else {
		t.Log("opened by its identifier alone:", ok)
	}
	whole, err := openIdentifier(id, ns.Net.Flag(), inodeOf(fd))
	if err != nil || inodeOf(whole) != inodeOf(fd) {
		t.Errorf("by a whole handle: %v", err)
	}
	unix.Close(whole)
	if kind, inode, ok := identify(1 << 62); ok {
		t.Errorf("there is a namespace %v:[%d] with an impossible identifier", kind, inode)
	}
}

// TestOpenByIdentifier opens a namespace to which nothing else leads.
func TestOpenByIdentifier(t *testing.T) {
	testkit.Require(t, testkit.NeedsRoot)
	inode, _ := makeNamespaces(t)
	s, err := Take(Options{Kinds: ns.SetOf(ns.Net), Want: Descriptors})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Relate(IDs, nil); err != nil {
		t.Fatal(err)
	}
	space := *s.Find(inode)
	space.Holders = nil
	fd, err := s.Open(&space)
	if known := space.ID != 0; known != (err == nil) || known && inodeOf(fd) != inode { // since Linux 6.18
		t.Errorf("%d, %v", space.ID, err)
	}
	unix.Close(fd)
}

// TestListedBothWays takes stock of the live system with the kernel's list
// between two times without: what is there both times, the list does not hide.
func TestListedBothWays(t *testing.T) {
	if _, errno := listns(ns.SetOf(ns.Net), 0, make([]uint64, 1)); errno != 0 {
		t.Logf("listns(2) answers %v: the same is read each time", errno)
	}
	var taken [3]*Snapshot
	for i := range taken {
		var err error
		taken[i], err = Take(Options{Want: Descriptors | AllMounts | Listed, NoNewCalls: i != 1})
		if err != nil {
			t.Fatal(err)
		}
	}
	compared := 0
	for _, n := range taken[0].Namespaces {
		if after := taken[2].Find(n.Inode); after == nil || after.Kind != n.Kind || after.PID != n.PID {
			continue
		}
		compared++
		// Others may have come and gone meanwhile, with lower PIDs.
		if with := taken[1].Find(n.Inode); with == nil || with.Kind != n.Kind || with.PID == 0 && n.PID != 0 {
			t.Errorf("%+v is %+v with the list", n, with)
		}
	}
	if compared < 5 {
		t.Errorf("only %d namespaces to compare", compared)
	}
}

func TestRequestSize(t *testing.T) {
	if size := unsafe.Sizeof(nsRequest{}); size != 32 { // NS_ID_REQ_SIZE_VER0
		t.Errorf("%d bytes", size)
	}
}
