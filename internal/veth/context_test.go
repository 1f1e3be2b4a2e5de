package veth

import (
	"context"
	"errors"
	"testing"
	"time"
)

// TestContext makes sure that a context ends a wait and a plan, and says why.
func TestContext(t *testing.T) {
	cause := errors.New("the cause")
	ctx, cancel := context.WithCancelCause(t.Context())
	s, err := Open(Options{Context: ctx})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	time.AfterFunc(10*time.Millisecond, func() { cancel(cause) })
	up := uint8(77) // no link is ever like that
	if err := s.Wait(End{Name: "lo"}, WaitFor{OperState: &up}); KindOf(err) != Interrupted || !errors.Is(err, cause) {
		t.Errorf("Wait: %v", err)
	}
	lo := &Handle{NS: s.own, Name: "lo", Index: 1}
	if err := s.Run(&Plan{Steps: []Step{{Op: OpSet, Link: lo}}}); KindOf(err) != Interrupted || !errors.Is(err, cause) {
		t.Errorf("Run: %v", err)
	}
}
