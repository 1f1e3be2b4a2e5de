package census

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/nskit/nskit/pkg/ns"
)

// TestUsersNoted: what was noted of the processes leads to the same users as a look at all of them.
func TestUsersNoted(t *testing.T) {
	dir := t.TempDir()
	open, err := os.Create(filepath.Join(dir, "open"))
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	child := exec.Command("sleep", "1000")
	child.Dir, child.Stdin = dir, open
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = child.Process.Kill(); _ = child.Wait() }()
	asleep(t, child.Process.Pid)
	var st unix.Stat_t
	if err := unix.Stat(dir, &st); err != nil {
		t.Fatal(err)
	}
	device := Device{unix.Major(uint64(st.Dev)), unix.Minor(uint64(st.Dev))}
	users := func(want Want, local bool) (own []User, noted int) {
		s, err := take(Options{Kinds: ns.SetOf(ns.Mount), Want: want}, &system{isLocal: func(string) bool { return local }})
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range s.Users(nil, []Device{device}, nil) {
			if u.PID == child.Process.Pid && u.Use != AsMapping { // where nothing was noted, mapped files go by their paths
				own = append(own, u)
			}
		}
		for _, w := range s.workers {
			if s.noted {
				noted += len(w.used)
			}
		}
		return own, noted
	}
	want, _ := users(Descriptors|Threads, true)
	if !slices.ContainsFunc(want, func(u User) bool { return u.Use == AsDirectory && u.Path == dir }) ||
		!slices.ContainsFunc(want, func(u User) bool { return u.Use == AsFile && u.FD == 0 && u.Path == open.Name() }) {
		t.Errorf("%s: %+v", dir, want)
	}
	for _, local := range []bool{true, false} {
		got, noted := users(Descriptors|Threads|Uses, local)
		if diff := cmp.Diff(want, got); diff != "" || noted > 0 != local {
			t.Errorf("local file systems %v: %d noted\n%s", local, noted, diff)
		}
	}
}
