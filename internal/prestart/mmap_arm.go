package prestart

import "golang.org/x/sys/unix"

// sysMmap is mmap2(2), which is all that there is.
const sysMmap = unix.SYS_MMAP2
