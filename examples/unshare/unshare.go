// Package unshare has the names of go.podman.io/storage/pkg/unshare that storage itself and
// most of its users call, on package rootless: a build without cgo that replaces that package
// by this one (a replace directive) becomes root in a user namespace, where the original
// executes itself for ever.
//
// What is different: root is left as it is, also with evenForRoot; the process keeps its
// PID, for it is not a child that becomes root. Cmd and the functions about ID mappings are
// left out: packages nsexec and idmap do that.
package unshare

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"strconv"

	"github.com/nskit/nskit/pkg/rootless"
	"golang.org/x/sys/unix"
)

// UsernsEnvName is the variable that is set where the process has become root.
const UsernsEnvName = "_CONTAINERS_USERNS_CONFIGURED"

// MaybeReexecUsingUserNamespace makes the process root in a user namespace, or ends it.
func MaybeReexecUsingUserNamespace(evenForRoot bool) {
	if err := rootless.Become(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if rootless.IsRootless() {
		os.Setenv(UsernsEnvName, "done")
		os.Setenv("_CONTAINERS_ROOTLESS_UID", strconv.Itoa(rootless.OriginalUID()))
		os.Setenv("_CONTAINERS_ROOTLESS_GID", strconv.Itoa(rootless.OriginalGID()))
	}
}

// IsRootless reports whether the user is unprivileged outside.
func IsRootless() bool { return rootless.IsRootless() }

// GetRootlessUID is the user's ID outside.
func GetRootlessUID() int { return rootless.OriginalUID() }

// GetRootlessGID is the group's ID outside.
func GetRootlessGID() int { return rootless.OriginalGID() }

// RootlessEnv is the environment for a program that is started inside.
func RootlessEnv() []string { return append(os.Environ(), UsernsEnvName+"=done") }

// HomeDir is the user's home directory.
func HomeDir() (string, error) {
	if home, ok := os.LookupEnv("HOME"); ok && home != "" {
		return home, nil
	}
	u, err := user.LookupId(strconv.Itoa(rootless.OriginalUID()))
	if err != nil {
		return "", err
	}
	return u.HomeDir, nil
}

// HasCapSysAdmin reports whether the process has CAP_SYS_ADMIN.
func HasCapSysAdmin() (bool, error) {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	err := unix.Capget(&header, &data[0])
	return data[0].Effective&(1<<unix.CAP_SYS_ADMIN) != 0, err
}

// Runnable is a command that can be run.
type Runnable interface{ Run() error }

// ExecRunnable runs a command and ends the process as the command ended.
func ExecRunnable(cmd Runnable, cleanup func()) {
	err := cmd.Run()
	if cleanup != nil {
		cleanup()
	}
	if exit, ok := err.(*exec.ExitError); ok {
		os.Exit(exit.ExitCode())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}
