package idmap

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/nskit/nskit/internal/order"
)

// noID is the ID that means none, (uid_t)-1: it and what lies above cannot be mapped.
const noID = 1<<32 - 1

// SubIDs finds the ranges of subordinate IDs that text, the contents of
// /etc/subuid or /etc/subgid, gives to a user: by name or by numeric UID, see
// subuid(5). It reads lines as newuidmap(1) does: blanks may stand in front of
// numbers, which may be octal or hexadecimal. Lines that are no ranges are passed
// over, and so are those with a fourth field, which newuidmap(1) allows nothing of
// since shadow 4.20 or before. Where the ranges come from
// elsewhere (nsswitch.conf, "subid:") the file does not have them, and
// getsubids(1) does; see [Getsubids].
//
// The ranges are mapped from 0 on, one behind the other in the order of the
// file. Adjacent ones are one, and what two lines give is in one range only.
func SubIDs(text, name string, uid uint32) []Range {
	number := strconv.FormatUint(uint64(uid), 10)
	var found []Range
	for line := range strings.Lines(text) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), ":")
		if len(fields) != 3 || fields[0] != name && fields[0] != number {
			continue
		}
		found = subordinate(found, fields[1], fields[2])
	}
	return fromZero(found)
}

// Getsubids is SubIDs for what getsubids(1) printed: "0: name 100000 65536".
func Getsubids(text string) []Range {
	var found []Range
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) < 4 {
			continue
		}
		found = subordinate(found, fields[len(fields)-2], fields[len(fields)-1])
	}
	return fromZero(found)
}

// subordinate reads the two numbers of a range and adds what of it is new.
func subordinate(found []Range, start, count string) []Range {
	first, ok1 := number(start)
	n, ok2 := number(count)
	if !ok1 || !ok2 || first >= noID {
		return found
	}
	return appendNew(found, Range{Outer: first, Count: min(n, noID-first)})
}

// number reads a number as strtoul(3) does with any base.
func number(text string) (uint64, bool) {
	text = strings.TrimLeft(text, " \t\v\f\r")
	text = strings.TrimPrefix(text, "+")
	if strings.ContainsRune(text, '_') || strings.HasPrefix(text, "0b") || strings.HasPrefix(text, "0o") {
		return 0, false // Go's own
	}
	n, err := strconv.ParseUint(text, 0, 64)
	return n, err == nil
}

// appendNew adds a range without the IDs that are there already.
func appendNew(all []Range, r Range) []Range {
	if r.Count == 0 {
		return all
	}
	for _, known := range all {
		if r.Outer >= known.Outer+known.Count || known.Outer >= r.Outer+r.Count {
			continue
		}
		if r.Outer < known.Outer {
			all = appendNew(all, Range{Outer: r.Outer, Count: known.Outer - r.Outer})
		}
		if end := known.Outer + known.Count; r.Outer+r.Count > end {
			all = appendNew(all, Range{Outer: end, Count: r.Outer + r.Count - end})
		}
		return all
	}
	return append(all, r)
}

// fromZero gives ranges their inner IDs and joins adjacent ones.
func fromZero(ranges []Range) []Range {
	inner := uint64(0)
	for i := 0; i < len(ranges); i++ {
		if i > 0 && ranges[i].Outer == ranges[i-1].Outer+ranges[i-1].Count {
			ranges[i-1].Count += ranges[i].Count
			inner += ranges[i].Count
			ranges = slices.Delete(ranges, i, i+1)
			i--
			continue
		}
		ranges[i].Inner = inner
		inner += ranges[i].Count
	}
	return ranges
}

// Free is the first ID, not below from, of count that no line of any of the texts
// has, which are like /etc/subuid; 0 if there is none below 2³².
func Free(from, count uint64, texts ...string) uint64 {
	var taken []Range
	for _, text := range texts {
		for line := range strings.Lines(text) {
			fields := strings.Split(strings.TrimSuffix(line, "\n"), ":")
			if len(fields) >= 3 {
				taken = subordinate(taken, fields[1], fields[2])
			}
		}
	}
	order.Sort(taken, func(a, b *Range) int { return cmp.Compare(a.Outer, b.Outer) })
	for _, r := range taken {
		if r.Outer < from+count {
			from = max(from, r.Outer+r.Count)
		}
	}
	if from+count > noID {
		return 0
	}
	return from
}
