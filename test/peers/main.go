// Command peers runs what others wrote for util-linux's tools: once with those
// tools, once with nskit in their place, and compares case by case.
//
//	clients.go   who is run, and how: an entry each
//	results.go   cases compared; a client's known differences are beside it
//	room.sh      where: a root file system of Debian sid's packages, in namespaces of its own
//
// Nothing of what is run is part of this tree: sources are Debian's, and are kept with the
// packages in the cache directory. `make peers` writes docs/peers.md.
package main

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
)

// options are the command line.
type options struct {
	nskit, cache, out string
	only              *regexp.Regexp
	verbose           bool
}

func parse() (options, error) {
	var o options
	var only string
	flag.StringVar(&o.nskit, "nskit", cmp.Or(os.Getenv("NSKIT_BIN"), "bin/nskit"), "the nskit to run")
	flag.StringVar(&o.cache, "cache", "", "where packages and sources are kept")
	flag.StringVar(&o.out, "out", "", "the page to write, none if empty")
	flag.StringVar(&only, "run", "", "only the clients whose name matches this")
	flag.BoolVar(&o.verbose, "v", false, "show what the clients print")
	flag.Parse()
	var errs [3]error
	o.only, errs[0] = regexp.Compile(only)
	o.nskit, errs[1] = filepath.Abs(o.nskit)
	o.cache, errs[2] = filepath.Abs(o.cache)
	return o, cmp.Or(errs[0], errs[1], errs[2])
}

func main() {
	o, err := parse()
	if err != nil {
		fmt.Fprintln(os.Stderr, "peers:", err)
		os.Exit(2)
	}
	if !run(o) {
		os.Exit(1)
	}
}

// run runs the clients one after the other; false if there is a difference that is not
// known, or if no client could be run.
func run(o options) bool {
	ok, ran := true, 0
	var outcomes []outcome
	for _, c := range clients() {
		if !o.only.MatchString(c.name) {
			continue
		}
		result := o.compare(c)
		for _, problem := range result.problems() {
			ok = false
			fmt.Printf("%s: %s\n", c.name, problem)
		}
		if result.notRun != nil {
			fmt.Printf("%s: NOT RUN: %v\n", c.name, result.notRun)
		} else {
			ran++
		}
		fmt.Println(result.row())
		outcomes = append(outcomes, result)
	}
	if ran == 0 {
		fmt.Fprintln(os.Stderr, "peers: no client was run")
		return false
	}
	if o.out == "" {
		return ok
	}
	if err := os.WriteFile(o.out, []byte(page(outcomes)), 0o644); err != nil {
		fmt.Fprintln(os.Stderr, "peers:", err)
		return false
	}
	return ok
}
