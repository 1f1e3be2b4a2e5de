package nsenter

import (
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// readUpTo reads a file of which no more than limit bytes are of interest. It
// does not wait at a FIFO.
func readUpTo(name string, limit int64) (string, error) {
	f, err := os.OpenFile(name, os.O_RDONLY|unix.O_NONBLOCK|unix.O_NOCTTY, 0)
	if err != nil {
		return "", err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, limit))
	return string(text), err
}
