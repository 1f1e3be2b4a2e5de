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
// A process that goes on starts a child in other namespaces with
// trampoline.Start, however many goroutines and threads it has and from as many
// of them at once as it likes. The child's PID is not known when its Program is
// made, which a Caller without one says:
//
//	p := launch.Unshare(spec, &launch.Caller{UID: uint32(os.Geteuid()), GID: uint32(os.Getegid())})
//	child, err := trampoline.Start(p, &os.ProcAttr{Files: []*os.File{os.Stdin, os.Stdout, os.Stderr}})
//
// A [Spec] or an [Entry] that makes no sense gives a Program that its Validate
// refuses, and so do Exec and Start: no function here fails or panics. What the
// kernel refuses while a Program runs is printed on its descriptor 2, and the
// process ends with the exit code that unshare(1) or nsenter(1) would end with.
//
// The order of operations is that of util-linux, because scripts depend on it:
// [Unshare] reads as its table of contents, and each of its lines is one
// method that decides one thing.
//
// Do not use it for a child that gets new namespaces and nothing else: os/exec
// with syscall.SysProcAttr.Cloneflags and UidMappings does that.
package launch
