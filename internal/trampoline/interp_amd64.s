#include "go_asm.h"
#include "textflag.h"

// BEGIN calls interpret with the initial stack pointer in AX and the header in BX.
#define BEGIN \
	MOVL header_frame(BX), CX \
	MOVQ AX, SP               \
	SUBQ CX, SP               \
	ANDQ $~15, SP             \
	SUBQ $64, SP              \
	CALL header_interpret(BX)

// func start()
TEXT ·start(SB), NOSPLIT|NOFRAME, $0-0
	MOVL $(const_loadAddress+const_headerOffset), BX
	MOVQ SP, AX
	BEGIN

// func stubStart()
TEXT ·stubStart(SB), NOSPLIT|NOFRAME, $0-0
	MOVL $(const_stubAddress+const_headerOffset), BX
	MOVQ SP, AX
	SUBQ $128, SP
	MOVQ AX, 112(SP)
	CALL stubHeader_attach(BX)
	MOVQ AX, BX
	MOVQ 112(SP), AX
	BEGIN

// func gate()
TEXT ·gate(SB), NOSPLIT|NOFRAME, $0-0
	MOVQ DI, DX
	MOVQ BX, DI
	MOVQ SI, R10
	MOVQ CX, SI
	SYSCALL
	RET

// func codeAddresses() (start, gate, end uintptr)
TEXT ·codeAddresses(SB), NOSPLIT, $0-24
	LEAQ ·start(SB), AX
	MOVQ AX, start+0(FP)
	LEAQ ·gate(SB), AX
	MOVQ AX, gate+8(FP)
	LEAQ ·codeAddresses(SB), AX
	MOVQ AX, end+16(FP)
	RET

// func runInPlace(h *header, stack uintptr)
TEXT ·runInPlace(SB), NOSPLIT|NOFRAME, $0-16
	MOVQ h+0(FP), BX
	MOVQ stack+8(FP), AX
	BEGIN

// func stubStartAddress() uintptr
TEXT ·stubStartAddress(SB), NOSPLIT, $0-8
	LEAQ ·stubStart(SB), AX
	MOVQ AX, ret+0(FP)
	RET
