#include "go_asm.h"
#include "textflag.h"

// BEGIN calls interpret with the initial stack pointer in R4 and the header in R5.
#define BEGIN \
	MOVWU header_frame(R5), R6    \
	SUBV  R6, R4, R6              \
	MOVV  $~15, R7                \
	AND   R7, R6                  \
	ADDV  $-64, R6, R3            \
	MOVV  header_interpret(R5), R6 \
	JAL   (R6)

// func start()
TEXT ·start(SB), NOSPLIT|NOFRAME, $0-0
	MOVV $(const_loadAddress+const_headerOffset), R5
	MOVV R3, R4
	BEGIN

// func stubStart()
TEXT ·stubStart(SB), NOSPLIT|NOFRAME, $0-0
	MOVV $(const_stubAddress+const_headerOffset), R5
	MOVV R3, R4
	ADDV $-128, R3
	MOVV R4, 112(R3)
	MOVV stubHeader_attach(R5), R6
	JAL  (R6)
	MOVV R4, R5
	MOVV 112(R3), R4
	BEGIN

// func gate()
TEXT ·gate(SB), NOSPLIT|NOFRAME, $0-0
	MOVV R4, R11
	MOVV R5, R4
	MOVV R6, R5
	MOVV R7, R6
	MOVV R8, R7
	MOVV R9, R8
	MOVV R10, R9
	SYSCALL
	RET

// func codeAddresses() (start, gate, end uintptr)
TEXT ·codeAddresses(SB), NOSPLIT, $0-24
	MOVV $·start(SB), R4
	MOVV R4, start+0(FP)
	MOVV $·gate(SB), R4
	MOVV R4, gate+8(FP)
	MOVV $·codeAddresses(SB), R4
	MOVV R4, end+16(FP)
	RET

// func runInPlace(h *header, stack uintptr)
TEXT ·runInPlace(SB), NOSPLIT|NOFRAME, $0-16
	MOVV h+0(FP), R5
	MOVV stack+8(FP), R4
	BEGIN

// func stubStartAddress() uintptr
TEXT ·stubStartAddress(SB), NOSPLIT, $0-8
	MOVV $·stubStart(SB), R4
	MOVV R4, ret+0(FP)
	RET
