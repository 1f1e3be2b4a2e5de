//go:build linux

// Package program describes work for the kernel as data: a flat list of
// system calls with their arguments, where each result goes, and what follows
// success, zero and failure.
//
// A [Program] is what an applet decides. Nothing here acts: a Program can be
// built, compared and printed without privilege and on any system, and the
// same value is what package trampoline carries out. That is why --explain
// cannot drift from what is done, and why most tests need no root.
//
// A Program is written with a [Builder], whose methods are named after the
// system calls and take their arguments in the order of the manual pages:
//
//	b := program.New("unshare")
//	b.Cmdline([]string{"unshare", "sh"})
//	b.Unshare(unix.CLONE_NEWUTS).Because("a host name of its own").Or("unshare failed")
//	b.Sethostname("box").Or("cannot set host name")
//	b.Execve("/bin/sh", program.Argv(1), program.Envp()).Or("failed to execute /bin/sh")
//
// Do not use a Program for what Go can do itself: it is meant for calls that
// the kernel refuses to a process with several threads, and for code that runs
// between fork and exec.
package program
