#include "go_asm.h"
#include "textflag.h"

#define SIGSEGV 11

// What stands in for a standard descriptor that is closed.
DATA null<>+0(SB)/8, $"/dev/nul"
DATA null<>+8(SB)/2, $"l\x00"
GLOBL null<>(SB), NOPTR|RODATA, $10
DATA root<>+0(SB)/2, $"/\x00"
GLOBL root<>(SB), NOPTR|RODATA, $2

// nskit_entry is the twin of the one in entry_amd64.s, which explains it.
TEXT nskit_entry(SB), NOSPLIT|NOFRAME, $0-0
	MOVD RSP, R19
	MOVD $·saved(SB), R26
	MOVD R19, State_stack(R26)
	MOVD $135, R8           // rt_sigprocmask
	MOVD $0, R0
	MOVD $0, R1
	ADD  $State_Mask, R26, R2
	MOVD $8, R3
	SVC

	// A fault leads to the ordinary start, unless the caller has blocked it.
	MOVD State_Mask(R26), R9
	TBNZ $(SIGSEGV-1), R9, skip
	MOVD $·buffer(SB), R1
	MOVD $·fault(SB), R9
	MOVD R9, 0(R1)
	MOVD $0x40000000, R9    // SA_NODEFER
	MOVD R9, 8(R1)
	MOVD ZR, 16(R1)
	MOVD ZR, 24(R1)
	MOVD $134, R8           // rt_sigaction
	MOVD $SIGSEGV, R0
	MOVD $·segv(SB), R2
	MOVD $8, R3
	SVC
	CBNZ R0, skip

	// A goroutine without a stack limit and without anything else.
	MOVD $·nobody(SB), g
	MOVD $·storage(SB), R9
	MOVD g, 56(R9)
	CALL nskit_early(SB)

skip:
	JMP ·resume(SB)

// fault is the handler of SIGSEGV; it leaves the signal frame behind.
TEXT ·fault(SB), NOSPLIT|NOFRAME, $0-0
	JMP ·resume(SB)

// resume goes on with the ordinary start.
TEXT ·resume(SB), NOSPLIT|NOFRAME, $0-0
	MOVD $·saved(SB), R26
	MOVD State_stack(R26), R9
	MOVD R9, RSP
	MOVD $·storage(SB), R9
	MOVD 56(R9), R9         // set once the handler is
	CBZ  R9, note
	MOVD $134, R8           // rt_sigaction
	MOVD $SIGSEGV, R0
	MOVD $·segv(SB), R1
	MOVD $0, R2
	MOVD $8, R3
	SVC
	CALL ·wipe(SB)

note:
	// No profile of allocations: nobody can read it, but the runtime finds that out
	// only after it has sampled the first one, in tables that take 2 % of the start.
	MOVD ·memProfileRate(SB), R9
	MOVD ZR, (R9)
	MOVD $·saved(SB), R26
	MOVD RSP, R9
	MOVD R9, State_stack(R26)
	MOVD $135, R8           // rt_sigprocmask
	MOVD $0, R0
	MOVD $0, R1
	ADD  $State_Mask, R26, R2
	MOVD $8, R3
	SVC

	// The handler of every signal: SIG_IGN is 1.
	MOVD $1, R19
	MOVD $0, R20
	MOVD $1, R21

signal:
	MOVD $134, R8           // rt_sigaction
	MOVD R19, R0
	MOVD $0, R1
	MOVD $·buffer(SB), R2
	MOVD $8, R3
	SVC
	CBNZ R0, nextSignal
	MOVD ·buffer(SB), R9
	CMP  $1, R9
	BNE  nextSignal
	ORR  R21, R20

nextSignal:
	LSL  $1, R21
	ADD  $1, R19
	CMP  $65, R19
	BLO  signal
	MOVD R20, State_ignored(R26)

	// The standard descriptors that are closed.
	MOVD $0, R19
	MOVD $0, R20
	MOVD $1, R21

