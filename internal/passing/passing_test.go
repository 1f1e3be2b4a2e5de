package passing

import (
	"errors"
	"testing"

	"golang.org/x/sys/unix"
)

func TestRetry(t *testing.T) {
	for _, tt := range []struct {
		name   string
		errs   []error
		calls  int
		result error
	}{
		{name: "no failure", errs: []error{nil}, calls: 1},
		{name: "fails thrice", errs: []error{unix.EBUSY, unix.EAGAIN, unix.ENOBUFS, nil}, calls: 4},
		{name: "many signals", errs: append(slicesOf(50, unix.EINTR), nil), calls: 51},
		{name: "for good", errs: []error{unix.EINTR, unix.EPERM, nil}, calls: 2, result: unix.EPERM},
		{name: "never passes", errs: slicesOf(2*tries, unix.EBUSY), calls: tries, result: unix.EBUSY},
		{name: "signals without end", errs: slicesOf(2*interruptions, unix.EINTR), calls: interruptions + tries, result: unix.EINTR},
	} {
		calls := 0
		err := Retry(func() error { calls++; return tt.errs[calls-1] })
		if calls != tt.calls || !errors.Is(err, tt.result) {
			t.Errorf("%s: %d calls, %v; want %d, %v", tt.name, calls, err, tt.calls, tt.result)
		}
	}
}

func slicesOf(n int, err error) []error {
	list := make([]error, n)
	for i := range list {
		list[i] = err
	}
	return list
}
