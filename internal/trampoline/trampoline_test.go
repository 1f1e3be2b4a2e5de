package trampoline

import (
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/nskit/nskit/internal/program"
	"golang.org/x/sys/unix"
)

// run carries out a program in a child and returns what it wrote to its
// standard output and error, and how it ended.
func run(t *testing.T, p *program.Program) (string, *os.ProcessState) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	proc, err := Start(p, &os.ProcAttr{Files: []*os.File{nil, w, w}, Env: []string{"A=1", "A=2", "=x", "plain"}})
	w.Close()
	if err != nil {
		t.Fatal(err)
	}
	out, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	state, err := proc.Wait()
	if err != nil {
		t.Fatal(err)
	}
	return string(out), state
}

// build makes a program named "test" of what steps appends.
func build(steps func(b *program.Builder)) *program.Program {
	b := program.New("test")
	b.Cmdline([]string{"test", "one", "", "three\nfour"})
	steps(b)
	return b.Program()
}

func exit(b *program.Builder, code int64) { b.ExitGroup(program.Int(code)) }

func TestResults(t *testing.T) {
	for _, tt := range []struct {
		name  string
		steps func(b *program.Builder)
		out   string
		code  int
	}{
		{"exit code", func(b *program.Builder) { exit(b, 42) }, "", 42},
		{"write", func(b *program.Builder) {
			b.Write(program.Int(1), "hello\n").Or("write failed")
			exit(b, 0)
		}, "hello\n", 0},
		{"failure", func(b *program.Builder) {
			b.Chdir("/nonexistent").OrExit(7, "cannot change directory to /nonexistent")
			exit(b, 0)
		}, "test: cannot change directory to /nonexistent: No such file or directory\n", 7},
		{"hints", func(b *program.Builder) {
			b.Chdir("/nonexistent").Or("no").Hint(unix.EPERM, "not this").Hint(unix.ENOENT, "this").Hint(0, "always")
			exit(b, 0)
		}, "test: no: No such file or directory\ntest: hint: this\ntest: hint: always\n", 1},
		{"failure without words", func(b *program.Builder) {
			b.Chdir("/nonexistent").OrExit(9, "")
			exit(b, 0)
		}, "", 9},
		{"ignored error", func(b *program.Builder) {
			b.Chdir("/nonexistent").Or("no").Ignore(unix.ENOENT)
			exit(b, 3)
		}, "", 3},
		{"other error is not ignored", func(b *program.Builder) {
			b.Chdir("/nonexistent").Or("no").Ignore(unix.EPERM)
			exit(b, 3)
		}, "test: no: No such file or directory\n", 1},
		{"tolerant", func(b *program.Builder) {
			b.Chdir("/nonexistent").Tolerate()
			exit(b, 4)
		}, "", 4},
		{"error leads to a label", func(b *program.Builder) {
			l := b.Label("gone")
			b.Chdir("/nonexistent").On(unix.ENOENT, l).Or("no")
			exit(b, 1)
			b.Place(l)
			exit(b, 5)
		}, "", 5},
		{"unknown error number", func(b *program.Builder) {
			v := b.Var("v")
			b.Move(v, program.Int(-3000))
			b.FailWith(v, "odd")
			exit(b, 0)
		}, "test: odd: Unknown error\n", 1},
		{"last known error number", func(b *program.Builder) {
			v := b.Var("v")
			b.Move(v, program.Int(-133))
			b.FailWith(v, "odd")
			exit(b, 0)
		}, "test: odd: Memory page has hardware error\n", 1},
		{"kept error fails later", func(b *program.Builder) {
			v := b.Var("v")
			later := b.Label("later")
			b.Chdir("/nonexistent").Into(v).IfNegative(later)
			exit(b, 0)
			b.Place(later)
			b.Write(program.Int(1), "undone\n").Or("write failed")
			b.FailWith(v, "first")
			exit(b, 0)
		}, "undone\ntest: first: No such file or directory\n", 1},
		{"loop", func(b *program.Builder) {
			i := b.Var("i")
			b.Move(i, program.Int(3))
			again := b.Here("again")
			b.Write(program.Int(1), "x").Or("write failed")
			b.Do(program.OpSub, program.Value(i), program.Int(1)).Into(i).IfPositive(again)
			exit(b, 0)
		}, "xxx", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			out, state := run(t, build(tt.steps))
			if out != tt.out || state.ExitCode() != tt.code {
				t.Errorf("got %q, %v; want %q, exit status %d", out, state, tt.out, tt.code)
			}
		})
	}
}

