#include "go_asm.h"
#include "textflag.h"

// BEGIN calls interpret with the initial stack pointer in R2 and the header in R3.
#define BEGIN \
	MOVWZ header_frame(R3), R4    \
	SUB   R4, R2, R4              \
	AND   $~15, R4                \
	ADD   $-64, R4, R15           \
	MOVD  header_interpret(R3), R4 \
	BL    (R4)

// func start()
TEXT ·start(SB), NOSPLIT|NOFRAME, $0-0
	MOVD $(const_loadAddress+const_headerOffset), R3
	MOVD R15, R2
	BEGIN

// func stubStart()
TEXT ·stubStart(SB), NOSPLIT|NOFRAME, $0-0
	MOVD $(const_stubAddress+const_headerOffset), R3
	MOVD R15, R2
	ADD  $-128, R15
	MOVD R2, 112(R15)
	MOVD stubHeader_attach(R3), R4
	BL   (R4)
	MOVD R2, R3
	MOVD 112(R15), R2
	BEGIN

// func gate()
TEXT ·gate(SB), NOSPLIT|NOFRAME, $0-0
	MOVD R2, R1
	MOVD R3, R2
	MOVD R4, R3
	MOVD R5, R4
	MOVD R6, R5
	MOVD R7, R6
	MOVD R8, R7
	SYSCALL
	RET

// func codeAddresses() (start, gate, end uintptr)
TEXT ·codeAddresses(SB), NOSPLIT, $0-24
	MOVD $·start(SB), R1
	MOVD R1, start+0(FP)
	MOVD $·gate(SB), R1
	MOVD R1, gate+8(FP)
	MOVD $·codeAddresses(SB), R1
	MOVD R1, end+16(FP)
	RET

// func runInPlace(h *header, stack uintptr)
TEXT ·runInPlace(SB), NOSPLIT|NOFRAME, $0-16
	MOVD h+0(FP), R3
	MOVD stack+8(FP), R2
	BEGIN

// func stubStartAddress() uintptr
TEXT ·stubStartAddress(SB), NOSPLIT, $0-8
	MOVD $·stubStart(SB), R1
	MOVD R1, ret+0(FP)
	RET
