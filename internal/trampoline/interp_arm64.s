#include "go_asm.h"
#include "textflag.h"

// BEGIN calls interpret with the initial stack pointer in R0 and the header in R1.
#define BEGIN \
	MOVWU header_frame(R1), R2    \
	SUB   R2, R0, R2              \
	AND   $~15, R2                \
	SUB   $64, R2                 \
	MOVD  R2, RSP                 \
	MOVD  header_interpret(R1), R2 \
	CALL  (R2)

// func start()
TEXT ·start(SB), NOSPLIT|NOFRAME, $0-0
	MOVD $(const_loadAddress+const_headerOffset), R1
	MOVD RSP, R0
	BEGIN

// func stubStart()
TEXT ·stubStart(SB), NOSPLIT|NOFRAME, $0-0
	MOVD $(const_stubAddress+const_headerOffset), R1
	MOVD RSP, R0
	SUB  $128, RSP
	MOVD R0, 112(RSP)
	MOVD stubHeader_attach(R1), R2
	CALL (R2)
	MOVD R0, R1
	MOVD 112(RSP), R0
	BEGIN

// func gate()
TEXT ·gate(SB), NOSPLIT|NOFRAME, $0-0
	MOVD R0, R8
	MOVD R1, R0
	MOVD R2, R1
	MOVD R3, R2
	MOVD R4, R3
	MOVD R5, R4
	MOVD R6, R5
	SVC
	RET

// func codeAddresses() (start, gate, end uintptr)
TEXT ·codeAddresses(SB), NOSPLIT, $0-24
	MOVD $·start(SB), R0
	MOVD R0, start+0(FP)
	MOVD $·gate(SB), R0
	MOVD R0, gate+8(FP)
	MOVD $·codeAddresses(SB), R0
	MOVD R0, end+16(FP)
	RET

// func runInPlace(h *header, stack uintptr)
TEXT ·runInPlace(SB), NOSPLIT|NOFRAME, $0-16
	MOVD h+0(FP), R1
	MOVD stack+8(FP), R0
	BEGIN

// func stubStartAddress() uintptr
TEXT ·stubStartAddress(SB), NOSPLIT, $0-8
	MOVD $·stubStart(SB), R0
	MOVD R0, ret+0(FP)
	RET
