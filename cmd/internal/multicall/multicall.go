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
	"github.com/nskit/nskit/pkg/launch"
	"github.com/nskit/nskit/pkg/program"
)

// exitUnknown is the exit code for an applet that does not exist, the shell's
// own code for a command that was not found.
const exitUnknown = 127

// Main runs the applet that argv asks for and returns the exit code.
func Main(applets []*applet.Applet, version string, argv []string) int {
	prestart.AllowFiles()
	if prestart.Secure() && lent() {
		fmt.Fprintln(os.Stderr, errLent)
		return 1
	}
	inv, err := resolve(applets, argv)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return exitUnknown
	}
	inv.Version, inv.Argv = version, argv
	inv.Stdin, inv.Stdout, inv.Stderr = os.Stdin, bufio.NewWriter(os.Stdout), os.Stderr
	return applet.Main(inv)
}

// resolve decides who answers argv: the applet called by its own name, the one
// that the first argument names, or nskit itself.
func resolve(applets []*applet.Applet, argv []string) (*applet.Invocation, error) {
	if len(argv) == 0 { // execve(2) before Linux 5.18 lets argv be empty
		argv = []string{"nskit"}
	}
	a, words := lookup(applets, argv)
	if words == 0 && len(argv) == 3 && (argv[1] == "--help" || argv[1] == "-h") { // as busybox has it
		return resolve(applets, []string{argv[0], argv[2], argv[1]})
	}
	switch {
	case words == 1:
		return &applet.Invocation{Applet: a, Name: base(argv[0]), Argv0: argv[0], Args: argv[1:]}, nil
	case words == 2:
		return &applet.Invocation{Applet: a, Name: argv[1], Argv0: "nskit " + argv[1], Args: argv[2:]}, nil
	case len(argv) == 1 || argv[1] == "" || argv[1][0] == '-':
		return &applet.Invocation{Applet: Self(applets), Name: "nskit", Argv0: argv[0], Args: argv[1:]}, nil
	}
	return nil, fmt.Errorf("nskit: unknown applet '%s' (nskit --list shows them)", argv[1])
}

// lookup finds the applet that argv means and how many words name it; 0 for none.
func lookup(applets []*applet.Applet, argv []string) (a *applet.Applet, words int) {
	if len(argv) > 0 {
		if a := find(applets, base(argv[0])); a != nil {
			return a, 1
		}
	}
	if len(argv) > 1 {
		if a := find(applets, argv[1]); a != nil {
			return a, 2
		}
	}
	return nil, 0
}

// Plan asks the applet that argv means for a Program, see [applet.Applet].
func Plan(applets []*applet.Applet, w *launch.Workspace, argv, env []string) *program.Program {
	a, words := lookup(applets, argv)
	if a == nil || a.Plan == nil {
		return nil
	}
	return a.Plan(w, base(argv[words-1]), argv, argv[words:], env)
}

// Version appends the answer to a command line that asks for the version and
// nothing else; it returns nil for any other. It allocates nothing where line has room.
func Version(applets []*applet.Applet, version string, argv []string, line []byte) []byte {
	a, words := lookup(applets, argv)
	if len(argv) != max(words, 1)+1 {
		return nil
	}
	if option := argv[len(argv)-1]; option != "--version" && option != "-V" {
		return nil
	}
	if words == 0 {
		return append(nskit.AppendVersion(line, nskit.Name, version), '\n')
	}
	return append(a.AppendVersion(line, base(argv[words-1]), version), '\n')
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
