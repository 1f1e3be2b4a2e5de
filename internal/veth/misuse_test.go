package veth

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestCloseTwice makes sure that a second Close leaves descriptors alone that
// others have been given in the meantime, and that a closed session says so.
func TestCloseTwice(t *testing.T) {
	s := newSession(t)
	other, err := s.Namespace(newNetNS(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, ns := range []*Namespace{s.own, other} {
		if _, err := s.pairs(ns); err != nil {
			t.Fatal(err)
		}
	}
	s.Close()
	var files []*os.File
	for range 16 {
		f, err := os.Open(os.DevNull)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		files = append(files, f)
	}
	s.Close()
	for _, f := range files {
		if _, err := f.Stat(); err != nil {
			t.Error(err)
		}
	}
	for name, err := range uses(s) {
		if !errors.Is(err, os.ErrClosed) || KindOf(err) != Invalid {
			t.Errorf("%s after Close: %v", name, err)
		}
	}
	for name, err := range uses(new(Session)) {
		if !errors.Is(err, os.ErrClosed) || KindOf(err) != Invalid {
			t.Errorf("%s of a zero Session: %v", name, err)
		}
	}
	new(Session).Close()
	(*Session)(nil).Close()
}

// uses calls the methods that need an open session.
func uses(s *Session) map[string]error {
	errs := map[string]error{}
	end := End{Name: "lo"}
	_, errs["Look"] = s.Look(end)
	_, errs["List"] = s.List(Wants{})
	_, errs["Peer"] = s.Peer(end, Wants{})
	_, errs["Inspect"] = s.Inspect(end, Wants{})
	_, errs["Places"] = s.Places()
	_, errs["Namespace"] = s.Namespace(NS{Kind: ByPID, Number: os.Getpid()})
	_, errs["PlanAdd"] = s.PlanAdd(&AddSpec{A: End{Name: "a"}, B: End{Name: "b"}}, MustBeNew)
	_, errs["PlanDelete"] = s.PlanDelete(end, true)
	_, errs["PlanMove"] = s.PlanMove(end, NS{}, "", false)
	_, errs["PlanRename"] = s.PlanRename(end, "x")
	errs["Wait"] = s.Wait(end, WaitFor{})
	errs["Run"] = s.Run(&Plan{Steps: []Step{{Op: OpDelete, Link: &Handle{NS: &Namespace{Own: true}, Name: "nosuch"}}}})
	return errs
}

// TestMisuse makes sure that what makes no sense is an error of kind Invalid,
// and that nothing is asked of the kernel.
func TestMisuse(t *testing.T) {
	s := newSession(t)
	defer s.Close()
	lo := &Handle{NS: s.own, Name: "lo", Index: 1}
	errs := map[string]error{
		"no plan":            s.Run(nil),
		"zero step":          s.Run(&Plan{Steps: []Step{{}}}),
		"no link":            s.Run(&Plan{Steps: []Step{{Op: OpDelete}}}),
		"link nowhere":       s.Run(&Plan{Steps: []Step{{Op: OpDelete, Link: &Handle{Name: "x"}}}}),
		"no second end":      s.Run(&Plan{Steps: []Step{{Op: OpPair, Link: lo}}}),
		"no target":          s.Run(&Plan{Steps: []Step{{Op: OpMove, Link: lo}}}),
		"master nowhere":     s.Run(&Plan{Steps: []Step{{Op: OpSet, Link: lo, Attrs: Attrs{Master: &Handle{}}}}}),
		"unknown operation":  s.Run(&Plan{Steps: []Step{{Op: OpLost + 1, Link: &Handle{NS: s.own, Index: 1 << 30}}}}),
		"mark in the future": s.Rollback(5),
		"negative mark":      s.Rollback(-1),
	}
	_, errs["no spec"] = s.PlanAdd(nil, MustBeNew)
	_, errs["no spec to add"] = s.Add(nil, MustBeNew, 0)
	_, errs["made nothing"] = s.Made(nil, nil, Wants{})
	for name, err := range errs {
		if err == nil || KindOf(err) != Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	for op := range OpLost + 2 {
		step := Step{Op: op}
		for _, text := range append((&Plan{Steps: []Step{step}}).Describe((*Step).String), step.IPCommand()) {
			if text == "" {
				t.Errorf("operation %d has no text", op)
			}
		}
	}
	_ = (&Handle{}).String()
}

// TestRollbackAfterForget makes sure that a mark from before does no harm.
func TestRollbackAfterForget(t *testing.T) {
	s := newSession(t)
	defer s.Close()
	s.journal = make([][]Step, 3)
	mark := s.Mark()
	s.Forget()
	if err := s.Rollback(mark); err == nil || KindOf(err) != Invalid {
		t.Error(err)
	}
}

// TestErrorNumbers makes sure that what the kernel has answered can be told
// with errors.Is, even where the message has other words for it.
func TestErrorNumbers(t *testing.T) {
	s := newSession(t)
	defer s.Close()
	_, err := s.Look(End{Name: "nosuch0"})
	if !errors.Is(err, unix.ENODEV) || err.Error() != "nosuch0: no such link" {
		t.Errorf("%v", err)
	}
	if err := existsError(s.own, "x"); !errors.Is(err, unix.EEXIST) || strings.Contains(err.Error(), "File exists") {
		t.Error(err)
	}
	_, err = s.Namespace(NS{Kind: ByFD, Number: -1})
	if !errors.Is(err, unix.EBADF) {
		t.Error(err)
	}
	for _, timeout := range []time.Duration{-1, 1} {
		up := uint8(77)
		err = s.Wait(End{Name: "lo"}, WaitFor{OperState: &up, Timeout: timeout})
		if !errors.Is(err, os.ErrDeadlineExceeded) || KindOf(err) != TimedOut {
			t.Error(err)
		}
	}
}