func TestOperations(t *testing.T) {
	for _, tt := range []struct {
		op   program.Op
		x, y int64
		want int64
	}{
		{program.OpMove, 7, 0, 7},
		{program.OpAdd, 40, 2, 42},
		{program.OpSub, 45, 3, 42},
		{program.OpAnd, 0xff, 0x2a, 0x2a},
		{program.OpOr, 0x28, 0x02, 0x2a},
		{program.OpShiftLeft, 21, 1, 42},
		{program.OpShiftRight, 42 << 8, 8, 42},
		{program.OpShiftRight, 42 << 40, 40, 42},
	} {
		t.Run(tt.op.Name, func(t *testing.T) {
			_, state := run(t, build(func(b *program.Builder) {
				x, y, z := b.Var("x"), b.Var("y"), b.Var("z")
				b.Move(x, program.Int(tt.x))
				b.Move(y, program.Int(tt.y))
				b.Do(tt.op, program.Value(x), program.Value(y)).Into(z)
				b.ExitGroup(program.Value(z))
			}))
			if state.ExitCode() != int(tt.want) {
				t.Errorf("%d %s %d: %v, want %d", tt.x, tt.op.Name, tt.y, state, tt.want)
			}
		})
	}
}

func TestForkAndWait(t *testing.T) {
	for _, tt := range []struct {
		name string
		end  func(b *program.Builder)
		want int64 // the wait status
	}{
		{"exit", func(b *program.Builder) { exit(b, 3) }, 3 << 8},
		{"signal", func(b *program.Builder) {
			pid := b.Var("pid")
			b.Getpid().Into(pid)
			b.Kill(program.Value(pid), program.Signal(unix.SIGUSR1)).Or("kill failed")
			exit(b, 0)
		}, int64(unix.SIGUSR1)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			out, state := run(t, build(func(b *program.Builder) {
				child, wrong := b.Label("child"), b.Label("wrong")
				pid, status := b.Var("pid"), b.Var("status")
				b.Fork().IfZero(child).Into(pid).Or("fork failed")
				b.Wait4(program.Value(pid), status, 0).Or("wait failed")
				b.Compare(program.Value(status), program.Int(tt.want)).IfPositive(wrong).IfNegative(wrong)
				exit(b, 0)
				b.Place(wrong)
				exit(b, 1)
				b.Place(child)
				tt.end(b)
			}))
			if out != "" || state.ExitCode() != 0 {
				t.Errorf("%q, %v", out, state)
			}
		})
	}
}

func TestVariableParts(t *testing.T) {
	_, state := run(t, build(func(b *program.Builder) {
		s, r, w := b.Pipe("pipe")
		s.Or("pipe failed")
		got := b.Var("got")
		b.Write(program.Value(w), "\x2a").Or("write failed")
		b.ReadOne(program.Value(r), got).Or("read failed")
		b.ExitGroup(program.Value(got))
	}))
	if state.ExitCode() != 42 {
		t.Errorf("%v, want the byte that went through the pipe", state)
	}
}

func TestCommandLineAndEnvironment(t *testing.T) {
	if _, err := os.Stat("/bin/sh"); err != nil {
		t.Fatal(err)
	}
	out, state := run(t, build(func(b *program.Builder) {
		b.Cmdline([]string{"ignored", "sh", "-c", `for a; do printf '<%s>' "$a"; done; tr '\0' , </proc/self/environ`, "sh", "", "a\nb"})
		b.Execve("/bin/sh", program.Argv(1), program.Envp()).Or("exec failed")
	}))
	if want := "<><a\nb>"; !strings.HasPrefix(out, want) || state.ExitCode() != 0 {
		t.Errorf("%q, %v; want %q", out, state, want)
	}
}

func TestEnvironmentByteForByte(t *testing.T) {
	env := []string{"A=1", "A=2", "=x", "plain", "B=\xff\n"}
	out, _ := run(t, build(func(b *program.Builder) {
		b.Env(env)
		b.Execve("/bin/cat", program.Vector("cat", "/proc/self/environ"), program.Envp()).Or("exec failed")
	}))
	if want := strings.Join(env, "\x00") + "\x00"; out != want {
		t.Errorf("%q, want %q", out, want)
	}
}

func TestArgvSlot(t *testing.T) {
	out, _ := run(t, build(func(b *program.Builder) {
		b.Cmdline([]string{"echo", "two", "three"})
		b.Move(program.ArgvSlot(0), program.Text("env"))
		b.Move(program.ArgvSlot(1), program.Text("echo"))
		b.Execve("/usr/bin/env", program.Argv(0), program.Envp()).Or("exec failed")
	}))
	if out != "three\n" {
		t.Errorf("%q", out)
	}
}

