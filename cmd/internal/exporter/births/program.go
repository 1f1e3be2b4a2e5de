package births

import (
	"github.com/cilium/ebpf/asm"
	"github.com/nskit/nskit/pkg/ns"
)

// The counters by index: two of each kind, and one.
const (
	lostCounter = 2 * int(ns.KindCount)
	counters    = lostCounter + 1
)

// A record, in the byte order of the machine: time since boot in nanoseconds, PID, kind, command, and the
// names of the creator's control group and of those above it.
const (
	timeAt     = 0
	pidAt      = 8
	kindAt     = 12
	commandAt  = 16
	groupsAt   = 32
	nameSize   = 88 // cri-containerd-, 64 digits, .scope, a zero
	groupNames = 4
	recordSize = groupsAt + groupNames*nameSize
)

// The stack of a program, which has 512 bytes.
const (
	recordStack  = -recordSize
	inodeStack   = recordStack - 8
	counterStack = inodeStack - 8
	wordStack    = counterStack - 8
)

// firstInode is PROC_DYNAMIC_FIRST of the kernel's fs/proc/generic.c: lower numbers are those of the first
// namespaces, and of mount namespaces that are none yet.
const firstInode = 0xF0000000

// lastError is -MAX_ERRNO of include/linux/err.h.
const lastError = -4095

// writer collects instructions. A program has the context in R9, the namespace or its inode in R6, its
// kind in R8.
type writer struct{ asm.Instructions }

func (w *writer) add(all ...asm.Instruction) { w.Instructions = append(w.Instructions, all...) }

// mapPointer has R1 be a map.
func mapPointer(name string) asm.Instruction { return asm.LoadMapPtr(asm.R1, 0).WithReference(name) }

// label names the next instruction, which does nothing.
func (w *writer) label(name string) { w.add(asm.Mov.Reg(asm.R9, asm.R9).WithSymbol(name)) }

// program writes what is done in a function.
func program(h hook, l layout) asm.Instructions {
	w := &writer{}
	w.add(asm.Mov.Reg(asm.R9, asm.R1))
	switch h.from {
	case argument:
		w.load(0)
		w.readInode(l, 0)
		w.readKind(l)
	case result:
		w.loadResult()
		w.add(asm.JEq.Imm(asm.R6, 0, "end"), asm.JGE.Imm(asm.R6, lastError, "end"), asm.Mov.Reg(asm.R7, asm.R6))
		w.load(h.old)
		w.add(asm.JEq.Reg(asm.R6, asm.R7, "end"), asm.Mov.Reg(asm.R6, asm.R7))
		w.readInode(l, h.common)
		w.add(asm.Mov.Imm(asm.R8, int32(h.kind)))
	case credentials:
		w.loadResult()
		w.add(asm.JNE.Imm32(asm.R6, 0, "end"))
		w.load(0)
		w.read(wordStack, 8, asm.R6, l.user)
		w.add(asm.LoadMem(asm.R6, asm.RFP, wordStack, asm.DWord))
		w.readInode(l, h.common)
		w.add(asm.Mov.Imm(asm.R8, int32(h.kind)))
	case inode:
		w.load(0)
		w.add(asm.StoreMem(asm.RFP, inodeStack, asm.R6, asm.Word))
		w.readKnown()
	}
	if h.does == born {
		w.count(int(born), true, "counted")
		w.record(l)
		w.keep()
		w.count(lostCounter, false, "end")
	} else {
		w.count(int(died), true, "counted")
		w.forget()
	}
	w.add(asm.Mov.Imm(asm.R0, 0).WithSymbol("end"), asm.Return())
	return w.Instructions
}

// load has R6 be an argument of the function; bpf_get_func_arg of Linux 5.17.
func (w *writer) load(argument int) {
	w.add(asm.Mov.Reg(asm.R1, asm.R9), asm.Mov.Imm(asm.R2, int32(argument)))
	w.pointTo(asm.R3, wordStack)
	w.add(asm.FnGetFuncArg.Call(), asm.JNE.Imm(asm.R0, 0, "end"), asm.LoadMem(asm.R6, asm.RFP, wordStack, asm.DWord))
}

// loadResult has R6 be what the function returns.
func (w *writer) loadResult() {
	w.add(asm.Mov.Reg(asm.R1, asm.R9))
	w.pointTo(asm.R2, wordStack)
	w.add(asm.FnGetFuncRet.Call(), asm.JNE.Imm(asm.R0, 0, "end"), asm.LoadMem(asm.R6, asm.RFP, wordStack, asm.DWord))
}

func (w *writer) pointTo(register asm.Register, stack int32) {
	w.add(asm.Mov.Reg(register, asm.RFP), asm.Add.Imm(register, stack))
}

// read copies the kernel's memory to the stack: zeros if it is not there.
func (w *writer) read(to, size int32, from asm.Register, offset uint32) {
	w.pointTo(asm.R1, to)
	w.add(asm.Mov.Imm(asm.R2, size), asm.Mov.Reg(asm.R3, from), asm.Add.Imm(asm.R3, int32(offset)), asm.FnProbeReadKernel.Call())
}

