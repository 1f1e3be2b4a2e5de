package main

import (
	"errors"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestRead(t *testing.T) {
	got := read("CASE a: 0 \nnoise\nCASE b: 1 x: y\nCASE a: 2 z\n", said)
	want := results{"a": "0", "b": "1 x: y", "a (2)": "2 z"}
	if !maps.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// TestLinesOfClients holds the expressions against what the clients print.
func TestLinesOfClients(t *testing.T) {
	for name, output := range map[string]string{
		"util-linux":   "        lsns: ioctl_ns                       ... OK\n",
		"nftables":     "I: [OK]         1/3 testcases/netns/0001nft-f_0\n",
		"iptables":     "I: [OK]       ./testcases/nft-only/0001compat_0\n",
		"iproute2":     "Running ip/link/show.t [debian/6.18.0]: PASS\n",
		"slirp4netns":  "CASE test-slirp4netns.sh: exit 0\n",
		"rootlesskit":  "CASE true: 0 \n",
		"no such case": "",
	} {
		i := slices.IndexFunc(clients(), func(c client) bool { return c.name == name })
		if i < 0 {
			continue
		}
		if found := read(output, clients()[i].line); len(found) != 1 {
			t.Errorf("%s: %v", name, found)
		}
	}
}

func TestDifferences(t *testing.T) {
	o := outcome{
		client: client{name: "x", known: []known{{regexp.MustCompile("^old"), "it is old"}}},
		host:   results{"same": "ok", "old one": "ok", "new": "ok", "gone": "ok", "shaky": "ok"},
		nskit:  results{"same": "ok", "old one": "failed", "new": "failed", "shaky": "failed"}, unsteady: []string{"shaky"}, starts: 1,
	}
	if got, want := strings.Join(o.problems(), "; "), "gone: host ok, nskit missing; new: host ok, nskit failed"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got, want := o.row(), "| x |  | 5 ok | 3 failed, 1 ok | 1 | 3 |"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if text := page([]outcome{o}); !strings.Contains(text, "- x, old one: ok with util-linux, failed with nskit: it is old\n") || !strings.Contains(text, "- x, unsteady: shaky\n") {
		t.Error(text)
	}
}

// TestNotRun: a client that cannot be had fails nothing, and the page says why.
func TestNotRun(t *testing.T) {
	o := outcome{client: client{name: "x"}, notRun: errors.New("no source\nof it")}
	if len(o.problems()) != 0 {
		t.Error(o.problems())
	}
	if text := page([]outcome{o}); !strings.Contains(text, "| x |  | not run |") || !strings.Contains(text, "- **x**, this time: no source\n") {
		t.Error(text)
	}
}

func TestTally(t *testing.T) {
	r := results{"a": "0 one", "b": "0 two", "c": "42 ", "d": "ok"}
	if got, want := r.tally(), "2 exit 0, 1 exit 42, 1 ok"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// TestNothingProvesNothing: a client that finds no case or never starts nskit fails the run.
func TestNothingProvesNothing(t *testing.T) {
	for _, o := range []outcome{{starts: 1}, {host: results{"a": "ok"}, nskit: results{"a": "ok"}}} {
		if len(o.problems()) == 0 {
			t.Errorf("%+v is taken for good", o)
		}
	}
}

// TestPageInTree: what docs/peers.md says in words is what the program would write.
func TestPageInTree(t *testing.T) {
	text, err := os.ReadFile("../../docs/peers.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(text), head) {
		t.Error("the page begins otherwise: make peers, or change both")
	}
	for _, c := range clients() {
		if want := "- **" + c.name + "**: " + c.what + "\n"; !strings.Contains(string(text), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for _, a := range absent {
		if want := "- **" + a.name + "**: " + a.reason + "\n"; !strings.Contains(string(text), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}
