//go:build !arm

package prestart

import "golang.org/x/sys/unix"

// sysMmap is mmap(2).
const sysMmap = unix.SYS_MMAP
