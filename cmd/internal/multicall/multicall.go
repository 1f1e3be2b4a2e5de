// Package multicall finds the applet that a command line asks for, and is the
// command line of nskit itself where it asks for none.
package multicall

import (
	"bufio"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/internal/prestart"
	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/pkg/launch"
)

// exitUnknown is the exit code for an applet that does not exist, the shell's
// own code for a command that was not found.
const exitUnknown = 127

// Main runs the applet that argv asks for and returns the exit code.
func Main(applets []*applet.Applet, version string, argv []string) int {
	prestart.AllowFiles()
	prestart.KeepIgnored()
	if prestart.Secure() && lent() {
		fmt.Fprintln(os.Stderr, errLent)
		return 1
	}
	env := prestart.Environ()
	if env == nil { // there is neither the entry nor /proc
		env = os.Environ()
	}
	inv := applet.Invocation{All: applets, Version: version, Argv: argv, Env: env, File: prestart.Executed(),
		Stdin: os.Stdin, Stdout: bufio.NewWriter(os.Stdout), Stderr: os.Stderr}
	return applet.Main(&inv, Decide)
}

// Decide finds the applet that a command line asks for and has it decide.
func Decide(inv *applet.Invocation) (*program.Program, error) {
	applet.Forget()
	if err := Resolve(inv); err != nil {
		return nil, err
	}
	if inv.Memory == nil {
		inv.Memory = new(launch.Workspace)
	}
	return inv.Applet.Decide(inv.Memory, inv)
}

// Resolve decides who answers a command line: the applet called by its own name,
// that of the file if the caller has put something else into argv[0], as exec -a, login(1)
// and subprocess do, the one that the first argument names, or nskit itself.
func Resolve(inv *applet.Invocation) error {
	argv := inv.Argv
	if len(argv) == 0 { // execve(2) before Linux 5.18 lets argv be empty
		inv.Applet, inv.Name = &Self, Self.Name
		return nil
	}
	for _, name := range [...]string{base(argv[0]), base(inv.File)} {
		if a := find(inv.All, name); a != nil && !a.Inner {
			inv.Applet, inv.Name, inv.Args = a, name, argv[1:]
			return nil
		}
		if name == Self.Name { // nskit by its own name: a script called unshare may begin with #!/usr/bin/nskit
			break
		}
	}
	inv.Applet, inv.Name, inv.Args = &Self, Self.Name, argv[1:]
	if len(argv) == 3 && (argv[1] == "--help" || argv[1] == "-h") && argv[2] != "" && argv[2][0] != '-' { // as busybox has it
		if err := byArgument(inv, argv[2]); err != nil {
			return err
		}
		inv.Args = argv[1:2]
		return nil
	}
	if len(argv) == 1 || argv[1] == "" || argv[1][0] == '-' {
		return nil
	}
	inv.Args = argv[2:]
	return byArgument(inv, argv[1])
}

// byArgument finds the applet that an argument of nskit names.
func byArgument(inv *applet.Invocation, name string) error {
	a := find(inv.All, name)
	if a == nil {
		err := applet.Fail("unknown applet '", name, "' (nskit --list shows them)")
		err.Code = exitUnknown
		return err
	}
	inv.Applet, inv.Name, inv.ByNskit = a, name, true
	return nil
}

// base is the part of a path behind the last slash.
func base(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

func find(applets []*applet.Applet, name string) *applet.Applet {
	for _, a := range applets {
		if a.Name == name || slices.Contains(a.Aliases, name) {
			return a
		}
	}
	return nil
}
