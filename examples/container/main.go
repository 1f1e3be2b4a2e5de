// Command container runs a command on a root file system of its own, as root of namespaces
// of its own, with all subordinate IDs of an unprivileged user. It replaces a runtime's
// re-exec with a C constructor, newuidmap, pivot_root and an init.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/nskit/nskit/pkg/launch"
	"github.com/nskit/nskit/pkg/mnt"
	"github.com/nskit/nskit/pkg/ns"
	"github.com/nskit/nskit/pkg/nsexec"
	"github.com/nskit/nskit/pkg/rootless"
)

func main() {
	if err := rootless.Become(); err != nil {
		fail(err)
	}
	if len(os.Args) < 3 {
		fail(errors.New("usage: container ROOT COMMAND [ARGUMENT...]"))
	}
	root, err := filepath.Abs(os.Args[1])
	if err != nil {
		fail(err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	cmd := nsexec.Command(ctx, container(root, os.Args[2:]))
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "TERM=" + os.Getenv("TERM")}
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second // and then SIGKILL
	err = cmd.Run()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && exit.Exited() {
		os.Exit(exit.ExitCode())
	}
	if err != nil {
		fail(err)
	}
}

// container is what the container is to be like.
func container(root string, words []string) *launch.Spec {
	return &launch.Spec{
		Unshare:    ns.SetOf(ns.Mount, ns.PID, ns.Net, ns.UTS, ns.IPC, ns.Cgroup),
		Hostname:   launch.Some("container"),
		Loopback:   true,
		Init:       true,
		Privileges: launch.Privileges{NoNewPrivs: true},
		Pivot: &launch.PivotSpec{Root: root, Mounts: []mnt.Mount{
			{Kind: mnt.Proc, Target: "/proc"},
			{Kind: mnt.Dev, Target: "/dev"},
			{Kind: mnt.Tmpfs, Target: "/tmp"},
		}},
		Command: launch.Command{File: words[0], Args: words},
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
