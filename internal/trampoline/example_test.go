package trampoline_test

import (
	"fmt"
	"os"

	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/internal/trampoline"
)

// A Program in a child; Exec would carry it out in place of this process.
func ExampleStart() {
	b := program.New("hello")
	b.Cmdline([]string{"hello"})
	b.Chdir("/nonexistent").OrExit(3, "cannot change directory")
	b.ExitGroup(program.Int(0))

	child, err := trampoline.Start(b.Program(), &os.ProcAttr{Files: []*os.File{os.Stdin, os.Stdout, os.Stdout}})
	if err != nil {
		fmt.Println(err)
		return
	}
	state, err := child.Wait()
	fmt.Println(state, err)

	// Output:
	// hello: cannot change directory: No such file or directory
	// exit status 3 <nil>
}
