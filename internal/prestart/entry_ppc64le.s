#include "go_asm.h"
#include "textflag.h"

// nskit_entry is the twin of the one in entry_amd64.s, which explains it.
TEXT nskit_entry(SB), NOSPLIT|NOFRAME, $0-0
	XOR R0, R0
	MOVD R1, ·saved+memory_stack(SB)
	MOVD $·saved+memory_nobody(SB), g
	BL ·arm(SB)
	MOVBZ ·saved+memory_armed(SB), R3
	CMP R3, $0
	BEQ ordinary
	BL nskit_early(SB)
	BR ·fault(SB)

ordinary:
	BL ·note(SB)
	BL nskit_ordinary(SB)
	BR _rt0_ppc64le_linux(SB)

TEXT ·fault(SB), NOSPLIT|NOFRAME, $0-0
	XOR R0, R0
	MOVD ·saved+memory_stack(SB), R1
	MOVD $·saved+memory_nobody(SB), g
	BL ·EndEarly(SB)
	BL ·wipe(SB)
	MOVD R1, ·saved+memory_stack(SB)
	BL ·note(SB)
	BL nskit_ordinary(SB)
	BR _rt0_ppc64le_linux(SB)

// func faultAddress() uintptr
TEXT ·faultAddress(SB), NOSPLIT, $0-8
	MOVD $·fault(SB), R3
	MOVD R3, ret+0(FP)
	RET

// func thread() int
TEXT ·thread(SB), NOSPLIT, $0-8
	MOVD $const_threadFlags, R3
	MOVD $0, R4
	MOVD $0, R5
	MOVD $0, R6
	MOVD $0, R7
	SYSCALL $120           // clone
	BVC  2(PC)
	NEG  R3
	CMP  R3, $0
	BNE  parent
	MOVD $·saved+memory_goOn(SB), R3
	MOVD $128, R4
	MOVD $0, R5
	MOVD $0, R6
	SYSCALL $221           // futex(&goOn, FUTEX_WAIT_PRIVATE, 0, NULL)
	SYSCALL $1             // exit

parent:
	XOR  R0, R0
	MOVD R3, ret+0(FP)
	RET
