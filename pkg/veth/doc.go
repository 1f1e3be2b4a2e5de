// Package veth makes veth pairs between network namespaces.
//
// A veth pair is two links, see veth(4). It is made by one request with both
// ends in place, in their namespaces and under their final names, so that there
// is never a moment in which an end has a temporary name or is in the wrong
// place. Everything that follows (addresses, routes, state) is a list of
// [Step]s in a [Plan]; when one fails, those before it are taken back.
//
// # Use
//
// A [Session] opens each namespace once and uses it by its descriptor from then
// on. A [NS] says which one is meant; the zero value is the caller's own.
//
//	s, err := veth.Open(veth.Options{})
//	...
//	defer s.Close()
//	a, err := veth.ParseEnd("ve0,addr=192.0.2.1/24")
//	b, err := veth.ParseEnd("pid:4242:eth0,addr=192.0.2.2/24,gw=192.0.2.1")
//	_, err = s.Add(&veth.AddSpec{A: a, B: b, Loopback: true}, veth.MustBeNew, 0)
//
// Every request is there as a plan first: [Session.PlanAdd], [Session.PlanSet],
// [Session.PlanMove], [Session.PlanDelete]; look at its steps, or hand it to
// [Session.Run]. Several plans in one session can be taken back together with
// [Session.Mark] and [Session.Rollback].
//
// [Session.List], [Session.Peer] and [Session.Inspect] answer who is connected to
// whom across all namespaces that can be reached, which the kernel tells only in
// numbers that are different in each namespace.
//
// # Privilege
//
// To make a pair one needs CAP_NET_ADMIN in the user namespaces that own the
// network namespaces of both ends, and CAP_SYS_ADMIN to enter one that is not
// one's own. Inside a user namespace both are there for network namespaces made
// in it, never for the host's.
//
// # When not to use it
//
// For links that a network manager of the system looks after: this package does
// not tell it. For other kinds of links than veth and bridge, except to change
// or move them. In a program whose threads are in different network namespaces:
// the caller's own is that of the main thread.
//
// Errors are [Error]s; their [Kind] says what can be done about them.
package veth
