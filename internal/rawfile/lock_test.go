package rawfile_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/nskit/nskit/internal/rawfile"
)

// TestLock: a file is one opener's until that closes it.
func TestLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var files [2]*os.File
	for i := range files {
		var err error
		if files[i], err = os.Open(path); err != nil {
			t.Fatal(err)
		}
		defer files[i].Close()
	}
	if err := rawfile.Lock(files[0]); err != nil {
		t.Error(err)
	}
	if err := rawfile.Lock(files[1]); !errors.Is(err, rawfile.ErrLocked) {
		t.Error(err)
	}
	files[0].Close()
	if err := rawfile.Lock(files[1]); err != nil {
		t.Error(err)
	}
}
