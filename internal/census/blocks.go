package census

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nskit/nskit/internal/order"
	"github.com/nskit/nskit/internal/rawfile"
)

// Block is a block device as sysfs(5) has it.
type Block struct {
	Device
	// Name is that below /dev.
	Name string
	// Mapped is the name of a device-mapper device, Backing the file of a loop device.
	Mapped, Backing string
	// Partition says that it is a partition of the one before it.
	Partition bool
}

// Blocks are a block device, its partitions, and what is built on these:
// device-mapper, MD and the like. It is empty where there is no such device.
func Blocks(d Device) []Block { return blocks("/sys", d) }

func blocks(sys string, d Device) []Block {
	var all []Block
	var add func(directory string)
	add = func(directory string) {
		b, ok := readBlock(directory)
		if !ok || slices.ContainsFunc(all, func(other Block) bool { return other.Device == b.Device }) {
			return
		}
		all = append(all, b)
		for _, name := range names(directory) {
			if below := filepath.Join(directory, name); exists(filepath.Join(below, "partition")) {
				add(below)
			}
		}
		for _, name := range names(filepath.Join(directory, "holders")) {
			add(filepath.Join(sys, "class/block", name))
		}
	}
	add(filepath.Join(sys, "dev/block", d.String()))
	return all
}

// Loops are the loop devices that have a file.
func Loops() []Block { return loops("/sys") }

func loops(sys string) []Block {
	var all []Block
	for _, name := range names(filepath.Join(sys, "block")) {
		if !strings.HasPrefix(name, "loop") {
			continue
		}
		if b, ok := readBlock(filepath.Join(sys, "block", name)); ok && b.Backing != "" {
			all = append(all, b)
		}
	}
	return all
}

// readBlock reads what sysfs has of one device.
func readBlock(directory string) (Block, bool) {
	d, ok := ParseDevice(line(filepath.Join(directory, "dev")))
	if !ok {
		return Block{}, false
	}
	b := Block{Device: d, Mapped: line(filepath.Join(directory, "dm/name")), Backing: line(filepath.Join(directory, "loop/backing_file"))}
	b.Partition = exists(filepath.Join(directory, "partition"))
	text, _ := rawfile.Read(filepath.Join(directory, "uevent"))
	for field := range bytes.Lines(text) {
		if name, ok := bytes.CutPrefix(field, []byte("DEVNAME=")); ok {
			b.Name = string(bytes.TrimSuffix(name, []byte{'\n'}))
		}
	}
	return b, true
}

// line is the contents of a file without the line end, "" for none.
func line(path string) string {
	text, _ := rawfile.Read(path)
	return strings.TrimSuffix(string(text), "\n")
}

// names are the names in a directory, none where it cannot be read.
func names(directory string) []string {
	all, _ := rawfile.Names(directory, math.MaxInt-1)
	order.Strings(all)
	return all
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
