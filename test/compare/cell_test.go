package compare

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/nskit/nskit/internal/testkit"
	"golang.org/x/sys/unix"
)

// patience is how long one run may take before it counts as hanging.
const patience = 30 * time.Second

// run runs the line with one set of tools in a cell of its own, and reports all
// that can be seen. The error is of the harness, not of the line.
func (l line) run(tool string) (string, error) {
	c, err := newCell(l.cellKind())
	if err != nil {
		return "", err
	}
	defer c.close()
	if err := c.start(l.script(tool), l.hints); err != nil {
		return "", err
	}
	var state []string
	if c.waitReady() {
		state = c.look()
		c.resume(l.send)
	}
	err = c.wait()
	return c.report(state), err
}

// runBoth runs the line with the host's tools and with nskit's.
func runBoth(l line) (theirs, ours string) {
	if l.pair() {
		return runPair(l)
	}
	other := l
	if l.like != "" && version() == versions[0] {
		other.text = l.like
	}
	theirs, err := other.run("host")
	if err != nil {
		theirs = "the harness failed: " + err.Error()
	}
	ours, err = l.run("nskit")
	if err != nil {
		ours = "the harness failed, too: " + err.Error()
	}
	return theirs, ours
}

// runPair runs both in one cell, one after the other, with the same PID: they
// only look around, and must see the same things.
func runPair(l line) (theirs, ours string) {
	report, err := l.run("pair")
	if err != nil {
		return "the harness failed: " + err.Error(), report
	}
	var answers [2]strings.Builder
	for _, prefix := range []string{"out: ", "err: ", "cell: exit "} {
		second := 0
		for _, text := range section(report, prefix) {
			if text == prefix+"====" {
				second = 1
				continue
			}
			answers[second].WriteString("\n" + text)
			if prefix == "cell: exit " {
				second = 1
			}
		}
	}
	return answers[0].String(), answers[1].String()
}

// cell is one run: a process 1 with a mount and a PID namespace of its own.
type cell struct {
	cmd      *exec.Cmd
	door     *os.File // our end of the socket that the line has as its input
	out, err *os.File
	log      *os.File // what process 1 says
	script   *os.File // what it does
	other    *os.File // the line's end of the socket
}

// newCell prepares a cell of a kind: "root", "user" or "inns".
func newCell(kind string) (*cell, error) {
	c := &cell{}
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	if err := unix.SetNonblock(pair[0], true); err != nil {
		return nil, err
	}
	c.door, c.other = os.NewFile(uintptr(pair[0]), "door"), os.NewFile(uintptr(pair[1]), "door")
	for name, file := range map[string]**os.File{"out": &c.out, "err": &c.err, "log": &c.log, "script": &c.script} {
		fd, err := unix.MemfdCreate(name, unix.MFD_CLOEXEC)
		if err != nil {
			return nil, err
		}
		*file = os.NewFile(uintptr(fd), name)
	}
	c.cmd = exec.Command("/bin/sh")
	c.cmd.SysProcAttr = cellAttributes(kind)
	return c, nil
}

// cellAttributes are a cell's namespaces and user. Process 1 may do everything
// in the cell; what runs there loses that right first (as in script).
func cellAttributes(kind string) *syscall.SysProcAttr {
	attributes := &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNS | unix.CLONE_NEWPID, Pdeathsig: unix.SIGKILL}
	id, outside := 0, 0
	switch {
	case kind == "root" || kind == "user" && asRoot():
		return attributes
	case kind == "user":
		id = userID
		attributes.AmbientCaps = []uintptr{unix.CAP_SYS_ADMIN, unix.CAP_DAC_OVERRIDE, unix.CAP_SYS_PTRACE, unix.CAP_CHOWN, unix.CAP_SETPCAP, unix.CAP_NET_ADMIN}
	case asRoot():
		outside = userID
	}
	attributes.Cloneflags |= unix.CLONE_NEWUSER
	attributes.UidMappings = []syscall.SysProcIDMap{{ContainerID: id, HostID: outside, Size: 1}}
	attributes.GidMappings = []syscall.SysProcIDMap{{ContainerID: id, HostID: outside, Size: 1}}
	attributes.Credential = &syscall.Credential{Uid: uint32(id), Gid: uint32(id), NoSetGroups: true}
	return attributes
}

