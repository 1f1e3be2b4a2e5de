//go:build linux

package veth

import (
	"context"
	"errors"
	"io/fs"
	"net/netip"

	"github.com/nskit/nskit/internal/veth"
	"golang.org/x/sys/unix"
)

// Add makes a veth pair and returns it. When it fails, nothing is left of it.
func Add(ctx context.Context, spec Spec) (pair Pair, err error) {
	err = during(ctx, "add", func(s *veth.Session) error {
		request, err := spec.request()
		if err != nil {
			return err
		}
		mark := s.Mark()
		plan, err := s.Add(request, veth.AddMode(spec.Mode), 0)
		if err != nil {
			return err
		}
		pair.A, err = made(s, plan.Ends[0], &request.A)
		if err == nil {
			pair.B, err = made(s, plan.Ends[1], &request.B)
		}
		if err != nil {
			return errors.Join(err, s.Rollback(mark))
		}
		return nil
	})
	return pair, err
}

// made looks at an endpoint. What else is in its namespace would take a census.
func made(s *veth.Session, h *veth.Handle, asked *veth.End) (Link, error) {
	st, err := s.Look(veth.End{NS: asked.NS, Name: h.Name})
	if err != nil {
		return Link{}, err
	}
	side := veth.Side{State: st, Place: &veth.Place{Inode: h.NS.Inode}}
	if asked.NS.Kind == veth.ByPID {
		side.Place.PID = asked.NS.Number
	}
	return linkOf(&side), nil
}

// Del removes a veth pair by one of its endpoints, or a bridge. Links of other kinds are
// refused.
func Del(ctx context.Context, where NS, name string) error {
	return during(ctx, "del", func(s *veth.Session) error {
		link, err := end(where, name)
		if err != nil {
			return err
		}
		return run(s)(s.PlanDelete(link, false))
	})
}

// Move puts a link of any kind into another namespace, under a new name unless that is
// "". The kernel takes addresses, routes and the up state from a link that moves; they
// are put back, and after a failure all is where it was.
func Move(ctx context.Context, from NS, name string, to NS, newName string) error {
	return during(ctx, "move", func(s *veth.Session) error {
		link, err := end(from, name)
		if err != nil {
			return err
		}
		there, err := to.reference()
		if err != nil {
			return err
		}
		return run(s)(s.PlanMove(link, there, newName, false))
	})
}

// List returns the veth pairs that have an endpoint in one of the network namespaces that can
// be reached, each once: those of processes and threads, of mounts, descriptors and
// sockets. Without the privilege to enter a namespace, what is in it is missing.
func List(ctx context.Context) (pairs []Pair, err error) {
	err = during(ctx, "list", func(s *veth.Session) error {
		found, err := s.List(veth.Wants{Addrs: true})
		for i := range found {
			pairs = append(pairs, pairOf(&found[i]))
		}
		return err
	})
	return pairs, err
}

// during does some work in a session that ends with it, and words its error.
func during(ctx context.Context, op string, work func(*veth.Session) error) error {
	if err := ctx.Err(); err != nil {
		return &Error{Op: op, Err: context.Cause(ctx)}
	}
	s, err := veth.Open(veth.Options{AllowOwn: true, Context: ctx})
	if err == nil {
		defer s.Close()
		err = work(s)
	}
	if err == nil {
		return nil
	}
	failed := &Error{Op: op, Err: err, amounts: amounts(veth.KindOf(err))}
	var inner *veth.Error
	if errors.As(err, &inner) {
		failed.Subject, failed.Ack = inner.Subject, inner.Ack
	}
	return failed
}

// run carries out what is planned.
func run(s *veth.Session) func(*veth.Plan, error) error {
	return func(plan *veth.Plan, err error) error {
		if err != nil {
			return err
		}
		return s.Run(plan)
	}
}

// amounts is what a kind of failure is to errors.Is, nil for no more than its cause.
func amounts(kind veth.Kind) error {
	switch kind {
	case veth.Invalid:
		return fs.ErrInvalid
	case veth.NotFound:
		return fs.ErrNotExist
	case veth.Exists:
		return fs.ErrExist
	case veth.Denied:
		return fs.ErrPermission
	case veth.Stuck:
		return ErrStuck
	}
	return nil
}

// reference has the checks of a reference that is written.
func (n NS) reference() (veth.NS, error) { return veth.ParseNS(n.String()) }

func end(where NS, name string) (veth.End, error) {
	ref, err := where.reference()
	return veth.End{NS: ref, Name: name}, err
}

func (s *Spec) request() (*veth.AddSpec, error) {
	a, err := s.A.end()
	if err != nil {
		return nil, err
	}
	b, err := s.B.end()
	return &veth.AddSpec{A: a, B: b, Loopback: s.Loopback}, err
}

func (e *Endpoint) end() (veth.End, error) {
	if err := veth.CheckName(e.Name); err != nil {
		return veth.End{}, err
	}
	made, err := end(e.NS, e.Name)
	made.Settings = veth.Settings{MTU: e.MTU, MAC: e.MAC, Addrs: e.Addrs, Gateways: e.Gateways, Master: e.Master}
	if e.Down {
		made.Admin = veth.Down
	}
	for _, r := range e.Routes {
		made.Routes = append(made.Routes, veth.RouteSpec{Dst: r.Dst, Gateway: r.Gateway})
	}
	return made, err
}

func pairOf(found *veth.Pair) Pair {
	pair := Pair{A: linkOf(&found.A)}
	if found.B != nil {
		pair.B = linkOf(found.B)
	}
	return pair
}

func linkOf(side *veth.Side) Link {
	link := Link{Name: side.Name, Index: side.Index, MTU: side.MTU, Up: side.Flags&unix.IFF_UP != 0, Carrier: side.Carrier, Addrs: prefixes(side.Addrs)}
	copy(link.MAC[:], side.MAC)
	if side.Place != nil {
		link.Inode, link.PID, link.Path = side.Place.Inode, side.Place.PID, side.Place.Path
	}
	return link
}

func prefixes(addrs []veth.Addr) []netip.Prefix {
	var all []netip.Prefix
	for i := range addrs {
		all = append(all, addrs[i].Prefix)
	}
	return all
}
