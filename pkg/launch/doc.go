// Package launch decides how a program is started in other namespaces: it
// turns a [Spec] into a program.Program, which package trampoline carries out.
//
// Everything here is pure. A decision needs no privilege, touches no file and
// gives the same Program for the same Spec and [Caller], so that it can be
// printed, compared and tested:
//
//	p := launch.Unshare(&launch.Spec{
//		Name:    "box",
//		Unshare: ns.SetOf(ns.User, ns.UTS),
//		Command: launch.Command{File: "/bin/sh", Args: []string{"sh"}},
//	}, &launch.Caller{PID: os.Getpid(), UID: 1000, GID: 1000})
//	p.Print(os.Stdout)            // what would be done
//	err := trampoline.Exec(p)     // do it, in place of this process
//
// The order of operations is that of util-linux, because scripts depend on it:
// [Unshare] reads as its table of contents, and each of its lines is one
// method that decides one thing.
//
// Do not use it to start a child of a process that goes on: os/exec with
// syscall.SysProcAttr.Cloneflags does that, as long as the child need not be
// in place and no namespace has to be joined.
package launch
