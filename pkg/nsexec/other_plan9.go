package nsexec

import "syscall"

type errno = syscall.ErrorString
