package odd

import (
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// Inside is for the first line of TestMain: the test binary is /tools/odd in a cell, too,
// where it executes a command below a filter (`filter NAME COMMAND...`) or mounts a file
// system that never answers (`hang DIR`). It comes back only as a test.
func Inside(args []string) {
	var err error
	switch {
	case len(args) > 3 && args[1] == "filter":
		err = executeFiltered(args[2], args[3:])
	case len(args) == 3 && args[1] == "hang":
		err = hang(args[2])
	default:
		return
	}
	fmt.Fprintf(os.Stderr, "%s: %v\n", args[1], err)
	os.Exit(125)
}

// hang mounts a FUSE file system and answers nothing.
func hang(dir string) error {
	fuse, err := unix.Open("/dev/fuse", unix.O_RDWR, 0)
	if err != nil {
		return err
	}
	options := fmt.Sprintf("fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other", fuse)
	if err := unix.Mount("nothing", dir, "fuse", 0, options); err != nil {
		return err
	}
	time.Sleep(time.Hour) // it ends with its cell
	return nil
}
