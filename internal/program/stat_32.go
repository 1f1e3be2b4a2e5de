//go:build linux && (386 || arm || mips || mipsle || ppc)

package program

import "golang.org/x/sys/unix"

// numberNewfstatat is that of newfstatat(2), which has another name elsewhere.
const numberNewfstatat = unix.SYS_FSTATAT64
