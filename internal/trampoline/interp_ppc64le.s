#include "go_asm.h"
#include "textflag.h"

// BEGIN calls interpret with the initial stack pointer in R3 and the header in R4.
// Go code counts on a R0 of 0.
#define BEGIN \
	MOVWZ header_frame(R4), R5     \
	SUB   R5, R3, R5               \
	ADD   $-64, R5                 \
	RLDCR $0, R5, $~15, R1         \
	MOVD  header_interpret(R4), R12 \
	MOVD  R12, CTR                 \
	XOR   R0, R0                   \
	BL    (CTR)

// func start()
TEXT ·start(SB), NOSPLIT|NOFRAME, $0-0
	MOVD $(const_loadAddress+const_headerOffset), R4
	MOVD R1, R3
	BEGIN

// func stubStart()
TEXT ·stubStart(SB), NOSPLIT|NOFRAME, $0-0
	MOVD $(const_stubAddress+const_headerOffset), R4
	MOVD R1, R3
	ADD  $-128, R1
	MOVD R3, 112(R1)
	MOVD stubHeader_attach(R4), R12
	MOVD R12, CTR
	XOR  R0, R0
	BL   (CTR)
	MOVD R3, R4
	MOVD 112(R1), R3
	BEGIN

// func gate()
TEXT ·gate(SB), NOSPLIT|NOFRAME, $0-0
	MOVD R3, R10
	MOVD R4, R3
	MOVD R5, R4
	MOVD R6, R5
	MOVD R7, R6
	MOVD R8, R7
	MOVD R9, R8
	SYSCALL R10
	BVC  succeeded         // else the error number is positive
	NEG  R3

succeeded:
	XOR R0, R0
	RET

// func codeAddresses() (start, gate, end uintptr)
TEXT ·codeAddresses(SB), NOSPLIT, $0-24
	MOVD $·start(SB), R3
	MOVD R3, start+0(FP)
	MOVD $·gate(SB), R3
	MOVD R3, gate+8(FP)
	MOVD $·codeAddresses(SB), R3
	MOVD R3, end+16(FP)
	RET

// func runInPlace(h *header, stack uintptr)
TEXT ·runInPlace(SB), NOSPLIT|NOFRAME, $0-16
	MOVD h+0(FP), R4
	MOVD stack+8(FP), R3
	BEGIN

// func stubStartAddress() uintptr
TEXT ·stubStartAddress(SB), NOSPLIT, $0-8
	MOVD $·stubStart(SB), R3
	MOVD R3, ret+0(FP)
	RET
