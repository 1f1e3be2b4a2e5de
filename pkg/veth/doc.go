// Package veth makes, moves, removes and lists veth pairs between network namespaces.
//
// A veth pair is two links, see veth(4). One request creates both endpoints in
// their namespaces under their final names, so no endpoint ever has a temporary
// name or is in the wrong namespace. Addresses, routes and state follow; when one
// fails, or the context ends, everything before it is rolled back.
//
//	pair, err := veth.Add(ctx, veth.Spec{
//		A: veth.Endpoint{Name: "ve0", Addrs: []netip.Prefix{netip.MustParsePrefix("192.0.2.1/24")}},
//		B: veth.Endpoint{NS: veth.PID(4242), Name: "eth0", Addrs: ..., Gateways: ...},
//	})
//
// # Which namespace
//
// An [NS] says which one is meant. The zero value is the namespace of the calling
// thread: the process's, or where [ns.Do] has taken the goroutine. Every call opens
// each namespace once and uses it by its descriptor from then on.
//
// The pairs of a container are those of the namespace of its first process:
// [containers.Find] has its PID for [PID], and containers.Index.Of names the container
// of a [Link]'s PID. The example of [List] shows it.
//
// # Privilege
//
// Creating a pair needs CAP_NET_ADMIN in the user namespaces that own the network
// namespaces of both endpoints, and CAP_SYS_ADMIN to enter one other than your own.
// In a user namespace, root has both over the network namespaces created in it,
// never over the host's. Linux 4.18 or later; on other systems every call fails with
// [errors.ErrUnsupported].
//
// # When not to use it
//
// For links that a network manager of the system looks after: this package does
// not tell it. For other kinds of links, for queues, filters and offloads: a
// netlink library has them. Errors are [*Error].
package veth
