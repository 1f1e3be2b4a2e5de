package runtimes

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/nskit/nskit/internal/testkit"
)

func sprintf(format string, args ...any) string { return fmt.Sprintf(format, args...) }

// TestRuntimes tries every feature with every kind of container of every runtime.
func TestRuntimes(t *testing.T) {
	testkit.Require(t, testkit.NeedsRoot)
	for _, r := range runtimes {
		t.Run(r.name, func(t *testing.T) {
			site := begin(t, r)
			for _, k := range r.kinds {
				t.Run(k.name, func(t *testing.T) {
					c := site.start(t, k, "nsk-"+k.name)
					for _, f := range features {
						t.Run(f.name, func(t *testing.T) { f.try(t, c) })
					}
				})
			}
		})
	}
}

// site is a runtime that can be used.
type site struct {
	runtime
	// dir is W of the commands; environment is theirs, and nskit's.
	dir         string
	environment []string
}

// begin starts a runtime's daemon, if it has one, and makes the image.
func begin(t *testing.T, r runtime) *site {
	t.Helper()
	for _, tool := range r.tools {
		testkit.Require(t, testkit.NeedsTool(tool))
	}
	dir, err := os.MkdirTemp(os.Getenv("NSKIT_TEST_ROOT"), r.name+"-")
	check(t, err)
	s := &site{runtime: r, dir: dir, environment: append(os.Environ(), "W="+dir, "TMPDIR="+dir, "HOME="+dir, "XDG_RUNTIME_DIR=")}
	check(t, writeImages(dir))
	if r.user {
		check(t, os.Mkdir(filepath.Join(dir, "user"), 0o700))
		s.environment = append(s.environment, "XDG_RUNTIME_DIR="+dir+"/user", "DBUS_SESSION_BUS_ADDRESS=")
		check(t, testkit.GiveAway(dir))
	}
	check(t, os.Chmod(dir, 0o755))
	t.Cleanup(func() { s.sh(t, s.after) })
	if r.daemon != "" {
		s.startDaemon(t)
	}
	s.sh(t, r.image)
	return s
}

// startDaemon starts it until the test ends. A machine on which it cannot run is a reason to skip.
func (s *site) startDaemon(t *testing.T) {
	t.Helper()
	log, err := os.Create(filepath.Join(s.dir, "log"))
	check(t, err)
	defer log.Close()
	cmd := s.command("", s.daemon)
	cmd.Stdout, cmd.Stderr = log, log
	check(t, cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // it may have ended
		if err := <-ended; err != nil && !t.Failed() {
			t.Logf("%s: %v", s.name, err)
		}
	})
	over := false
	ready := testkit.Poll(func() bool {
		select {
		case err := <-ended:
			ended <- err
			over = true
			return true
		default:
			return s.command("", s.ready).Run() == nil
		}
	})
	if over || !ready {
		text, _ := os.ReadFile(log.Name())
		lines := strings.Split(strings.TrimSpace(string(text)), "\n")
		testkit.Skip(t, testkit.Reason(fmt.Sprintf("a %s that starts: %s", s.name, lines[len(lines)-1])))
	}
}

// command is a shell's, as the user whose runtime it is.
func (s *site) command(name, text string, more ...string) *exec.Cmd {
	cmd := s.as("sh", "-c", text)
	cmd.Env = append(append(cmd.Env, "NAME="+name), more...)
	return cmd
}

// as is a command of whoever's runtime it is.
func (s *site) as(words ...string) *exec.Cmd {
	if s.user {
		words = append([]string{"asuser"}, words...)
	}
	cmd := exec.Command(words[0], words[1:]...)
	cmd.Env, cmd.Dir = s.environment, s.dir
	return cmd
}

// sh runs a shell command that must succeed.
func (s *site) sh(t *testing.T, text string) { t.Helper(); s.say(t, "", text) }

// say runs one and returns what it says.
func (s *site) say(t *testing.T, name, text string, more ...string) string {
	t.Helper()
	cmd := s.command(name, text, more...)
	var out, err bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &err
	if failed := cmd.Run(); failed != nil {
		t.Fatalf("%s: %v\n%s%s", text, failed, out.String(), err.String())
	}
	return strings.TrimSpace(out.String())
}

// container is one that runs.
type container struct {
	*site
	kind
	name, pid string
	// label is what lsns calls it, queries are what it can be called.
	label   string
	queries []string
}

// start starts a container until the test ends.
func (s *site) start(t *testing.T, k kind, name string) *container {
	t.Helper()
	t.Cleanup(func() { s.say(t, name, s.remove) })
	s.say(t, name, k.run)
	c := &container{site: s, kind: k, name: name, pid: s.say(t, name, s.pid)}
	id := "ID=" + s.say(t, name, s.id)
	c.label = s.say(t, name, "echo "+s.label, id)
	for _, query := range append([]string{"$NAME"}, s.runtime.queries...) {
		c.queries = append(c.queries, s.say(t, name, "echo "+query, id))
	}
	return c
}

// run runs a command of nskit's: it must succeed and say nothing on standard error.
func (c *container) run(t *testing.T, words ...string) string {
	t.Helper()
	cmd := c.as(words...)
	var out, err bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &err
	if failed := cmd.Run(); failed != nil || err.Len() > 0 {
		t.Errorf("%q: %v %s%s", words, failed, out.String(), err.String())
	}
	return strings.TrimSpace(out.String())
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
