// Package idmap computes the maps of user and group IDs of a user namespace,
// see user_namespaces(7). Everything here is pure: maps are read from texts and
// made into texts, and writing them is package launch's business.
//
// A map is a list of ranges. One more ID, the caller's own, is often mapped
// beside ranges of subordinate IDs; [Combine] makes room for it, because
// neither an inner nor an outer ID may be mapped twice:
//
//	own := idmap.Range{Inner: 0, Outer: 1000, Count: 1}
//	sub := idmap.Range{Inner: 0, Outer: 100000, Count: 65536}
//	m := idmap.Combine(&own, []idmap.Block{{Range: sub, Grows: true}})
//	m.Text() // "0 1000 1\n1 100000 65536\n"
package idmap

import (
	"fmt"
	"strconv"
	"strings"
)

// Range maps Count consecutive IDs from Inner on, inside, to those from Outer
// on, outside. IDs are 32 bits, of which 4294967295 means "no ID"; wider fields let
// sums be checked.
type Range struct{ Inner, Outer, Count uint64 }

// Block is a range that is to be mapped beside a single ID.
type Block struct {
	Range
	// Grows lets the block reach one inner ID further where it must make room,
	// so that no outer ID is lost. Without it the last one is.
	Grows bool
}

// Map is a list of ranges in the order in which they are written.
type Map []Range

// Text is the map as it is written to /proc/PID/uid_map. The kernel takes up to
// 340 lines (5 before Linux 4.15) in one write of less than a page.
func (m Map) Text() string {
	var b strings.Builder
	for _, r := range m {
		fmt.Fprintf(&b, "%d %d %d\n", r.Inner, r.Outer, r.Count)
	}
	return b.String()
}

// Args is the map as arguments of newuidmap(1).
func (m Map) Args() []string {
	var args []string
	for _, r := range m {
		for _, n := range [...]uint64{r.Inner, r.Outer, r.Count} {
			args = append(args, strconv.FormatUint(n, 10))
		}
	}
	return args
}

// Parse reads a range: "inner:outer:count", or "outer,inner,count" as older
// versions of unshare(1) wrote it. ok is false for anything else, and for numbers
// that do not fit 32 bits; whether the range makes sense is not looked at.
func Parse(text string) (r Range, ok bool) {
	if a, b, c, ok := threeFields(text, ":"); ok {
		return parseRange(a, b, c)
	}
	if a, b, c, ok := threeFields(text, ","); ok {
		return parseRange(b, a, c)
	}
	return Range{}, false
}

// threeFields cuts a text into three, without allocating.
func threeFields(text, separator string) (a, b, c string, ok bool) {
	a, rest, _ := strings.Cut(text, separator)
	b, c, ok = strings.Cut(rest, separator)
	return a, b, c, ok && !strings.Contains(c, separator)
}

func parseRange(inner, outer, count string) (Range, bool) {
	var r Range
	var err1, err2, err3 error
	r.Inner, err1 = strconv.ParseUint(inner, 10, 32)
	r.Outer, err2 = strconv.ParseUint(outer, 10, 32)
	r.Count, err3 = strconv.ParseUint(count, 10, 32)
	return r, err1 == nil && err2 == nil && err3 == nil
}

// Combine puts the single ID first, if there is one, and takes its inner and
// outer ID out of the blocks that follow. A block's remaining inner IDs are
// paired with its remaining outer IDs in order. As in util-linux, an ID just
// above a block counts as in it and costs the block its last ID. Blocks of which
// one begins where the one before ends inside stay so when that one grows.
//
// The count of single is not looked at: it is 1. Blocks that overlap each other, are
// empty or lie beyond 32 bits come out as they are, and the kernel refuses the
// map with EINVAL: see user_namespaces(7), "Defining user and group ID mappings".
func Combine(single *Range, blocks []Block) Map {
	var m Map
	if single != nil {
		m = append(m, *single)
	}
	end, grown := uint64(0), false
	for _, b := range blocks {
		next := b.Inner + b.Count
		if grown && b.Inner == end { // the block before has come to reach into it
			b.Inner++
		} else {
			grown = false
		}
		grown = grown || single != nil && b.Grows && single.Inner >= b.Inner && single.Inner-b.Inner < b.Count && !touches(single.Outer, b.Outer, b.Count)
		end = next
		m = append(m, b.without(single)...)
	}
	return m
}

// without is a block with room made for the single ID.
func (b Block) without(single *Range) []Range {
	if single == nil || b.Count == 0 { // an empty one has no ID to lose: the kernel refuses it
		return []Range{b.Range}
	}
	inner, outer := single.Inner, single.Outer
	innerHit, outerHit := touches(inner, b.Inner, b.Count), touches(outer, b.Outer, b.Count)
	count := b.Count
	if outerHit || innerHit && !b.Grows {
		count--
	}
	return zip(count, skipping{b.Inner, inner, innerHit}, skipping{b.Outer, outer, outerHit})
}

// touches reports whether id lies in the range or just above it.
func touches(id, start, count uint64) bool { return id >= start && id <= start+count }

// endless is longer than any range, also one that no kernel would take.
const endless = 1<<64 - 1

// skipping is an endless run of IDs from start on, leaving out hole if hit.
type skipping struct {
	start, hole uint64
	hit         bool
}

// at is the n-th ID of the run, and how many follow it without a gap.
func (s skipping) at(n uint64) (id, run uint64) {
	switch id = s.start + n; {
	case !s.hit:
		return id, endless
	case id < s.hole:
		return id, s.hole - id
	}
	return id + 1, endless
}

// zip pairs count IDs of both runs.
func zip(count uint64, inner, outer skipping) []Range {
	var ranges []Range
	for done := uint64(0); done < count; {
		in, inRun := inner.at(done)
		out, outRun := outer.at(done)
		n := min(count-done, inRun, outRun)
		ranges = append(ranges, Range{in, out, n})
		done += n
	}
	return ranges
}

// Identity maps every ID that a namespace knows to itself. text is the map of
// that namespace, from /proc/self/uid_map. The error names the line that is none.
func Identity(text string) ([]Block, error) {
	var blocks []Block
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) != 3 {
			return nil, fmt.Errorf("invalid line %q in an ID map", line)
		}
		r, ok := parseRange(fields[0], fields[0], fields[2])
		if !ok {
			return nil, fmt.Errorf("invalid line %q in an ID map", line)
		}
		blocks = append(blocks, Block{Range: r})
	}
	return blocks, nil
}
