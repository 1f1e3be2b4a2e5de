package launchopt

import (
	"strings"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/cmd/internal/getopt"
	"github.com/nskit/nskit/cmd/internal/values"
	"github.com/nskit/nskit/internal/prestart"
	"github.com/nskit/nskit/pkg/launch"
	"golang.org/x/sys/unix"
)

// readyFD is --ready-fd.
func readyFD(target any, _ *getopt.Option, fd getopt.Value) error {
	n, err := values.Descriptor(fd.Text)
	of(target).Spec.ReadyFD = launch.Some(n)
	return err
}

// pidFile is --pidfile.
func pidFile(target any, _ *getopt.Option, file getopt.Value) error {
	switch name := file.Text[strings.LastIndexByte(file.Text, '/')+1:]; name {
	case "", ".", "..":
		return applet.Fail("invalid PID file '", file.Text, "'")
	}
	of(target).Spec.PIDFile = launch.Some(file.Text)
	return nil
}

// checkReady refuses a descriptor that is not open: something else would get its
// number.
func (o *Options) checkReady() error {
	fd := o.Spec.ReadyFD
	if !fd.Set || o.Explain {
		return nil
	}
	if flags := int(prestart.Syscall(unix.SYS_FCNTL, uintptr(fd.Value), unix.F_GETFL, 0, 0, 0, 0)); flags < 0 {
		return applet.Fail("cannot use --ready-fd").With(unix.Errno(-flags))
	} else if flags&unix.O_ACCMODE == unix.O_RDONLY {
		return applet.Fail("cannot use --ready-fd: the file descriptor is open for reading only")
	}
	return nil
}
