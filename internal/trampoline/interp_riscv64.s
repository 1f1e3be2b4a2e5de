#include "go_asm.h"
#include "textflag.h"

// BEGIN calls interpret with the initial stack pointer in X10 and the header in X11.
#define BEGIN \
	MOVWU header_frame(X11), X5    \
	SUB   X5, X10, X5              \
	AND   $~15, X5                 \
	ADD   $-64, X5, X2             \
	MOV   header_interpret(X11), X5 \
	JALR  X1, X5

// func start()
TEXT ·start(SB), NOSPLIT|NOFRAME, $0-0
	MOV $(const_loadAddress+const_headerOffset), X11
	MOV X2, X10
	BEGIN

// func stubStart()
TEXT ·stubStart(SB), NOSPLIT|NOFRAME, $0-0
	MOV  $(const_stubAddress+const_headerOffset), X11
	MOV  X2, X10
	ADD  $-128, X2
	MOV  X10, 112(X2)
	MOV  stubHeader_attach(X11), X5
	JALR X1, X5
	MOV  X10, X11
	MOV  112(X2), X10
	BEGIN

// func gate()
TEXT ·gate(SB), NOSPLIT|NOFRAME, $0-0
	MOV X10, X17
	MOV X11, X10
	MOV X12, X11
	MOV X13, X12
	MOV X14, X13
	MOV X15, X14
	MOV X16, X15
	ECALL
	RET

// func codeAddresses() (start, gate, end uintptr)
TEXT ·codeAddresses(SB), NOSPLIT, $0-24
	MOV $·start(SB), X5
	MOV X5, start+0(FP)
	MOV $·gate(SB), X5
	MOV X5, gate+8(FP)
	MOV $·codeAddresses(SB), X5
	MOV X5, end+16(FP)
	RET

// func runInPlace(h *header, stack uintptr)
TEXT ·runInPlace(SB), NOSPLIT|NOFRAME, $0-16
	MOV h+0(FP), X11
	MOV stack+8(FP), X10
	BEGIN

// func stubStartAddress() uintptr
TEXT ·stubStartAddress(SB), NOSPLIT, $0-8
	MOV $·stubStart(SB), X5
	MOV X5, ret+0(FP)
	RET
