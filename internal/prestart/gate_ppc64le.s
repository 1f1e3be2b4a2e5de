#include "textflag.h"

// func Syscall(number, a, b, c, d, e, f uintptr) uintptr
TEXT ·Syscall(SB), NOSPLIT, $0-64
	MOVD number+0(FP), R10
	MOVD a+8(FP), R3
	MOVD b+16(FP), R4
	MOVD c+24(FP), R5
	MOVD d+32(FP), R6
	MOVD e+40(FP), R7
	MOVD f+48(FP), R8
	SYSCALL R10
	BVC  succeeded         // else the error number is positive
	NEG  R3

succeeded:
	XOR  R0, R0
	MOVD R3, ret+56(FP)
	RET
