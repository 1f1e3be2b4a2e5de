package main

import (
	"debug/elf"
	"strconv"

	"github.com/nskit/nskit/internal/bench"
)

// area is a part of nskit's address space: the binary lies at fixed addresses.
type area struct {
	column     int
	start, end uint64
}

// The columns of page faults: all; those in the binary's code, in its constants
// (the Go runtime's tables among them), in its variables; and those elsewhere:
// heap, stacks, what the kernel touches, and the program that nskit becomes.
const (
	all = iota
	code
	constants
	variables
	elsewhere
	columns
)

// readAreas reads where the binary's segments lie, elf(5).
func readAreas(nskit string) ([]area, error) {
	file, err := elf.Open(nskit)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var areas []area
	for _, p := range file.Progs {
		if p.Type != elf.PT_LOAD {
			continue
		}
		column := constants
		switch {
		case p.Flags&elf.PF_W != 0:
			column = variables
		case p.Flags&elf.PF_X != 0:
			column = code
		}
		areas = append(areas, area{column, p.Vaddr, p.Vaddr + p.Memsz})
	}
	return areas, nil
}

func columnOf(areas []area, address uint64) int {
	for _, a := range areas {
		if address >= a.start && address < a.end {
			return a.column
		}
	}
	return elsewhere
}

// faults counts the page faults of a command by column; without areas, of
// another program, there is only the sum.
func faults(c bench.Candidate, areas []area) []string {
	cells := make([]string, columns)
	for i := range cells {
		cells[i] = unknown
	}
	addresses, err := bench.Faults(c)
	if err != nil {
		warn(c, err)
		return cells
	}
	var counts [columns]int
	for _, address := range addresses {
		counts[columnOf(areas, address)]++
	}
	cells[all] = strconv.Itoa(len(addresses))
	for i := code; i < columns && areas != nil; i++ {
		cells[i] = strconv.Itoa(counts[i])
	}
	return cells
}
