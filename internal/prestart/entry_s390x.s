#include "go_asm.h"
#include "textflag.h"

// nskit_entry is the twin of the one in entry_amd64.s, which explains it.
TEXT nskit_entry(SB), NOSPLIT|NOFRAME, $0-0
	MOVD R15, ·saved+memory_stack(SB)
	MOVD $·saved+memory_nobody(SB), g
	BL ·arm(SB)
	MOVBZ ·saved+memory_armed(SB), R2
	CMPBEQ R2, $0, ordinary
	BL nskit_early(SB)
	BR ·fault(SB)

ordinary:
	BL ·note(SB)
	BL nskit_ordinary(SB)
	BR _rt0_s390x_linux(SB)

TEXT ·fault(SB), NOSPLIT|NOFRAME, $0-0
	MOVD ·saved+memory_stack(SB), R15
	MOVD $·saved+memory_nobody(SB), g
	BL ·EndEarly(SB)
	BL ·wipe(SB)
	MOVD R15, ·saved+memory_stack(SB)
	BL ·note(SB)
	BL nskit_ordinary(SB)
	BR _rt0_s390x_linux(SB)

// func faultAddress() uintptr
TEXT ·faultAddress(SB), NOSPLIT, $0-8
	MOVD $·fault(SB), R2
	MOVD R2, ret+0(FP)
	RET

// func thread() int
TEXT ·thread(SB), NOSPLIT, $0-8
	MOVD $120, R1          // clone, with the stack first
	MOVD $0, R2
	MOVD $const_threadFlags, R3
	MOVD $0, R4
	MOVD $0, R5
	MOVD $0, R6
	SYSCALL
	CMPBNE R2, $0, parent
	MOVD $238, R1          // futex(&goOn, FUTEX_WAIT_PRIVATE, 0, NULL)
	MOVD $·saved+memory_goOn(SB), R2
	MOVD $128, R3
	MOVD $0, R4
	MOVD $0, R5
	SYSCALL
	MOVD $1, R1            // exit
	SYSCALL

parent:
	MOVD R2, ret+0(FP)
	RET
