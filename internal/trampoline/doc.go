// Package trampoline carries out a program.Program in place of the calling
// process.
//
// The kernel refuses several calls, unshare(2) of a user namespace and setns(2)
// into one among them, to a process with more than one thread, and a Go
// process always has several. Only execve(2) makes a process single-threaded
// again without changing its PID. So [Exec] packs the Program together with a
// very small interpreter into an ELF image in a sealed memfd and executes that:
// same PID, same parent, same descriptors, one thread, no runtime.
//
// What the caller of this process had set and the Go runtime has changed since
// is put back first: the limit on open files and, in the nskit binary, which is
// linked with an entry of its own, ignored signals, signal mask, CPU affinity,
// timer slack and closed standard descriptors.
//
// There are three ways to a running Program: Exec and Start make an image (in
// exec.go; file.go where there is no memfd), [Workspace.RunEarly] makes one
// without the Go runtime, and where no process has to wait it needs none and
// runs the interpreter of this binary in place (early.go).
//
// Exec and Start may be called in a program of any size, with any number of
// threads and goroutines, Start by many of these at once. RunEarly and Prepare are
// for nskit's own entry.
//
// Do not call Exec where the process has anything left to do: on success it
// does not come back, deferred functions do not run and other goroutines end.
// To go on beside a Program, run one in a child with [Start].
//
// There are interpreters for amd64, arm64, loong64, ppc64le, riscv64 and s390x; elsewhere Exec and Start return
// [ErrUnsupported], and RunEarly comes back. Linux 3.19 has execveat(2); before it,
// and by Start, /proc is needed.
package trampoline
