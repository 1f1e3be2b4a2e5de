// Package passing repeats what failed for a moment only.
//
// Several system calls document failures that say nothing about the request: a
// signal came in between (EINTR), there was no memory for a message (ENOBUFS), somebody
// renamed or mounted something at the same time (EAGAIN), a namespace is
// being taken apart (EBUSY). The same call succeeds a moment later. A failure that
// does not pass is reported all the same, because the number of tries is limited.
package passing

import (
	"errors"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// tries is how often something is tried in all, with pauses that double:
	// a quarter of a second.
	tries = 9
	pause = time.Millisecond
	// interruptions is how many signals may come in between.
	interruptions = 1000
)

// Retry calls try until it succeeds, fails for good, or has failed too often.
func Retry(try func() error) error {
	interrupted := 0
	for failed := 1; ; failed++ {
		err := try()
		switch {
		case err == nil || !Is(err) || failed == tries:
			return err
		case errors.Is(err, unix.EINTR) && interrupted < interruptions:
			interrupted, failed = interrupted+1, failed-1
		default:
			time.Sleep(pause << (failed - 1))
		}
	}
}

// Is says whether a failure may pass by itself.
func Is(err error) bool {
	return errors.Is(err, unix.EINTR) || errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.ENOBUFS) || errors.Is(err, unix.EBUSY)
}
