// Package veth makes veth pairs between network namespaces.
//
// A veth pair is two links, see veth(4). One request creates both endpoints in
// their namespaces under their final names, so no endpoint ever has a temporary
// name or is in the wrong namespace. Everything that follows (addresses, routes,
// state) is a list of [Step]s in a [Plan]; when one fails, those before it are
// rolled back.
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
// [Session.Run]. Several plans in one session can be rolled back together with
// [Session.Mark] and [Session.Rollback].
//
// [Session.List], [Session.Peer] and [Session.Inspect] tell which links are
// connected, across all namespaces that can be reached. The kernel tells this only
// in numbers that differ in each namespace.
//
// # Privilege
//
// Creating a pair needs CAP_NET_ADMIN in the user namespaces that own the network
// namespaces of both endpoints, and CAP_SYS_ADMIN to enter one other than your own.
// In a user namespace, root has both over the network namespaces created in it,
// never over the host's.
//
// # When not to use it
//
// For links that a network manager of the system looks after: this package does
// not tell it. For kinds of links other than veth, netkit and bridge, except to
// change or move them.
//
// Errors are [Error]s; their [Kind] says what can be done about them.
package veth
