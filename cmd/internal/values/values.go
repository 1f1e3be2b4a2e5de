// Package values reads the values of options as util-linux does: numbers and
// signals, with its messages.
package values

import (
	"math"
	"strconv"
	"strings"

	"github.com/nskit/nskit/cmd/internal/applet"
	"golang.org/x/sys/unix"
)

// Uint32 reads a user or group ID: decimal, with leading blanks or a plus sign
// if need be. what names it in the message.
func Uint32(text, what string) (uint32, error) {
	n, err := Number(text, 0, math.MaxUint32)
	return uint32(n), fault(text, what, err)
}

// Descriptor reads the number of a file descriptor.
func Descriptor(text string) (int, error) {
	n, err := Number(text, 0, math.MaxInt32)
	return int(n), fault(text, "file descriptor", err)
}

// Uint64 reads a number from 0 to the largest of 64 bits; the error is EINVAL or
// ERANGE.
func Uint64(text string) (uint64, error) {
	negative, n, err := magnitude(text)
	if err == nil && negative && n > 0 {
		return 0, unix.ERANGE
	}
	return n, err
}

// blanks are what isspace(3) accepts in front of a number.
const blanks = " \t\n\v\f\r"

// Int64 reads a signed number.
func Int64(text, what string) (int64, error) {
	n, err := Number(text, math.MinInt64, math.MaxInt64)
	return n, fault(text, what, err)
}

// Number reads a number between two limits as strtoimax(3) does; the error is
// EINVAL or ERANGE, for messages of another form than most.
func Number(text string, from, to int64) (int64, error) {
	negative, size, err := magnitude(text)
	n := int64(size)
	switch {
	case err != nil:
		return 0, err
	case negative && size > -math.MinInt64 || !negative && size > math.MaxInt64:
		return 0, unix.ERANGE
	case negative:
		n = -n
	}
	if n < from || n > to {
		return 0, unix.ERANGE
	}
	return n, nil
}

// magnitude reads blanks, a sign and digits, and allocates nothing.
func magnitude(text string) (negative bool, n uint64, err error) {
	digits := strings.TrimLeft(text, blanks)
	negative = strings.HasPrefix(digits, "-")
	if negative || strings.HasPrefix(digits, "+") {
		digits = digits[1:]
	}
	if digits == "" {
		return negative, 0, unix.EINVAL
	}
	for i := range len(digits) {
		digit := uint64(digits[i]) - '0'
		if digit > 9 {
			return negative, 0, unix.EINVAL
		}
		if n > (math.MaxUint64-digit)/10 {
			err = unix.ERANGE // unless something that is no digit follows
		}
		n = 10*n + digit
	}
	return negative, n, err
}

// fault words the refusal of a number; only a range error is named.
func fault(text, what string, err error) error {
	switch err {
	case nil:
		return nil
	case unix.ERANGE:
		return applet.Fail("failed to parse ", what, ": '", text, "'").With(err)
	}
	return applet.Fail("failed to parse ", what, ": '", text, "'")
}

// The real-time signals that the C library leaves to programs.
const (
	sigrtmin = 34
	sigrtmax = 64
)

// otherNames are names of signals beside those of signal(7)'s table.
var otherNames = [...]struct {
	name string
	sig  unix.Signal
}{
	{"IOT", unix.SIGABRT}, {"CLD", unix.SIGCHLD}, {"POLL", unix.SIGIO},
}

// Signal finds a signal by its name: the SIG prefix and the case do not
// matter, numbers do not count as names.
func Signal(name string) (unix.Signal, error) {
	short := name
	if len(name) >= 3 && strings.EqualFold(name[:3], "SIG") {
		short = name[3:]
	}
	for _, other := range otherNames {
		if strings.EqualFold(other.name, short) {
			return other.sig, nil
		}
	}
	for sig := unix.Signal(1); sig < sigrtmin; sig++ {
		if long := unix.SignalName(sig); long != "" && strings.EqualFold(long[len("SIG"):], short) {
			return sig, nil
		}
	}
	if sig, ok := realTime(short); ok {
		return sig, nil
	}
	return 0, applet.Fail("unknown signal: ", name)
}

// realTime reads RTMIN+n and RTMAX-n; neither stands alone.
func realTime(name string) (unix.Signal, bool) {
	const length = len("RTMIN")
	if len(name) < length+2 || name[length+1] < '0' || name[length+1] > '9' {
		return 0, false
	}
	n, err := Number(name[length+1:], 0, sigrtmax-sigrtmin)
	switch base, sign := name[:length], name[length]; {
	case err != nil:
		return 0, false
	case strings.EqualFold(base, "RTMIN") && sign == '+':
		return unix.Signal(sigrtmin + n), true
	case strings.EqualFold(base, "RTMAX") && sign == '-':
		return unix.Signal(sigrtmax - n), true
	}
	return 0, false
}

// Signals reads a comma-separated list of signal names.
func Signals(list string) ([]unix.Signal, error) {
	var all []unix.Signal
	for _, name := range strings.Split(list, ",") {
		sig, err := Signal(name)
		if err != nil {
			return nil, err
		}
		all = append(all, sig)
	}
	return all, nil
}

// SignalNames are the names that completions offer.
func SignalNames() []string {
	var names []string
	for sig := unix.Signal(1); sig < 32; sig++ {
		if name := unix.SignalName(sig); name != "" {
			names = append(names, strings.TrimPrefix(name, "SIG"))
		}
	}
	return names
}

// Elapsed writes a time in seconds as ps does: [[dd-]hh:]mm:ss.
func Elapsed(seconds int) string {
	two := func(n int) string { return strconv.Itoa(n/10%10) + strconv.Itoa(n%10) }
	days, hours, minutes := seconds/86400, seconds/3600%24, seconds/60%60
	text := two(minutes) + ":" + two(seconds%60)
	if days > 0 || hours > 0 {
		text = two(hours) + ":" + text
	}
	if days > 0 {
		text = strconv.Itoa(days) + "-" + text
	}
	return text
}

// NetnsName refuses a name that a network namespace cannot have: it is the name of a
// file in a directory.
func NetnsName(name string) error {
	if name == "" || name == "." || name == ".." || len(name) > 255 || strings.IndexByte(name, '/') >= 0 {
		return applet.Fail("invalid name of a network namespace '", name, "'")
	}
	return nil
}
