#include "go_asm.h"
#include "textflag.h"

// nskit_entry is the twin of the one in entry_amd64.s, which explains it.
TEXT nskit_entry(SB), NOSPLIT|NOFRAME, $0-0
	MOV X2, ·saved+memory_stack(SB)
	MOV $·saved+memory_nobody(SB), g
	CALL ·arm(SB)
	MOVBU ·saved+memory_armed(SB), X5
	BEQZ X5, ordinary
	CALL nskit_early(SB)
	JMP ·fault(SB)

ordinary:
	CALL ·note(SB)
	CALL nskit_ordinary(SB)
	JMP _rt0_riscv64_linux(SB)

TEXT ·fault(SB), NOSPLIT|NOFRAME, $0-0
	MOV ·saved+memory_stack(SB), X2
	MOV $·saved+memory_nobody(SB), g
	CALL ·EndEarly(SB)
	CALL ·wipe(SB)
	MOV X2, ·saved+memory_stack(SB)
	CALL ·note(SB)
	CALL nskit_ordinary(SB)
	JMP _rt0_riscv64_linux(SB)

// func faultAddress() uintptr
TEXT ·faultAddress(SB), NOSPLIT, $0-8
	MOV $·fault(SB), X5
	MOV X5, ret+0(FP)
	RET

// func thread() int
TEXT ·thread(SB), NOSPLIT, $0-8
	MOV $220, X17          // clone
	MOV $const_threadFlags, X10
	MOV $0, X11
	MOV $0, X12
	MOV $0, X13
	MOV $0, X14
	ECALL
	BNEZ X10, parent
	MOV $·saved+memory_goOn(SB), X10
	MOV $128, X11
	MOV $0, X12
	MOV $0, X13
	MOV $98, X17           // futex(&goOn, FUTEX_WAIT_PRIVATE, 0, NULL)
	ECALL
	MOV $93, X17           // exit
	ECALL

parent:
	MOV X10, ret+0(FP)
	RET
