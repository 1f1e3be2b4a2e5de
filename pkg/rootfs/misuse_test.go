package rootfs_test

import (
	"bytes"
	"errors"
	"os"
	"testing"

	"github.com/nskit/nskit/pkg/rootfs"
	"golang.org/x/sys/unix"
)

func TestNothingToUnpack(t *testing.T) {
	root, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	if err := rootfs.Unpack(root, nil); !errors.Is(err, os.ErrInvalid) {
		t.Error(err)
	}
	if err := rootfs.Unpack(nil, bytes.NewReader(nil)); !errors.Is(err, os.ErrInvalid) {
		t.Error(err)
	}
	if err := rootfs.Clear(nil); !errors.Is(err, unix.EBADF) {
		t.Error(err)
	}
}

// TestUnpackWithoutDescriptors makes sure that the error number can be told.
func TestUnpackWithoutDescriptors(t *testing.T) {
	root, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	archive := pack(file("a/b", "x"))
	var old unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &old); err != nil {
		t.Fatal(err)
	}
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: 3, Max: old.Max}); err != nil {
		t.Fatal(err)
	}
	err = rootfs.Unpack(root, bytes.NewReader(archive))
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &old); err != nil {
		t.Fatal(err)
	}
	if !errors.Is(err, unix.EMFILE) {
		t.Error(err)
	}
}
