package census

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/nskit/nskit/internal/testkit"
	"github.com/nskit/nskit/pkg/ns"
)

// TestFirstFew: a namespace is found under whatever number its descriptor has, once each: among the first
// ones, which are looked for one by one, behind a gap, and among many.
func TestFirstFew(t *testing.T) {
	testkit.Require(t, testkit.NeedsRoot)
	path, inode := bound(t)
	sleep, err := exec.LookPath("sleep")
	if err != nil {
		t.Fatal(err)
	}
	files := map[rune]*os.File{'-': nil}
	for letter, name := range map[rune]string{'n': path, '.': os.DevNull} {
		if files[letter], err = os.Open(name); err != nil {
			t.Fatal(err)
		}
		defer files[letter].Close()
	}
	for _, shape := range []string{ // a letter for each descriptor: n namespace, . another file, - none
		"...n", "n..", "-..n", "n-..n..n", "...------n", "-----n", ".........n", "..........n", "n.n.n.n.n.n.n.n.n", "--------------------n",
	} {
		var own []*os.File
		var want []int
		for fd, letter := range shape {
			if own = append(own, files[letter]); letter == 'n' {
				want = append(want, fd)
			}
		}
		child, err := os.StartProcess(sleep, []string{"sleep", "1000"}, &os.ProcAttr{Files: own})
		if err != nil {
			t.Fatal(err)
		}
		asleep(t, child.Pid)
		for _, counted := range []bool{true, false} {
			if got := heldBy(t, inode, child.Pid, counted); !slices.Equal(got, want) {
				t.Errorf("%s, counted %v: descriptors %v, want %v", shape, counted, got, want)
			}
		}
		_ = child.Kill()
		_, _ = child.Wait()
	}
}

// asleep waits until a process sleeps, as one that was just started does not: the kernel tells of success before execve(2) is over.
func asleep(t testing.TB, pid int) {
	t.Helper()
	path := fmt.Sprintf("/proc/%d/stat", pid)
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		stat, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, rest, _ := bytes.Cut(stat, []byte(") ")); rest[0] == 'S' {
			return
		}
	}
	t.Fatalf("process %d does not sleep", pid)
}

// heldBy are the descriptors of a process that hold a namespace. A list of processes
// without that one (fs/proc/base.c walks a tree that others change meanwhile) is taken again.
func heldBy(t *testing.T, inode Inode, pid int, counted bool) (all []int) {
	t.Helper()
	var s *Snapshot
	for range 3 {
		var err error
		s, err = take(Options{Kinds: ns.SetOf(ns.UTS), Want: Descriptors}, &system{isLocal: func(string) bool { return counted }})
		if err != nil {
			t.Fatal(err)
		}
		if s.Process(pid) != nil {
			break
		}
		t.Logf("process %d is not among %d processes, %d unreadable", pid, len(s.Processes), s.Unreadable)
	}
	if n := s.Find(inode); n != nil {
		for _, h := range n.Holders {
			if h.PID == pid {
				all = append(all, h.FD)
			}
		}
	}
	return all
}