func (c *cell) close() {
	for _, file := range []*os.File{c.door, c.other, c.out, c.err, c.log, c.script} {
		if file != nil {
			file.Close()
		}
	}
}

// environment is that of every run.
func environment(hints bool) []string {
	env := []string{"PATH=/w/bin:/tools/any:/usr/bin:/bin:/usr/sbin", "HOME=/root", "SHELL=/bin/sh", "LC_ALL=C", "MARK=one two"}
	if !hints {
		env = append(env, "NSKIT_HINTS=0")
	}
	return env
}

func (c *cell) start(script string, hints bool) error {
	c.cmd.Args = []string{"sh", "/proc/self/fd/6"} // lsns shows it
	c.cmd.Env = environment(hints)
	c.cmd.Dir = "/"
	c.cmd.Stdout, c.cmd.Stderr = c.log, c.log
	c.cmd.ExtraFiles = []*os.File{c.other, c.out, c.err, c.script}
	if _, err := c.script.WriteString(script); err != nil {
		return err
	}
	err := testkit.StartPinned(c.cmd)
	c.other.Close()
	return err
}

// waitReady waits until the probe says that it runs; false if none ever does.
func (c *cell) waitReady() bool {
	_ = c.door.SetReadDeadline(time.Now().Add(patience))
	answer := make([]byte, 16)
	n, err := c.door.Read(answer)
	return err == nil && strings.HasPrefix(string(answer[:n]), "ready")
}

// resume lets the probe go on, after a signal to the line's process if it is to
// get one. One that dies of it ends the cell, and nothing goes on.
func (c *cell) resume(send string) {
	if pid := c.linePID(); send != "" && pid > 0 {
		number := unix.SignalNum("SIG" + send)
		deadly := diesOf(pid, number)
		_ = unix.Kill(pid, number) // what comes of it is compared
		if deadly {
			return
		}
	}
	_, _ = c.door.WriteString("go\n") // nobody reads it any more: that is compared, too
}

// diesOf says that a process neither blocks nor ignores nor catches a signal.
func diesOf(pid int, number unix.Signal) bool {
	for _, text := range status(pid, "SigBlk", "SigIgn", "SigCgt") {
		mask, err := strconv.ParseUint(strings.Fields(text)[1], 16, 64)
		if err != nil || mask&(1<<(number-1)) != 0 {
			return false
		}
	}
	return true
}

func (c *cell) wait() error {
	timer := time.AfterFunc(patience, func() { _ = c.cmd.Process.Kill() })
	defer timer.Stop()
	err := c.cmd.Wait()
	if c.cmd.ProcessState.Sys().(syscall.WaitStatus).Signaled() {
		return fmt.Errorf("process 1 of the cell: %w", err)
	}
	return nil
}

// report is the text that is compared: every line has a prefix that says of what.
func (c *cell) report(state []string) string {
	var lines []string
	for _, part := range []struct {
		prefix string
		file   *os.File
	}{{"out", c.out}, {"err", c.err}, {"cell", c.log}} {
		for _, text := range strings.SplitAfter(content(part.file), "\n") {
			if part.prefix == "cell" && len(mountTable([]string{text})) > 0 {
				text = mountTable([]string{text})[0]
			}
			if text != "" {
				lines = append(lines, part.prefix+": "+strings.TrimSuffix(text, "\n"))
			}
			if text != "" && part.prefix != "cell" && !strings.HasSuffix(text, "\n") {
				lines = append(lines, part.prefix+" has no line end")
			}
		}
	}
	return "\n" + neutral(strings.Join(append(lines, state...), "\n"))
}

func content(file *os.File) string {
	info, err := file.Stat()
	if err != nil {
		return err.Error()
	}
	text := make([]byte, info.Size())
	_, _ = file.ReadAt(text, 0) // it is in memory
	return string(text)
}
