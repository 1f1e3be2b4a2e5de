package census

import "golang.org/x/sys/unix"

// task is a process, or a thread of it that has something for itself.
type task struct{ pid, tid int }

// used is something that a task has for its working directory, root directory or program, or has open.
type used struct {
	task
	// mount is the number of its mount, 0 where the kernel does not tell.
	mount uint64
	// device is its file system; node is the device that it is itself, block or character.
	device, node Device
}

// apart is a thread that does not share its directories or its descriptors with its process.
type apart struct {
	task
	// space is its mount namespace.
	space              Inode
	directories, files bool
}

// begin begins with another task.
func (w *worker) begin(t task) { w.of, w.ownUsed = t, len(w.used) }

// uses notes what a task uses besides its descriptors, by links that are beside those in dir, or noDir.
func (w *worker) uses(dir int, links []string) {
	if !w.local {
		return // following them could make a file system keep the caller waiting
	}
	for _, name := range links {
		var st unix.Statx_t
		if at, path := w.beside(dir, name); statx(at, path, unix.AT_NO_AUTOMOUNT, &st) == 0 {
			w.use(&st)
		}
	}
}

// use notes one thing that the task uses, once. Copies of it in its callers would be a kilobyte.
//
//go:noinline
func (w *worker) use(st *unix.Statx_t) {
	u := used{w.of, st.Mnt_id, Device{st.Dev_major, st.Dev_minor}, Device{st.Rdev_major, st.Rdev_minor}}
	for i := w.ownUsed; i < len(w.used); i++ {
		if w.used[i] == u {
			return
		}
	}
	w.used = append(w.used, u)
}
