package nsexec

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/nskit/nskit/internal/testkit"
	"github.com/nskit/nskit/pkg/ns"
	"golang.org/x/sys/unix"
)

const ownVariable = "_NSKIT_NSEXEC_OWN"

// TestMain is a main function: with the variable it starts itself in namespaces, by a
// command that says which process it is in. "no memfd" runs the tests where memfd_create(2) is refused.
func TestMain(m *testing.M) {
	switch os.Getenv(ownVariable) {
	case "start":
		cmd := Command(context.Background(), with(inside("/proc/self/exe"), ns.PID))
		cmd.Env = append(os.Environ(), ownVariable+"=inside")
		out, err := cmd.CombinedOutput()
		fmt.Println(string(out), err)
		os.Exit(0)
	case "inside":
		fmt.Print("own ", os.Getpid(), os.Getuid())
		os.Exit(0)
	case "no memfd":
		if err := testkit.Refuse(unix.SYS_MEMFD_CREATE, unix.ENOSYS); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// TestOwnBinaryIsGone makes sure that a program whose file has been removed, or replaced by
// another, can start itself.
func TestOwnBinaryIsGone(t *testing.T) {
	testkit.Require(t, testkit.NeedsUserNamespaces)
	own, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(own)
	if err != nil {
		t.Fatal(err)
	}
	for name, then := range map[string]func(path string) error{
		"there":    func(string) error { return nil },
		"removed":  os.Remove,
		"replaced": nil,
	} {
		path := filepath.Join(t.TempDir(), "program")
		if err := os.WriteFile(path, text, 0o755); err != nil {
			t.Fatal(err)
		}
		file, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		if name == "replaced" {
			other := path + ".new"
			if err := os.WriteFile(other, []byte("#!/bin/sh\necho another\n"), 0o755); err != nil {
				t.Fatal(err)
			}
			then = func(path string) error { return os.Rename(other, path) }
		}
		if err := then(path); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("/proc/self/fd/3")
		cmd.ExtraFiles = []*os.File{file}
		cmd.Env = append(os.Environ(), ownVariable+"=start")
		out, err := cmd.CombinedOutput()
		if string(out) != "own 1 0 <nil>\n" || err != nil {
			t.Errorf("%s: %q, %v", name, out, err)
		}
	}
}
