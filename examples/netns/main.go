// Command netns runs a command in the network namespace of a file, or without a command
// lists the interfaces there, from its own process. It replaces vishvananda/netns with
// runtime.LockOSThread around exec.Cmd, and the ns.Do of CNI's plugins.
package main

import (
	"context"
	"fmt"
	"net"
	"os"

	"github.com/nskit/nskit/pkg/launch"
	"github.com/nskit/nskit/pkg/ns"
	"github.com/nskit/nskit/pkg/nsexec"
)

func main() {
	err := fmt.Errorf("usage: netns FILE [COMMAND...]")
	switch {
	case len(os.Args) > 2:
		err = command(os.Args[1], os.Args[2:])
	case len(os.Args) == 2:
		err = interfaces(os.Args[1])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// command runs a command there, with all that os/exec has.
func command(file string, words []string) error {
	cmd := nsexec.Enter(context.Background(), &launch.Entry{
		Join:    []launch.Join{{Kind: ns.Net, From: launch.FromFile, Path: file}},
		Command: launch.Command{File: words[0], Args: words},
	})
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	return cmd.Run()
}

// interfaces calls a function there.
func interfaces(file string) error {
	space, err := ns.Open(file)
	if err != nil {
		return err
	}
	defer space.Close()
	return ns.Do(space, func(*ns.Handle) error {
		links, err := net.Interfaces()
		for _, link := range links {
			fmt.Println(link.Name, link.Flags)
		}
		return err
	})
}
