//go:build linux && nskit_debug

package ns

import (
	"bytes"
	"context"
	"runtime/pprof"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// labels counts the calls of Do, which their goroutines are labelled with.
var labels atomic.Int64

// watched calls work, and panics if it starts a goroutine that is seen: a goroutine
// inherits the labels of the one that starts it.
func watched(host *Handle, work func(*Handle) error) (err error) {
	label := "nskit.ns.Do-" + strconv.FormatInt(labels.Add(1), 10)
	stop, seen := make(chan struct{}), make(chan string, 1)
	go look(label, stop, seen)
	pprof.Do(context.Background(), pprof.Labels(label, "inside"), func(context.Context) { err = work(host) })
	close(stop)
	if stack := <-seen; stack != "" {
		panic("ns.Do: a goroutine was started inside, which runs on a thread that is not in the namespace:\n" + stack)
	}
	return err
}

// unlabelled takes the labels off Do's own goroutine, which it has from an outer visit.
func unlabelled() { pprof.SetGoroutineLabels(context.Background()) }

// look looks for goroutines with the label until it is stopped, and then once more, or as
// often as it takes to tell what one is that has not begun.
func look(label string, stop chan struct{}, seen chan string) {
	pause := time.NewTicker(time.Millisecond)
	defer pause.Stop()
	found, unborn := "", false
	for last := false; !last || found == "" && unborn; {
		if last {
			<-pause.C
		}
		select {
		case <-stop:
			last = true
		case <-pause.C:
		}
		if found == "" {
			var text bytes.Buffer
			pprof.Lookup("goroutine").WriteTo(&text, 1)
			found, unborn = stranger(text.String(), label)
		}
	}
	seen <- found
}

// stranger finds in a profile the stack of a goroutine with the label that is not Do's own,
// "" for none. One that has not begun has none yet: it may be that of a Do in work.
func stranger(profile, label string) (stack string, unborn bool) {
	for _, stack := range strings.Split(profile, "\n\n") {
		switch {
		case !strings.Contains(stack, strconv.Quote(label)):
		case !strings.Contains(stack, "\n#\t"):
			unborn = true
		case !strings.Contains(stack, "pkg/ns.(*visit)"):
			return stack, false
		}
	}
	return "", unborn
}
