package faults

import (
	"os"
	"path"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/internal/testkit"
	"golang.org/x/sys/unix"
)

// newCalls are those that an old kernel does not have, or that a filter refuses.
var newCalls = []string{testkit.OpenTreeNamespace, "open_tree", "move_mount", "mount_setattr", "fsopen", "fsconfig", "fsmount", "openat2", "execveat", "statx",
	"pidfd_open", "pidfd_send_signal", "memfd_create", "close_range", "clone3", "faccessat2", "fchmodat2"}

// refusal is a call that is refused in the rows of a pattern, and what is said then.
type refusal struct{ call, row, says string }

// noOtherWay has the rows that a call cannot be done without in, and what is said.
var noOtherWay = []refusal{
	// Without /proc in the new root: the old one stays as it is.
	{"execveat", "switch_root", "cannot empty the old root"},
	// What is made outside is carried inside by these calls alone.
	{"fsopen", "enter-tools*", "cannot make"},
	{"fsconfig", "enter-tools*", "cannot make"},
	{"fsmount", "enter-tools*", "cannot make"},
	{"open_tree", "enter-tools*", "cannot"},
	{"open_tree", "enter-attach*", "cannot"},
	{"move_mount", "enter-tools*", "cannot"},
	{"move_mount", "enter-attach*", "cannot"},
	{"pidfd_open", "enter-attach", "cannot lock"},
	{"pidfd_open", "enter-tools-shown", "cannot lock"},
	{"mount_setattr", "enter-tools*", "cannot"},
	{"mount_setattr", "enter-attach*", "cannot set the options"},
	{"openat2", "enter-attach*", "cannot find"},
	{"openat2", "enter-detach", "cannot find"},
	{"memfd_create", "enter-carry", "cannot copy"},
	{"open_tree", "pivot-idmap", "cannot map the IDs"},
	{"move_mount", "pivot-idmap", "cannot bind"},
	{"mount_setattr", "pivot-idmap", "cannot map the IDs"},
	{"pidfd_open", "enter-inode", "failed to obtain a valid file descriptor for PID"},
	{"pidfd_open", "enter-net-socket", "pidfd_getfd("},
}

// noWayBack has those where the kernel makes a mount namespace of the new root alone, since Linux
// 7.0: in a user namespace nobody but a filter refuses them, and where there is one the Program
// does not get there.
var noWayBack = []refusal{
	{"move_mount", "pivot-user", "mount /proc failed"},
}

// makesAlone reports whether the kernel does so.
func makesAlone() bool {
	fd, err := unix.OpenTree(unix.AT_FDCWD, "/", program.OpenTreeNamespace)
	if err == nil {
		unix.Close(fd)
	}
	return err == nil
}

// TestRefused refuses each newer call of each row, every time that it is made,
// and then all of them: what the command does is the same. With
// NSKIT_FAULTS=all each of them is refused with each error number.
func TestRefused(t *testing.T) {
	testkit.Require(t, testkit.NeedsRoot)
	testkit.Require(t, testkit.NeedsUserNamespaces)
	testkit.Require(t, testkit.NeedsSubIDs)
	forEachRow(t, (*walk).refuseEach)
}

// all says that nothing is left out to save time.
var all = os.Getenv("NSKIT_FAULTS") == "all"

// forEachRow runs something for each row, several at a time.
func forEachRow(t *testing.T, do func(w *walk)) {
	o := newOthers(t)
	places := make([]*place, len(rows))
	for i := range rows {
		places[i] = newPlace(t, o, rows[i]) // before any runs: each sees the mounts of all
	}
	t.Run("rows", func(t *testing.T) {
		for i, r := range rows {
			t.Run(r.golden, func(t *testing.T) {
				t.Parallel()
				do(&walk{T: t, row: r, place: places[i]})
			})
		}
	})
}

func (w *walk) refuseEach() {
	w.whole = w.run()
	var made []string
	for _, name := range newCalls {
		if slices.ContainsFunc(w.whole.Calls, func(c testkit.Call) bool { return c.Name == name }) {
			made = append(made, name)
		}
	}
	for _, errno := range []syscall.Errno{unix.EPERM, unix.ENOSYS, unix.EACCES} {
		for _, name := range made {
			if !all && errno != unix.EPERM {
				continue
			}
			if name == "open_tree" { // the call, with whatever flags
				w.refuse(errno, name, testkit.OpenTreeNamespace)
				continue
			}
			w.refuse(errno, name)
		}
		w.refuse(errno, newCalls...)
	}
}

// refuse runs the row's command with some calls refused for good.
func (w *walk) refuse(errno syscall.Errno, names ...string) {
	var faults []testkit.Fault
	for _, name := range names {
		faults = append(faults, testkit.Fault{Call: testkit.Call{Name: name, Nth: testkit.Every}, Errno: errno})
	}
	got := w.run(faults...)
	final := noOtherWay
	if makesAlone() {
		final = slices.Concat(noOtherWay, noWayBack)
	}
	for _, n := range final {
		if ok, _ := path.Match(n.row, w.row.golden); ok && slices.Contains(names, n.call) {
			said := message(w.whole, got)
			undone := got.Code == 1 && got.left == w.place.was
			if strings.Contains(said, n.says) && strings.Count(said, "\n")-strings.Count(said, "hint: ") == 1 && (undone || n.row == "switch_root") {
				return
			}
		}
	}
	w.unmoved(got, faults)
}

// unmoved demands that a command did what it does without any fault.
func (w *walk) unmoved(got outcome, faults []testkit.Fault) {
	if got.Code == w.whole.Code && got.Stdout == w.whole.Stdout && got.left == w.whole.left && slices.Equal(got.States, w.whole.States) && message(w.whole, got) == "" {
		return
	}
	w.Errorf("%v: exit code %d, want %d\n%s%s", faults, got.Code, w.whole.Code, got.Stdout, got.Stderr)
	for i := range got.States {
		if i < len(w.whole.States) {
			w.Error(diff(w.whole.States[i], got.States[i]))
		}
	}
}

// diff has the lines that are not among those wanted.
func diff(want, got string) []string {
	var changed []string
	before := strings.Split(want, "\n")
	for _, line := range strings.Split(got, "\n") {
		if !slices.Contains(before, line) {
			changed = append(changed, line)
		}
	}
	return changed
}
