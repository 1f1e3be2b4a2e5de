//go:build !plan9

package launch

import "syscall"

// Signal is that of package syscall, or stands for it where that has none.
type Signal = syscall.Signal
