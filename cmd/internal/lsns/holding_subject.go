package lsns

import (
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/internal/census"
	"github.com/nskit/nskit/pkg/ns"
)

// subject is what --holding asks about.
type subject struct {
	name string
	// namespace is its inode; else there are mounts to look for.
	namespace census.Inode
	wanted    census.Wanted
	// narrow says that a directory is meant where something is mounted on it, and
	// its file system elsewhere.
	narrow bool
	// whole says that all of a file system is meant.
	whole bool
	// missing says that nothing is at the path.
	missing bool
	// blocks are the block device with all that is built on it.
	blocks []census.Block
	// loops are the loop devices of a file.
	loops []census.Block
}

// subjectOf finds out what a word stands for: a device by number, a namespace by
// number, or a path to anything.
func subjectOf(name string) (*subject, error) {
	if inode, ok := namedNamespace(name); ok {
		return &subject{name: name, namespace: inode}, nil
	}
	if device, ok := census.ParseDevice(name); ok {
		return deviceSubject(name, census.Blocks(device), device), nil
	}
	place, err := census.Locate(name)
	if err != nil {
		return nil, &applet.Error{Text: "cannot find " + name, Err: err}
	}
	return placeSubject(name, place, census.Blocks, census.Loops), nil
}

// namedNamespace reads 4026531840 and net:[4026531840].
func namedNamespace(name string) (census.Inode, bool) {
	if kind, rest, ok := strings.Cut(name, ":["); ok && strings.HasSuffix(rest, "]") {
		if _, known := ns.Parse(kind); known {
			name = rest[:len(rest)-1]
		}
	}
	for i := range len(name) {
		if name[i] < '0' || name[i] > '9' {
			return 0, false
		}
	}
	n, err := strconv.ParseUint(name, 10, 32)
	return census.Inode(n), err == nil && n != 0
}

// deviceSubject is a block device, or a file system that has only a number.
func deviceSubject(name string, blocks []census.Block, device census.Device) *subject {
	s := &subject{name: name, whole: true, blocks: blocks}
	s.wanted.Devices = []census.Device{device}
	for _, b := range blocks {
		if !slices.Contains(s.wanted.Devices, b.Device) {
			s.wanted.Devices = append(s.wanted.Devices, b.Device)
		}
		if b.Name != "" {
			s.wanted.Sources = append(s.wanted.Sources, "/dev/"+b.Name)
		}
		if b.Mapped != "" {
			s.wanted.Sources = append(s.wanted.Sources, "/dev/mapper/"+b.Mapped)
		}
	}
	if strings.HasPrefix(name, "/") && !slices.Contains(s.wanted.Sources, name) {
		s.wanted.Sources = append(s.wanted.Sources, name)
	}
	return s
}

// placeSubject is what is at a path.
func placeSubject(name string, place *census.Place, blocks func(census.Device) []census.Block, loops func() []census.Block) *subject {
	s := &subject{name: name}
	switch {
	case place.Namespace != 0:
		s.namespace = place.Namespace
		return s
	case place.Block != census.Device{}:
		return deviceSubject(name, blocks(place.Block), place.Block)
	case place.IsMount:
		s.wanted = census.Wanted{Devices: []census.Device{place.Mount.Device}, Root: place.Mount.Root, Layers: []string{place.Path}}
		s.whole = place.Mount.Root == "/"
		return s
	case place.Mount == nil:
		s.wanted, s.missing, s.narrow = census.Wanted{Path: place.Path, Layers: []string{place.Path}}, true, true
		return s
	}
	if place.Regular {
		if s.loops = loopsOf(place.Path, loops()); len(s.loops) > 0 {
			return s.fileOfLoops(blocks)
		}
	}
	s.narrow, s.missing = true, place.Missing
	s.wanted = census.Wanted{Spot: place.Spot(), Layers: []string{place.Path}}
	if place.Missing { // then a mount point of that name must be meant
		s.wanted.Path = place.Path
	} else {
		s.whole = true
		s.wanted.Devices = []census.Device{place.Mount.Device}
	}
	return s
}

// loopsOf are the loop devices that have a file.
func loopsOf(path string, all []census.Block) []census.Block {
	return slices.DeleteFunc(all, func(b census.Block) bool { return b.Backing != path })
}

// fileOfLoops makes the loop devices of a file the subject.
func (s *subject) fileOfLoops(blocks func(census.Device) []census.Block) *subject {
	made := &subject{name: s.name, whole: true, loops: s.loops}
	for _, loop := range s.loops {
		one := deviceSubject("", blocks(loop.Device), loop.Device)
		made.blocks = append(made.blocks, one.blocks...)
		made.wanted.Devices = append(made.wanted.Devices, one.wanted.Devices...)
		made.wanted.Sources = append(made.wanted.Sources, one.wanted.Sources...)
	}
	return made
}

// chosen are the mounts that the subject means: a directory means itself where
// something is on it or made of it, and else the file system that it is in.
func (s *subject) chosen(found []census.Mounted) []census.Mounted {
	if !s.narrow {
		return found
	}
	on := map[uint64]bool{}
	for i := range found {
		on[found[i].ID] = found[i].Why == census.OnSpot || found[i].Why == census.AsLayer
	}
	exact := slices.ContainsFunc(found, func(m census.Mounted) bool { return on[m.ID] })
	if !exact {
		return found
	}
	s.whole = false
	return slices.DeleteFunc(found, func(m census.Mounted) bool {
		return m.Why == census.SameFS || m.Why == census.OnMount && !on[m.Parent]
	})
}

// notThere is the error for a path at which there is nothing.
func (s *subject) notThere() error {
	return &applet.Error{Text: "cannot find " + s.name, Err: unix.ENOENT}
}
