// Package census takes stock of the namespaces of a system: which there are,
// which processes are in them, what else keeps them alive, and how they relate.
//
// [Take] reads /proc once and returns a [Snapshot], a plain value: nothing in
// it changes later, nothing is cached, and two snapshots can be compared with
// [Diff]. It reads only what its [Options] ask for:
//
//   - the processes and their namespaces, always: eight readlinkat(2) a process;
//   - [Descriptors]: one statx(2) for each open descriptor of each process, or where
//     the kernel knows network file systems, readlinkat(2) and for those with a path
//     three calls more;
//   - [Sockets]: besides, six calls for each socket that was not seen before;
//   - [Threads]: one statx(2) a process, and five readlinkat(2) and a kcmp(2) for
//     each thread but the main one;
//   - [Mounts]: the caller's own mount table; [AllMounts] and [OnlyMounts]: that of
//     every mount namespace that a process, thread or descriptor leads to;
//   - [Uses]: three statx(2) a process, and a kcmp(2) for each thread but the main one;
//   - [ForChildren]: two more readlinkat a process;
//   - [Listed]: a call for each 512 namespaces and four for each of them, where
//     the kernel has such a list.
//
// [Snapshot.Mounted] reads the mount table of every mount namespace, [Snapshot.Users]
// finds who uses mounts, and [Locate] what a path stands for.
//
// A namespace that nothing of this leads to can live by those below it or by
// what it owns: [Snapshot.Relate] finds these as [Ancestors].
//
// Nothing here waits for a file system. What is opened is known to be a
// namespace before: somebody can have mounted a file system over it that never answers.
//
// What belongs to single namespaces ([Snapshot.Relate]) or single processes
// ([Reader.Details]) is read later and only for those that are of interest,
// so that a listing of ten rows on a host of 20,000 processes costs ten.
//
// A system does not hold still while it is read. A process that ends is left
// out, or known by as much as was read; /proc/PID that is not the caller's to
// read (proc(5), hidepid=) is left out as well. None of this is an error:
// [Take] fails only when /proc itself cannot be read. A PID that is given to
// another process between [Take] and [Reader.Details] is noticed.
//
// # By container
//
// A Snapshot knows no containers: package containers says which one a process is in.
// Members of a namespace, or its PID, lead to the text of /proc/PID/cgroup, and
// containers.FromCgroup to runtime and identifier; containers.NewIndex also knows names,
// and processes that no control group tells of. The other way round, the PID of
// containers.Find leads to the namespaces of a container: [Snapshot.Process].
//
// # When not to use it
//
// To ask about one process, read the links in /proc/PID/ns. To enter or pin a
// namespace keep an open descriptor: an inode number is reused once its
// namespace is gone, and only the identifier of [IDs] is not.
package census
