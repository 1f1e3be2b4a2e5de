package trampoline

import (
	"os"
	"strings"
	"testing"

	"github.com/nskit/nskit/internal/program"
)

// TestOwnBinary makes sure that /proc/self/exe means the caller's binary and not the
// image, which would begin again for ever.
func TestOwnBinary(t *testing.T) {
	for _, path := range []string{"/proc/self/exe", "/proc/thread-self/exe"} {
		out, state := run(t, build(func(b *program.Builder) {
			b.Execve(path, program.Vector("x", "-test.list=TestOwnBinary"), program.Envp()).Or("execve")
		}))
		if state.ExitCode() != 0 || !strings.Contains(out, "TestOwnBinary") {
			t.Errorf("%s: %q, %v", path, out, state)
		}
	}
}

// TestImageFileForOthers makes sure that an image in a file can be executed by the
// user that the caller's child becomes.
func TestImageFileForOthers(t *testing.T) {
	img, err := imageFileIn(new(Workspace), t.TempDir(), build(func(b *program.Builder) { exit(b, 0) }), nil, own)
	if err != nil {
		t.Fatal(err)
	}
	defer img.Close()
	info, err := os.Stat(img.path())
	if err != nil || info.Mode().Perm() != 0o555 {
		t.Error(info, err)
	}
}
