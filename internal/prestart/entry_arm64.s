#include "go_asm.h"
#include "textflag.h"

// nskit_entry is the twin of the one in entry_amd64.s, which explains it.
TEXT nskit_entry(SB), NOSPLIT|NOFRAME, $0-0
	MOVD  RSP, R0
	MOVD  R0, ·saved+memory_stack(SB)
	MOVD  $·saved+memory_nobody(SB), g
	CALL  ·arm(SB)
	MOVBU ·saved+memory_armed(SB), R0
	CBZ   R0, ordinary
	CALL  nskit_early(SB)
	JMP   ·fault(SB)

ordinary:
	CALL ·note(SB)
	CALL nskit_ordinary(SB)
	JMP  _rt0_arm64_linux(SB)

TEXT ·fault(SB), NOSPLIT|NOFRAME, $0-0
	MOVD ·saved+memory_stack(SB), R0
	MOVD R0, RSP
	MOVD $·saved+memory_nobody(SB), g
	CALL ·EndEarly(SB)
	CALL ·wipe(SB)
	MOVD RSP, R0
	MOVD R0, ·saved+memory_stack(SB)
	CALL ·note(SB)
	CALL nskit_ordinary(SB)
	JMP  _rt0_arm64_linux(SB)

// func faultAddress() uintptr
TEXT ·faultAddress(SB), NOSPLIT, $0-8
	MOVD $·fault(SB), R0
	MOVD R0, ret+0(FP)
	RET

// func thread() int
TEXT ·thread(SB), NOSPLIT, $0-8
	MOVD $220, R8           // clone
	MOVD $const_threadFlags, R0
	MOVD $0, R1
	MOVD $0, R2
	MOVD $0, R3
	MOVD $0, R4
	SVC
	CBNZ R0, parent
	MOVD $·saved+memory_goOn(SB), R0
	MOVD $128, R1
	MOVD $0, R2
	MOVD $0, R3
	MOVD $98, R8            // futex(&goOn, FUTEX_WAIT_PRIVATE, 0, NULL)
	SVC
	MOVD $93, R8            // exit
	SVC

parent:
	MOVD R0, ret+0(FP)
	RET
