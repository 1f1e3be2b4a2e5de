package build

import (
	"debug/dwarf"
	"debug/elf"
	"os/exec"
	"path/filepath"
	"testing"
)

// The goroutine that is none, of package prestart: 128 words of zero.
const nobodySize = 8 * 128

// TestRuntimeIsAsAssumed compares what the entry assumes of the Go runtime with the
// one in use: that a goroutine fits the memory that stands in for one, and where its
// stack's limit stands, which must then be 0.
func TestRuntimeIsAsAssumed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "nskit")
	cmd := exec.Command("go", "build", "-buildmode=exe", "-o", path, "./cmd/nskit")
	cmd.Dir = top(t)
	if output, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	binary, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer binary.Close()
	info, err := binary.DWARF()
	if err != nil {
		t.Fatal(err)
	}
	g := structure(t, info, "runtime.g")
	if g.ByteSize > nobodySize {
		t.Errorf("runtime.g has %d bytes, the entry's has %d", g.ByteSize, nobodySize)
	}
	for _, field := range g.Field {
		if field.Name == "stackguard0" && field.ByteOffset != 16 { // what every function compares the stack pointer with
			t.Errorf("stackguard0 stands at %d", field.ByteOffset)
		}
	}
}

// structure finds a type by its name.
func structure(t *testing.T, info *dwarf.Data, name string) *dwarf.StructType {
	t.Helper()
	for reader := info.Reader(); ; {
		entry, err := reader.Next()
		if err != nil || entry == nil {
			t.Fatalf("%s is not in the binary: %v", name, err)
		}
		if entry.Tag != dwarf.TagStructType || entry.Val(dwarf.AttrName) != name {
			continue
		}
		found, err := info.Type(entry.Offset)
		if err != nil {
			t.Fatal(err)
		}
		return found.(*dwarf.StructType)
	}
}
