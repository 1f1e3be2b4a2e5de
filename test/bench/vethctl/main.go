// Command vethctl measures the applet vethctl against ip: one pair with all
// that belongs to it, two hundred by batch, and the list of a host with a hundred
// network namespaces. It needs root, and works in namespaces of its own.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/nskit/nskit/internal/bench"
)

// inside is set in the environment of the process that is in the namespaces.
const inside = "NSKIT_BENCH_INSIDE"

// What the list is long of.
const (
	namespaces = 100
	pairs      = 200
)

// group marks the links that a round has made, to be removed together.
const group = "77"

func main() {
	if os.Getenv(inside) == "" {
		fail(enter())
	}
	bench.Main(cases)
}

// enter starts this program again in new namespaces; it returns only an error.
func enter() error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	argv := append([]string{"unshare", "-mn", self}, os.Args[1:]...)
	return syscall.Exec(bench.Host("unshare"), argv, append(os.Environ(), inside+"=1"))
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "vethctl:", err)
	os.Exit(1)
}

func cases(nskit string) []bench.Case {
	nskit, err := filepath.Abs(nskit)
	if err == nil {
		err = prepare()
	}
	if err != nil {
		fail(err)
	}
	return []bench.Case{
		{Name: "one pair, all configured", Candidates: onePair(nskit), Measure: removed},
		{Name: "one pair with IPv6, all configured", Candidates: onePair6(nskit), Measure: removed},
		{Name: "200 pairs by batch", Candidates: batches(nskit), Measure: removed, Rounds: 5},
		{Name: "list, 100 namespaces, 400 ends", Candidates: lists(nskit), Measure: sequence, Rounds: 10,
			Inside: &bench.Surroundings{Enter: func(run func()) error {
				if err := populate(nskit); err != nil {
					return err
				}
				run()
				return nil
			}}},
	}
}

// prepare makes the directory of named namespaces this process's own.
func prepare() error {
	return sh("mount -t tmpfs none /run && ip netns add blue && cd /run && mkdir bench")
}

func sh(script string) error {
	if output, err := exec.Command("sh", "-ec", script).CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, output)
	}
	return nil
}

// sequence runs commands that are joined by ";" words, one after another, and
// adds up what they take.
func sequence(c bench.Candidate) (total float64, err error) {
	var argv []string
	for _, word := range append(c.Argv, ";") {
		if word != ";" {
			argv = append(argv, word)
			continue
		}
		took, err := bench.Wall(bench.Candidate{Path: c.Path, Argv: argv})
		if err != nil {
			return 0, err
		}
		total, argv = total+took, nil
	}
	return total, nil
}

// removed is sequence for what makes links; they are removed uncounted.
func removed(c bench.Candidate) (float64, error) {
	total, err := sequence(c)
	if err == nil {
		err = sh("ip link del group " + group)
	}
	return total, err
}

func ipCommands(name, lines string) bench.Candidate {
	return bench.Candidate{Name: name, Path: bench.Host("ip"), Argv: strings.Fields(strings.ReplaceAll(lines, "\n", " ; "))}
}

// onePair makes one with addresses, up, and a route. Typed one by one the ip
// commands are five; whoever writes files for it gets by with two.
func onePair(nskit string) []bench.Candidate {
	write("one-here", "link add va group 77 up type veth peer name vb netns blue\naddr add 10.9.0.1/24 dev va\n")
	write("one-there", "addr add 10.9.0.2/24 dev vb\nlink set vb up\nroute add default via 10.9.0.1\n")
	return []bench.Candidate{
		ipCommands("ip, 5 times", `ip link add va group 77 up type veth peer name vb netns blue
			ip addr add 10.9.0.1/24 dev va
			ip -n blue addr add 10.9.0.2/24 dev vb
			ip -n blue link set vb up
			ip -n blue route add default via 10.9.0.1`),
		ipCommands("ip -batch, twice", "ip -batch /run/bench/one-here\nip -n blue -batch /run/bench/one-there"),
		{Name: "nskit", Path: nskit, Argv: strings.Fields("vethctl add va,group=77,addr=10.9.0.1/24 blue:vb,addr=10.9.0.2/24,gw=10.9.0.1")},
	}
}

// onePair6 is the same with IPv6; to ip it has to be said that addresses can be used at once.
func onePair6(nskit string) []bench.Candidate {
	return []bench.Candidate{
		ipCommands("ip, 5 times", `ip link add va group 77 up type veth peer name vb netns blue
			ip addr add 2001:db8::1/64 dev va nodad
			ip -n blue addr add 2001:db8::2/64 dev vb nodad
			ip -n blue link set vb up
			ip -n blue -6 route add default via 2001:db8::1`),
		{Name: "nskit", Path: nskit, Argv: strings.Fields("vethctl add va,group=77,addr=2001:db8::1/64 blue:vb,addr=2001:db8::2/64,gw=2001:db8::1")},
	}
}

// write makes a file for the candidates to read.
func write(name, text string) {
	if err := os.WriteFile("/run/bench/"+name, []byte(text), 0o644); err != nil {
		fail(err)
	}
}

// batches are the same pairs for both: ip needs one file for each namespace.
func batches(nskit string) []bench.Candidate {
	var here, there, ours strings.Builder
	for i := range pairs {
		net := fmt.Sprintf("10.%d.%d", 100+i/100, i%100)
		fmt.Fprintf(&here, "link add va%d group %s up type veth peer name vb%d netns blue\naddr add %s.1/24 dev va%d\n", i, group, i, net, i)
		fmt.Fprintf(&there, "addr add %s.2/24 dev vb%d\nlink set vb%d up\n", net, i, i)
		fmt.Fprintf(&ours, "add va%d,group=%s,addr=%s.1/24 blue:vb%d,addr=%s.2/24\n", i, group, net, i, net)
	}
	write("here", here.String())
	write("there", there.String())
	write("ours", ours.String())
	return []bench.Candidate{
		ipCommands("ip -batch", "ip -batch /run/bench/here\nip -n blue -batch /run/bench/there"),
		{Name: "nskit", Path: nskit, Argv: []string{"vethctl", "batch", "/run/bench/ours"}},
	}
}

// populate makes namespaces and a ring of pairs, each index used many times.
func populate(nskit string) error {
	var lines strings.Builder
	for i := range namespaces {
		if err := sh("ip netns add n" + strconv.Itoa(i)); err != nil {
			return err
		}
	}
	for i := range pairs {
		fmt.Fprintf(&lines, "add n%d:a%d n%d:b%d\n", i%namespaces, i, (i+1+i/namespaces)%namespaces, i)
	}
	cmd := exec.Command(nskit, "vethctl", "batch")
	cmd.Stdin = strings.NewReader(lines.String())
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, output)
	}
	return nil
}

// lists shows all: ip one namespace at a time, and no peers.
func lists(nskit string) []bench.Candidate {
	var lines []string
	for i := range namespaces {
		lines = append(lines, "ip -n n"+strconv.Itoa(i)+" link show type veth")
	}
	return []bench.Candidate{
		ipCommands("ip, 100 times", strings.Join(lines, "\n")),
		{Name: "nskit", Path: nskit, Argv: []string{"vethctl", "list"}},
	}
}
