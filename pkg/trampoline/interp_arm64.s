#include "textflag.h"

// The interpreter of an image; interp_amd64.s is its twin and explains it.
//
//	R19  the initial stack pointer, the base of all variables
//	R20  the image's header
//	R21  the instruction at hand

// func interpreter()
TEXT ·interpreter(SB), NOSPLIT|NOFRAME, $0-0
	// The kernel starts a process with all registers 0; runInPlace has set this.
	CBNZ R20, frame
	MOVD $0x400000, R20
	ADD  $0xb0, R20

frame:
	MOVD  RSP, R19
	MOVWU 12(R20), R9      // variables are 0 at first
	SUB   R9, R19, R10

clear:
	CMP  R10, R19
	BEQ  cleared
	MOVD ZR, (R10)
	ADD  $8, R10
	B    clear

cleared:
	MOVWU 0(R20), R21

next:
	MOVHU 2(R21), R9
	MOVD  $0, R10
	SUB   $48, R19, R11    // the six words below the stack pointer
	ADD   $32, R21, R12

argument:
	MOVD (R12)(R10<<3), R13
	AND  $3, R9, R14
	CBZ  R14, put          // 0: the word itself
	ADD  R19, R13
	CMP  $2, R14
	BLO  put               // 1: the address of a variable
	BEQ  half
	MOVD (R13), R13        // 3: its value
	B    put

half:
	MOVWU (R13), R13       // 2: its value, 32 bits

put:
	MOVD R13, (R11)(R10<<3)
	LSR  $2, R9
	ADD  $1, R10
	CMP  $6, R10
	BLO  argument

	MOVD  0(R11), R0
	MOVD  8(R11), R1
	MOVD  16(R11), R2
	MOVD  24(R11), R3
	MOVD  32(R11), R4
	MOVD  40(R11), R5
	MOVHU 0(R21), R8
	TBNZ  $15, R8, local
	SVC
	B     route

local:
	AND $0x7fff, R8
	CMP $1, R8
	BLO route              // 0: move
	BEQ add
	CMP $3, R8
	BLO sub
	BEQ and
	CMP $5, R8
	BLO or
	BEQ shl
	LSR R1, R0
	B   route

add:
	ADD R1, R0
	B   route

sub:
	SUB R1, R0
	B   route

and:
	AND R1, R0
	B   route

or:
	ORR R1, R0
	B   route

shl:
	LSL R1, R0

route:
	MOVW  24(R21), R9
	MOVD  R0, (R19)(R9)
	CMP   $0, R0
	BLT   negative
	BEQ   zero
	MOVWU 4(R21), R21
	B     next

zero:
	MOVWU 8(R21), R21
	B     next

negative:
	NEG   R0, R0
	MOVWU 16(R21), R9
	CBZ   R9, otherwise

exception:
	MOVWU (R9), R10
	CBZ   R10, otherwise
	CMP   R0, R10
	BEQ   excepted
	ADD   $8, R9
	B     exception

excepted:
	MOVWU 4(R9), R21
	B     next

otherwise:
	MOVWU 12(R21), R9
	CBZ   R9, report
	MOVD  R9, R21
	B     next

report:
	// R0 is the error number, R22 becomes the failure's record, R23 keeps the number.
	MOVWU 20(R21), R22
	MOVD  R0, R23
	SUB   $48, R19, R11
	MOVWU 0(R22), R9
	CBZ   R9, quit         // a failure without words
	MOVD  R9, 0(R11)
	MOVWU 4(R22), R9
	MOVD  R9, 8(R11)
	MOVWU 4(R20), R10      // the texts of all errors, ended by NUL each
	MOVWU 8(R20), R9       // their number; the last stands for the unknown
	CMP   R9, R0
	BLO   skip
	SUB   $1, R9, R0

skip:
	CBZ R0, found
	SUB $1, R0

over:
	MOVBU (R10), R9
	ADD   $1, R10
	CBNZ  R9, over
	B     skip

found:
	MOVD R10, 16(R11)
	MOVD $0, R12

measure:
	MOVBU (R10)(R12), R9
	CBZ   R9, measured
	ADD   $1, R12
	B     measure

measured:
	MOVD  R12, 24(R11)
	ADD   $16, R20, R9     // a newline
	MOVD  R9, 32(R11)
	MOVD  $1, R9
	MOVD  R9, 40(R11)
	MOVD  $66, R8          // writev
	MOVD  $2, R0
	MOVD  R11, R1
	MOVD  $3, R2
	SVC
	MOVWU 12(R22), R21     // the hints

hint:
	CBZ   R21, quit
	MOVWU 4(R21), R1
	CBZ   R1, quit
	MOVWU 0(R21), R9
	CBZ   R9, say
	CMP   R9, R23
	BNE   nextHint

say:
	MOVD  $64, R8          // write
	MOVD  $2, R0
	MOVWU 8(R21), R2
	SVC

nextHint:
	ADD $12, R21
	B   hint

quit:
	MOVWU 8(R22), R0
	MOVD  $94, R8          // exit_group
	SVC
	B     quit

	// endMark
	WORD $0x696b736e
	WORD $0x646e6574
	RET

// func interpreterAddress() uintptr
TEXT ·interpreterAddress(SB), NOSPLIT, $0-8
	MOVD $·interpreter(SB), R0
	MOVD R0, ret+0(FP)
	RET

// func runInPlace(header, stack uintptr)
TEXT ·runInPlace(SB), NOSPLIT|NOFRAME, $0-16
	MOVD header+0(FP), R20
	MOVD stack+8(FP), R0
	MOVD R0, RSP
	B    ·interpreter(SB)
