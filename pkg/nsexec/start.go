//go:build linux

package nsexec

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/internal/trampoline"
	"github.com/nskit/nskit/pkg/launch"
	"golang.org/x/sys/unix"
)

// Start starts the command and returns when it has been executed: execve(2) cannot fail any
// more. The kernel changes the name in /proc/PID/comm a moment later. The error is an [Error]
// for what fails on the way there, that of the context when it ends first, or what
// os/exec and trampoline.Start say. After an error no process and no pipe is left of it.
func (c *Cmd) Start() error {
	if c.started {
		return errors.New("nsexec: already started")
	}
	c.started = true
	if err := c.prepared(); err != nil {
		c.closePipes()
		return err
	}
	if err := c.holdOwn(); err != nil {
		c.closePipes()
		return err
	}
	var own []*os.File
	if c.own != nil {
		own = []*os.File{c.own}
		defer c.own.Close()
	}
	report := 3 + len(c.ExtraFiles) + len(own)
	read, write, err := os.Pipe()
	if err != nil {
		c.closePipes()
		return err
	}
	defer read.Close()
	p := c.decide(report, c)
	child, err := trampoline.NewChild(p, report+1, report)
	if err != nil {
		write.Close()
		c.closePipes()
		return err
	}
	if user := c.caller(); user.UID != uint32(os.Geteuid()) {
		child.Give(user.UID, user.GID) // who may not is told of what cannot be done without
	}
	w := &wait{cmd: c, program: p, child: child, own: own, ready: make(chan struct{})}
	err = w.launch(write)
	write.Close()
	child.Close()
	if err != nil {
		return err
	}
	w.first = c.Process
	return w.follow(read)
}

// closePipes has os/exec close what StdinPipe and its like have opened.
func (c *Cmd) closePipes() {
	if c.Err == nil {
		c.Err = errors.New("nsexec: not started")
	}
	c.Cmd.Start()
}

// lingering is how long a Start that has failed waits for the caller's readers and writers.
const lingering = time.Second

// wait is a command on its way.
type wait struct {
	cmd     *Cmd
	program *program.Program
	child   *trampoline.Child
	own     []*os.File
	// first is the process that was started.
	first *os.Process
	// ready is closed when Process is the command's.
	ready chan struct{}
	// pid is the command's process, 0 for the one that was started.
	pid int
	// stands says that the command was about to be executed, failed is why it was not.
	stands bool
	failed *Error
}

// launch starts the process by os/exec, with what only this package knows in place of
// what the caller has filled in, for that long.
func (w *wait) launch(status *os.File) error {
	c, cmd := w.cmd, w.cmd.Cmd
	path, args, dir, extra, cancel := cmd.Path, cmd.Args, cmd.Dir, cmd.ExtraFiles, cmd.Cancel
	cmd.Env, cmd.Dir = c.Environ(), ""
	cmd.Path, cmd.Args = w.child.Path, w.program.Cmdline
	cmd.ExtraFiles = slices.Concat(extra, w.own, []*os.File{status}, w.child.Files)
	cmd.Cancel = func() error {
		<-w.ready
		if cancel == nil {
			return os.ErrProcessDone
		}
		return cancel()
	}
	err := cmd.Start()
	cmd.Path, cmd.Args, cmd.Dir, cmd.ExtraFiles = path, args, dir, extra
	var at *os.PathError
	if errors.As(err, &at) && at.Path == w.child.Path {
		if errno, ok := at.Err.(syscall.Errno); ok {
			return &Error{Op: at.Op, Errno: errno, What: "cannot start a process"}
		}
	}
	return err
}

// follow reads how far the Program comes, until the command has been executed or it
// has ended.
func (w *wait) follow(status *os.File) error {
	c := w.cmd
	stop := context.AfterFunc(c.ctx, w.interrupt)
	w.read(status)
	stopped := stop()
	if w.stands && w.failed == nil {
		err := w.adopt()
		close(w.ready)
		return err
	}
	state := w.abandon()
	if !stopped && c.ctx.Err() != nil {
		return c.ctx.Err()
	}
	if w.failed == nil {
		w.failed = &Error{Op: "helper", What: "a helper has failed, or the process has ended: " + state}
	}
	return w.failed
}

// read reads records until the pipe ends.
func (w *wait) read(status io.Reader) {
	var record [8]byte
	for {
		if _, err := io.ReadFull(status, record[:]); err != nil {
			return
		}
		word := binary.NativeEndian.Uint64(record[:])
		if high := uint32(word >> 32); high == launch.ReportReady || high == launch.ReportPID {
			w.told(int(high), int(uint32(word)))
			continue
		}
		errno, address := binary.NativeEndian.Uint32(record[:4]), binary.NativeEndian.Uint32(record[4:])
		if w.failed == nil {
			w.failed = failure(w.program, w.child.Step(address), syscall.Errno(errno), w.cmd.Path)
		}
	}
}

func (w *wait) told(what, pid int) {
	if what == launch.ReportPID {
		w.pid = pid
		return
	}
	w.stands = true
}

// adopt makes the command's own process the Process, and reaps the one before it.
func (w *wait) adopt() error {
	c := w.cmd
	if w.pid == 0 {
		return nil
	}
	process, err := os.FindProcess(w.pid)
	if err != nil {
		return err
	}
	c.Process = process
	_, err = w.first.Wait()
	return err
}

// interrupt ends the process that is on its way. The one that makes the command's blocks
// SIGTERM until it has told whose it is.
func (w *wait) interrupt() {
	sig := os.Signal(unix.SIGTERM)
	if signal.Ignored(unix.SIGTERM) {
		sig = os.Kill
	}
	w.first.Signal(sig)
}

// abandon waits for what has failed, gives everything back, and tells how it ended.
func (w *wait) abandon() string {
	c := w.cmd
	if w.pid != 0 {
		if process, err := os.FindProcess(w.pid); err == nil {
			process.Kill()
			process.Wait()
		}
	}
	w.first.Kill()
	close(w.ready)
	done := make(chan string, 1)
	go func() {
		c.Cmd.Wait()
		done <- c.ProcessState.String()
	}()
	select {
	case state := <-done:
		c.Process, c.ProcessState = nil, nil
		return state
	case <-time.After(lingering): // a Stdin that gives nothing
		return "unknown"
	}
}

// Run starts the command and waits for it, as exec.Cmd.Run does.
func (c *Cmd) Run() error {
	if err := c.Start(); err != nil {
		return err
	}
	return c.Wait()
}

// Output runs the command and returns its standard output, as exec.Cmd.Output does.
func (c *Cmd) Output() ([]byte, error) {
	if c.Stdout != nil {
		return nil, errors.New("nsexec: Stdout already set")
	}
	var out, text bytes.Buffer
	c.Stdout = &out
	capture := c.Stderr == nil
	if capture {
		c.Stderr = &text
	}
	err := c.Run()
	var exit *exec.ExitError
	if capture && errors.As(err, &exit) {
		exit.Stderr = text.Bytes()
	}
	return out.Bytes(), err
}

// CombinedOutput runs the command and returns its standard output and error.
func (c *Cmd) CombinedOutput() ([]byte, error) {
	if c.Stdout != nil || c.Stderr != nil {
		return nil, errors.New("nsexec: Stdout or Stderr already set")
	}
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	err := c.Run()
	return out.Bytes(), err
}
