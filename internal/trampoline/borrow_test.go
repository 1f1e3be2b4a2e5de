package trampoline

import (
	"debug/elf"
	"os/exec"
	"path/filepath"
	"testing"
	"unsafe"
)

// borrow takes the interpreter's code out of a binary of these tests that does not
// count its executions.
func borrow(f *testing.F) {
	path := filepath.Join(f.TempDir(), "test")
	if output, err := exec.Command("go", "test", "-c", "-o", path, ".").CombinedOutput(); err != nil {
		f.Fatalf("%v\n%s", err, output)
	}
	binary, err := elf.Open(path)
	if err != nil {
		f.Fatal(err)
	}
	defer binary.Close()
	symbols, err := binary.Symbols()
	if err != nil {
		f.Fatal(err)
	}
	found := map[string]uintptr{}
	for _, s := range symbols {
		if name, ok := cut(s.Name); ok && s.Section == textSection(binary) {
			found[name] = place(f, binary, s)
		}
	}
	borrowed = parts{found["start"], found["gate"], found["codeAddresses"], found["interpret"], found["fail"], found["plain"]}
	if !borrowed.copyable() {
		f.Fatalf("%#x", borrowed)
	}
}

// text is the code of the other binary.
var text []byte

// textSection is the number of the section with the code.
func textSection(binary *elf.File) elf.SectionIndex {
	for i, s := range binary.Sections {
		if s.Name == ".text" {
			return elf.SectionIndex(i)
		}
	}
	return 0
}

// cut is the name of one of this package's functions. What assembly defines has two
// symbols; the one that Go calls is a wrapper.
func cut(name string) (string, bool) {
	const prefix = "github.com/nskit/nskit/internal/trampoline."
	if len(name) <= len(prefix) || name[:len(prefix)] != prefix {
		return "", false
	}
	name = name[len(prefix):]
	switch name {
	case "start.abi0", "gate.abi0", "codeAddresses.abi0":
		return name[:len(name)-len(".abi0")], true
	case "interpret", "fail", "plain":
		return name, true
	}
	return "", false
}

// place is where a symbol's code lies in text.
func place(f *testing.F, binary *elf.File, s elf.Symbol) uintptr {
	section := binary.Sections[s.Section]
	if text == nil {
		data, err := section.Data()
		if err != nil {
			f.Fatal(err)
		}
		text = data
	}
	return uintptr(unsafe.Pointer(&text[s.Value-section.Addr]))
}
