#include "textflag.h"

// The interpreter of an image: it carries out the instructions whose layout
// image.go describes. It runs without a runtime, at a fixed address, on the
// initial stack, and takes no memory but the frame below the stack pointer.
//
//	R14  the initial stack pointer, the base of all variables
//	R15  the image's header
//	R12  the instruction at hand

#define HEADER 0x4000b0

// func interpreter()
TEXT ·interpreter(SB), NOSPLIT|NOFRAME, $0-0
	// The kernel starts a process with all registers 0; runInPlace has set this.
	TESTQ R15, R15
	JNE   frame
	MOVL  $HEADER, R15

frame:
	MOVQ SP, R14
	MOVL 12(R15), CX       // variables are 0 at first
	MOVQ R14, DI
	SUBQ CX, DI
	XORL AX, AX
	CLD
	REP; STOSB
	MOVL 0(R15), R12

next:
	// Arguments go through the six words below the stack pointer.
	MOVWLZX 2(R12), R11
	XORL    CX, CX

argument:
	MOVQ 32(R12)(CX*8), DX
	MOVL R11, AX
	ANDL $3, AX
	JEQ  put               // 0: the word itself
	ADDQ R14, DX
	CMPL AX, $2
	JCS  put               // 1: the address of a variable
	JEQ  half
	MOVQ (DX), DX          // 3: its value
	JMP  put

half:
	MOVL (DX), DX          // 2: its value, 32 bits

put:
	MOVQ DX, -48(R14)(CX*8)
	SHRL $2, R11
	INCL CX
	CMPL CX, $6
	JCS  argument

	MOVQ    -48(R14), DI
	MOVQ    -40(R14), SI
	MOVQ    -32(R14), DX
	MOVQ    -24(R14), R10
	MOVQ    -16(R14), R8
	MOVQ    -8(R14), R9
	MOVWLZX 0(R12), AX
	BTRL    $15, AX
	JCS     local
	SYSCALL
	JMP     route

local:
	MOVL SI, CX
	CMPL AX, $1
	JCS  yield             // 0: move
	JEQ  add
	CMPL AX, $3
	JCS  sub
	JEQ  and
	CMPL AX, $5
	JCS  or
	JEQ  shl
	SHRQ CX, DI
	JMP  yield

add:
	ADDQ SI, DI
	JMP  yield

sub:
	SUBQ SI, DI
	JMP  yield

and:
	ANDQ SI, DI
	JMP  yield

or:
	ORQ SI, DI
	JMP yield

shl:
	SHLQ CX, DI

yield:
	MOVQ DI, AX

route:
	MOVLQSX 24(R12), CX
	MOVQ    AX, (R14)(CX*1)
	TESTQ   AX, AX
	JLT     negative
	JEQ     zero
	MOVL    4(R12), R12
	JMP     next

zero:
	MOVL 8(R12), R12
	JMP  next

negative:
	NEGQ  AX
	MOVL  16(R12), SI
	TESTL SI, SI
	JEQ   otherwise

exception:
	MOVL  (SI), CX
	TESTL CX, CX
	JEQ   otherwise
	CMPQ  CX, AX
	JEQ   excepted
	ADDQ  $8, SI
	JMP   exception

excepted:
	MOVL 4(SI), R12
	JMP  next

otherwise:
	MOVL  12(R12), CX
	TESTL CX, CX
	JEQ   report
	MOVL  CX, R12
	JMP   next

report:
	// AX is the error number, BX becomes the failure's record.
	MOVL  20(R12), BX
	MOVQ  AX, R13
	MOVL  0(BX), CX
	TESTL CX, CX
	JEQ   quit             // a failure without words
	MOVQ  CX, -48(R14)
	MOVL  4(BX), CX
	MOVQ  CX, -40(R14)
	MOVL  4(R15), SI       // the texts of all errors, ended by NUL each
	MOVL  8(R15), CX       // their number; the last stands for the unknown
	CMPQ  AX, CX
	JCS   skip
	LEAL  -1(CX), AX

skip:
	TESTL AX, AX
	JEQ   found
	DECL  AX

over:
	MOVBLZX (SI), CX
	INCQ    SI
	TESTL   CX, CX
	JNE     over
	JMP     skip

found:
	MOVQ SI, -32(R14)
	XORL DX, DX

measure:
	CMPB (SI)(DX*1), $0
	JEQ  measured
	INCL DX
	JMP  measure

measured:
	MOVQ DX, -24(R14)
	LEAQ 16(R15), CX       // a newline
	MOVQ CX, -16(R14)
	MOVQ $1, -8(R14)
	MOVL $20, AX           // writev
	MOVL $2, DI
	LEAQ -48(R14), SI
	MOVL $3, DX
	SYSCALL
	MOVL 12(BX), R12       // the hints

hint:
	TESTL R12, R12
	JEQ   quit
	MOVL  4(R12), SI
	TESTL SI, SI
	JEQ   quit
	MOVL  0(R12), CX
	TESTL CX, CX
	JEQ   say
	CMPQ  CX, R13
	JNE   nextHint

say:
	MOVL $1, AX            // write
	MOVL $2, DI
	MOVL 8(R12), DX
	SYSCALL

nextHint:
	ADDQ $12, R12
	JMP  hint

quit:
	MOVL 8(BX), DI
	MOVL $231, AX          // exit_group
	SYSCALL
	JMP  quit

	// endMark
	BYTE $0x6e; BYTE $0x73; BYTE $0x6b; BYTE $0x69
	BYTE $0x74; BYTE $0x65; BYTE $0x6e; BYTE $0x64
	RET

// func interpreterAddress() uintptr
TEXT ·interpreterAddress(SB), NOSPLIT, $0-8
	LEAQ ·interpreter(SB), AX
	MOVQ AX, ret+0(FP)
	RET

// func runInPlace(header, stack uintptr)
TEXT ·runInPlace(SB), NOSPLIT|NOFRAME, $0-16
	MOVQ header+0(FP), R15
	MOVQ stack+8(FP), SP
	JMP  ·interpreter(SB)
