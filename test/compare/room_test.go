package compare

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// envRoom says that the process is in the room, and whose: root's, or that of
// an unprivileged user, who is root there only.
const envRoom = "NSKIT_COMPARE_ROOM"

// The numbers of the two users in the room.
const userID = 1000

// asRoot says that the room belongs to the real root.
func asRoot() bool { return os.Getenv(envRoom) == "root" }

func isRoot() bool { return os.Geteuid() == 0 }

// roomsPossible says whether the kernel lets us make one. The tests skip if not.
func roomsPossible() bool {
	if os.Getenv(envRoom) != "" {
		return true
	}
	cmd := exec.Command("true")
	cmd.SysProcAttr = roomAttributes()
	return cmd.Run() == nil
}

// roomAttributes are the namespaces of a room. An unprivileged user becomes root of it.
func roomAttributes() *syscall.SysProcAttr {
	attributes := &syscall.SysProcAttr{
		Cloneflags: unix.CLONE_NEWNS | unix.CLONE_NEWPID | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC,
		Pdeathsig:  unix.SIGKILL,
	}
	if !isRoot() {
		attributes.Cloneflags |= unix.CLONE_NEWUSER
		attributes.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Geteuid(), Size: 1}}
		attributes.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getegid(), Size: 1}}
	}
	return attributes
}

// enterRoom runs the tests in the room and returns their exit code. They cannot
// unshare anything themselves: Go programs have several threads.
func enterRoom() int {
	runtime.LockOSThread() // the signal of the parent's death comes when the thread ends
	whose := "user"
	if isRoot() {
		whose = "root"
	}
	cmd := exec.Command("/proc/self/exe")
	cmd.Args = []string{os.Args[0]}
	for _, word := range os.Args[1:] {
		if !strings.HasPrefix(word, "-test.testlogfile") { // its path is not in the room
			cmd.Args = append(cmd.Args, word)
		}
	}
	cmd.Env = append(os.Environ(), envRoom+"="+whose)
	cmd.SysProcAttr = roomAttributes()
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	var exit *exec.ExitError
	switch err := cmd.Run(); {
	case err == nil:
		return 0
	case errors.As(err, &exit) && exit.ExitCode() > 0:
		return exit.ExitCode()
	default:
		fmt.Fprintln(os.Stderr, "compare: the room:", err)
		return 1
	}
}

// furnish makes the room's root file system and moves in.
func furnish() error {
	dir := filepath.Join(os.Getenv("NSKIT_TEST_ROOT"), "room-"+os.Getenv(envRoom))
	steps := []func() error{
		func() error { return unix.CloseRange(3, 1<<31, unix.CLOSE_RANGE_CLOEXEC) }, // the caller's own business
		func() error { return os.MkdirAll(dir, 0o755) },
		func() error { return unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, "") },
		func() error { return unix.Mount("room", dir, "tmpfs", 0, "mode=755") },
		func() error { return systemDirs(dir) },
		func() error { return devices(dir) },
		func() error { return accounts(dir) },
		func() error { return tools(dir) },
		func() error { return unix.Mount("proc", filepath.Join(dir, "proc"), "proc", 0, "") },
		func() error { return unix.Sethostname([]byte("room")) },
		func() error { return os.Chdir(dir) },
		func() error { return unix.PivotRoot(".", ".") },
		func() error { return unix.Unmount(".", unix.MNT_DETACH) },
		func() error { return os.Chdir("/") },
		func() error { return os.Setenv("TMPDIR", "/tmp") },
	}
	for i, step := range steps {
		if err := step(); err != nil {
			return fmt.Errorf("step %d: %w", i, err)
		}
	}
	return nil
}

// systemDirs brings the host's programs in, and makes the empty directories.
func systemDirs(dir string) error {
	for _, name := range []string{"usr", "bin", "sbin", "lib", "lib64", "lib32"} {
		target, err := os.Readlink("/" + name)
		switch {
		case err == nil:
			err = os.Symlink(target, filepath.Join(dir, name))
		case exists("/" + name):
			if err = os.Mkdir(filepath.Join(dir, name), 0o755); err == nil {
				err = unix.Mount("/"+name, filepath.Join(dir, name), "", unix.MS_BIND|unix.MS_REC, "")
			}
		default:
			err = nil
		}
		if err != nil {
			return err
		}
	}
	for _, name := range []string{"proc", "dev", "etc", "root", "home", "w", "sys"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			return err
		}
	}
	return os.Mkdir(filepath.Join(dir, "tmp"), 0o777)
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