descriptor:
	MOVD $25, R8            // fcntl
	MOVD R19, R0
	MOVD $1, R1             // F_GETFD
	SVC
	CMP  $0, R0
	BGE  nextDescriptor
	ORR  R21, R20

	// The runtime dies where it can neither find it open nor open /dev/null.
	MOVD $56, R8            // openat
	MOVD $-100, R0          // AT_FDCWD
	MOVD $null<>(SB), R1
	MOVD $2, R2             // O_RDWR
	SVC
	CMP  $0, R0
	BGE  nextDescriptor
	MOVD $56, R8            // openat
	MOVD $-100, R0          // AT_FDCWD
	MOVD $root<>(SB), R1
	MOVD $0x200000, R2      // O_PATH: reading and writing fail, as if it were closed
	SVC

nextDescriptor:
	LSL  $1, R21
	ADD  $1, R19
	CMP  $3, R19
	BLO  descriptor
	MOVD R20, State_closed(R26)

	// One CPU, so that the runtime starts fewer threads.
	MOVD $123, R8           // sched_getaffinity
	MOVD $0, R0
	MOVD $1024, R1
	ADD  $State_Affinity, R26, R2
	SVC
	CMP  $0, R0
	BLE  timers
	MOVD R0, State_AffinityLen(R26)
	MOVD $168, R8           // getcpu
	MOVD $·buffer(SB), R0
	MOVD ZR, (R0)
	MOVD $0, R1
	MOVD $0, R2
	SVC
	MOVWU ·buffer(SB), R9
	LSR  $6, R9, R10
	AND  $15, R10           // of 1,024 CPUs; beyond, another is chosen or the call fails
	MOVD $1, R11
	LSL  R9, R11
	MOVD $·single(SB), R2
	MOVD R11, (R2)(R10<<3)
	MOVD $122, R8           // sched_setaffinity
	MOVD $0, R0
	MOVD $128, R1
	SVC

timers:
	// Lazy timers, so that the runtime's monitor does not wake 50 times a millisecond.
	MOVD $167, R8           // prctl
	MOVD $30, R0            // PR_GET_TIMERSLACK
	MOVD $0, R1
	MOVD $0, R2
	MOVD $0, R3
	MOVD $0, R4
	SVC
	MOVD R0, State_TimerSlack(R26)
	MOVD $167, R8
	MOVD $29, R0            // PR_SET_TIMERSLACK
	MOVD $2000000, R1       // 2 ms
	SVC

	// No files for the runtime's probes of the machine.
	MOVD $261, R8           // prlimit64
	MOVD $0, R0
	MOVD $7, R1             // RLIMIT_NOFILE
	MOVD $0, R2
	ADD  $State_NoFile, R26, R3
	SVC
	CBNZ R0, runtime

	// With GOGC or GOMEMLIMIT the collector may start so early that it needs a
	// descriptor for its timers, and the runtime ends when it gets none.
	MOVD State_stack(R26), R9
	MOVD (R9), R10
	ADD  R10<<3, R9, R9
	ADD  $16, R9, R9        // the environment

variable:
	MOVD  (R9), R10
	CBZ   R10, files
	MOVWU (R10), R11
	MOVD  $0x43474f47, R12  // "GOGC"
	CMP   R12, R11
	BEQ   runtime
	MOVD  $0x454d4f47, R12  // "GOME"
	CMP   R12, R11
	BEQ   runtime
	ADD   $8, R9, R9
	B     variable

files:
	MOVD $·buffer(SB), R2
	MOVD (State_NoFile+8)(R26), R9
	MOVD R9, 8(R2)
	MOVD State_NoFile(R26), R9
	CMP  $3, R9
	BLS  lower
	MOVD $3, R9

lower:
	MOVD R9, 0(R2)
	MOVD $261, R8
	MOVD $0, R0
	MOVD $7, R1
	MOVD $0, R3
	SVC

runtime:
	JMP _rt0_arm64_linux(SB)
