// Command libbench measures pkg/ beside what Go programs use otherwise, and prints rows of
// docs/benchmarks.md. It is a module of its own, so that nskit's go.mod has none of that.
// Run it as root, with the programs of examples/rootless and ./storage (built with cgo) as
// arguments, which it starts as user 1000.
package main

import (
	"context"
	"fmt"
	"log"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/nskit/nskit/pkg/launch"
	"github.com/nskit/nskit/pkg/ns"
	"github.com/nskit/nskit/pkg/nsexec"
	"github.com/nskit/nskit/pkg/veth"
	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
)

// row is a job that both do. Each round does it so many times with either, in so many goroutines at
// once, 0 for the one that measures.
type row struct {
	what, peer             string
	rounds, times, abreast int
	theirs, ours           func() error
}

func main() {
	there := exec.Command("sleep", "1000")
	there.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
	runtime.LockOSThread() // whose death ends it
	check(there.Start())
	defer there.Process.Kill()
	done := make(chan struct{})
	go func() {
		defer close(done)
		measure(rows(there.Process.Pid))
	}()
	<-done
}

func rows(pid int) []row {
	path := fmt.Sprintf("/proc/%d/ns/net", pid)
	handle, err := ns.Open(path)
	check(err)
	target, err := netns.GetFromPath(path)
	check(err)
	all := []row{
		{"a Go function in another network namespace", "netns, LockOSThread", 100, 200, 0,
			func() error { return visit(target, func() error { return nil }) },
			func() error { return ns.Do(handle, func(*ns.Handle) error { return nil }) }},
		{"the same in 100 goroutines at once", "netns, LockOSThread", 20, 2000, 100,
			func() error { return visit(target, func() error { return nil }) },
			func() error { return ns.Do(handle, func(*ns.Handle) error { return nil }) }},
		{"`true` in another network namespace", "netns, exec.Cmd", 50, 4, 0,
			func() error { return visit(target, func() error { return exec.Command("true").Run() }) },
			func() error {
				return nsexec.Enter(context.Background(), &launch.Entry{Join: []launch.Join{{Kind: ns.Net, From: launch.FromFile, Path: path}}, Command: command()}).Run()
			}},
		{"`true` in a new user and UTS namespace", "exec.Cmd, Cloneflags", 50, 4, 0, cloned, spawned},
		{"a veth pair with addresses to another namespace, made and removed", "netlink, netns", 30, 1, 0,
			func() error { return theirPair(target) }, func() error { return ourPair(pid) }},
	}
	if len(os.Args) > 2 {
		all = append(all, row{"a program that becomes root in a user namespace", "containers/storage 1.65, cgo", 50, 1, 0,
			func() error { return asUser(os.Args[2]) }, func() error { return asUser(os.Args[1]) }})
	}
	return all
}

// cost is what one time takes: by the clock, and of CPUs, children's and the kernel's included.
type cost struct{ clock, cpu time.Duration }

// measure has both take turns, and each begin every other round.
func measure(rows []row) {
	for _, r := range rows {
		var theirs, ours []cost
		for i := range r.rounds {
			if i%2 == 0 {
				theirs = append(theirs, spent(&r, r.theirs))
			}
			ours = append(ours, spent(&r, r.ours))
			if i%2 == 1 {
				theirs = append(theirs, spent(&r, r.theirs))
			}
		}
		a, b := middle(theirs), middle(ours)
		fmt.Printf("| %s | %s | %s | %s | %.2f | %s | %s | %.2f |\n", r.what, r.peer, text(a.clock), text(b.clock), float64(b.clock)/float64(a.clock),
			text(a.cpu), text(b.cpu), float64(b.cpu)/float64(a.cpu))
	}
	load, _ := os.ReadFile("/proc/loadavg")
	fmt.Fprintln(os.Stderr, "load", strings.TrimSpace(string(load)))
}

