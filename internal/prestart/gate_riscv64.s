#include "textflag.h"

// func Syscall(number, a, b, c, d, e, f uintptr) uintptr
TEXT ·Syscall(SB), NOSPLIT, $0-64
	MOV number+0(FP), X17
	MOV a+8(FP), X10
	MOV b+16(FP), X11
	MOV c+24(FP), X12
	MOV d+32(FP), X13
	MOV e+40(FP), X14
	MOV f+48(FP), X15
	ECALL
	MOV X10, ret+56(FP)
	RET
