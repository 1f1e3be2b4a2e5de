package main

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

//go:embed room.sh
var roomScript string

// The ways to be in the room.
const (
	prepare = "prepare"
	host    = "host"
	nskit   = "nskit"
)

// compare runs a client with both tools. What differs is run once more with each, and is
// unsteady if it comes to something else.
func (o options) compare(c client) outcome {
	result := outcome{client: c}
	source, err := o.source(c)
	if err != nil {
		result.notRun = err
		return result
	}
	result.version = version(o.cache, c)
	if result.host, err = o.cases(c, host, source, &result.starts); err != nil {
		result.notRun = err
		return result
	}
	if result.nskit, err = o.cases(c, nskit, source, &result.starts); err != nil {
		result.err = err
		return result
	}
	if slices.ContainsFunc(result.differences(), func(d difference) bool { return d.reason == "" }) {
		result.err = o.again(c, source, &result)
	}
	return result
}

// again finds the cases that are unsteady.
func (o options) again(c client, source string, result *outcome) error {
	differ := result.differences()
	var starts int
	theirs, err := o.cases(c, host, source, &starts)
	ours, err2 := o.cases(c, nskit, source, &starts)
	for _, d := range differ {
		if theirs[d.name] != result.host[d.name] || ours[d.name] != result.nskit[d.name] {
			result.unsteady = append(result.unsteady, d.name)
		}
	}
	return errors.Join(err, err2)
}

// source fetches and prepares a client's source, once; what was interrupted goes on. A client
// without one has an empty directory.
func (o options) source(c client) (string, error) {
	dir := filepath.Join(o.cache, "src", c.name)
	if !c.source {
		return dir, os.MkdirAll(dir, 0o755)
	}
	if notes(dir+".prepared") == c.prepare {
		return dir, nil
	}
	if notes(dir+".begun") != c.prepare {
		if err := os.RemoveAll(dir); err != nil {
			return "", err
		}
	}
	if err := fetch(c, dir); err != nil {
		return "", err
	}
	if err := os.WriteFile(dir+".begun", []byte(c.prepare), 0o644); err != nil {
		return "", err
	}
	if output, err := o.enter(prepare, dir, c.prepare, time.Hour); err != nil {
		return "", fmt.Errorf("it cannot be built: %w\n%s", err, tail(output))
	}
	return dir, os.WriteFile(dir+".prepared", []byte(c.prepare), 0o644)
}

// fetch takes the first version of a source that can be had.
func fetch(c client, dir string) error {
	from := c.from
	if len(from) == 0 {
		from = []string{c.name}
	}
	for _, name := range from {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
		cmd := exec.CommandContext(ctx, "scripts/unpack-deb", "--source", dir, name)
		cmd.Stderr = os.Stderr
		err := cmd.Run()
		cancel()
		if err == nil {
			return nil
		}
	}
	return fmt.Errorf("the mirror has no source of it (%s)", strings.Join(from, ", "))
}

// notes is what a file says that source left, "" for none.
func notes(path string) string {
	text, _ := os.ReadFile(path)
	return string(text)
}

func tail(output string) string {
	lines := strings.Split(strings.TrimSpace(output), "\n")
	return strings.Join(lines[max(0, len(lines)-15):], "\n")
}

// cases runs a client one way. How it exits says nothing: it may have failed cases either way.
func (o options) cases(c client, kind, source string, starts *int) (results, error) {
	counter, err := watchStarts(o.nskit)
	if err != nil {
		return nil, err
	}
	output, err := o.enter(kind, source, c.run, c.limit)
	n := counter.stop()
	if kind == nskit {
		*starts += n
	}
	if o.verbose {
		fmt.Printf("== %s, %s\n%s\n", c.name, kind, output)
	}
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() == 124 || exit.ExitCode() == 137) {
		return nil, fmt.Errorf("with %s's tools it does not end in time or does not start: %w\n%s", kind, err, tail(output))
	}
	return read(output, c.line), nil
}

// enter runs a script in the room and returns what it printed.
func (o options) enter(kind, source, script string, limit time.Duration) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), limit+time.Minute)
	defer cancel()
	root := filepath.Join(o.cache, "root")
	cmd := exec.CommandContext(ctx, "/bin/sh", "-c", roomScript, "room", kind, o.nskit, root, source, strconv.Itoa(int(limit.Seconds())))
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:   unix.CLONE_NEWPID | unix.CLONE_NEWNET | unix.CLONE_NEWIPC | unix.CLONE_NEWUTS,
		Unshareflags: unix.CLONE_NEWNS, // its mounts stay its own
		Pdeathsig:    syscall.SIGKILL,
	}
	cmd.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin"}
	cmd.Stdin = strings.NewReader(script)
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	cmd.WaitDelay = 5 * time.Second
	err := cmd.Run()
	return output.String(), err
}

// version is that of a client's source or, without one, of its package.
func version(cache string, c client) string {
	if c.source {
		text, _ := os.ReadFile(filepath.Join(cache, "src", c.name+".versions")) // the page says no version then
		return strings.TrimSpace(string(text))
	}
	text, _ := os.ReadFile(filepath.Join(cache, "root.versions"))
	for line := range strings.Lines(string(text)) {
		if name, number, _ := strings.Cut(strings.TrimSpace(line), " "); name == c.name {
			return number
		}
	}
	return ""
}

// metadataSize is that of fanotify(7)'s struct fanotify_event_metadata.
const metadataSize = 24

// starts counts how often a file is executed.
type starts struct {
	file  *os.File
	count chan int
}

func watchStarts(path string) (*starts, error) {
	fd, err := unix.FanotifyInit(unix.FAN_CLASS_NOTIF|unix.FAN_CLOEXEC|unix.FAN_NONBLOCK, unix.O_RDONLY|unix.O_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("fanotify_init: %w", err)
	}
	if err := unix.FanotifyMark(fd, unix.FAN_MARK_ADD, unix.FAN_OPEN_EXEC, unix.AT_FDCWD, path); err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("fanotify_mark: %w", err)
	}
	s := &starts{os.NewFile(uintptr(fd), "fanotify"), make(chan int, 1)}
	go s.read()
	return s, nil
}

// read takes the events: each is fanotify(7)'s metadata with a descriptor to be closed.
func (s *starts) read() {
	count := 0
	defer func() { s.count <- count }()
	buffer := make([]byte, 64<<10)
	for {
		n, err := s.file.Read(buffer)
		if err != nil { // it is closed
			return
		}
		for events := buffer[:n]; len(events) >= metadataSize; count++ {
			unix.Close(int(int32(binary.NativeEndian.Uint32(events[16:]))))
			events = events[binary.NativeEndian.Uint32(events):]
		}
	}
}

func (s *starts) stop() int {
	s.file.Close()
	return <-s.count
}
