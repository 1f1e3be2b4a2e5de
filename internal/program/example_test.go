package program_test

import (
	"fmt"
	"os"

	"github.com/nskit/nskit/internal/program"
	"golang.org/x/sys/unix"
)

// A Program is written, checked and printed; trampoline.Exec or
// trampoline.Start would carry it out.
func Example() {
	b := program.New("box")
	b.Cmdline([]string{"box", "sh"})
	fd, old := b.Var("fd"), b.Label("no such file")
	b.Unshare(unix.CLONE_NEWUTS).Because("a host name of its own").Or("unshare failed")
	b.Open("/etc/box", unix.O_RDONLY).Into(fd).On(unix.ENOENT, old).Or("cannot open /etc/box")
	b.Close(program.Value(fd)).Tolerate()
	b.Place(old)
	b.Sethostname("box").Because("the name").Or("cannot set host name")
	b.Execve("/bin/sh", program.Argv(1), program.Envp()).OrExit(program.ExitNotExecutable, "failed to execute /bin/sh")

	p := b.Program()
	fmt.Println(p.Validate())
	p.Print(os.Stdout)
	// Output:
	// <nil>
	// unshare(CLONE_NEWUTS)                                     # a host name of its own
	// openat(AT_FDCWD, "/etc/box", O_CLOEXEC, 0) = fd           # read next
	// close(fd)                                                 # if that succeeds: no longer needed
	// sethostname("box", 3)                                     # the name
	// execve("/bin/sh", ["sh"], envp)                           # become the program
}

// What can never work is known before anything is done.
func ExampleProgram_Validate() {
	b := program.New("box")
	b.Cmdline([]string{"box"})
	b.Chdir("/srv")
	b.ExitGroup(program.Int(0))
	fmt.Println(b.Program().Validate())
	// Output: step 0, chdir: nothing says what its failure means
}
