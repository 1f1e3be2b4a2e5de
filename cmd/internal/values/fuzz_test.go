package values

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// FuzzNumber wants what is read to be what the text says, within the limits.
func FuzzNumber(f *testing.F) {
	for _, seed := range []string{"0", " +7", "-1", "1_0", "4294967296", "9223372036854775808", "\v-9223372036854775808", "0x1"} {
		f.Add(seed, int64(0), int64(math.MaxUint32))
	}
	f.Fuzz(func(t *testing.T, text string, from, to int64) {
		n, err := Number(text, from, to)
		if err != nil {
			if n != 0 || err != unix.EINVAL && err != unix.ERANGE {
				t.Errorf("%q: %d, %v", text, n, err)
			}
			return
		}
		digits := strings.TrimLeft(strings.TrimLeft(text, " \t\n\v\f\r"), "+-0")
		if want := strings.TrimLeft(strconv.FormatInt(n, 10), "-0"); n < from || n > to || digits != want {
			t.Errorf("%q is read as %d, of %d to %d", text, n, from, to)
		}
		if id, err := Uint32(text, "uid"); (err == nil) != (n >= 0 && n <= math.MaxUint32) || err == nil && int64(id) != n {
			t.Errorf("%q as an ID: %d, %v", text, id, err)
		}
		if again, err := Int64(text, "offset"); err != nil || again != n {
			t.Errorf("%q as an offset: %d, %v", text, again, err)
		}
	})
}

// FuzzSignal wants a signal to exist, whatever its name, and lists to be made
// of names alone.
func FuzzSignal(f *testing.F) {
	for _, seed := range []string{"TERM", "sigkill", "RTMIN+3", "SIGRTMAX-30", "RTMIN+-1", "TERM,hup", "15", ",", "ſigterm"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		list, err := Signals(text)
		if err == nil && len(list) != strings.Count(text, ",")+1 {
			t.Errorf("%q: %v", text, list)
		}
		for _, name := range strings.Split(text, ",") {
			sig, failed := Signal(name)
			if failed == nil && (sig < 1 || sig > sigrtmax || strings.Trim(name, "0123456789") == "") || failed != nil && err == nil {
				t.Errorf("%q: %d, %v", name, sig, failed)
			}
		}
	})
}
