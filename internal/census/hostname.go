package census

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// utsVisitor reads host names from inside their UTS namespaces: there is no
// other way to ask. It has a thread of its own, because setns(2) moves one.
type utsVisitor struct {
	questions chan int
	answers   chan string
}

// hostname returns the host name of an open UTS namespace, "" for unknown.
func (v *utsVisitor) hostname(fd int) string {
	if v.questions == nil {
		v.questions, v.answers = make(chan int), make(chan string)
		go visit(v.questions, v.answers)
	}
	v.questions <- fd
	return <-v.answers
}

// close ends the thread and waits for it to be back where it came from.
func (v *utsVisitor) close() {
	if v.questions != nil {
		close(v.questions)
		<-v.answers
	}
}

func visit(questions <-chan int, answers chan<- string) {
	runtime.LockOSThread()
	home, err := unix.Open("/proc/thread-self/ns/uts", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	for fd := range questions {
		answer := ""
		if err == nil && unix.Setns(fd, unix.CLONE_NEWUTS) == nil {
			answer = nodename()
		}
		answers <- answer
	}
	// A thread that cannot go home stays locked and ends with this function.
	if err == nil {
		if unix.Setns(home, unix.CLONE_NEWUTS) == nil {
			runtime.UnlockOSThread()
		}
		unix.Close(home)
	}
	close(answers)
}

func nodename() string {
	var name unix.Utsname
	if unix.Uname(&name) != nil {
		return ""
	}
	return unix.ByteSliceToString(name.Nodename[:])
}
