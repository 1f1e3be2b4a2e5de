package program

import (
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestConditions holds that a listing says under which condition a call is made,
// and leaves out what is only done to report a failure.
func TestConditions(t *testing.T) {
	for _, tt := range []struct {
		name  string
		build func(b *Builder)
		want  string
	}{
		{"an older way", func(b *Builder) {
			old, done := b.Label("old"), b.Label("done")
			b.OpenTree(Cwd(), "/a", 0).On(unix.ENOSYS, old).Or("x")
			b.Goto(done)
			b.Place(old)
			b.Chdir("/a").Because("before Linux 5.2").Or("x")
			b.Place(done)
		}, `open_tree(AT_FDCWD, "/a", OPEN_TREE_CLOEXEC)
chdir("/a")                                               # if that fails with ENOSYS: before Linux 5.2
`},
		{"a refused call", func(b *Builder) {
			old, done := b.Label("old"), b.Label("done")
			b.OpenTree(Cwd(), "/a", 0).On(unix.ENOSYS, old).On(unix.EPERM, old).On(unix.EACCES, old).IfZero(done).IfPositive(done).Or("x")
			b.Place(old)
			b.Chdir("/a").Or("x")
			b.Place(done)
		}, `open_tree(AT_FDCWD, "/a", OPEN_TREE_CLOEXEC)
chdir("/a")                                               # if that is refused: the working directory
`},
		{"a comparison", func(b *Builder) {
			v, other := b.Var("kind"), b.Label("other")
			b.Getpid().Into(v)
			b.Compare(Value(v), Int(7)).IfPositive(other).IfNegative(other)
			b.Close(Int(3)).Tolerate()
			b.Place(other)
		}, `getpid() = kind
close(3)                                                  # if kind is 7: no longer needed
`},
		{"one of the namespaces", func(b *Builder) {
			v, next := b.Var("what is left"), b.Label("next")
			b.Do(OpAnd, Value(v), CloneFlags(unix.CLONE_NEWUTS)).IfZero(next)
			b.Setns(Int(3), b.Some(v, unix.CLONE_NEWUTS|unix.CLONE_NEWNET)).Or("x")
			b.Place(next)
		}, `setns(3, some of CLONE_NEWUTS|CLONE_NEWNET)               # if CLONE_NEWUTS is in what is left: several at once
`},
		{"a loop", func(b *Builder) {
			v := b.Var("n")
			again := b.Here("again")
			b.Close(Value(v)).Tolerate()
			b.Do(OpAdd, Value(v), Int(1)).Into(v)
			b.Compare(Value(v), Int(9)).IfNegative(again)
		}, `close(n)                                                  # no longer needed
                                                          # again from close on, if n is below 9
`},
		{"an end before its time", func(b *Builder) {
			v, ok := b.Var("status"), b.Label("ok")
			b.Move(v, Value(v)).IfZero(ok)
			b.ExitGroup(Int(1))
			b.Place(ok)
			b.Chdir("/").Or("x")
		}, `exit_group(1)                                             # if status is not 0: end in failure
chdir("/")                                                # the working directory
`},
		{"another way to a child", func(b *Builder) {
			tie, child, parent, inChild := b.Var("tie"), b.Var("child"), b.Label("parent"), b.Label("in the child")
			b.ForkTied(tie).Into(child).IfZero(inChild).IfPositive(parent).Tolerate()
			b.Fork().Into(child).IfPositive(parent).Or("x")
			b.Section("the child")
			b.Place(inChild)
			b.Chdir("/").Or("x")
			b.ExitGroup(Int(0))
			b.Section("the parent")
			b.Place(parent)
			b.Chdir("/parent").Or("x")
		}, `clone3(&clone_args, 88)
clone(SIGCHLD, NULL, NULL, NULL, NULL)                    # if that fails

# the child
chdir("/")                                                # the working directory
exit_group(0)                                             # all is done

# the parent
chdir("/parent")                                          # the working directory
`},
		{"the cause of a failure", func(b *Builder) {
			v, why, on := b.Var("result"), b.Label("why"), b.Label("on")
			b.Chdir("/").Into(v).On(unix.EPERM, why).Or("x")
			b.Goto(on)
			b.Place(why)
			b.Open("/proc/sys/x", 0).Tolerate()
			b.FailWith(v, "x")
			b.Place(on)
		}, `chdir("/")                                                # the working directory; after EPERM the cause is looked for
`},
	} {
		b := New("test")
		b.Cmdline([]string{"test"})
		tt.build(b)
		b.ExitGroup(Int(0))
		if err := b.Program().Validate(); err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		var got strings.Builder
		if err := b.Program().Print(&got); err != nil {
			t.Fatal(err)
		}
		if want := tt.want + "exit_group(0)                                             # all is done\n"; got.String() != want {
			t.Errorf("%s: got:\n%s\nwant:\n%s", tt.name, got.String(), want)
		}
	}
}

// TestSearchIsOneLine: the places along PATH are one line, or a line for each.
func TestSearchIsOneLine(t *testing.T) {
	b := New("test")
	b.Cmdline([]string{"test", "sh"})
	v, second := b.Var("result"), b.Label("second")
	b.Execve("/usr/bin/sh", Argv(1), Envp()).Into(v).On(unix.ENOENT, second).Or("x")
	b.Place(second)
	b.Execve("/bin/sh", Argv(1), Envp()).Into(v).Or("x")
	var short, all strings.Builder
	b.Program().Print(&short)
	b.Program().PrintAll(&all)
	const one = `execve(".../sh", ["sh"], envp)                            # the first that is there of 2 places, along PATH (--explain=all lists them)
`
	const both = `execve("/usr/bin/sh", ["sh"], envp)                       # become the program
execve("/bin/sh", ["sh"], envp)                           # if the one before is not there: become the program
`
	if short.String() != one || all.String() != both {
		t.Errorf("short:\n%s\nall:\n%s", short.String(), all.String())
	}
}
