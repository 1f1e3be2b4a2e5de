package load

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// hand does one thing after the other, with containers of its own.
type hand struct {
	*rand.Rand
	dir, name string
	running   []*container
	pairs     int
	done      map[string]int
}

// turnsOf are the things that a hand can do. Each checks what comes of it.
var turnsOf = []struct {
	name string
	do   func(*hand) error
}{
	{"start", (*hand).start}, {"start", (*hand).start},
	{"end", (*hand).end},
	{"unshare", (*hand).unshare}, {"unshare", (*hand).unshare},
	{"pivot", (*hand).pivot}, {"pivot", (*hand).pivot},
	{"nsenter", (*hand).nsenter}, {"nsenter", (*hand).nsenter},
	{"lsns", (*hand).lsns},
	{"pair", (*hand).pair},
	{"persist", (*hand).persist},
	{"fail", (*hand).fail},
	{"stop", (*hand).stop},
}

// take takes n turns, and ends what runs then.
func (h *hand) take(n int) error {
	for range n {
		turn := turnsOf[h.IntN(len(turnsOf))]
		if err := turn.do(h); err != nil {
			return errors.Join(fmt.Errorf("%s: %w", turn.name, err), h.endAll())
		}
		h.done[turn.name]++
	}
	return h.endAll()
}

func (h *hand) endAll() error {
	var all error
	for len(h.running) > 0 {
		all = errors.Join(all, h.end())
	}
	return all
}

// some chooses each of the words or not.
func (h *hand) some(words ...string) []string {
	var chosen []string
	for _, word := range words {
		if h.IntN(2) == 0 {
			chosen = append(chosen, word)
		}
	}
	return chosen
}

// code is an exit code, most often 0.
func (h *hand) code() int { return max(0, h.IntN(14)-6) * 5 }

// exiting is a program that exits with a code.
func exiting(code int) []string { return []string{"sh", "-c", "exit " + strconv.Itoa(code)} }

// separate are options for namespaces that go together.
func (h *hand) separate() []string {
	options := h.some("-u", "-i", "-n", "-C", "-T", "-Ur", "--hostname=box", "-m", "--forward-signals")
	switch h.IntN(4) {
	case 0:
		options = append(options, "-pf")
	case 1:
		options = append(options, "-pf", "--mount-proc")
	case 2:
		options = append(options, "-pf", "--kill-child")
	}
	return options
}

func (h *hand) start() error {
	if len(h.running) > 4 {
		return h.end()
	}
	c, err := start("unshare", h.separate()...)
	if err == nil {
		h.running = append(h.running, c)
	}
	return err
}

// end ends one of the containers.
func (h *hand) end() error {
	if len(h.running) == 0 {
		return nil
	}
	i := h.IntN(len(h.running))
	c := h.running[i]
	h.running = slices.Delete(h.running, i, i+1)
	return c.end(h.IntN(2) == 0)
}

// one is one of the containers that run.
func (h *hand) one() (*container, error) {
	if len(h.running) == 0 {
		if err := h.start(); err != nil {
			return nil, err
		}
	}
	return h.running[h.IntN(len(h.running))], nil
}

func (h *hand) unshare() error {
	code := h.code()
	return said(code, "unshare", append(h.separate(), exiting(code)...)...)
}

func (h *hand) pivot() error {
	code := h.code()
	args := append([]string{"-Urpf"}, h.some("--proc", "--dev", "--tmpfs=/tmp", "--file=text:/etc/motd", "-n", "--read-only")...)
	switch h.IntN(3) {
	case 0:
		args = append(args, "--rootfs-from="+h.dir+"/root.tar")
	case 1:
		args = append(args, "--overlay", h.dir+"/rootfs")
	default:
		// What is missing as a mount point is made, and stays: another hand's
		// root must not be in the way.
		args = append(args, h.dir+"/rootfs")
	}
	return said(code, "pivot", append(args, exiting(code)...)...)
}

func (h *hand) nsenter() error {
	c, err := h.one()
	if err != nil {
		return err
	}
	code := h.code()
	args := [][]string{{"-a"}, {"-u", "-n"}, {"-m", "-p"}, {"-U", "--preserve-credentials", "-i"}}[h.IntN(4)]
	args = append([]string{"-t", strconv.Itoa(c.pid)}, args...)
	if own, _ := os.Readlink("/proc/self/ns/user"); slices.Contains(args, "-U") {
		if theirs, _ := os.Readlink(fmt.Sprintf("/proc/%d/ns/user", c.pid)); own == theirs {
			code = 1 // nobody may enter where they are
			return said(1, "nsenter", append(args, exiting(0)...)...)
		}
	}
	return said(code, "nsenter", append(args, exiting(code)...)...)
}

