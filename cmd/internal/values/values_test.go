package values

import (
	"fmt"
	"math"
	"testing"

	"golang.org/x/sys/unix"
)

func TestNumbers(t *testing.T) {
	for text, want := range map[string]string{
		"0": "0", "  7": "7", "+7": "7", "4294967295": "4294967295",
		"":                     "failed to parse uid: ''",
		"abc":                  "failed to parse uid: 'abc'",
		"1_0":                  "failed to parse uid: '1_0'",
		"7 ":                   "failed to parse uid: '7 '",
		"-1":                   "failed to parse uid: '-1': Numerical result out of range",
		"4294967296":           "failed to parse uid: '4294967296': Numerical result out of range",
		"99999999999999999999": "failed to parse uid: '99999999999999999999': Numerical result out of range",
	} {
		n, err := Uint32(text, "uid")
		got := fmt.Sprint(n)
		if err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
	if n, err := Int64("-3", "offset"); n != -3 || err != nil {
		t.Errorf("-3: %d, %v", n, err)
	}
}

// TestLimits reads the largest and smallest numbers, and what lies just beyond.
func TestLimits(t *testing.T) {
	for _, tt := range []struct {
		text          string
		signed        int64
		unsigned      uint64
		errno, uerrno error
	}{
		{"9223372036854775807", math.MaxInt64, math.MaxInt64, nil, nil},
		{"9223372036854775808", 0, math.MaxInt64 + 1, unix.ERANGE, nil},
		{"-9223372036854775808", math.MinInt64, 0, nil, unix.ERANGE},
		{"-9223372036854775809", 0, 0, unix.ERANGE, unix.ERANGE},
		{"18446744073709551615", 0, math.MaxUint64, unix.ERANGE, nil},
		{"18446744073709551616", 0, 0, unix.ERANGE, unix.ERANGE},
		{"99999999999999999999999999", 0, 0, unix.ERANGE, unix.ERANGE},
		{"99999999999999999999999999x", 0, 0, unix.EINVAL, unix.EINVAL},
		{"+-1", 0, 0, unix.EINVAL, unix.EINVAL}, {"-", 0, 0, unix.EINVAL, unix.EINVAL}, {"-0", 0, 0, nil, nil},
	} {
		n, err := Number(tt.text, math.MinInt64, math.MaxInt64)
		u, uerr := Uint64(tt.text)
		if err != tt.errno || uerr != tt.uerrno || err == nil && n != tt.signed || uerr == nil && u != tt.unsigned {
			t.Errorf("%s: %d, %v; %d, %v", tt.text, n, err, u, uerr)
		}
	}
}

func TestSignal(t *testing.T) {
	for name, want := range map[string]int{
		"TERM": 15, "term": 15, "SIGTERM": 15, "sigKill": 9, "CLD": 17, "POLL": 29, "IOT": 6,
		"RTMIN+0": 34, "RTMIN+3": 37, "SIGRTMAX-1": 63, "RTMAX-0": 64,
		"": 0, "15": 0, "RTMIN": 0, "RTMAX": 0, "UNUSED": 0, "SIG": 0, "NOPE": 0, "RTMIN-1": 0, "RTMAX+1": 0, "RTMIN+31": 0, "RTMIN+": 0, "RTMIN+-1": 0, "0": 0,
	} {
		sig, err := Signal(name)
		if int(sig) != want || (err == nil) != (want != 0) {
			t.Errorf("%q: %d, %v; want %d", name, sig, err, want)
		}
	}
	if _, err := Signals("TERM,15"); err == nil || err.Error() != "unknown signal: 15" {
		t.Errorf("a list with a number: %v", err)
	}
	if list, err := Signals("TERM,hup"); err != nil || len(list) != 2 {
		t.Errorf("%v, %v", list, err)
	}
}

func TestElapsed(t *testing.T) {
	for seconds, want := range map[int]string{0: "00:00", 61: "01:01", 3600: "01:00:00", 90061: "1-01:01:01", 8640000: "100-00:00:00"} {
		if got := Elapsed(seconds); got != want {
			t.Errorf("%d: %s", seconds, got)
		}
	}
}

func TestNetnsName(t *testing.T) {
	for _, name := range []string{"", ".", "..", "a/b", "/a"} {
		if NetnsName(name) == nil {
			t.Errorf("%q is taken", name)
		}
	}
	if err := NetnsName("blue-1.x"); err != nil {
		t.Error(err)
	}
}
