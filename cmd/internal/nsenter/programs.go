package nsenter

import (
	"encoding/binary"
	"strings"

	"github.com/nskit/nskit/internal/rawfile"
)

// fileKind is what a file is, as far as executing it elsewhere goes.
type fileKind uint8

const (
	// other is no program: perhaps an archive.
	other fileKind = iota
	// static is a program that needs nothing else.
	static
	// dynamic is one that needs its loader and libraries.
	dynamic
	// script is a text that needs its interpreter.
	script
	// directoryOf is a directory of programs.
	directoryOf
)

func (k fileKind) words() string {
	switch k {
	case static:
		return "a static program"
	case dynamic:
		return "linked dynamically, and would need its loader and libraries inside"
	case script:
		return "a script, and would need its interpreter inside"
	}
	return "no program"
}

// What of an ELF file tells whether a program has a loader, see elf(5). Linkers put
// the list of segments right behind the header.
const (
	elfHeader = 64
	elfClass  = 4 // 1 for 32 bits, 2 for 64
	elfData   = 5 // 2 for the highest byte first
	loader    = 3 // PT_INTERP
	beginning = 8192
)

// kindOf looks at the beginning of a file.
func kindOf(path string) (fileKind, error) {
	text, err := rawfile.ReadUpTo(path, beginning)
	switch {
	case err != nil:
		return other, plain(err)
	case strings.HasPrefix(string(text), "#!"):
		return script, nil
	case len(text) < elfHeader || string(text[:4]) != "\x7fELF":
		return other, nil
	case hasLoader(text):
		return dynamic, nil
	}
	return static, nil
}

// hasLoader looks for the loader among a program's segments. Segments that are out of
// sight count as one: what cannot be seen to be static is not.
func hasLoader(text []byte) bool {
	var order binary.ByteOrder = binary.LittleEndian
	if text[elfData] == 2 {
		order = binary.BigEndian
	}
	at, size, count := uint64(order.Uint32(text[28:])), uint64(order.Uint16(text[42:])), uint64(order.Uint16(text[44:]))
	if text[elfClass] == 2 {
		at, size, count = order.Uint64(text[32:]), uint64(order.Uint16(text[54:])), uint64(order.Uint16(text[56:]))
	}
	for i := range count {
		segment := at + i*size
		if at >= beginning || segment+4 > uint64(len(text)) || order.Uint32(text[segment:]) == loader {
			return true
		}
	}
	return false
}
