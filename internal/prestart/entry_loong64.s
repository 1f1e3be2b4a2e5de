#include "go_asm.h"
#include "textflag.h"

// nskit_entry is the twin of the one in entry_amd64.s, which explains it.
TEXT nskit_entry(SB), NOSPLIT|NOFRAME, $0-0
	MOVV R3, ·saved+memory_stack(SB)
	MOVV $·saved+memory_nobody(SB), g
	JAL ·arm(SB)
	MOVBU ·saved+memory_armed(SB), R4
	BEQ R4, ordinary
	JAL nskit_early(SB)
	JMP ·fault(SB)

ordinary:
	JAL ·note(SB)
	JAL nskit_ordinary(SB)
	JMP _rt0_loong64_linux(SB)

TEXT ·fault(SB), NOSPLIT|NOFRAME, $0-0
	MOVV ·saved+memory_stack(SB), R3
	MOVV $·saved+memory_nobody(SB), g
	JAL ·EndEarly(SB)
	JAL ·wipe(SB)
	MOVV R3, ·saved+memory_stack(SB)
	JAL ·note(SB)
	JAL nskit_ordinary(SB)
	JMP _rt0_loong64_linux(SB)

// func faultAddress() uintptr
TEXT ·faultAddress(SB), NOSPLIT, $0-8
	MOVV $·fault(SB), R4
	MOVV R4, ret+0(FP)
	RET

// func thread() int
TEXT ·thread(SB), NOSPLIT, $0-8
	MOVV $220, R11         // clone
	MOVV $const_threadFlags, R4
	MOVV $0, R5
	MOVV $0, R6
	MOVV $0, R7
	MOVV $0, R8
	SYSCALL
	BNE  R4, parent
	MOVV $·saved+memory_goOn(SB), R4
	MOVV $128, R5
	MOVV $0, R6
	MOVV $0, R7
	MOVV $98, R11          // futex(&goOn, FUTEX_WAIT_PRIVATE, 0, NULL)
	SYSCALL
	MOVV $93, R11          // exit
	SYSCALL

parent:
	MOVV R4, ret+0(FP)
	RET
