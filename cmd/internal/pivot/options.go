package pivot

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/cmd/internal/getopt"
	"github.com/nskit/nskit/cmd/internal/launchopt"
	"github.com/nskit/nskit/cmd/internal/values"
	"github.com/nskit/nskit/internal/prestart"
	"github.com/nskit/nskit/pkg/launch"
	"github.com/nskit/nskit/pkg/mnt"
	"golang.org/x/sys/unix"
)

// own are the options that only this applet has.
type own struct {
	spec   launch.PivotSpec
	mounts [16]mnt.Mount
	bare   bool
}

// of finds the applet's own options below the target of every option.
func of(target any) *own { return target.(*launchopt.Options).Own.(*own) }

// ownTable has the applet's own options.
var ownTable = [...]getopt.Option{
	{Long: "bind", Extra: true, Arg: getopt.Required, Value: "src:dst[:rec,ro,nosuid,nodev,noexec,try,idmap=map]", Values: getopt.Files, Apply: bind,
		Help: "show src of the old root at dst of the new one\na colon in a path is written \\:"},
	{Long: "tmpfs", Extra: true, Arg: getopt.Required, Value: "dst[:option,...]", Apply: tmpfs,
		Help: "mount an empty file system in memory"},
	{Long: "proc", Extra: true, Arg: getopt.Optional, Value: "dir", Num: int(mnt.Proc), Apply: standard,
		Help: "mount a proc file system, on /proc by default"},
	{Long: "sys", Extra: true, Arg: getopt.Optional, Value: "dir", Num: int(mnt.Sys), Apply: standard,
		Help: "mount a sysfs, on /sys by default"},
	{Long: "dev", Extra: true, Arg: getopt.Optional, Value: "dir", Num: int(mnt.Dev), Apply: standard,
		Help: "mount a minimal /dev"},
	{Long: "file", Extra: true, Arg: getopt.Required, Value: "text:dst", Apply: file,
		Help: "show a file in memory that holds text and a newline"},
	{Long: "symlink", Extra: true, Arg: getopt.Required, Value: "target:dst", Apply: symlink,
		Help: "make a symbolic link to target"},
	{Long: "dir", Extra: true, Arg: getopt.Required, Value: "dst[:mode=octal]", Apply: directory,
		Help: "make a directory that is missing"},
	{Long: "keep-fd", Extra: true, Arg: getopt.Required, Value: "n,...", Apply: keepFD,
		Help: "leave inherited file descriptors above 2 open"},
	{Long: "read-only", Extra: true, Num: int(mnt.ReadOnly), Apply: standard,
		Help: "make all that is in the new root so far read-only"},
	{Long: "put-old", Extra: true, Arg: getopt.Required, Value: "dir", Num: int(mnt.PutOld), Apply: standard,
		Help: "keep the old root at dir in the new one"},
	{Long: "overlay", Extra: true, Arg: getopt.Optional, Value: "upper=dir,work=dir", Apply: overlay,
		Help: "write to a layer above the new root, by default one\nin memory that is thrown away"},
	{Long: "layer", Extra: true, Arg: getopt.Required, Value: "dir", Values: getopt.Dirs, Apply: layer,
		Help: "show dir above the new root (implies --overlay)"},
	{Long: "rootfs-from", Extra: true, Arg: getopt.Required, Value: "tar", Values: getopt.Files, Apply: rootfsFrom,
		Help: "unpack an archive in memory, in place of a new root"},
	{Long: "switch", Extra: true, Apply: switchRoot,
		Help: "move the new root over /, for an initramfs"},
	{Long: "bare", Extra: true, Apply: setBare,
		Help: "only call pivot_root(2): two operands, new root and\na place for the old one in it"},
}

// bareTable are the options of pivot_root(8) and switch_root(8).
var bareTable = [...]getopt.Option{
	{Long: "explain", Extra: true, Arg: getopt.Optional, Value: "all", Values: getopt.OneOf, Words: []string{"all"}, Apply: launchopt.Explain,
		Help: "show the system calls instead of making them"},
	{Short: 'h', Long: "help", Apply: applet.AskHelp, Help: "display this help"},
	{Short: 'V', Long: "version", Apply: applet.AskVersion, Help: "display version"},
}

// table appends all options: the applet's own and those of unshare, of which
// --mount-proc is carried out in its place among the mounts.
func table(list []getopt.Option) []getopt.Option {
	list = append(list, ownTable[:]...)
	first := len(list)
	list = append(list, launchopt.Table[:]...)
	for i := range list[first:] {
		if opt := &list[first+i]; opt.Long == "mount-proc" {
			opt.Num, opt.Apply = int(mnt.Proc), standard
		}
	}
	return list
}

// add appends a mount.
func (v *own) add(m mnt.Mount) {
	if v.spec.Mounts == nil {
		v.spec.Mounts = v.mounts[:0]
	}
	v.spec.Mounts = append(v.spec.Mounts, m)
}

// addParsed appends a mount that was read from a text.
func (v *own) addParsed(what, text string, m mnt.Mount, err error) error {
	if err != nil {
		return applet.Failf("invalid %s '%s': %v", what, text, err)
	}
	v.add(m)
	return nil
}

func bind(target any, _ *getopt.Option, text getopt.Value) error {
	m, err := mnt.ParseBind(text.Text)
	if err == nil {
		m.Source, err = absolute(m.Source)
	}
	return of(target).addParsed("bind", text.Text, m, err)
}

// absolute is needed where the working directory changes before the path is used.
func absolute(path string) (string, error) {
	if strings.HasPrefix(path, "/") {
		return path, nil
	}
	dir, err := os.Getwd()
	return filepath.Join(dir, path), err
}

