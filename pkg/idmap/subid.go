package idmap

import (
	"strconv"
	"strings"
)

// SubIDs finds the first range of subordinate IDs that text, the contents of
// /etc/subuid or /etc/subgid, gives to a user: by name or by numeric UID, see
// subuid(5). Lines that are no ranges are passed over. Where the ranges come from
// elsewhere (nsswitch.conf, "subid:") the file does not have them, and
// getsubids(1) does; see [Getsubids].
func SubIDs(text, name string, uid uint32) (start, count uint64, ok bool) {
	number := strconv.FormatUint(uint64(uid), 10)
	for line := range strings.Lines(text) {
		fields := strings.Split(strings.TrimSpace(line), ":")
		if len(fields) != 3 || fields[0] != name && fields[0] != number {
			continue
		}
		start, err1 := strconv.ParseUint(fields[1], 10, 32)
		count, err2 := strconv.ParseUint(fields[2], 10, 32)
		if err1 == nil && err2 == nil {
			return start, count, true
		}
	}
	return 0, 0, false
}

// Getsubids finds the first range in what getsubids(1) printed:
// "0: name 100000 65536".
func Getsubids(text string) (start, count uint64, ok bool) {
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) < 4 {
			continue
		}
		start, err1 := strconv.ParseUint(fields[len(fields)-2], 10, 32)
		count, err2 := strconv.ParseUint(fields[len(fields)-1], 10, 32)
		if err1 == nil && err2 == nil {
			return start, count, true
		}
	}
	return 0, 0, false
}
