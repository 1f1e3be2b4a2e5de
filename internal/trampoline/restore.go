package trampoline

import (
	"os"
	"syscall"
	"unsafe"

	"github.com/nskit/nskit/internal/prestart"
	"github.com/nskit/nskit/internal/program"
	"golang.org/x/sys/unix"
)

// The calls that put the caller's state back.
var (
	sysSetaffinity  = program.Op{Name: "sched_setaffinity", Number: unix.SYS_SCHED_SETAFFINITY}
	sysSigqueueinfo = program.Op{Name: "rt_sigqueueinfo", Number: unix.SYS_RT_SIGQUEUEINFO}
	sysPrlimit      = program.Op{Name: "prlimit64", Number: unix.SYS_PRLIMIT64}
)

// These are struct sigaction with SIG_IGN and with SIG_DFL.
var ignoreAction, defaultAction = [4]uint64{1}, [4]uint64{}

// restore has the steps that put back what the entry and the Go runtime have
// changed of the caller's state. They are the first of an image, because a
// process with several threads cannot do it reliably.
func restore(s *prestart.State) []*program.Step {
	if s == nil {
		return nil
	}
	b := program.New("")
	if s.AffinityLen > 0 {
		b.Do(sysSetaffinity, program.Int(0), program.Int(int64(s.AffinityLen)), program.Bytes(bytesOf(&s.Affinity), "")).Tolerate()
	}
	b.Do(program.SysPrctl, program.Int(unix.PR_SET_TIMERSLACK), program.Int(int64(s.TimerSlack))).Tolerate()
	b.Do(sysPrlimit, program.Int(0), program.Int(unix.RLIMIT_NOFILE), program.Bytes(bytesOf(&s.NoFile), ""), program.Null()).Tolerate()
	for sig := syscall.Signal(1); sig <= 64; sig++ {
		action := &defaultAction
		switch {
		case s.Ignores(sig):
			action = &ignoreAction
		case !s.Deafened(sig):
			continue
		}
		b.Do(program.SysSigaction, program.Int(int64(sig)), program.Bytes(bytesOf(action), ""), program.Null(), program.Int(8)).Tolerate()
	}
	b.Do(program.SysSigprocmask, program.Int(unix.SIG_SETMASK), program.Bytes(bytesOf(&s.Mask), ""), program.Null(), program.Int(8)).Tolerate()
	for sig, info := range s.Pending {
		b.Do(sysSigqueueinfo, program.Int(int64(os.Getpid())), program.Int(int64(sig)), program.Bytes(string(info), "")).Tolerate()
	}
	for fd := range 3 {
		if s.Closed(fd) {
			b.Close(program.Int(int64(fd))).Tolerate()
		}
	}
	return b.Program().Steps
}

// bytesOf is the memory of a value as the kernel wrote it.
func bytesOf[T any](v *T) string {
	return string(unsafe.Slice((*byte)(unsafe.Pointer(v)), unsafe.Sizeof(*v)))
}
