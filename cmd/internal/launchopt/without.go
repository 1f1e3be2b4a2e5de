package launchopt

import (
	"strings"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/cmd/internal/getopt"
	"github.com/nskit/nskit/cmd/internal/values"
	"github.com/nskit/nskit/pkg/launch"
	"github.com/nskit/nskit/pkg/ns"
)

// NoNewPrivs is --no-new-privs.
func NoNewPrivs(target any, _ *getopt.Option, _ getopt.Value) error {
	of(target).Spec.NoNewPrivs = true
	return nil
}

// CapDrop is --cap-drop.
func CapDrop(target any, _ *getopt.Option, list getopt.Value) error {
	set, err := values.Capabilities(list.Text)
	of(target).Spec.Drop |= set
	return err
}

// CapKeep is --cap-keep; what one of several keeps is kept.
func CapKeep(target any, _ *getopt.Option, list getopt.Value) error {
	set, err := values.Capabilities(list.Text)
	o := of(target)
	o.keepsCaps, o.keptCaps = true, o.keptCaps|set
	return err
}

// finishCaps puts --cap-drop and --cap-keep together: what is dropped is not kept.
func (o *Options) finishCaps() {
	if o.keepsCaps {
		o.Spec.Drop |= ^o.keptCaps
		o.keepsCaps = false
	}
}

// InCgroup is --in-cgroup.
func InCgroup(target any, _ *getopt.Option, dir getopt.Value) error {
	of(target).Spec.Cgroup = launch.Some(strings.TrimRight(dir.Text, "/"))
	return nil
}

// setSysctl is --sysctl.
func setSysctl(target any, _ *getopt.Option, text getopt.Value) error {
	key, value, found := strings.Cut(text.Text, "=")
	path := sysctlPath(key)
	if !found || path == "" {
		return applet.Fail("invalid sysctl '", text.Text, "': it is written KEY=VALUE")
	}
	s := &of(target).Spec
	s.Sysctls = append(s.Sysctls, launch.Sysctl{Path: path, Value: value})
	return nil
}

// sysctlPath is the path of a key below /proc/sys, "" if it has none. As in
// sysctl(8) the first separator decides what separates: net.ipv4.conf.eth0/1.mtu
// has a point in a name, and so has net/ipv4/conf/eth0.1/mtu.
func sysctlPath(key string) string {
	path := []byte(key)
	if first := strings.IndexAny(key, "./"); first >= 0 && key[first] == '.' {
		for i, c := range path {
			switch c {
			case '.':
				path[i] = '/'
			case '/':
				path[i] = '.'
			}
		}
	}
	for part := range strings.SplitSeq(string(path), "/") {
		if part == "" || part == "." || part == ".." {
			return ""
		}
	}
	return string(path)
}

// ownSysctls are the settings that belong to a namespace, by the beginnings of their
// paths, see namespaces(7): all others are the whole system's.
var ownSysctls = [...]struct {
	path string
	kind ns.Kind
}{
	{"net/", ns.Net}, {"user/", ns.User}, {"fs/mqueue/", ns.IPC},
	{"kernel/hostname", ns.UTS}, {"kernel/domainname", ns.UTS},
	{"kernel/msgmax", ns.IPC}, {"kernel/msgmnb", ns.IPC}, {"kernel/msgmni", ns.IPC}, {"kernel/sem", ns.IPC},
	{"kernel/shmall", ns.IPC}, {"kernel/shmmax", ns.IPC}, {"kernel/shmmni", ns.IPC}, {"kernel/shm_rmid_forced", ns.IPC},
}

// checkSysctls refuses what would change the system outside.
func (o *Options) checkSysctls() error {
	for _, s := range o.Spec.Sysctls {
		kind, own := ownerOf(s.Path)
		switch {
		case !own:
			return applet.Fail("sysctl '", s.Path, "' belongs to no namespace: it would be changed for the whole system")
		case !o.Spec.Unshare.Has(kind):
			return applet.Fail("sysctl '", s.Path, "' requires unsharing of a namespace of type ", kind.String())
		}
	}
	return nil
}

func ownerOf(path string) (ns.Kind, bool) {
	for _, own := range ownSysctls {
		if path == own.path || strings.HasSuffix(own.path, "/") && strings.HasPrefix(path, own.path) {
			return own.kind, true
		}
	}
	return 0, false
}

// setNetns is --netns.
func setNetns(target any, _ *getopt.Option, name getopt.Value) error {
	s := &of(target).Spec
	s.Unshare, s.Netns = s.Unshare.With(ns.Net), name.Text
	return values.NetnsName(name.Text)
}

// checkNetns refuses two files for one namespace.
func (o *Options) checkNetns() error {
	for i := range o.Spec.Persist {
		if o.Spec.Netns != "" && o.Spec.Persist[i].Kind == ns.Net {
			return applet.Fail("options --net=<file> and --netns are mutually exclusive")
		}
	}
	return nil
}