// lsns must know the containers.
func (h *hand) lsns() error {
	c, err := h.one()
	if err != nil {
		return err
	}
	out, err := says(0, "lsns", append([]string{"--json", "-p", strconv.Itoa(c.pid)}, h.some("-T", "-u")...)...)
	if err != nil {
		return err
	}
	if strings.Contains(out, "{") && !json.Valid([]byte(out)) {
		return fmt.Errorf("no JSON: %s", out)
	}
	out, err = says(0, "lsns", "-n", "-o", "NS,TYPE,NPROCS,PID,USER,COMMAND")
	if err == nil && strings.Count(out, "\n") < 8 {
		err = fmt.Errorf("too few namespaces:\n%s", out)
	}
	return err
}

// link is what vethctl calls an interface in a container.
func (c *container) link(name string) string {
	own, _ := os.Readlink("/proc/self/ns/net")
	if theirs, _ := os.Readlink(fmt.Sprintf("/proc/%d/ns/net", c.pid)); theirs == own {
		return name
	}
	return fmt.Sprintf("pid:%d:%s", c.pid, name)
}

// pair makes a veth pair between two containers, changes it, and sometimes takes it
// away. Names are used once, since two ends may be in one namespace.
func (h *hand) pair() error {
	a, err := h.one()
	if err != nil {
		return err
	}
	b, err := h.one()
	if err != nil {
		return err
	}
	h.pairs++
	name := fmt.Sprintf("h%sc%d", h.name, h.pairs)
	left, right := a.link(name+"a"), b.link(name+"b")
	if err := said(0, "vethctl", "add", left+",addr=10.0.0.1/24", right+",addr=fd00::1/64"); err != nil {
		return err
	}
	out, err := says(0, "vethctl", "show", left)
	if err == nil && !strings.Contains(out, name+"b") {
		err = fmt.Errorf("no peer: %s", out)
	}
	if err != nil {
		return err
	}
	if err := said(0, "vethctl", "set", right, "mtu=1400"); err != nil {
		return err
	}
	return said(0, "vethctl", "del", left)
}

// persist makes a namespace that outlives its processes.
func (h *hand) persist() error {
	code := h.code()
	kind := []string{"net", "uts", "ipc"}[h.IntN(3)]
	file := fmt.Sprintf("%s/%s%s", h.dir, kind, h.name)
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		return err
	}
	if err := said(code, "unshare", append([]string{"--" + kind + "=" + file}, exiting(code)...)...); err != nil {
		return err
	}
	if err := said(code, "nsenter", append([]string{"--" + kind + "=" + file}, exiting(code)...)...); err != nil {
		return err
	}
	// Another hand's lsns may just be looking at it.
	return errors.Join(unix.Unmount(file, unix.MNT_DETACH), os.Remove(file))
}

// fail has commands fail, at different depths.
func (h *hand) fail() error {
	lines := []struct {
		code int
		line string
	}{
		{127, "unshare -Urmpf --mount-proc /no/such/program"}, {126, "unshare -Ur /etc/passwd"}, {1, "unshare --root=/no/such/dir true"},
		{1, "unshare --net=/no/such/file true"}, {1, "nsenter -t 4194304 -a true"}, {1, "pivot -Urpf /no/such/root true"},
		{1, "pivot -Urpf --bind=/no/such/source:/tmp " + h.dir + "/rootfs true"}, {127, "pivot -Urpf --overlay " + h.dir + "/rootfs /no/such/program"},
		{1, "pivot -Urpf --rootfs-from=/etc/passwd true"}, {3, "vethctl del no-such-link"}, {1, "lsns 4026530000"},
	}
	one := lines[h.IntN(len(lines))]
	words := strings.Fields(one.line)
	return said(one.code, words[0], words[1:]...)
}

// stop stops a process in front of a container, or the program itself, for a
// moment: what was waiting goes on to wait.
func (h *hand) stop() error {
	c, err := h.one()
	if err != nil {
		return err
	}
	pid := []int{c.pid, c.cmd.Process.Pid}[h.IntN(2)]
	return errors.Join(syscall.Kill(pid, syscall.SIGSTOP), syscall.Kill(pid, syscall.SIGCONT))
}