func devices(dir string) error {
	for _, name := range []string{"null", "zero", "full", "urandom"} {
		path := filepath.Join(dir, "dev", name)
		if err := os.WriteFile(path, nil, 0o644); err != nil {
			return err
		}
		if err := unix.Mount("/dev/"+name, path, "", unix.MS_BIND, ""); err != nil {
			return err
		}
	}
	return nil
}

// accounts are the users that the room knows, the same on every machine.
func accounts(dir string) error {
	files := map[string]string{
		"passwd": "root:x:0:0:root:/root:/bin/sh\ndaemon:x:1:1::/:/bin/sh\nordinary:x:1000:1000::/home:/bin/sh\n",
		"group":  "root:x:0:\ndaemon:x:1:\nordinary:x:1000:\nothers:x:2000:\n",
		"subuid": "root:300000:65536\nordinary:100000:65536\n",
		"subgid": "root:400000:65536\nordinary:200000:65536\n",
	}
	if cache, err := os.ReadFile("/etc/ld.so.cache"); err == nil {
		files["ld.so.cache"] = string(cache)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, "etc", name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// small are the programs that busybox stands for: lines start them by the
// hundred. The state of a process must come from the host's setpriv.
var small = []string{"busybox", "true", "false", "cat", "id", "sleep", "pwd", "readlink", "grep", "hostname",
	"mount", "umount", "mkdir", "touch", "ln", "chown", "chmod", "kill", "echo", "cp", "rmdir"}

// tools makes /tools/host and /tools/nskit, one of which each run has in its
// PATH as /w/bin, and /tools/any behind it.
func tools(dir string) error {
	for _, name := range []string{"host", "nskit", "any"} {
		if err := os.MkdirAll(filepath.Join(dir, "tools", name), 0o755); err != nil {
			return err
		}
	}
	busybox, err := exec.LookPath("busybox")
	if err != nil {
		return err
	}
	for source, target := range map[string]string{os.Getenv("NSKIT"): "nskit/nskit", busybox: "any/busybox"} {
		if output, err := exec.Command("cp", source, filepath.Join(dir, "tools", target)).CombinedOutput(); err != nil {
			return fmt.Errorf("%w: %s", err, output)
		}
	}
	for _, name := range []string{"unshare", "nsenter", "lsns", "pivot_root"} {
		path, err := os.Readlink(filepath.Join(os.Getenv("HOST"), name))
		if err != nil {
			return err
		}
		if err := os.Symlink(path, filepath.Join(dir, "tools/host", name)); err != nil {
			return err
		}
		if err := os.Symlink("nskit", filepath.Join(dir, "tools/nskit", name)); err != nil {
			return err
		}
	}
	for _, name := range small[1:] {
		if err := os.Symlink("busybox", filepath.Join(dir, "tools/any", name)); err != nil {
			return err
		}
	}
	if err := pending(filepath.Join(dir, "tools/any/pending")); err != nil {
		return err
	}
	return probe(filepath.Join(dir, "tools/any/probe"))
}

// pending is a program that sends itself a signal before it becomes another.
func pending(path string) error {
	return os.WriteFile(path, []byte("#!/bin/sh\nkill -USR1 $$\nexec \"$@\"\n"), 0o755)
}

// probe is the program that most lines start. It says that it is there, waits
// while it is looked at, and then shows what cannot be seen from outside.
func probe(path string) error {
	return os.WriteFile(path, []byte(`#!/bin/sh
echo ready >&0
read -r answer
exec /usr/bin/setpriv --dump
`), 0o755)
}

// hostVersion is what the host's unshare says of itself.
func hostVersion() string {
	output, _ := exec.Command(filepath.Join(os.Getenv("HOST"), "unshare"), "--version").Output()
	if asked, err := exec.Command("/tools/host/unshare", "--version").Output(); err == nil {
		return string(asked)
	}
	return string(output)
}
