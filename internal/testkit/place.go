package testkit

import (
	"cmp"
	"embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
)

// The environment through which Main's outer process tells the inner one where
// things are.
const (
	envRoot    = "NSKIT_TEST_ROOT"
	envApplets = "NSKIT_TEST_APPLETS"
	envHost    = "HOST"
	envBinary  = "NSKIT"
)

//go:embed bin
var programs embed.FS

// hostTools are the host's own tools that $HOST offers under their names.
var hostTools = []string{"unshare", "nsenter", "lsns", "pivot_root", "setpriv"}

// place makes the directory of one test run, readable by everybody, with all
// that the scripts use, and puts it into the environment.
func place() (root string, err error) {
	if root, err = os.MkdirTemp("", "nskit-test-"); err != nil {
		return "", err
	}
	if err := os.Chmod(root, 0o755); err != nil {
		return root, err
	}
	applets, binary := filepath.Join(root, "applets"), filepath.Join(root, "nskit")
	os.Setenv(envApplets, applets)
	steps := []func() error{
		func() error { return placeBinary(binary) },
		func() error { return placeApplets(binary, applets) },
		func() error { return placeHost(filepath.Join(root, "host")) },
		func() error { return placePrograms(filepath.Join(root, "bin")) },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return root, err
		}
	}
	os.Setenv(envRoot, root)
	os.Setenv(envHost, filepath.Join(root, "host"))
	os.Setenv(envBinary, binary)
	os.Setenv("PATH", applets+":"+filepath.Join(root, "bin")+":"+os.Getenv("PATH")+":/usr/sbin:/sbin")
	return root, nil
}

// placeBinary builds nskit with the Makefile's own script, or copies the one
// that NSKIT_BIN names to where an unprivileged user can reach it.
func placeBinary(binary string) error {
	if built := os.Getenv("NSKIT_BIN"); built != "" {
		return run("cp", built, binary)
	}
	top, err := Top()
	if err != nil {
		return err
	}
	return run(filepath.Join(top, "scripts/build"), binary)
}

func placeApplets(binary, dir string) error {
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	return run(binary, "--install", dir)
}

func placeHost(dir string) error {
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	for _, name := range hostTools {
		path := cmp.Or(hostTool(name), standIn(name))
		if path == "" {
			continue
		}
		if err := os.Symlink(path, filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	return nil
}

func placePrograms(dir string) error {
	entries, err := programs.ReadDir("bin")
	if err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	for _, entry := range entries {
		text, err := programs.ReadFile("bin/" + entry.Name())
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, entry.Name()), text, 0o755); err != nil {
			return err
		}
	}
	return nil
}

// run runs a command that must succeed, and keeps what it says for the error.
func run(name string, args ...string) error {
	if output, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s %q: %w\n%s", name, args, err, output)
	}
	return nil
}

// Top is the directory of the source tree, the one with go.mod, at or above the
// working directory.
func Top() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		if dir == "/" {
			return "", errors.New("no go.mod in this directory or above it")
		}
		dir = filepath.Dir(dir)
	}
}

// Rootfs fills dir with a small root file system: busybox, nskit, their links.
func Rootfs(dir string) error {
	top, err := Top()
	if err != nil {
		return err
	}
	cmd := exec.Command(filepath.Join(top, "scripts/make-rootfs"), dir)
	cmd.Env = append(os.Environ(), "NSKIT_BIN="+os.Getenv(envBinary))
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("make-rootfs: %w\n%s", err, output)
	}
	return nil
}

// userID is the number of the unprivileged user, its group's too.
func userID() int {
	if !isRoot() {
		return os.Geteuid()
	}
	if id, err := strconv.Atoi(os.Getenv("NSKIT_TEST_UID")); err == nil {
		return id
	}
	return 1000
}

// ordinary makes a command run as the unprivileged user.
func ordinary() *syscall.SysProcAttr {
	if !isRoot() {
		return nil
	}
	return &syscall.SysProcAttr{Credential: Ordinary()}
}

// Ordinary is the unprivileged user, for a command that root starts; without root the
// caller.
func Ordinary() *syscall.Credential {
	if !isRoot() {
		return &syscall.Credential{Uid: uint32(os.Geteuid()), Gid: uint32(os.Getegid())}
	}
	id := uint32(userID())
	return &syscall.Credential{Uid: id, Gid: id}
}
