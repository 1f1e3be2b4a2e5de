#include "textflag.h"

// nskit_entry runs before the Go runtime: it notes what the runtime is about
// to change, keeps it from work that a short-lived process has no use for, and
// goes on to the runtime's own entry with the stack as the kernel left it.
TEXT nskit_entry(SB), NOSPLIT|NOFRAME, $0-0
	MOVQ SP, ·stack(SB)

	MOVL $14, AX            // rt_sigprocmask
	XORL DI, DI
	XORL SI, SI
	LEAQ ·mask(SB), DX
	MOVL $8, R10
	SYSCALL

	// The handler of every signal: SIG_IGN is 1.
	MOVL $1, BX
	XORL R12, R12

signal:
	MOVL  $13, AX           // rt_sigaction
	MOVL  BX, DI
	XORL  SI, SI
	LEAQ  ·buffer(SB), DX
	MOVL  $8, R10
	SYSCALL
	TESTQ AX, AX
	JNE   nextSignal
	CMPQ  ·buffer(SB), $1
	JNE   nextSignal
	LEAL  -1(BX), CX
	BTSQ  CX, R12

nextSignal:
	INCL BX
	CMPL BX, $65
	JCS  signal
	MOVQ R12, ·ignored(SB)

	// The standard descriptors that are closed.
	XORL BX, BX
	XORL R12, R12

descriptor:
	MOVL  $72, AX           // fcntl
	MOVL  BX, DI
	MOVL  $1, SI            // F_GETFD
	SYSCALL
	TESTQ AX, AX
	JGE   nextDescriptor
	BTSQ  BX, R12

nextDescriptor:
	INCL BX
	CMPL BX, $3
	JCS  descriptor
	MOVQ R12, ·closed(SB)

	// One CPU, so that the runtime starts fewer threads.
	MOVL  $204, AX          // sched_getaffinity
	XORL  DI, DI
	MOVL  $1024, SI
	LEAQ  ·affinity(SB), DX
	SYSCALL
	TESTQ AX, AX
	JLE   limit
	MOVQ  AX, ·affinityLen(SB)
	MOVL  $309, AX          // getcpu
	LEAQ  ·buffer(SB), DI
	XORL  SI, SI
	XORL  DX, DX
	MOVQ  $0, (DI)
	SYSCALL
	MOVL  ·buffer(SB), CX
	MOVL  CX, DX
	SHRL  $6, DX
	ANDL  $15, DX           // of 1,024 CPUs; beyond, another is chosen or the call fails
	LEAQ  ·single(SB), BX
	XORL  R12, R12
	BTSQ  CX, R12
	MOVQ  R12, (BX)(DX*8)
	MOVL  $203, AX          // sched_setaffinity
	XORL  DI, DI
	MOVL  $128, SI
	MOVQ  BX, DX
	SYSCALL

limit:
	// No files for the runtime's probes of the machine.
	MOVL  $302, AX          // prlimit64
	XORL  DI, DI
	MOVL  $7, SI            // RLIMIT_NOFILE
	XORL  DX, DX
	LEAQ  ·noFile(SB), R10
	SYSCALL
	TESTQ AX, AX
	JNE   runtime
	MOVQ  ·noFile+8(SB), CX
	MOVQ  CX, ·buffer+8(SB)
	MOVQ  ·noFile(SB), CX
	CMPQ  CX, $3
	JLS   lower
	MOVL  $3, CX

lower:
	MOVQ CX, ·buffer(SB)
	MOVL $302, AX
	XORL DI, DI
	MOVL $7, SI
	LEAQ ·buffer(SB), DX
	XORL R10, R10
	SYSCALL

runtime:
	JMP _rt0_amd64_linux(SB)
