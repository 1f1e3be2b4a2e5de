package nsenter

import (
	"math"
	"strings"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/cmd/internal/getopt"
	"github.com/nskit/nskit/cmd/internal/values"
	"github.com/nskit/nskit/pkg/ns"
)

// parse reads a command line.
func parse(inv *applet.Invocation) (*options, error) {
	opts := new(options)
	var err error
	opts.command, err = getopt.Parse(inv.Args, usage(inv, opts).Options, getopt.StopAtOperand)
	if err != nil {
		return nil, err
	}
	return opts, opts.check()
}

// check refuses what does not go together, and what needs a target but has none.
func (o *options) check() error {
	switch {
	case o.wd != nil && o.wdns != nil:
		return applet.Failf("options --wd and --wdns cannot be combined")
	case o.target == nil:
		return o.checkWithoutTarget()
	case !o.entersAnything() && !o.changesAnything():
		return applet.Failf("no namespace specified")
	}
	return nil
}

// checkWithoutTarget names the first thing that only a target could supply.
func (o *options) checkWithoutTarget() error {
	for _, k := range o.kinds {
		if k.chosen && k.file == nil && k.id == 0 {
			return applet.Failf("no target PID specified")
		}
	}
	for _, need := range []struct {
		needed bool
		text   string
	}{
		{o.all, "no target PID specified for --all"},
		{o.netSocket != nil || o.pidForChildren, "no target PID specified"},
		{o.userParent && !o.kinds[ns.User].chosen, "no target PID specified"},
		{o.followContext, "no target PID specified for --follow-context"},
		{o.root != nil && o.root.path == nil, "neither filename nor target pid supplied for root"},
		{o.wd != nil && o.wd.path == nil, "neither filename nor target pid supplied for cwd"},
		{o.env, "neither filename nor target pid supplied for environ"},
		{o.uid.follows() || o.gid.follows(), "neither filename nor target pid supplied for "},
		{o.joinCgroup, "neither filename nor target pid supplied for cgroup"},
		{!o.entersAnything() && !o.changesAnything(), "no namespace specified"},
	} {
		if need.needed {
			return applet.Failf("%s", need.text)
		}
	}
	return nil
}

// entersAnything says whether a namespace was asked for.
func (o *options) entersAnything() bool {
	for _, k := range o.kinds {
		if k.chosen {
			return true
		}
	}
	return o.all || o.netSocket != nil || o.pidForChildren || o.userParent
}

// changesAnything says whether something else was asked for that makes sense
// without a namespace. util-linux refused that in 2.41, which broke scripts.
func (o *options) changesAnything() bool {
	return o.uid != nil || o.gid != nil || o.root != nil || o.wd != nil || o.wdns != nil || o.env || o.joinCgroup || o.followContext
}

func (i *identity) follows() bool { return i != nil && i.follow }

func (o *options) setTarget(value *string) error {
	if o.target != nil {
		return applet.Failf("option --target may be given only once")
	}
	var err error
	o.target, err = parseTarget(*value)
	return err
}

// parseTarget reads the value of --target.
func parseTarget(text string) (*target, error) {
	if fd, ok := strings.CutPrefix(text, "fd:"); ok {
		n, err := parseFD(fd)
		return &target{kind: byFD, pid: n}, err
	}
	if name, ok := strings.CutPrefix(text, "ctr:"); ok {
		return &target{kind: byContainer, name: name}, nil
	}
	if name, ok := strings.CutPrefix(text, "@"); ok {
		return &target{kind: byFile, name: name}, nil
	}
	pid, inode, _ := strings.Cut(text, ":")
	return parseProcess(pid, text[len(pid):], inode)
}

// parseProcess reads PID or PID:INODE, of which rest is all behind the PID.
func parseProcess(pid, rest, inode string) (*target, error) {
	n, err := parsePID(pid)
	if err != nil {
		return nil, &applet.Error{Text: "failed to parse PID argument '" + pid + "'", Err: err}
	}
	t := &target{pid: n}
	if rest == "" {
		return t, nil
	}
	number, err := values.Number(inode, 1, math.MaxInt64)
	if err != nil {
		return nil, &applet.Error{Text: "failed to parse inode argument '" + inode + "'", Err: err}
	}
	t.inode = uint64(number)
	return t, nil
}

// parsePID reads a process identifier, which is at least 1.
func parsePID(text string) (int, error) {
	n, err := values.Number(text, 1, math.MaxInt32)
	return int(n), err
}

func parseFD(text string) (int, error) {
	fd, err := values.Number(text, 0, math.MaxInt32)
	if err != nil {
		return 0, applet.Failf("failed to parse file descriptor: '%s'", text)
	}
	return int(fd), nil
}

// set takes the value of a namespace's option: nothing for the target's, a
// file, or :ID. A leading = is left over from -n=FILE.
func (k *kindOption) set(value *string) error {
	k.chosen = true
	if value == nil {
		return nil
	}
	text := strings.TrimPrefix(*value, "=")
	k.file, k.id = &text, 0
	if id, ok := strings.CutPrefix(text, ":"); ok {
		n, err := values.Number(id, 1, math.MaxInt64)
		if err != nil {
			return applet.Failf("failed to parse nsid: %s", id)
		}
		k.file, k.id = nil, uint64(n)
	}
	return nil
}

func (o *options) setNetSocket(value *string) error {
	fd, err := parseFD(*value)
	o.netSocket = &fd
	return err
}

// setIdentity is the Set of --setuid and --setgid.
func setIdentity(name string, to **identity) func(*string) error {
	return func(value *string) error {
		if *value == "follow" {
			*to = &identity{follow: true}
			return nil
		}
		id, err := values.Uint32(*value, name)
		*to = &identity{id: id}
		return err
	}
}

// setRoot keeps the value as it is: util-linux strips no = here.
func (o *options) setRoot(value *string) error {
	o.root = &directory{value}
	return nil
}

func (o *options) setWD(value *string) error {
	o.wd = stripped(value)
	return nil
}

// setWDNS ignores --wdns without a value, as util-linux does.
func (o *options) setWDNS(value *string) error {
	o.wdns = stripped(value)
	return nil
}

// stripped is a directory without the = that is left over from -w=DIR.
func stripped(value *string) *directory {
	if value == nil {
		return &directory{}
	}
	path := strings.TrimPrefix(*value, "=")
	return &directory{&path}
}
