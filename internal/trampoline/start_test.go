package trampoline

import (
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/nskit/nskit/internal/program"
	"golang.org/x/sys/unix"
)

// TestStartKeepsItsImage makes sure that the descriptors that a child is given
// are never taken for its image, whatever number that has here.
func TestStartKeepsItsImage(t *testing.T) {
	other, err := os.Open("/bin/true")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	p := build(func(b *program.Builder) { exit(b, 42) })
	check := func(what string, files []*os.File) {
		t.Helper()
		child, err := Start(p, &os.ProcAttr{Files: files})
		if err != nil {
			t.Errorf("%s: %v", what, err)
			return
		}
		if state, err := child.Wait(); err != nil || state.ExitCode() != 42 {
			t.Errorf("%s: %v, %v", what, state, err)
		}
	}
	many := make([]*os.File, 60)
	check("60 closed descriptors", many)
	for i := range many {
		many[i] = other
	}
	check("60 of another program", many)
	// Go moves os.Stdout out of the way, to a number that the image must not have.
	for range 8 {
		check("one descriptor twice", []*os.File{nil, other, other})
		taken, err := os.Open(os.DevNull)
		if err != nil {
			t.Fatal(err)
		}
		defer taken.Close()
	}
	check("no descriptors", nil)
	child, err := Start(p, nil)
	if err != nil {
		t.Fatal(err)
	}
	if state, err := child.Wait(); err != nil || state.ExitCode() != 42 {
		t.Errorf("no attributes: %v, %v", state, err)
	}
}

// TestStartHandsNothingOn makes sure that the program at the end of a Program
// does not get the image.
func TestStartHandsNothingOn(t *testing.T) {
	out, state := run(t, build(func(b *program.Builder) {
		b.Execve("/bin/ls", program.Vector("ls", "-l", "/proc/self/fd"), program.Envp()).Or("ls")
	}))
	if state.ExitCode() != 0 || strings.Contains(out, "memfd:") {
		t.Errorf("%q, %v", out, state)
	}
}

// TestStartWithImage makes sure that a child can do to its image what a process
// that executes it in place can: what enters namespaces makes it inexecutable.
func TestStartWithImage(t *testing.T) {
	out, state := run(t, build(func(b *program.Builder) {
		b.Fchmod(program.Image(), 0).Or("fchmod")
		b.Execve("/proc/self/../self/exe", program.Vector("x"), program.Envp()).Ignore(unix.EACCES).Or("execve")
		b.Close(program.Image()).Or("close")
		b.Execve("/bin/ls", program.Vector("ls", "-l", "/proc/self/fd"), program.Envp()).Or("ls")
	}))
	if state.ExitCode() != 0 || strings.Contains(out, "memfd:") {
		t.Errorf("%q, %v", out, state)
	}
}

// TestStartAtOnce starts children from many goroutines, beside others that Go
// starts.
func TestStartAtOnce(t *testing.T) {
	before := descriptors(t)
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			r, w, err := os.Pipe()
			if err != nil {
				t.Error(err)
				return
			}
			defer r.Close()
			text := strconv.Itoa(i)
			child, err := Start(build(func(b *program.Builder) {
				b.Write(program.Int(1), text).Or("write")
				exit(b, 0)
			}), &os.ProcAttr{Files: []*os.File{nil, w, w}})
			w.Close()
			if err != nil {
				t.Error(err)
				return
			}
			out, _ := io.ReadAll(r)
			if state, err := child.Wait(); string(out) != text || err != nil || !state.Success() {
				t.Errorf("%d: %q, %v, %v", i, out, state, err)
			}
		})
	}
	for range 10 {
		all.Go(func() { exec.Command("/bin/true").Run() })
	}
	all.Wait()
	if after := descriptors(t); after > before {
		t.Errorf("%d descriptors more", after-before)
	}
}

// TestImageFileWhileForking makes sure that no child of another goroutine keeps
// an image from being executed.
func TestImageFileWhileForking(t *testing.T) {
	p := build(func(b *program.Builder) { exit(b, 42) })
	dir := t.TempDir()
	done := make(chan struct{})
	var forks sync.WaitGroup
	for range 2 {
		forks.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
					exec.Command("/bin/true").Run()
				}
			}
		})
	}
	defer forks.Wait()
	defer close(done)
	for range 100 {
		img, err := imageFileIn(new(Workspace), dir, p, nil, own)
		if err != nil {
			t.Fatal(err)
		}
		err = exec.Command("/proc/" + strconv.Itoa(os.Getpid()) + "/fd/" + strconv.Itoa(img.fd)).Run()
		img.Close()
		if err == nil || err.Error() != "exit status 42" {
			t.Fatal(err)
		}
	}
}

func descriptors(t *testing.T) int {
	t.Helper()
	all, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}

// TestStartRefuses makes sure that misuse is an error.
func TestStartRefuses(t *testing.T) {
	for what, p := range map[string]*program.Program{"nil": nil, "empty": {}, "nil step": {Cmdline: []string{"x"}, Frame: 48, Steps: []*program.Step{nil}}} {
		if child, err := Start(p, nil); err == nil {
			child.Kill()
			child.Wait()
			t.Errorf("%s: no error", what)
		}
		if err := Exec(p); err == nil {
			t.Errorf("%s: no error", what)
		}
	}
}
