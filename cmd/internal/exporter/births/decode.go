package births

import (
	"bytes"
	"encoding/binary"
	"strings"
	"time"

	"github.com/nskit/nskit/pkg/containers"
	"github.com/nskit/nskit/pkg/ns"
)

func decodeCounts(all [counters]uint64) Counts {
	c := Counts{Lost: all[lostCounter]}
	for kind := range c.Created {
		c.Created[kind], c.Destroyed[kind] = all[2*kind+int(born)], all[2*kind+int(died)]
	}
	return c
}

// decode reads a record; it is false for one that has no creator.
func decode(inode uint32, record []byte) (Birth, bool) {
	since := binary.NativeEndian.Uint64(record[timeAt:])
	if since == 0 {
		return Birth{}, false
	}
	b := Birth{Inode: inode, Since: time.Duration(since), PID: int(binary.NativeEndian.Uint32(record[pidAt:])),
		Kind: ns.Kind(binary.NativeEndian.Uint32(record[kindAt:])), Command: text(record[commandAt:groupsAt])}
	b.Container, _ = containers.FromCgroup("0::" + groupPath(record[groupsAt:recordSize]))
	return b, true
}

// groupPath is the last part of the path of a control group, whose names are there from the end on.
func groupPath(names []byte) string {
	path := ""
	for i := range groupNames {
		if name := text(names[i*nameSize : (i+1)*nameSize]); name != "" {
			path = "/" + name + path
		}
	}
	return path
}

// text is what stands before a zero.
func text(field []byte) string {
	before, _, _ := bytes.Cut(field, []byte{0})
	return strings.ToValidUTF8(string(before), "?")
}

// encodeKnown is the record of a namespace that was there before.
func encodeKnown(kind ns.Kind) []byte {
	record := make([]byte, recordSize)
	binary.NativeEndian.PutUint32(record[kindAt:], uint32(kind))
	return record
}