func tmpfs(target any, _ *getopt.Option, text getopt.Value) error {
	m, err := mnt.ParseTmpfs(text.Text)
	return of(target).addParsed("tmpfs", text.Text, m, err)
}

func file(target any, _ *getopt.Option, text getopt.Value) error {
	m, err := mnt.ParseFile(text.Text)
	return of(target).addParsed("file", text.Text, m, err)
}

func symlink(target any, _ *getopt.Option, text getopt.Value) error {
	m, err := mnt.ParseSymlink(text.Text)
	return of(target).addParsed("symlink", text.Text, m, err)
}

func directory(target any, _ *getopt.Option, text getopt.Value) error {
	m, err := mnt.ParseDirectory(text.Text)
	return of(target).addParsed("dir", text.Text, m, err)
}

// keepFD is --keep-fd: a list of descriptors, which must be open already.
func keepFD(target any, _ *getopt.Option, list getopt.Value) error {
	v := of(target)
	for text := range strings.SplitSeq(list.Text, ",") {
		fd, err := values.Descriptor(text)
		if err != nil {
			return err
		}
		v.keep(fd)
	}
	return nil
}

// keep adds a descriptor in its place among those that stay; the first three do in
// any case.
func (v *own) keep(fd int) {
	list := v.spec.Keep
	at := len(list)
	for at > 0 && list[at-1] > fd {
		at--
	}
	if fd > 2 && (at == 0 || list[at-1] != fd) {
		v.spec.Keep = slices.Insert(list, at, fd)
	}
}

// checkKept refuses a descriptor that is not open: something else would get its
// number.
func (v *own) checkKept() error {
	for _, fd := range v.spec.Keep {
		if flags := int(prestart.Syscall(unix.SYS_FCNTL, uintptr(fd), unix.F_GETFD, 0, 0, 0, 0)); flags < 0 {
			return applet.Fail("cannot use --keep-fd").With(unix.Errno(-flags))
		}
	}
	return nil
}

// standard adds a mount of the kind that is the option's number, at the place
// given or the usual one.
func standard(target any, opt *getopt.Option, dir getopt.Value) error {
	m := mnt.Mount{Kind: mnt.Kind(opt.Num)}
	switch m.Kind {
	case mnt.Proc:
		m.Target = dir.Or("/proc")
	case mnt.Sys:
		m.Target = dir.Or("/sys")
	case mnt.Dev:
		m.Target = dir.Or("/dev")
	default:
		m.Target = dir.Text
	}
	of(target).add(m)
	return nil
}

func overlay(target any, _ *getopt.Option, text getopt.Value) (err error) {
	v := &of(target).spec
	v.Overlay = true
	if !text.Given {
		return nil
	}
	upper, work, _ := strings.Cut(text.Text, ",work=")
	upper, found := strings.CutPrefix(upper, "upper=")
	if !found || upper == "" || work == "" {
		return applet.Fail("invalid overlay '", text.Text, "': it is written upper=DIR,work=DIR")
	}
	if v.Upper, err = absolute(upper); err == nil {
		v.Work, err = absolute(work)
	}
	return err
}

func layer(target any, _ *getopt.Option, dir getopt.Value) error {
	v := &of(target).spec
	v.Overlay = true
	v.Layers = append(v.Layers, dir.Text)
	return nil
}

func rootfsFrom(target any, _ *getopt.Option, path getopt.Value) error {
	of(target).spec.Archive = path.Text
	return nil
}

func switchRoot(target any, _ *getopt.Option, _ getopt.Value) error {
	of(target).spec.Switch = true
	return nil
}

func setBare(target any, _ *getopt.Option, _ getopt.Value) error {
	of(target).bare = true
	return nil
}

// check refuses options that do not go together.
func (v *own) check() error {
	keepsOld := false
	for i := range v.spec.Mounts {
		m := &v.spec.Mounts[i]
		keepsOld = keepsOld || m.Kind == mnt.PutOld
		if m.Kind != mnt.ReadOnly && mnt.IsRoot(m.Target) {
			return applet.Fail("cannot mount on the new root itself: '", m.Target, "'")
		}
	}
	switch {
	case v.spec.Archive == "" && !v.spec.Overlay && strings.HasPrefix(v.spec.Root, "/") && mnt.IsRoot(v.spec.Root):
		err := applet.Fail("the current root cannot be the new root too")
		err.Hint = "--overlay gives it a layer of its own"
		return err
	case v.spec.Archive != "" && v.spec.Overlay:
		return applet.Fail("options --rootfs-from and --overlay are mutually exclusive")
	case v.spec.Archive != "" && v.spec.Switch:
		return applet.Fail("options --rootfs-from and --switch are mutually exclusive")
	case v.spec.Switch && keepsOld:
		return applet.Fail("options --switch and --put-old are mutually exclusive")
	}
	return nil
}

// needsSelf says whether the Program executes this binary again.
func (v *own) needsSelf() bool { return v.spec.Archive != "" || v.spec.Switch }

// locate finds what the Program needs of this process: its own file, which
// unpacks an archive and empties an old root, by the name that it was called by.
func locate(v *own, name string) error {
	if !v.needsSelf() {
		return nil
	}
	path, err := os.Executable()
	if err != nil && v.spec.Archive != "" {
		return &applet.Error{Text: "cannot read /proc/self/exe, nskit's own file, which unpacks the archive", Err: err}
	}
	task := internalClear
	if v.spec.Archive != "" {
		task = internalUnpack
	}
	v.spec.Tool, v.spec.ToolArgs = path, []string{name, task}
	return nil
}

// The options by which the applet calls itself.
const (
	internalUnpack = "--internal-unpack"
	internalClear  = "--internal-clear"
)
