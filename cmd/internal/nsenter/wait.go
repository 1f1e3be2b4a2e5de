package nsenter

import (
	"errors"
	"io/fs"
	"strings"
	"time"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/cmd/internal/getopt"
	"github.com/nskit/nskit/cmd/internal/values"
	"github.com/nskit/nskit/pkg/containers"
	"github.com/nskit/nskit/pkg/launch"
	"golang.org/x/sys/unix"
)

// maxWait is the longest wait, in seconds: some thirty years.
const maxWait = 1_000_000_000

// setWait is --wait.
func setWait(target any, _ *getopt.Option, seconds getopt.Value) error {
	o := of(target)
	o.wait.Set = true
	if !seconds.Given {
		return nil
	}
	limit, ok := nanoseconds(seconds.Text)
	if !ok {
		return applet.Fail("invalid number of seconds '", seconds.Text, "'")
	}
	o.wait.Value = max(limit, 1) // 0 stands for no limit
	return nil
}

// nanoseconds reads a number of seconds that may have a fraction.
func nanoseconds(text string) (int64, bool) {
	whole, fraction := text, ""
	if point := strings.IndexByte(text, '.'); point >= 0 {
		whole, fraction = text[:point], text[point+1:]
	}
	if whole == "" || whole[0] < '0' || whole[0] > '9' {
		return 0, false
	}
	n, err := values.Number(whole, 0, maxWait)
	if err != nil {
		return 0, false
	}
	n *= 1e9
	for i, unit := 0, int64(1e8); i < len(fraction); i, unit = i+1, unit/10 {
		if fraction[i] < '0' || fraction[i] > '9' {
			return 0, false
		}
		n += unit * int64(fraction[i]-'0')
	}
	return n, true
}

// pause is how long a look at what names the target is behind the one before.
const pause = 20 * time.Millisecond

// await repeats a look until there is what it looks for, or the time is over; what
// is left of that is the Program's.
func (o *options) await(look func() (*launch.Target, error)) (*launch.Target, error) {
	begin := time.Now()
	for {
		target, err := look()
		spent := time.Since(begin).Nanoseconds()
		over := o.wait.Value > 0 && spent >= o.wait.Value
		if !o.wait.Set || over || !comesLater(err) {
			if o.wait.Value > 0 {
				o.wait.Value = max(o.wait.Value-spent, 1)
			}
			return target, worded(err)
		}
		time.Sleep(pause)
	}
}

// errEmpty says that a PID file has nothing in it yet.
var errEmpty = errors.New("it is empty")

// changedError says that something became another process between two looks.
type changedError struct{ text string }

func (e *changedError) Error() string { return e.text }

// worded makes an error of package containers, or of two looks, one of an applet.
func worded(err error) error {
	var lookup *containers.LookupError
	var changed *changedError
	if errors.As(err, &lookup) || errors.As(err, &changed) {
		return &applet.Error{Text: err.Error()}
	}
	return err
}

// comesLater says whether what an error is about may still come.
func comesLater(err error) bool {
	var changed *changedError
	return errors.As(err, &changed) || errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ESRCH) || errors.Is(err, errEmpty) ||
		errors.Is(err, containers.ErrNotFound) || errors.Is(err, containers.ErrNotRunning)
}
