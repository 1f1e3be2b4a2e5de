#include "go_asm.h"
#include "textflag.h"

// nskit_entry is where the process starts; see the package comment.
TEXT nskit_entry(SB), NOSPLIT|NOFRAME, $0-0
	MOVQ SP, ·saved+memory_stack(SB)
	CALL ·beNobody(SB)
	CALL ·arm(SB)
	CMPB ·saved+memory_armed(SB), $0
	JEQ  ordinary
	CALL nskit_early(SB)
	JMP  ·fault(SB)

ordinary:
	CALL ·note(SB)
	CALL nskit_ordinary(SB)
	JMP  _rt0_amd64_linux(SB)

// fault is the handler of SIGSEGV, which leaves the signal frame behind, and what
// follows an attempt that came back.
TEXT ·fault(SB), NOSPLIT|NOFRAME, $0-0
	MOVQ ·saved+memory_stack(SB), SP
	CALL ·beNobody(SB)
	CALL ·EndEarly(SB)
	CALL ·wipe(SB)
	MOVQ SP, ·saved+memory_stack(SB)
	CALL ·beNobody(SB)
	CALL ·note(SB)
	CALL nskit_ordinary(SB)
	JMP  _rt0_amd64_linux(SB)

// beNobody makes nobody the goroutine: Go finds it before the thread's local storage.
TEXT ·beNobody(SB), NOSPLIT|NOFRAME, $0-0
	LEAQ ·saved+memory_nobody(SB), AX
	MOVQ AX, ·saved+memory_storage+56(SB)
	MOVL $158, AX           // arch_prctl
	MOVL $0x1002, DI        // ARCH_SET_FS
	LEAQ ·saved+memory_storage+64(SB), SI
	SYSCALL
	RET

// func faultAddress() uintptr
TEXT ·faultAddress(SB), NOSPLIT, $0-8
	LEAQ ·fault(SB), AX
	MOVQ AX, ret+0(FP)
	RET

// func thread() int
TEXT ·thread(SB), NOSPLIT, $0-8
	MOVL  $56, AX           // clone
	MOVL  $const_threadFlags, DI
	XORL  SI, SI            // on this stack, which the thread does not touch
	XORL  DX, DX
	XORL  R10, R10
	XORL  R8, R8
	SYSCALL
	TESTQ AX, AX
	JNE   parent
	MOVL  $202, AX          // futex(&goOn, FUTEX_WAIT_PRIVATE, 0, NULL)
	LEAQ  ·saved+memory_goOn(SB), DI
	MOVL  $128, SI
	XORL  DX, DX
	XORL  R10, R10
	SYSCALL
	MOVL  $60, AX           // exit
	XORL  DI, DI
	SYSCALL

parent:
	MOVQ AX, ret+0(FP)
	RET
