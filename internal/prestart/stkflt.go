//go:build !mips && !mipsle && !mips64 && !mips64le

package prestart

import "golang.org/x/sys/unix"

// stackFault is the bit of SIGSTKFLT, which MIPS has not.
const stackFault = 1 << (unix.SIGSTKFLT - 1)
