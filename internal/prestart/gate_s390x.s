#include "textflag.h"

// func Syscall(number, a, b, c, d, e, f uintptr) uintptr
TEXT ·Syscall(SB), NOSPLIT, $0-64
	MOVD number+0(FP), R1
	MOVD a+8(FP), R2
	MOVD b+16(FP), R3
	MOVD c+24(FP), R4
	MOVD d+32(FP), R5
	MOVD e+40(FP), R6
	MOVD f+48(FP), R7
	SYSCALL
	MOVD R2, ret+56(FP)
	RET
