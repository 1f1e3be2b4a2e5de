//go:build !linux && !plan9

package nsexec

import "syscall"

type errno = syscall.Errno
