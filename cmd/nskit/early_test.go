package main

import (
	"strings"
	"testing"

	"github.com/nskit/nskit/cmd/internal/multicall"
	"github.com/nskit/nskit/cmd/internal/registry"
	"github.com/nskit/nskit/pkg/launch"
	"github.com/nskit/nskit/pkg/trampoline"
)

// earlyCommands are the command lines that must be answered before the Go
// runtime starts. Each is what somebody types in a loop.
var earlyCommands = []string{
	"unshare true",
	"/usr/bin/unshare -u true",
	"nskit unshare -u true",
	"unshare -Ur true",
	"unshare -Urpmf --mount-proc true",
	"unshare --user --map-root-user --mount --pid --fork --mount-proc=/proc sh -c true",
	"unshare -UruimnpCTf --kill-child=TERM true",
	"unshare -m --propagation slave true",
	"unshare -R /srv -w /tmp -S 5 -G 6 true",
	"unshare --map-user 5 --map-group 6 true",
	"unshare -T --monotonic 5 --boottime -6 true",
	"unshare -un --hostname box --loopback true",
	"unshare --setgroups deny -U true",
	"unshare -Ur --mount-proc --init true",
	"nsenter -t 99 -u -n true",
	"nsenter -t 99 -a true",
	"nsenter -t 99 -U --preserve-credentials -m -p -r -w sh -c true",
	"nsenter --net=/run/netns/x --uts=/run/uts true",
	"nsenter -t 99 -n -S 5 -G follow true",
}

// TestEarlyAllocatesNothing holds what the early start is made possible by.
func TestEarlyAllocatesNothing(t *testing.T) {
	env := []string{"PATH=/usr/local/bin:/usr/bin:/bin:/sbin", "HOME=/root", "SHELL=/bin/sh"}
	var plan launch.Workspace
	var image trampoline.Workspace
	for _, line := range earlyCommands {
		argv := strings.Fields(line)
		t.Run(line, func(t *testing.T) {
			allocations := testing.AllocsPerRun(5, func() {
				p := multicall.Plan(registry.Applets, &plan, argv, env)
				if p == nil {
					t.Fatal("there is no plan")
				}
				image.Prepare(p)
			})
			if allocations != 0 {
				t.Errorf("%v allocations: the Go runtime will have to start", allocations)
			}
		})
	}
}

// TestEarlyVersion: the answer to --version needs no Go runtime, and what asks for more has to have it.
func TestEarlyVersion(t *testing.T) {
	var line [256]byte
	for argv, want := range map[string]string{
		"unshare --version":       "unshare from nskit 1.2 (compatible with util-linux 2.43)\n",
		"/usr/bin/lsns -V":        "lsns from nskit 1.2 (compatible with util-linux 2.43)\n",
		"nskit pivot_root -V":     "pivot_root from nskit 1.2 (compatible with util-linux 2.43)\n",
		"nskit vethctl --version": "vethctl from nskit 1.2\n",
		"nskit --version":         "nskit from nskit 1.2\n",
		"./anything -V":           "nskit from nskit 1.2\n",
		"unshare --vers":          "",
		"unshare -V true":         "",
		"unshare true --version":  "",
		"vethctl add --version":   "",
		"nskit nosuch --version":  "",
		"nskit":                   "",
		"":                        "",
	} {
		words := strings.Fields(argv)
		var got []byte
		allocations := testing.AllocsPerRun(5, func() {
			got = multicall.Version(registry.Applets, "1.2", words, line[:0])
		})
		if string(got) != want || allocations != 0 {
			t.Errorf("%q: %q with %v allocations, want %q", argv, got, allocations, want)
		}
	}
}

// TestNotEarly lists what is left to the ordinary start.
func TestNotEarly(t *testing.T) {
	for _, line := range []string{"", "nskit", "nskit --list", "nskit nosuch", "unshare --help", "unshare --bogus", "unshare --explain true"} {
		if p := multicall.Plan(registry.Applets, new(launch.Workspace), strings.Fields(line), nil); p != nil {
			t.Errorf("%q has a plan", line)
		}
	}
}
