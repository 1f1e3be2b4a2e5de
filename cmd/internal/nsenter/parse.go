package nsenter

import (
	"math"
	"strings"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/cmd/internal/getopt"
	"github.com/nskit/nskit/cmd/internal/launchopt"
	"github.com/nskit/nskit/cmd/internal/values"
	"github.com/nskit/nskit/pkg/ns"
	"golang.org/x/sys/unix"
)

// of is the target of this package's options.
func of(target any) *options { return target.(*launchopt.Options).Own.(*options) }

// The options that have no value, in getopt.Option.Num.
const (
	flagAll = iota
	flagUserParent
	flagPIDForChildren
	flagPreserve
	flagKeepCaps
	flagEnv
	flagNoFork
	flagJoinCgroup
	flagFollowContext
	flagJSON
)

// setFlag notes that an option without a value was met.
func setFlag(target any, opt *getopt.Option, _ getopt.Value) error {
	o := of(target)
	flags := [...]*bool{
		flagAll: &o.all, flagUserParent: &o.userParent, flagPIDForChildren: &o.pidForChildren, flagPreserve: &o.preserve,
		flagKeepCaps: &target.(*launchopt.Options).Spec.KeepCaps, flagEnv: &o.env, flagNoFork: &o.noFork,
		flagJoinCgroup: &o.joinCgroup, flagFollowContext: &o.followContext, flagJSON: &o.each.json,
	}
	*flags[opt.Num] = true
	return nil
}

func setTarget(target any, _ *getopt.Option, value getopt.Value) error {
	o := of(target)
	if o.target.kind != none {
		return applet.Fail("option --target may be given only once")
	}
	var err error
	o.target, err = parseTarget(value.Text)
	return err
}

// parseTarget reads the value of --target.
func parseTarget(text string) (target, error) {
	if fd, ok := strings.CutPrefix(text, "fd:"); ok {
		n, err := values.Descriptor(fd)
		return target{kind: byFD, pid: n}, err
	}
	if name, ok := strings.CutPrefix(text, "ctr:"); ok {
		return target{kind: byContainer, name: name}, nil
	}
	if name, ok := strings.CutPrefix(text, "@"); ok {
		return target{kind: byFile, name: name}, nil
	}
	pid, inode, withInode := text, "", false
	if end := strings.IndexByte(text, ':'); end >= 0 { // strings.Cut lies in code that nothing else needs
		pid, inode, withInode = text[:end], text[end+1:], true
	}
	t := target{kind: byPID}
	var err error
	if t.pid, err = parsePID(pid); err == nil && withInode {
		t.inode, err = parseInode(inode)
	}
	if err != nil {
		fault := applet.Fail("failed to parse PID argument '", text, "'").With(err)
		if isName(text) {
			fault.Hinting("a container is ctr:", text, ", a PID file @", text)
		}
		return target{}, fault
	}
	return t, nil
}

// isName says whether a target that is no PID may be meant for a container or a file.
func isName(text string) bool {
	letter := false
	for i := range len(text) {
		switch c := text[i]; {
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
			letter = true
		case c >= '0' && c <= '9' || strings.IndexByte("_.-/", c) >= 0:
		default:
			return false
		}
	}
	return letter
}

// parsePID reads a process identifier, which is at least 1.
func parsePID(text string) (int, error) {
	n, err := values.Number(text, 1, math.MaxInt32)
	return int(n), err
}

// parseInode reads a process's number in pidfs, which is at least 1.
func parseInode(text string) (uint64, error) {
	n, err := values.Uint64(text)
	if err == nil && n == 0 {
		err = unix.ERANGE
	}
	return n, err
}

// setKind takes the value of a namespace's option: nothing for the target's, a
// file, or :ID. A leading = is left over from -n=FILE.
func setKind(target any, opt *getopt.Option, value getopt.Value) error {
	o := of(target)
	k := &o.kinds[ns.Kind(opt.Num)]
	k.chosen = true
	if !value.Given {
		return nil
	}
	text := strings.TrimPrefix(value.Text, "=")
	id, ok := strings.CutPrefix(text, ":")
	if !ok {
		o.name(text)
		k.named, k.file, k.byID, k.id, k.at = true, text, false, 0, o.place()
		return nil
	}
	n, err := values.Uint64(id)
	if err != nil {
		return applet.Fail("failed to parse nsid: ", id)
	}
	k.named, k.file, k.byID, k.id, k.at = false, "", true, n, o.place()
	return nil
}

func setNetSocket(target any, _ *getopt.Option, value getopt.Value) error {
	fd, err := values.Descriptor(value.Text)
	of(target).netSocket = descriptor{true, fd}
	return err
}

func setUID(target any, _ *getopt.Option, value getopt.Value) error {
	return of(target).uid.set("uid", value.Text)
}

func setGID(target any, _ *getopt.Option, value getopt.Value) error {
	return of(target).gid.set("gid", value.Text)
}

// set takes the value of --setuid or --setgid.
func (i *identity) set(name, text string) error {
	i.given, i.Follow, i.ID = true, text == "follow", 0
	if i.Follow {
		return nil
	}
	var err error
	i.ID, err = values.Uint32(text, name)
	return err
}

// set notes a directory. Once the target's own was asked for, it is that one, as
// in util-linux.
func (o *options) set(d *directory, named bool, path string) {
	at := 0
	if named {
		o.name(path)
		at = o.place()
	}
	if !d.ofTarget() {
		*d = directory{given: true, named: named, path: path, at: at}
	}
}

// setRoot keeps the value as it is: util-linux strips no = here.
func setRoot(target any, _ *getopt.Option, value getopt.Value) error {
	o := of(target)
	o.set(&o.root, value.Given, value.Text)
	return nil
}

func setWD(target any, _ *getopt.Option, value getopt.Value) error {
	o := of(target)
	if o.wdns.given {
		return applet.CannotCombine("wdns", "wd")
	}
	o.set(&o.wd, value.Given, strings.TrimPrefix(value.Text, "="))
	return nil
}

// setWDNS ignores --wdns without a value later on, as util-linux does.
func setWDNS(target any, _ *getopt.Option, value getopt.Value) error {
	o := of(target)
	if o.wd.given {
		return applet.CannotCombine("wd", "wdns")
	}
	o.wdns = directory{given: true, named: value.Given, path: strings.TrimPrefix(value.Text, "=")}
	return nil
}
