package testkit

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// envBelow marks a run that is below its command.
const envBelow = "NSKIT_TEST_BELOW"

// MainBelow is [Main] for tests that want surroundings of their own: it executes
// the tests once more below a command, the host's own tool or a program of the
// scripts.
func MainBelow(m *testing.M, command string, args ...string) {
	if os.Getenv(envBelow) != "" {
		Main(m)
	}
	fmt.Fprintln(os.Stderr, "testkit:", executeBelow(command, args))
	os.Exit(1)
}

// executeBelow comes back with an error only.
func executeBelow(command string, args []string) error {
	path := hostTool(command)
	if path == "" {
		top, err := Top()
		if err != nil {
			return err
		}
		path = filepath.Join(top, "internal/testkit/bin", command)
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	argv := append(append([]string{path}, args...), self)
	env := append(os.Environ(), envBelow+"=1", envHost+"=/usr/bin")
	return fmt.Errorf("%s: %w", path, syscall.Exec(path, append(argv, os.Args[1:]...), env))
}
