package veth

import (
	"net"
	"net/netip"
	"strconv"
	"strings"

	"github.com/nskit/nskit/internal/visible"
	"golang.org/x/sys/unix"
)

// IPCommand is the ip(8) command that does the same as the step, for people to
// read or to paste into a shell; "" where none is needed. A random address is left to ip.
func (step *Step) IPCommand() string {
	if why := step.wrong(); why != "" {
		return "# " + why
	}
	link, name := step.Link, visible.Word(step.Link.Name)
	switch step.Op {
	case OpPair:
		_, kind := step.Kind.words()
		text := ip(link.NS, "link add") + ipName(link.Name) + ipAttrs(&step.Attrs) + " type " + kind + " peer" + ipName(step.Peer.Name)
		if step.Peer.NS != link.NS {
			text += " netns " + ipNetNS(step.Peer.NS)
		}
		return text + ipAttrs(&step.PeerAttrs)
	case OpBridge:
		return ip(link.NS, "link add") + ipName(link.Name) + ipAttrs(&step.Attrs) + " type bridge"
	case OpPin:
		mac := ip(link.NS, "-br link show dev ") + name + " | awk '{ print $3 }'"
		return ip(link.NS, "link set dev ") + name + " address $(" + mac + ")"
	case OpSysctls:
		return "# sysctls that differ from the new namespace's: see nskit-vethctl(8)"
	case OpFeatures:
		return commandIn(link.NS, "ethtool -K "+name+" "+featureWords(step.Features))
	case OpNetem:
		return step.tcCommand()
	case OpIsolated:
		return ip(link.NS, "link set dev ") + name + " type bridge_slave isolated " + onOff(step.On)
	case OpAddNeighbour:
		return ipNeighbour(step)
	case OpLinkLocal, OpRestore, OpLost:
		return "" // it only saves time, and the address is not known yet
	case OpAddAddr, OpDelAddr:
		return ipAddr(step)
	case OpAddRoute, OpDelRoute:
		verb, family := "route add ", ""
		if step.Op == OpDelRoute {
			verb = "route del "
		}
		if step.Route.Dst.Addr().Is6() {
			family = "-6 "
		}
		return ip(link.NS, family+verb) + ipRoute(&step.Route, name)
	case OpMove:
		text := ip(link.NS, "link set dev ") + name + " netns " + ipNetNS(step.To)
		if step.NewName != "" && step.NewName != link.Name {
			text += ipName(step.NewName)
		}
		return text
	case OpDelete:
		return ip(link.NS, "link del dev ") + name
	}
	renamed := ""
	if step.Attrs.Name != "" {
		renamed = ipName(step.Attrs.Name)
	}
	return ip(link.NS, "link set dev ") + name + renamed + ipAttrs(&step.Attrs)
}

func ipNeighbour(step *Step) string {
	n, dev := &step.Neighbour, " dev "+visible.Word(step.Link.Name)
	if n.Flags&unix.NTF_PROXY != 0 {
		return ip(step.Link.NS, "neigh add proxy ") + n.Addr.String() + dev
	}
	return ip(step.Link.NS, "neigh add ") + n.Addr.String() + " lladdr " + net.HardwareAddr(n.MAC).String() + dev + " nud permanent"
}

func ipAddr(step *Step) string {
	addr, dev := &step.Addr, " dev "+visible.Word(step.Link.Name)
	if step.Op == OpDelAddr {
		return ip(step.Link.NS, "addr del ") + addr.Prefix.String() + dev
	}
	text := ip(step.Link.NS, "addr add ")
	if addr.Peer.IsValid() && addr.Peer != addr.Prefix.Addr() {
		text += addr.Prefix.Addr().String() + " peer " + netip.PrefixFrom(addr.Peer, addr.Prefix.Bits()).String() + dev
	} else {
		text += addr.Prefix.String() + dev
	}
	if addr.Broadcast.IsValid() {
		text += " broadcast " + addr.Broadcast.String()
	}
	if addr.Label != "" && addr.Label != step.Link.Name {
		text += " label " + visible.Word(addr.Label)
	}
	if addr.Scope != newAddr(addr.Prefix, false).Scope && addr.Prefix.Addr().Is4() {
		text += " scope " + strconv.Itoa(int(addr.Scope))
	}
	if addr.Metric != 0 {
		text += " metric " + ipNumber(addr.Metric)
	}
	if addr.Valid != Forever {
		text += " valid_lft " + ipNumber(addr.Valid)
	}
	if addr.Preferred != Forever {
		text += " preferred_lft " + ipNumber(addr.Preferred)
	}
	if addr.Flags&unix.IFA_F_NODAD != 0 {
		text += " nodad"
	}
	return text
}

func ipNumber(n uint32) string { return strconv.FormatUint(uint64(n), 10) }

// ipRoute is a route with all that a route has which was there before.
func ipRoute(r *Route, dev string) string {
	text := r.String() + " dev " + dev
	if r.Source.IsValid() {
		text += " src " + r.Source.String()
	}
	if r.Metric != 0 {
		text += " metric " + ipNumber(r.Metric)
	}
	if r.Table != unix.RT_TABLE_MAIN {
		text += " table " + ipNumber(r.Table)
	}
	if r.Proto != unix.RTPROT_BOOT {
		text += " proto " + strconv.Itoa(int(r.Proto))
	}
	if r.Flags&unix.RTNH_F_ONLINK != 0 {
		text += " onlink"
	}
	return text
}

// ipName lets the kernel choose a name where it is to.
func ipName(name string) string { return " name " + visible.Word(name) }

// ip is the beginning of a command in a namespace. Its option -n takes names
// only, so the others are entered first.
func ip(ns *Namespace, command string) string {
	if name, ok := ns.runName(); ok && !ns.Own {
		return "ip -n " + visible.Word(name) + " " + command
	}
	return commandIn(ns, "ip "+command)
}

// commandIn is a command of another program in a namespace.
func commandIn(ns *Namespace, command string) string {
	if ns.Own {
		return command
	}
	if name, ok := ns.runName(); ok {
		return "ip netns exec " + visible.Word(name) + " " + command
	}
	return "nsenter --net=" + visible.Word(ns.path) + " " + command
}

// ipNetNS is a namespace as the argument of netns.
func ipNetNS(ns *Namespace) string {
	if name, ok := ns.runName(); ok {
		return visible.Word(name)
	}
	if ns.Own {
		return "/proc/$$/ns/net" // not self, which is an ip that has gone elsewhere
	}
	return visible.Word(ns.path)
}

// runName is the namespace's name below /run/netns, if it has one.
func (n *Namespace) runName() (string, bool) {
	name, ok := strings.CutPrefix(n.path, netnsDir+"/")
	return name, ok && name != "" && !strings.Contains(name, "/")
}

// ipAttrs are the attributes as ip-link(8) takes them.
func ipAttrs(a *Attrs) string {
	text := ""
	for _, s := range a.list() {
		if s.ip != "" {
			text += " " + s.ip
		}
		if s.ip != "" && (s.value != "" || s.word == "alias") {
			text += " " + visible.Word(s.value)
		}
	}
	return text
}
