package veth

import (
	"encoding/binary"
	"math"
	"net/netip"
	"os"
	"path/filepath"
	"strings"

	"github.com/mdlayher/netlink"
	"github.com/nskit/nskit/internal/order"
	"github.com/nskit/nskit/internal/rawfile"
	"github.com/nskit/nskit/internal/rtnl"
	"golang.org/x/sys/unix"
)

// What else belongs to a link and is lost when it is moved: its own sysctls, and the
// neighbours that somebody has entered.

// sysctlDirs have a folder for each link.
var sysctlDirs = [...]string{"ipv4/conf", "ipv6/conf", "ipv4/neigh", "ipv6/neigh"}

// sysctls reads a link's own sysctls by their names, "ipv4/conf/rp_filter". There are none
// where /proc is missing.
func (s *Session) sysctls(ns *Namespace, link string) map[string]string {
	values := map[string]string{}
	_ = inside(ns, func() { // or there are none
		for _, dir := range sysctlDirs {
			files, _ := rawfile.Names(sysctlPath(dir, link, ""), math.MaxInt-1)
			for _, file := range files {
				// The MTU is the link's; some others cannot be read while they are not set.
				if text, err := os.ReadFile(sysctlPath(dir, link, file)); err == nil && file != "mtu" {
					values[dir+"/"+file] = strings.TrimSpace(string(text))
				}
			}
		}
	})
	return values
}

// inside does something in a namespace.
func inside(ns *Namespace, work func()) error { return rtnl.Inside(ns.fd, work) }

func sysctlPath(dir, link, name string) string {
	return filepath.Join("/proc/sys/net", dir, link, name)
}

func (s *Session) readSysctls(st *State) error {
	st.Sysctls = s.sysctls(st.NS, st.Name)
	return nil
}

func sysctlSteps(st *State) []Step {
	if len(st.Sysctls) == 0 {
		return nil
	}
	return []Step{{Op: OpSysctls, Link: st.Handle, Sysctls: st.Sysctls}}
}

// doSysctls gives a link the sysctls of the step. Those that cannot be set are noted.
// They go by its name, which must not be another link's by now.
func (s *Session) doSysctls(step *Step) error {
	link, err := s.getLink(step.Link.NS, step.Link.Index, "")
	if err == nil && link.Name != step.Link.Name {
		err = unix.ENODEV
	}
	if err != nil {
		return err
	}
	now := s.sysctls(step.Link.NS, step.Link.Name)
	return inside(step.Link.NS, func() {
		for _, name := range order.Keys(step.Sysctls) {
			value := step.Sysctls[name]
			if now[name] == value {
				continue
			}
			dir, file := filepath.Split(name)
			if os.WriteFile(sysctlPath(dir, step.Link.Name, file), []byte(value), 0) != nil {
				s.lost = append(s.lost, step.Link.String()+": sysctl "+name+" = "+value)
			}
		}
	})
}

// Lost names what links have lost since it was asked last, by moves and by new names for which they were taken
// down: what cannot be made again, and sysctls that could not be set.
func (s *Session) Lost() []string {
	lost := s.lost
	s.lost = nil
	return lost
}

// Neighbour is an entry of a link's neighbour table that somebody has made.
type Neighbour struct {
	Addr netip.Addr
	// MAC is empty for an address that is answered for in the place of another link.
	MAC []byte
	// Flags (NTF_*) and State (NUD_*) are the kernel's numbers.
	Flags uint8
	State uint16
}

// neighbours lists the static neighbours of a link.
func (s *Session) neighbours(ns *Namespace, index int) ([]Neighbour, error) {
	var all []Neighbour
	for _, proxy := range []uint8{0, unix.NTF_PROXY} {
		m := netlink.Message{Header: netlink.Header{Type: unix.RTM_GETNEIGH}, Data: neighHeader(&Neighbour{Flags: proxy}, 0)}
		replies, err := s.list(ns, m, nil)
		if err != nil {
			return nil, err
		}
		for i := range replies {
			n, at, err := parseNeighbour(replies[i].Data)
			if err != nil {
				return nil, err
			}
			if at == index && n.Addr.IsValid() && (n.State&unix.NUD_PERMANENT != 0 || n.Flags&unix.NTF_PROXY != 0) && !n.Addr.IsMulticast() {
				all = append(all, n)
			}
		}
	}
	return all, nil
}

func (s *Session) readNeighbours(st *State) (err error) {
	st.Neighbours, err = s.neighbours(st.NS, st.Index)
	return err
}

func neighbourSteps(st *State) []Step {
	var steps []Step
	for _, n := range st.Neighbours {
		n.State |= unix.NUD_PERMANENT // which the kernel does not tell of a proxy
		steps = append(steps, Step{Op: OpAddNeighbour, Link: st.Handle, Neighbour: n, Tolerant: true})
	}
	return steps
}

// neighHeader is a struct ndmsg.
func neighHeader(n *Neighbour, index int) []byte {
	b := make([]byte, unix.SizeofNdMsg)
	if n.Addr.IsValid() {
		b[0] = family(n.Addr)
	}
	binary.NativeEndian.PutUint32(b[4:], uint32(index))
	binary.NativeEndian.PutUint16(b[8:], n.State)
	b[10] = n.Flags
	return b
}

// parseNeighbour reads the body of an RTM_NEWNEIGH; the index is the link's.
func parseNeighbour(b []byte) (n Neighbour, index int, err error) {
	if len(b) < unix.SizeofNdMsg {
		return n, 0, rtnl.ErrMalformed
	}
	n.State, n.Flags = binary.NativeEndian.Uint16(b[8:]), b[10]
	err = rtnl.EachAttribute(b[unix.SizeofNdMsg:], func(ad *netlink.AttributeDecoder) {
		switch ad.Type() {
		case unix.NDA_DST:
			n.Addr, _ = netip.AddrFromSlice(ad.Bytes())
		case unix.NDA_LLADDR:
			n.MAC = append([]byte(nil), ad.Bytes()...)
		}
	})
	return n, int(int32(binary.NativeEndian.Uint32(b[4:]))), err
}

// encodeNeighbour adds a neighbour.
func encodeNeighbour(n *Neighbour, index int) (netlink.Message, error) {
	return rtnl.Message(unix.RTM_NEWNEIGH, netlink.Create|netlink.Excl, neighHeader(n, index), func(ae *netlink.AttributeEncoder) {
		ae.Bytes(unix.NDA_DST, n.Addr.AsSlice())
		if len(n.MAC) > 0 {
			ae.Bytes(unix.NDA_LLADDR, n.MAC)
		}
	})
}
