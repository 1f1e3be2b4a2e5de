package testkit

import (
	"testing"

	"github.com/nskit/nskit/internal/prestart"
	"golang.org/x/sys/unix"
)

// Room is for tests of what allocates: until t ends there is memory as before the Go runtime
// starts. Each call of fresh gives all of it out anew.
func Room(t *testing.T) (fresh func()) {
	memory, err := unix.Mmap(-1, 0, 256<<10, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		prestart.Lend(nil)
		unix.Munmap(memory)
	})
	return func() { prestart.Lend(memory) }
}
