#include "textflag.h"

// nskit_entry is the twin of the one in entry_amd64.s, which explains it.
TEXT nskit_entry(SB), NOSPLIT|NOFRAME, $0-0
	MOVD RSP, R19
	MOVD R19, ·stack(SB)

	MOVD $135, R8           // rt_sigprocmask
	MOVD $0, R0
	MOVD $0, R1
	MOVD $·mask(SB), R2
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
	MOVD R20, ·ignored(SB)

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

nextDescriptor:
	LSL  $1, R21
	ADD  $1, R19
	CMP  $3, R19
	BLO  descriptor
	MOVD R20, ·closed(SB)

	// One CPU, so that the runtime starts fewer threads.
	MOVD $123, R8           // sched_getaffinity
	MOVD $0, R0
	MOVD $1024, R1
	MOVD $·affinity(SB), R2
	SVC
	CMP  $0, R0
	BLE  limit
	MOVD R0, ·affinityLen(SB)
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

limit:
	// No files for the runtime's probes of the machine.
	MOVD $261, R8           // prlimit64
	MOVD $0, R0
	MOVD $7, R1             // RLIMIT_NOFILE
	MOVD $0, R2
	MOVD $·noFile(SB), R3
	SVC
	CBNZ R0, runtime
	MOVD $·noFile(SB), R3
	MOVD $·buffer(SB), R2
	MOVD 8(R3), R9
	MOVD R9, 8(R2)
	MOVD 0(R3), R9
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