func TestImageIsSmallAndSealed(t *testing.T) {
	p := build(func(b *program.Builder) { exit(b, 0) })
	if size := len(new(Workspace).assemble(p, nil, loadAddress, 3, true)); size > 5000 {
		t.Errorf("an image with one instruction has %d bytes", size)
	}
	img, err := newImage(new(Workspace), p, nil, own)
	if err != nil {
		t.Fatal(err)
	}
	defer img.Close()
	if _, err := unix.Write(img.fd, []byte("x")); err != unix.EPERM {
		t.Errorf("writing a sealed image: %v, want EPERM", err)
	}
	if err := unix.Ftruncate(img.fd, 0); err != unix.EPERM {
		t.Errorf("truncating a sealed image: %v, want EPERM", err)
	}
}

func TestImageFile(t *testing.T) {
	p := build(func(b *program.Builder) { exit(b, 6) })
	img, err := imageFileIn(new(Workspace), t.TempDir(), p, nil, own)
	if err != nil {
		t.Fatal(err)
	}
	defer img.Close()
	proc, err := os.StartProcess(img.path(), p.Cmdline, &os.ProcAttr{})
	if err != nil {
		t.Fatal(err)
	}
	state, err := proc.Wait()
	if err != nil || state.ExitCode() != 6 {
		t.Errorf("%v, %v; want exit status 6", state, err)
	}
}

// TestImageFileHasNoName makes the file in both ways: nobody else finds it.
func TestImageFileHasNoName(t *testing.T) {
	for name, make := range map[string]func(string) (*os.File, int, error){"unnamed": unnamed, "named": named} {
		dir := t.TempDir()
		file, fd, err := make(dir)
		if name == "unnamed" && errors.Is(err, unix.EOPNOTSUPP) {
			continue // not in this file system
		}
		if err != nil {
			t.Fatal(name, err)
		}
		if _, err := file.WriteString("x"); err != nil {
			t.Error(err)
		}
		if n, err := unix.Read(fd, []byte{0, 0}); n != 1 {
			t.Errorf("%s: %d bytes, %v", name, n, err)
		}
		if left, err := os.ReadDir(dir); len(left) > 0 || err != nil {
			t.Errorf("%s: %v, %v", name, left, err)
		}
		unix.Close(fd)
		file.Close()
	}
}

// TestImageFileIsItsOwn lets the owner of the directory be faster: another file,
// a link to one, or a FIFO stands where the image was made.
func TestImageFileIsItsOwn(t *testing.T) {
	for name, replace := range map[string]func(path string) error{
		"another file": func(path string) error { return os.WriteFile(path, []byte("#!/bin/sh\n"), 0o755) },
		"a link":       func(path string) error { return os.Symlink("/bin/sh", path) },
		"a FIFO":       func(path string) error { return unix.Mkfifo(path, 0o600) },
		"nothing":      func(string) error { return nil },
	} {
		file, err := os.CreateTemp(t.TempDir(), "")
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		os.Remove(file.Name())
		if err := replace(file.Name()); err != nil {
			t.Fatal(err)
		}
		if fd, err := reopen(file); err == nil {
			unix.Close(fd)
			t.Errorf("%s was taken for the image", name)
		}
	}
}

func TestRefusesInvalidPrograms(t *testing.T) {
	for name, p := range map[string]*program.Program{
		"no steps":        {},
		"NUL in argv":     {Cmdline: []string{"a\x00b"}, Steps: []*program.Step{{Op: program.SysExitGroup}}},
		"runs off":        build(func(b *program.Builder) { b.Chdir("/").Tolerate() }),
		"unplaced label":  build(func(b *program.Builder) { b.Goto(b.Label("nowhere")); exit(b, 0) }),
		"silent failure":  build(func(b *program.Builder) { b.Chdir("/"); exit(b, 0) }),
		"outside frame":   build(func(b *program.Builder) { b.Move(program.Var{Offset: 1 << 20, Size: 8}, program.Int(0)); exit(b, 0) }),
		"unknown op":      build(func(b *program.Builder) { b.Do(program.Op{Number: 99, Local: true}); exit(b, 0) }),
		"argv out of end": build(func(b *program.Builder) { b.Execve("/x", program.Argv(9), program.Envp()).Or("x") }),
	} {
		if proc, err := Start(p, &os.ProcAttr{}); err == nil {
			proc.Wait()
			t.Errorf("%s: was carried out", name)
		}
	}
}
