#include "go_asm.h"
#include "textflag.h"

#define SIGSEGV 11

// What stands in for a standard descriptor that is closed.
DATA null<>+0(SB)/8, $"/dev/nul"
DATA null<>+8(SB)/2, $"l\x00"
GLOBL null<>(SB), NOPTR|RODATA, $10
DATA root<>+0(SB)/2, $"/\x00"
GLOBL root<>(SB), NOPTR|RODATA, $2

// nskit_entry is where the process starts; see the package comment.
TEXT nskit_entry(SB), NOSPLIT|NOFRAME, $0-0
	MOVQ SP, ·saved+State_stack(SB)
	MOVL $14, AX            // rt_sigprocmask
	XORL DI, DI
	XORL SI, SI
	LEAQ ·saved+State_Mask(SB), DX
	MOVL $8, R10
	SYSCALL

	// A fault leads to the ordinary start, unless the caller has blocked it.
	MOVQ  ·saved+State_Mask(SB), AX
	BTQ   $(SIGSEGV-1), AX
	JCS   skip
	LEAQ  ·fault(SB), AX
	MOVQ  AX, ·buffer+0(SB)
	MOVQ  $0x44000000, AX   // SA_NODEFER|SA_RESTORER
	MOVQ  AX, ·buffer+8(SB)
	LEAQ  ·fault(SB), AX
	MOVQ  AX, ·buffer+16(SB)
	MOVQ  $0, ·buffer+24(SB)
	MOVL  $13, AX           // rt_sigaction
	MOVL  $SIGSEGV, DI
	LEAQ  ·buffer(SB), SI
	LEAQ  ·segv(SB), DX
	MOVL  $8, R10
	SYSCALL
	TESTQ AX, AX
	JNE   skip

	// A goroutine without a stack limit and without anything else.
	LEAQ ·nobody(SB), AX
	MOVQ AX, ·storage+56(SB)
	MOVL $158, AX           // arch_prctl
	MOVL $0x1002, DI        // ARCH_SET_FS
	LEAQ ·storage+64(SB), SI
	SYSCALL
	CALL nskit_early(SB)

skip:
	JMP ·resume(SB)

// fault is the handler of SIGSEGV; it leaves the signal frame behind.
TEXT ·fault(SB), NOSPLIT|NOFRAME, $0-0
	JMP ·resume(SB)

// resume goes on with the ordinary start.
TEXT ·resume(SB), NOSPLIT|NOFRAME, $0-0
	MOVQ  ·saved+State_stack(SB), SP
	CMPQ  ·storage+56(SB), $0 // set once the handler is
	JEQ   note
	MOVL  $13, AX           // rt_sigaction
	MOVL  $SIGSEGV, DI
	LEAQ  ·segv(SB), SI
	XORL  DX, DX
	MOVL  $8, R10
	SYSCALL
	CALL  ·wipe(SB)

note:
	// No profile of allocations: nobody can read it, but the runtime finds that out
	// only after it has sampled the first one, in tables that take 2 % of the start.
	MOVQ ·memProfileRate(SB), AX
	MOVQ $0, (AX)
	MOVQ SP, ·saved+State_stack(SB)
	MOVL $14, AX            // rt_sigprocmask
	XORL DI, DI
	XORL SI, SI
	LEAQ ·saved+State_Mask(SB), DX
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
	MOVQ R12, ·saved+State_ignored(SB)

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

	// The runtime dies where it can neither find it open nor open /dev/null.
	MOVL  $257, AX          // openat
	MOVQ  $-100, DI         // AT_FDCWD
	LEAQ  null<>(SB), SI
	MOVL  $2, DX            // O_RDWR
	SYSCALL
	TESTQ AX, AX
	JGE   nextDescriptor
	MOVL  $257, AX          // openat
	MOVQ  $-100, DI         // AT_FDCWD
	LEAQ  root<>(SB), SI
	MOVL  $0x200000, DX     // O_PATH: reading and writing fail, as if it were closed
	SYSCALL

nextDescriptor:
	INCL BX
	CMPL BX, $3
	JCS  descriptor
	MOVQ R12, ·saved+State_closed(SB)

	// One CPU, so that the runtime starts fewer threads.
	MOVL  $204, AX          // sched_getaffinity
	XORL  DI, DI
	MOVL  $1024, SI
	LEAQ  ·saved+State_Affinity(SB), DX
	SYSCALL
	TESTQ AX, AX
	JLE   timers
	MOVQ  AX, ·saved+State_AffinityLen(SB)
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

timers:
	// Lazy timers, so that the runtime's monitor does not wake 50 times a millisecond.
	MOVL $157, AX           // prctl
	MOVL $30, DI            // PR_GET_TIMERSLACK
	XORL SI, SI
	XORL DX, DX
	XORL R10, R10
	XORL R8, R8
	SYSCALL
	MOVQ AX, ·saved+State_TimerSlack(SB)
	MOVL $157, AX
	MOVL $29, DI            // PR_SET_TIMERSLACK
	MOVL $2000000, SI       // 2 ms
	SYSCALL

	// No files for the runtime's probes of the machine.
	MOVL  $302, AX          // prlimit64
	XORL  DI, DI
	MOVL  $7, SI            // RLIMIT_NOFILE
	XORL  DX, DX
	LEAQ  ·saved+State_NoFile(SB), R10
	SYSCALL
	TESTQ AX, AX
	JNE   runtime

	// With GOGC or GOMEMLIMIT the collector may start so early that it needs a
	// descriptor for its timers, and the runtime ends when it gets none.
	MOVQ ·saved+State_stack(SB), BX
	MOVQ (BX), CX
	LEAQ 16(BX)(CX*8), BX   // the environment

variable:
	MOVQ  (BX), DX
	TESTQ DX, DX
	JEQ   files
	MOVL  (DX), AX
	CMPL  AX, $0x43474f47   // "GOGC"
	JEQ   runtime
	CMPL  AX, $0x454d4f47   // "GOME"
	JEQ   runtime
	ADDQ  $8, BX
	JMP   variable

files:
	MOVQ  ·saved+(State_NoFile+8)(SB), CX
	MOVQ  CX, ·buffer+8(SB)
	MOVQ  ·saved+State_NoFile(SB), CX
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
