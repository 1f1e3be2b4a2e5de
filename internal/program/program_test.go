package program

import (
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// example has a bit of everything.
func example() *Program {
	b := New("box")
	b.Cmdline([]string{"box", "true"})
	old, child := b.Label("no such file"), b.Label("child")
	fd, pid := b.Var("fd"), b.Var("pid")
	b.Open("/proc/self/setgroups", unix.O_WRONLY).Into(fd).On(unix.ENOENT, old).Or("cannot open ", "it")
	b.Write(Value(fd), "deny").Because("a reason").Or("write failed")
	b.Place(old)
	b.Mount("none", "/", "", unix.MS_REC|unix.MS_PRIVATE, "").Ignore(unix.EINVAL).Because("alone").Or("mount failed").Hint(unix.EPERM, "try harder")
	b.Fork().Into(pid).IfZero(child).Or("fork failed")
	b.ExitGroup(Int(0))
	b.Section("the child")
	b.Place(child)
	b.Execve("/bin/true", Argv(1), Envp()).OrExit(127, "failed to execute true")
	return b.Program()
}

func TestPrint(t *testing.T) {
	var got strings.Builder
	if err := example().Print(&got); err != nil {
		t.Fatal(err)
	}
	const want = `openat(AT_FDCWD, "/proc/self/setgroups", O_WRONLY|O_CLOEXEC, 0) = fd  # written next
write(fd, "deny", 4)                                      # if that succeeds: a reason
mount("none", "/", NULL, MS_REC|MS_PRIVATE, NULL)         # alone; EINVAL is ignored
clone(SIGCHLD, NULL, NULL, NULL, NULL)
exit_group(0)                                             # all is done

# the child
execve("/bin/true", ["true"], envp)                       # become the program
`
	if got.String() != want {
		t.Errorf("got:\n%s\nwant:\n%s", got.String(), want)
	}
}

func TestString(t *testing.T) {
	const want = `openat(AT_FDCWD, "/proc/self/setgroups", O_WRONLY|O_CLOEXEC, 0) = fd  # again up to 100 times after EINTR, ENOENT: no such file, fails 1 "cannot open it"
write(fd, "deny", 4)                                      # again up to 100 times after EINTR, fails 1 "write failed"
  no such file:
mount("none", "/", NULL, MS_REC|MS_PRIVATE, NULL)         # EINVAL: on, fails 1 "mount failed" hint EPERM "try harder"
clone(SIGCHLD, NULL, NULL, NULL, NULL) = pid              # 0: child, fails 1 "fork failed"
exit_group(0)

# the child
  child:
execve("/bin/true", ["true"], envp)                       # again up to 100 times after ETXTBSY, fails 127 "failed to execute true"
`
	if got := example().String(); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func TestValidate(t *testing.T) {
	if err := example().Validate(); err != nil {
		t.Error(err)
	}
	for name, build := range map[string]func(b *Builder){
		"no steps":                       func(b *Builder) {},
		"does not end the program":       func(b *Builder) { b.Chdir("/").Tolerate() },
		"nothing says what":              func(b *Builder) { b.Chdir("/"); b.ExitGroup(Int(0)) },
		`label "nowhere" stands nowhere`: func(b *Builder) { b.Goto(b.Label("nowhere")); b.ExitGroup(Int(0)) },
		"argv[5] does not exist":         func(b *Builder) { b.Execve("/x", Argv(5), Envp()).Or("x") },
		"lies outside the frame":         func(b *Builder) { b.Move(Var{"v", 1 << 20, 8}, Int(0)); b.ExitGroup(Int(0)) },
		"is not a variable":              func(b *Builder) { b.ExitGroup(Address(Var{})) },
		"no value of 0 bytes":            func(b *Builder) { b.ExitGroup(Value(Var{})) },
		"no command line":                func(b *Builder) { b.Cmdline(nil); b.ExitGroup(Int(0)) },
		"holds a NUL byte":               func(b *Builder) { b.Chdir("a\x00b").Or("x"); b.ExitGroup(Int(0)) },
		"7 arguments": func(b *Builder) {
			b.Do(OpMove, Int(0), Int(0), Int(0), Int(0), Int(0), Int(0), Int(0))
			b.ExitGroup(Int(0))
		},
		"unknown operation":   func(b *Builder) { b.Do(Op{"?", operations, true}); b.ExitGroup(Int(0)) },
		": unknown operation": func(b *Builder) { b.Do(Op{"?", 1 << 15, false}).Tolerate(); b.ExitGroup(Int(0)) },
		"nothing to work on":  func(b *Builder) { b.Do(OpSub, Int(1)); b.ExitGroup(Int(0)) },
		"variables of -8":     func(b *Builder) { b.p.Frame = -8; b.ExitGroup(Int(0)) },
		"variables of 1073741872": func(b *Builder) {
			b.Buffer("large", 1<<30)
			b.ExitGroup(Int(0))
		},
		`"far" lies outside the frame`:  func(b *Builder) { b.ExitGroup(Value(Var{"far", 1<<31 - 8, 8})) }, // the sum overflows
		`"back" lies outside the frame`: func(b *Builder) { b.ExitGroup(Address(Var{"back", 8, -100})) },
		`does not fit "half"`:           func(b *Builder) { b.Move(b.Var("v").Part(0, 4, "half"), Int(0)); b.ExitGroup(Int(0)) },
		"of no kind":                    func(b *Builder) { b.ExitGroup(Arg{how: KindNull + 1}) },
		"error number 0":                func(b *Builder) { b.Chdir("x").On(0, nil).Or("x"); b.ExitGroup(Int(0)) },
		"exit code 256":                 func(b *Builder) { b.Chdir("x").OrExit(256, "x"); b.ExitGroup(Int(0)) },
	} {
		b := New("x")
		b.Cmdline([]string{"x"})
		build(b)
		if err := b.Program().Validate(); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("got %v, want an error with %q", err, name)
		}
	}
}

func TestNames(t *testing.T) {
	for _, tt := range []struct {
		names *Names
		value int64
		want  string
	}{
		{openNames, unix.O_RDONLY, "O_RDONLY"},
		{mountNames, 0, "0"},
		{mountNames, unix.MS_BIND | 1<<40, "MS_BIND|0x10000000000"},
		{dirfdNames, 3, "3"},
		{signalNames, int64(unix.SIGKILL), "SIGKILL"},
		{signalNames, 40, "40"},
	} {
		if got := tt.names.Format(tt.value); got != tt.want {
			t.Errorf("%#x: %q, want %q", tt.value, got, tt.want)
		}
	}
	if got := signalSet(^uint64(1<<14 | 1)); got != "~[HUP TERM]" {
		t.Errorf("signalSet: %s", got)
	}
	if got := signalSet(1<<14 | 1); got != "[HUP TERM]" {
		t.Error(got)
	}
}

// TestShelf lets lists grow in turns, so that they have to move.
func TestShelf(t *testing.T) {
	var s shelf[int]
	var a, b []int
	for i := range 20 {
		a = s.add(a, i)
		b = s.add(b, 100+i)
	}
	for i := range 20 {
		if a[i] != i || b[i] != 100+i {
			t.Fatalf("lists got mixed up: %v, %v", a, b)
		}
	}
}

// TestRetryIsShown: both listings say after which errors a step is carried out again.
func TestRetryIsShown(t *testing.T) {
	b := New("test")
	b.Cmdline([]string{"test"})
	b.Chdir("/x").Because("why").Retry(unix.EAGAIN, unix.EINTR).Ignore(unix.ENOENT).Or("no")
	b.ExitGroup(Int(0))
	p := b.Program()
	if err := p.Validate(); err != nil {
		t.Error(err)
	}
	var short strings.Builder
	p.Print(&short)
	for listing, want := range map[string]string{
		short.String(): "# why; ENOENT is ignored; again up to 100 times after EAGAIN\n",
		p.String():     "# again up to 100 times after EAGAIN, EINTR, ENOENT: on, fails 1 \"no\"\n",
	} {
		if !strings.Contains(listing, want) {
			t.Errorf("%q is not in\n%s", want, listing)
		}
	}
	wrong := New("test")
	wrong.Cmdline([]string{"test"})
	wrong.Compare(Int(1), Int(2)).Retry(unix.EAGAIN)
	wrong.ExitGroup(Int(0))
	if wrong.Program().Validate() == nil {
		t.Error("an operation on variables is tried again")
	}
}

// TestArg wants each kind of argument to give back what it was made of, and
// nothing of another kind.
func TestArg(t *testing.T) {
	v := Var{Name: "v", Offset: -56, Size: 16}
	for _, tt := range []struct {
		arg                  Arg
		printed, text, bytes string
		words                []string
		v                    Var
		names                *Names
	}{
		{arg: Int(-7), printed: "-7"},
		{arg: Int(7).As("SEVEN"), printed: "SEVEN"},
		{arg: Flags(1, maskNames), printed: maskNames.Format(1), names: maskNames},
		{arg: Flags(1, maskNames).As("ONE"), printed: "ONE"},
		{arg: Flags(5, nil), printed: "5"},
		{arg: Address(v), printed: "&v", v: v},
		{arg: Value(v.Part(4, 4, "w")), printed: "w", v: Var{Name: "w", Offset: -52, Size: 4}},
		{arg: Text("a\n"), printed: `"a\n"`, text: "a\n"},
		{arg: Text("a").As("A"), printed: "A", bytes: "a\x00"},
		{arg: Bytes("\x00b", "{b}"), printed: "{b}", bytes: "\x00b"},
		{arg: Bytes("\x00b", ""), printed: `"\x00b"`, bytes: "\x00b"},
		{arg: Bytes("b", "").As("{c}"), printed: "{c}", bytes: "b"},
		{arg: Vector("x", ""), printed: `["x", ""]`, words: []string{"x", ""}},
		{arg: Vector(), printed: "[]"},
		{arg: Null(), printed: "NULL"},
	} {
		a := tt.arg
		if got := new(Program).arg(a); got != tt.printed || a.Text() != tt.text || a.Bytes() != tt.bytes || a.Var() != tt.v || a.names() != tt.names {
			t.Errorf("%s: %q, %q, %q, %+v, %v", tt.printed, got, a.Text(), a.Bytes(), a.Var(), a.names())
		}
		if got := a.Words(); strings.Join(got, " ") != strings.Join(tt.words, " ") || len(got) != len(tt.words) {
			t.Errorf("%s: %q", tt.printed, got)
		}
	}
	if size := unsafe.Sizeof(Arg{}); size > 4*unsafe.Sizeof(uintptr(0)) {
		t.Errorf("an argument of %d bytes is passed in memory", size)
	}
}
