// Package values reads the values of options as util-linux does: numbers and
// signals, with its messages.
package values

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"syscall"

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
	trimmed := strings.TrimPrefix(strings.TrimLeft(text, blanks), "+")
	n, err := strconv.ParseUint(trimmed, 10, 64)
	switch {
	case strings.HasPrefix(trimmed, "-"):
		_, err := Number(trimmed, 0, math.MaxInt64)
		return 0, err
	case errors.Is(err, strconv.ErrRange):
		return 0, unix.ERANGE
	case err != nil || strings.Contains(trimmed, "_"):
		return 0, unix.EINVAL
	}
	return n, nil
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
	trimmed := strings.TrimLeft(text, blanks)
	n, err := strconv.ParseInt(trimmed, 10, 64)
	switch {
	case errors.Is(err, strconv.ErrRange), err == nil && (n < from || n > to):
		return 0, unix.ERANGE
	case err != nil || strings.Contains(trimmed, "_"):
		return 0, unix.EINVAL
	}
	return n, nil
}

// fault words the refusal of a number; only a range error is named.
func fault(text, what string, err error) error {
	switch err {
	case nil:
		return nil
	case unix.ERANGE:
		return &applet.Error{Text: "failed to parse " + what + ": '" + text + "'", Err: err}
	}
	return applet.Failf("failed to parse %s: '%s'", what, text)
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
	short := strings.TrimPrefix(strings.ToUpper(name), "SIG")
	for _, other := range otherNames {
		if other.name == short {
			return other.sig, nil
		}
	}
	for sig := unix.Signal(1); sig < sigrtmin; sig++ {
		if long := unix.SignalName(sig); long != "" && strings.TrimPrefix(long, "SIG") == short {
			return sig, nil
		}
	}
	if sig, ok := realTime(short); ok {
		return sig, nil
	}
	return 0, applet.Failf("unknown signal: %s", name)
}

// realTime reads RTMIN+n and RTMAX-n; neither stands alone.
func realTime(name string) (unix.Signal, bool) {
	base, offset := sigrtmin, strings.TrimPrefix(name, "RTMIN")
	sign := "+"
	if rest, ok := strings.CutPrefix(name, "RTMAX"); ok {
		base, offset, sign = sigrtmax, rest, "-"
	} else if offset == name {
		return 0, false
	}
	n, err := strconv.Atoi(strings.TrimPrefix(offset, sign))
	if err != nil || !strings.HasPrefix(offset, sign) || n < 0 || n > sigrtmax-sigrtmin {
		return 0, false
	}
	if sign == "-" {
		n = -n
	}
	return syscall.Signal(base + n), true
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
