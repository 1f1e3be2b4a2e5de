// Command holders shows what keeps the network namespace of a file alive: processes,
// threads, mounts, descriptors and sockets. It replaces a loop of shell over
// /proc/*/ns/net, which finds the first of these alone.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/nskit/nskit/pkg/census"
	"github.com/nskit/nskit/pkg/ns"
)

func main() {
	if len(os.Args) != 2 {
		fail(fmt.Errorf("usage: holders FILE"))
	}
	space, err := ns.Open(os.Args[1])
	if err != nil {
		fail(err)
	}
	id, err := space.ID()
	if err != nil {
		fail(err)
	}
	space.Close() // or it would be one of them
	snapshot, err := census.Take(context.Background(), census.Options{Kinds: ns.SetOf(ns.Net),
		Want: census.Threads | census.Descriptors | census.Sockets | census.Mounts | census.AllMounts})
	if err != nil {
		fail(err)
	}
	found := snapshot.Find(census.Inode(id.Ino))
	for _, pid := range snapshot.Members(found) {
		details, _ := snapshot.Details(pid)
		fmt.Println("process", pid, details.Command)
	}
	if found == nil {
		return
	}
	for _, path := range found.Mounts {
		fmt.Println("mount", path)
	}
	for _, holder := range found.Holders {
		fmt.Println(holder)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
