package testkit

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// envApart says that the process was started in new namespaces and has them to
// itself.
const envApart = "NSKIT_TEST_APART"

// isApart is that this process watches over namespaces of its own.
var isApart bool

// apartFlags are the namespaces that a run and each of its scripts have to
// themselves. Users, control groups and clocks stay the machine's: tests want root
// to be the real one, and see the others only through processes.
const apartFlags = unix.CLONE_NEWNS | unix.CLONE_NEWPID | unix.CLONE_NEWNET | unix.CLONE_NEWIPC | unix.CLONE_NEWUTS

// apart puts a command of [self] into new namespaces, which end with it.
func apart(cmd *exec.Cmd) {
	cmd.Env = append(cmd.Env, envApart+"=1")
	cmd.SysProcAttr.Cloneflags, cmd.SysProcAttr.Pdeathsig = apartFlags, syscall.SIGKILL
}

// apartPossible tries whether this process may make these namespaces. Root of an
// ordinary container may not; without root it takes a user namespace, in which
// most tests would test something else.
var apartPossible = sync.OnceValue(func() bool {
	if !isRoot() {
		return false
	}
	cmd := exec.Command("true")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: apartFlags}
	return cmd.Run() == nil
})

// furnish makes new namespaces what tests expect of a system: mounts that pass
// nowhere, a /proc of the PID namespace, an empty /run, a loopback interface.
func furnish() error {
	if isApart = take(envApart) != ""; !isApart {
		return nil
	}
	steps := []struct {
		name string
		act  func() error
	}{
		{"private mounts", func() error { return unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, "") }},
		{"/proc", mountProc},
		{"/run", mountRun},
		{"loopback", raiseLoopback},
	}
	for _, step := range steps {
		if err := step.act(); err != nil {
			return fmt.Errorf("namespaces of the tests: %s: %w", step.name, err)
		}
	}
	return nil
}

// mountProc replaces /proc. The old one is not kept below: tests count what is
// mounted there.
func mountProc() error {
	for unix.Unmount("/proc", unix.MNT_DETACH) == nil {
	}
	return unix.Mount("proc", "/proc", "proc", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, "")
}

// mountRun hides the names that others have in /run, unless the tests are there.
func mountRun() error {
	executable, err := os.Executable()
	if err != nil {
		return err
	}
	top, err := os.Getwd()
	if err != nil {
		return err
	}
	for _, path := range []string{executable, top, os.TempDir(), os.Getenv("NSKIT_BIN")} {
		if real, err := filepath.EvalSymlinks(path); err == nil && strings.HasPrefix(real, "/run/") {
			return nil
		}
	}
	return unix.Mount("nskit-test", "/run", "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, "mode=755")
}

func raiseLoopback() error {
	socket, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(socket)
	request, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	request.SetUint16(unix.IFF_UP)
	return unix.IoctlIfreq(socket, unix.SIOCSIFFLAGS, request)
}
