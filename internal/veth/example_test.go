package veth_test

import (
	"fmt"
	"log"
	"net/netip"

	"github.com/nskit/nskit/internal/veth"
)

// A plan is looked at before it is run; nothing is changed.
func ExampleSession_PlanAdd() {
	s, err := veth.Open(veth.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()
	spec := &veth.AddSpec{
		A: veth.End{Name: "left", Settings: veth.Settings{Addrs: []netip.Prefix{netip.MustParsePrefix("192.0.2.1/24")}}},
		B: veth.End{Name: "right", Settings: veth.Settings{Alias: new(string)}},
	}
	plan, err := s.PlanAdd(spec, veth.MustBeNew)
	if err != nil {
		log.Fatal(err)
	}
	for i := range plan.Steps {
		fmt.Println(plan.Steps[i].String())
		if command := plan.Steps[i].IPCommand(); command != "" {
			fmt.Println("  #", command)
		}
	}
	// Output:
	// left: make the pair with right: up
	//   # ip link add name left up type veth peer name right
	// left: add the link-local address
	// right: add the link-local address
	// right: set alias "", up
	//   # ip link set dev right alias '' up
	// left: add address 192.0.2.1/24
	//   # ip addr add 192.0.2.1/24 dev left
}

// An endpoint is written as on the command line. What cannot be right is known
// before anything is asked of the kernel.
func ExampleParseEnd() {
	end, err := veth.ParseEnd("pid:4242@4026532001:eth0,addr=192.0.2.2/24,gw=192.0.2.1")
	fmt.Println(end, end.NS.Number, end.NS.Inode, end.Addrs, end.Gateways, err)
	_, err = veth.ParseEnd("eth0,mac=ff:ff:ff:ff:ff:ff")
	fmt.Println(veth.KindOf(err) == veth.Invalid, err)
	// Output:
	// pid:4242@4026532001:eth0 4242 4026532001 [192.0.2.2/24] [192.0.2.1] <nil>
	// true eth0: 'mac=ff:ff:ff:ff:ff:ff': not an address that a link can have (zero, multicast or broadcast)
}
