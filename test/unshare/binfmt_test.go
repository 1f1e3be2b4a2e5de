package unshare

import (
	"fmt"
	"testing"

	"github.com/nskit/nskit/internal/testkit"
	"golang.org/x/sys/unix"
)

// TestBinfmt runs the scripts about binfmt_misc, which belongs to the user
// namespace since Linux 6.7; before it is the whole system's.
func TestBinfmt(t *testing.T) {
	if !kernelFrom(t, 6, 7) {
		testkit.Skip(t, testkit.NeedsKernel("binfmt_misc in user namespaces"))
	}
	testkit.Scripts(t, "testdata/binfmt")
}

// kernelFrom says whether this kernel's version is at least the one given.
func kernelFrom(t *testing.T, wantMajor, wantMinor int) bool {
	t.Helper()
	var name unix.Utsname
	if err := unix.Uname(&name); err != nil {
		t.Fatal(err)
	}
	var major, minor int
	if _, err := fmt.Sscanf(unix.ByteSliceToString(name.Release[:]), "%d.%d", &major, &minor); err != nil {
		t.Fatal(err)
	}
	return major > wantMajor || major == wantMajor && minor >= wantMinor
}