// middle has the medians.
func middle(all []cost) cost {
	var m cost
	for _, part := range []struct {
		to *time.Duration
		of func(cost) time.Duration
	}{{&m.clock, func(c cost) time.Duration { return c.clock }}, {&m.cpu, func(c cost) time.Duration { return c.cpu }}} {
		slices.SortFunc(all, func(a, b cost) int { return int(part.of(a) - part.of(b)) })
		*part.to = part.of(all[len(all)/2])
	}
	return m
}

func spent(r *row, work func() error) cost {
	begin, used := time.Now(), cpu()
	if r.abreast == 0 {
		repeat(r.times, work)
	}
	var all sync.WaitGroup
	for range r.abreast {
		all.Go(func() { repeat(r.times/r.abreast, work) })
	}
	all.Wait()
	return cost{time.Since(begin) / time.Duration(r.times), (cpu() - used) / time.Duration(r.times)}
}

func repeat(times int, work func() error) {
	for range times {
		check(work())
	}
}

// cpu is the time that this process and its children have used.
func cpu() (sum time.Duration) {
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var u syscall.Rusage
		check(syscall.Getrusage(who, &u))
		sum += time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	return sum
}

func text(d time.Duration) string {
	if d < 100*time.Microsecond {
		return fmt.Sprintf("%.1f µs", float64(d.Nanoseconds())/1e3)
	}
	return fmt.Sprintf("%.2f ms", float64(d.Nanoseconds())/1e6)
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// visit is what programs do with package netns.
func visit(target netns.NsHandle, work func() error) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	home, err := netns.Get()
	if err != nil {
		return err
	}
	defer home.Close()
	if err := netns.Set(target); err != nil {
		return err
	}
	defer netns.Set(home)
	return work()
}

func command() launch.Command { return launch.Command{File: "true", Args: []string{"true"}} }

func cloned() error {
	cmd := exec.Command("true")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWUSER | syscall.CLONE_NEWUTS,
		UidMappings: []syscall.SysProcIDMap{{Size: 1}}, GidMappings: []syscall.SysProcIDMap{{Size: 1}}}
	return cmd.Run()
}

func spawned() error {
	zero := launch.IDs{Single: launch.Some(uint32(0))}
	return nsexec.Command(context.Background(), &launch.Spec{Unshare: ns.SetOf(ns.User, ns.UTS), Users: zero, Groups: zero, Command: command()}).Run()
}

var local, far = netip.MustParsePrefix("192.0.2.1/24"), netip.MustParsePrefix("192.0.2.2/24")

func ourPair(pid int) error {
	_, err := veth.Add(context.Background(), veth.Spec{A: veth.Endpoint{Name: "bench0", Addrs: []netip.Prefix{local}},
		B: veth.Endpoint{NS: veth.PID(pid), Name: "bench1", Addrs: []netip.Prefix{far}}})
	if err != nil {
		return err
	}
	return veth.Del(context.Background(), veth.NS{}, "bench0")
}

// theirPair has no rollback.
func theirPair(target netns.NsHandle) error {
	link := &netlink.Veth{LinkAttrs: netlink.LinkAttrs{Name: "bench0"}, PeerName: "bench1", PeerNamespace: netlink.NsFd(target)}
	if err := netlink.LinkAdd(link); err != nil {
		return err
	}
	if err := addressed(&netlink.Handle{}, "bench0", local); err != nil {
		return err
	}
	inside, err := netlink.NewHandleAt(target)
	if err != nil {
		return err
	}
	defer inside.Close()
	if err := addressed(inside, "bench1", far); err != nil {
		return err
	}
	return netlink.LinkDel(link)
}

func addressed(h *netlink.Handle, name string, prefix netip.Prefix) error {
	link, err := h.LinkByName(name)
	if err != nil {
		return err
	}
	addr, err := netlink.ParseAddr(prefix.String())
	if err != nil {
		return err
	}
	if err := h.AddrAdd(link, addr); err != nil {
		return err
	}
	return h.LinkSetUp(link)
}

func asUser(program string) error {
	cmd := exec.Command(program)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 1000, Gid: 1000}}
	cmd.Dir, cmd.Env = "/", []string{"PATH=/usr/bin:/bin", "HOME=/", "USER=nobody"}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", program, err, out)
	}
	return nil
}