// readInode has the inode on the stack, and ends without one of a namespace.
func (w *writer) readInode(l layout, common uint32) {
	w.read(inodeStack, 4, asm.R6, common+l.inode)
	w.add(asm.LoadMem(asm.R1, asm.RFP, inodeStack, asm.Word), asm.LoadImm(asm.R2, firstInode, asm.DWord), asm.JLT.Reg(asm.R1, asm.R2, "end"))
}

// readKind makes a kind of the namespace's CLONE_ flag.
func (w *writer) readKind(l layout) {
	w.read(wordStack, 4, asm.R6, l.kind)
	w.add(asm.LoadMem(asm.R1, asm.RFP, wordStack, asm.Word))
	for _, kind := range ns.Kinds() {
		w.add(asm.Mov.Imm(asm.R8, int32(kind)), asm.JEq.Imm(asm.R1, int32(kind.Flag()), "kind"))
	}
	w.add(asm.Ja.Label("end"))
	w.label("kind")
}

// readKnown finds the kind of a namespace by its inode, and ends if it is none.
func (w *writer) readKnown() {
	w.add(mapPointer(aliveMap))
	w.pointTo(asm.R2, inodeStack)
	w.add(asm.FnMapLookupElem.Call(), asm.JEq.Imm(asm.R0, 0, "end"), asm.LoadMem(asm.R8, asm.R0, kindAt, asm.Word))
}

// count adds one to a counter: of the kind in R8, or to one that has none.
func (w *writer) count(counter int, byKind bool, next string) {
	if byKind {
		w.add(asm.Mov.Reg(asm.R1, asm.R8), asm.LSh.Imm(asm.R1, 1), asm.Add.Imm(asm.R1, int32(counter)))
	} else {
		w.add(asm.Mov.Imm(asm.R1, int32(counter)))
	}
	w.add(asm.StoreMem(asm.RFP, counterStack, asm.R1, asm.Word), mapPointer(countersMap))
	w.pointTo(asm.R2, counterStack)
	w.add(asm.FnMapLookupElem.Call(), asm.JEq.Imm(asm.R0, 0, next), asm.Mov.Imm(asm.R1, 1), asm.StoreXAdd(asm.R0, asm.R1, asm.DWord))
	if next != "end" {
		w.label(next)
	}
}

// record writes who is running on the stack.
func (w *writer) record(l layout) {
	w.add(asm.Mov.Imm(asm.R1, 0))
	for at := int16(0); at < recordSize; at += 8 {
		w.add(asm.StoreMem(asm.RFP, recordStack+at, asm.R1, asm.DWord))
	}
	w.add(asm.FnKtimeGetBootNs.Call(), asm.StoreMem(asm.RFP, recordStack+timeAt, asm.R0, asm.DWord),
		asm.FnGetCurrentPidTgid.Call(), asm.RSh.Imm(asm.R0, 32), asm.StoreMem(asm.RFP, recordStack+pidAt, asm.R0, asm.Word),
		asm.StoreMem(asm.RFP, recordStack+kindAt, asm.R8, asm.Word))
	w.pointTo(asm.R1, recordStack+commandAt)
	w.add(asm.Mov.Imm(asm.R2, groupsAt-commandAt), asm.FnGetCurrentComm.Call(), asm.FnGetCurrentTask.Call(), asm.Mov.Reg(asm.R7, asm.R0))
	for _, offset := range []uint32{l.cssSet, l.group, l.node} {
		w.follow(offset)
	}
	for i := range int32(groupNames) {
		w.read(wordStack, 8, asm.R7, l.name)
		w.pointTo(asm.R1, recordStack+groupsAt+i*nameSize)
		w.add(asm.Mov.Imm(asm.R2, nameSize), asm.LoadMem(asm.R3, asm.RFP, wordStack, asm.DWord), asm.FnProbeReadKernelStr.Call())
		w.follow(l.parent)
	}
	w.label("recorded")
}

// follow has R7 be what it points to with a field.
func (w *writer) follow(field uint32) {
	w.read(wordStack, 8, asm.R7, field)
	w.add(asm.LoadMem(asm.R7, asm.RFP, wordStack, asm.DWord), asm.JEq.Imm(asm.R7, 0, "recorded"))
}

// keep puts the record where the living are, and goes on if there is no room.
func (w *writer) keep() {
	w.add(mapPointer(aliveMap))
	w.pointTo(asm.R2, inodeStack)
	w.pointTo(asm.R3, recordStack)
	w.add(asm.Mov.Imm(asm.R4, 0), asm.FnMapUpdateElem.Call(), asm.JEq.Imm(asm.R0, 0, "end"))
}

// forget removes the record.
func (w *writer) forget() {
	w.add(mapPointer(aliveMap))
	w.pointTo(asm.R2, inodeStack)
	w.add(asm.FnMapDeleteElem.Call())
}
