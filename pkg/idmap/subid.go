package idmap

import (
	"strconv"
	"strings"
)

// SubIDs finds the first range of subordinate IDs that text, the contents of
// /etc/subuid or /etc/subgid, gives to a user: by name or by numeric UID, see
// subuid(5). Lines that are no ranges are passed over. Where the ranges come from
// elsewhere (nsswitch.conf, "subid:") the file does not have them, and
// getsubids(1) does; see [Getsubids]. The range is mapped
// from 0 on.
func SubIDs(text, name string, uid uint32) (Range, bool) {
	number := strconv.FormatUint(uint64(uid), 10)
	for line := range strings.Lines(text) {
		fields := strings.Split(strings.TrimSpace(line), ":")
		if len(fields) != 3 || fields[0] != name && fields[0] != number {
			continue
		}
		if r, ok := subordinate(fields[1], fields[2]); ok {
			return r, true
		}
	}
	return Range{}, false
}

// Getsubids is SubIDs for what getsubids(1) printed: "0: name 100000 65536".
func Getsubids(text string) (Range, bool) {
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) < 4 {
			continue
		}
		if r, ok := subordinate(fields[len(fields)-2], fields[len(fields)-1]); ok {
			return r, true
		}
	}
	return Range{}, false
}

// subordinate reads the two numbers of a range.
func subordinate(start, count string) (Range, bool) {
	first, err1 := strconv.ParseUint(start, 10, 32)
	n, err2 := strconv.ParseUint(count, 10, 32)
	if err1 != nil || err2 != nil {
		return Range{}, false
	}
	return Range{Outer: first, Count: n}, true
}
