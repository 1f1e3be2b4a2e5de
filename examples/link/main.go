// Command link connects the network namespaces of two processes by a veth pair. It
// replaces vishvananda/netlink with netns: LinkAdd, LinkSetNsFd, a thread in the other
// namespace for addresses and routes, and a rollback by hand.
package main

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"os/signal"
	"strconv"

	"github.com/nskit/nskit/pkg/veth"
)

func main() {
	if err := link(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func link(words []string) error {
	var pids [2]int
	var addrs [2]netip.Prefix
	if len(words) != 4 {
		return fmt.Errorf("usage: link PID ADDRESS PID ADDRESS")
	}
	for i := range pids {
		var err error
		if pids[i], err = strconv.Atoi(words[2*i]); err != nil {
			return err
		}
		if addrs[i], err = netip.ParsePrefix(words[2*i+1]); err != nil {
			return err
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt) // rolls back
	defer stop()
	pair, err := veth.Add(ctx, veth.Spec{
		A: veth.Endpoint{NS: veth.PID(pids[0]), Name: "veth%d", Addrs: addrs[:1]},
		B: veth.Endpoint{NS: veth.PID(pids[1]), Name: "eth0", Addrs: addrs[1:], Gateways: []netip.Addr{addrs[0].Addr()}},
	})
	if err == nil {
		fmt.Println(pair.A.Name, pair.B.Name)
	}
	return err
}
