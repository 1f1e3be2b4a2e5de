package veth

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/mdlayher/netlink"
	"github.com/nskit/nskit/internal/census"
	"github.com/nskit/nskit/internal/rtnl"
	"github.com/nskit/nskit/pkg/containers"
	"golang.org/x/sys/unix"
)

// conn is a connection into one namespace.
type conn interface {
	rtnl.Conn
	SetReadDeadline(time.Time) error
}

// Session holds open namespaces and a socket in each of them. It is not safe
// for use by several goroutines at once.
type Session struct {
	own     *Namespace
	closed  bool
	options Options
	opened  map[NS]*Namespace
	byInode map[uint64]*Namespace
	conns   map[door]conn
	dialer  rtnl.Dialer
	// ethtoolFamily is the number of ethtool's family of generic netlink, 0 until it is asked for.
	ethtoolFamily uint16
	// handles holds the one handle of each link, so that a link that is made
	// again is found by all that knew it before.
	handles map[place]*Handle
	// journal holds how to roll back each step that was done, oldest first.
	journal [][]Step
	// lost is what could not be given back to links that were moved.
	lost []string
	// kept are the links that were to be deleted as orphans and were none any more.
	kept []string
	// wrap is put around each socket when it is not nil; the tests make
	// requests fail there.
	wrap func(conn) conn
}

// door is what a socket of the session leads to: a namespace, by a protocol (NETLINK_*).
type door struct {
	ns       *Namespace
	protocol int
}

// place is where a link is.
type place struct {
	ns    *Namespace
	index int
}

// Options change how a session reads namespace references.
type Options struct {
	// AllowOwn accepts a reference other than "." that turns out to be the
	// caller's own namespace. It is refused otherwise, because a PID that has
	// been given to another process is one way for that to happen.
	AllowOwn bool
	// Container finds the init of a container by its name, for references by
	// [ByContainer], which are refused without it.
	Container func(name string) (containers.Process, error)
	// ContainerOf names the container that a process is in, "" for none, for lists;
	// without it they have PIDs.
	ContainerOf func(pid int) string
	// Census, if it is not nil, is the snapshot that namespaces are found in, which has
	// everything that holds network namespaces; for nskit's own programs, which take one anyway.
	Census func() (*census.Snapshot, error)
	// Interrupted, if it is not nil, is asked between two steps whether to stop.
	// If it says so, what the plan has done is rolled back, and the error is of the kind
	// [Interrupted]. It waits until then, or for as long as pause says.
	Interrupted func(pause time.Duration) bool
	// Context, if it is not nil, ends what the session does: between two steps, as
	// Interrupted does, and while it waits. Its cause is inside the error.
	Context context.Context
}

// Open begins a session in the network namespace of the calling thread, which is the
// process's unless the goroutine is locked to a thread that has gone elsewhere, as the
// function is that [ns.Do] calls. The session stays there: [Own], and the zero [NS],
// mean that namespace for as long as it is open, wherever it is used. It needs no
// privilege; the requests do. Close it when done.
func Open(options Options) (*Session, error) {
	own, err := openNS(NS{})
	if err != nil {
		return nil, err
	}
	own.Own = true
	return &Session{
		own: own, options: options,
		opened: map[NS]*Namespace{{}: own}, byInode: map[uint64]*Namespace{own.Inode: own}, conns: map[door]conn{}, handles: map[place]*Handle{},
	}, nil
}

// isOpen reports whether a session is between Open and Close.
func (s *Session) isOpen() bool { return s != nil && s.own != nil && !s.closed }

// Close closes the sockets and the namespaces. What was made stays. Afterwards
// everything that would ask the kernel fails with [os.ErrClosed]; another Close
// does nothing.
func (s *Session) Close() {
	if !s.isOpen() {
		return
	}
	s.closed = true
	for _, c := range s.conns {
		c.Close()
	}
	for _, ns := range s.byInode {
		ns.close()
	}
	s.dialer.Close()
}

// Namespace opens what ref names; the same reference gives the same namespace
// for the whole session. The kind of the error is NotFound or Denied.
func (s *Session) Namespace(ref NS) (*Namespace, error) {
	if !s.isOpen() {
		return nil, errClosed()
	}
	if ns, ok := s.opened[ref]; ok {
		return ns, nil
	}
	ns, err := s.open(ref)
	if err != nil {
		return nil, err
	}
	if ns.Inode == s.own.Inode && !s.options.AllowOwn && !ref.isInit() {
		ns.close()
		return nil, &Error{Kind: NotFound, Subject: ref.String(), What: "is the caller's own network namespace, which is written '.'", cause: ErrOwn}
	}
	s.opened[ref] = s.adopt(ns)
	return s.opened[ref], nil
}

// adopt keeps ns, or gives it up for the handle of the same namespace that is
// open already.
func (s *Session) adopt(ns *Namespace) *Namespace {
	if known, ok := s.byInode[ns.Inode]; ok {
		ns.close()
		return known
	}
	s.byInode[ns.Inode] = ns
	return ns
}

// interrupted waits for a pause and says whether to stop.
func (s *Session) interrupted(pause time.Duration) bool {
	if s.options.Interrupted != nil {
		return s.options.Interrupted(pause) || s.ended() != nil
	}
	if s.options.Context == nil {
		time.Sleep(pause)
		return false
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-s.options.Context.Done():
	case <-timer.C:
	}
	return s.ended() != nil
}

// ended is why the session's context has ended, nil if it has not.
func (s *Session) ended() error {
	if s.options.Context == nil {
		return nil
	}
	return context.Cause(s.options.Context)
}

// errInterrupted is the error of a session that was told to stop.
func (s *Session) errInterrupted() *Error {
	return &Error{Kind: Interrupted, What: "interrupted", cause: s.ended()}
}

// handle is the handle of a link.
func (s *Session) handle(link *Link) *Handle {
	at := place{link.NS, link.Index}
	if s.handles[at] == nil {
		s.handles[at] = &Handle{NS: link.NS, Name: link.Name, Index: link.Index}
	}
	s.handles[at].Name = link.Name
	return s.handles[at]
}

// keep makes h the handle of the link that it is about now.
func (s *Session) keep(h *Handle) { s.handles[place{h.NS, h.Index}] = h }

// conn is the session's socket to a door.
func (s *Session) conn(to door) (conn, error) {
	if !s.isOpen() {
		return nil, errClosed()
	}
	if c, ok := s.conns[to]; ok {
		return c, nil
	}
	c, err := s.dial(to, 0)
	if err != nil {
		return nil, err
	}
	s.conns[to] = c
	return c, nil
}

// dial opens a new socket to a door, listening to groups.
func (s *Session) dial(to door, groups uint32) (conn, error) {
	if !s.isOpen() {
		return nil, errClosed()
	}
	dial := func() (*netlink.Conn, error) { return s.dialer.Dial(to.ns.fd, to.protocol, groups) }
	if to.ns.Own && rtnl.Here(to.ns.fd) { // that takes no privilege
		dial = func() (*netlink.Conn, error) { return rtnl.Dial(to.protocol, groups) }
	}
	c, err := dial()
	if err != nil {
		return nil, refused(to.ns.String(), "cannot enter the network namespace", err)
	}
	if s.wrap != nil {
		return s.wrap(c), nil
	}
	return c, nil
}

// ask sends one request into a namespace.
func (s *Session) ask(ns *Namespace, m netlink.Message, err error) ([]netlink.Message, error) {
	return s.send(rtnl.Ask, door{ns, unix.NETLINK_ROUTE}, m, err)
}

// list sends one request for a list into a namespace.
func (s *Session) list(ns *Namespace, m netlink.Message, err error) ([]netlink.Message, error) {
	return s.send(rtnl.List, door{ns, unix.NETLINK_ROUTE}, m, err)
}

// send sends a request unless encoding it has failed. A fault while it is under
// way, which is a panic after [debug.SetPanicOnFault], is an answer that was lost.
func (s *Session) send(how func(rtnl.Conn, netlink.Message) ([]netlink.Message, error), to door, m netlink.Message, encoding error) (replies []netlink.Message, err error) {
	if encoding != nil {
		return nil, encoding
	}
	defer func() {
		if failed := recover(); failed != nil {
			if _, isFault := failed.(interface{ Addr() uintptr }); !isFault {
				panic(failed)
			}
			if c := s.conns[to]; c != nil {
				c.Close() // the answer may be in it still
				delete(s.conns, to)
			}
			replies, err = nil, errFault
		}
	}()
	c, err := s.conn(to)
	if err != nil {
		return nil, err
	}
	return how(c, m)
}

// getLink asks for one link by index, or else by name.
func (s *Session) getLink(ns *Namespace, index int, name string) (Link, error) {
	m, err := encodeGetLink(index, name, rtnl.NoNSID)
	replies, err := s.ask(ns, m, err)
	if err != nil {
		return Link{}, err
	}
	link, err := onlyLink(replies)
	if err == nil && index != 0 && link.Index != index {
		err = rtnl.ErrForeign
	}
	link.NS = ns
	return link, err
}

// onlyLink is the one link among the replies.
func onlyLink(replies []netlink.Message) (Link, error) {
	for i := range replies {
		if replies[i].Header.Type == unix.RTM_NEWLINK {
			return parseLink(replies[i].Data)
		}
	}
	return Link{}, rtnl.ErrForeign
}

// skipStats is RTEXT_FILTER_SKIP_STATS of include/uapi/linux/rtnetlink.h, Linux 4.5: without what IPv6 counts, a
// quarter of a list, which nobody here reads. An older kernel sends it.
const skipStats = 1 << 3

// links lists the links of a namespace. The kernel is not asked for one
// kind alone: it would ignore a kind that it does not know.
func (s *Session) links(ns *Namespace) ([]Link, error) {
	m, err := rtnl.Message(unix.RTM_GETLINK, 0, linkHeader(0, 0, 0), func(ae *netlink.AttributeEncoder) { ae.Uint32(unix.IFLA_EXT_MASK, skipStats) })
	replies, err := s.list(ns, m, err)
	if err != nil {
		return nil, err
	}
	var links []Link
	for i := range replies {
		if replies[i].Header.Type != unix.RTM_NEWLINK {
			return nil, rtnl.ErrForeign
		}
		link, err := parseLink(replies[i].Data)
		if err != nil {
			return nil, err
		}
		link.NS = ns
		links = append(links, link)
	}
	return links, nil
}

// pairs lists the endpoints of pairs in a namespace.
func (s *Session) pairs(ns *Namespace) ([]Link, error) {
	links, err := s.links(ns)
	return paired(links), err
}

// addrs lists the addresses of a namespace by link.
func (s *Session) addrs(ns *Namespace) (map[int][]Addr, error) {
	m := netlink.Message{Header: netlink.Header{Type: unix.RTM_GETADDR}, Data: addrHeader(nil, 0)}
	replies, err := s.list(ns, m, nil)
	if err != nil {
		return nil, err
	}
	byLink := map[int][]Addr{}
	for i := range replies {
		addr, index, err := parseAddrMessage(replies[i].Data)
		if err != nil || replies[i].Header.Type != unix.RTM_NEWADDR {
			return nil, rtnl.ErrForeign
		}
		byLink[index] = append(byLink[index], addr)
	}
	return byLink, nil
}

// routes lists the routes of a namespace by link, those that somebody made; the
// kernel's own follow from the addresses. Index 0 asks for all links. Of one link, odd
// are those that cannot be added again from what is read of them.
func (s *Session) routes(ns *Namespace, index int) (byLink map[int][]Route, odd []string, err error) {
	byLink = map[int][]Route{}
	for _, family := range []uint8{unix.AF_INET, unix.AF_INET6} {
		m, err := encodeListRoutes(family, index)
		replies, err := s.list(ns, m, err)
		if noSuchFamily(err) {
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		for i := range replies {
			r, err := parseRouteMessage(replies[i].Data)
			if err != nil || replies[i].Header.Type != unix.RTM_NEWROUTE {
				return nil, nil, rtnl.ErrForeign
			}
			switch {
			case r.Proto == unix.RTPROT_KERNEL || r.Proto == unix.RTPROT_RA || r.cloned:
			case r.unicast && r.plain && r.index > 0:
				byLink[r.index] = append(byLink[r.index], r.Route)
			case index != 0 && r.uses(index):
				odd = append(odd, "route "+r.Dst.String())
			}
		}
	}
	return byLink, odd, nil
}

// nextHops names the next hop objects of a link, Linux 5.3: what uses them names their
// numbers, which may be others' where the link goes.
func (s *Session) nextHops(ns *Namespace, index int) ([]string, error) {
	m, err := encodeListNextHops(index)
	replies, err := s.list(ns, m, err)
	if err != nil {
		return nil, err
	}
	var all []string
	for i := range replies {
		id, oif, err := parseNextHop(replies[i].Data)
		if err != nil {
			return nil, err
		}
		if oif == index {
			all = append(all, "next hop "+strconv.Itoa(id))
		}
	}
	return all, nil
}

// noSuchFamily is the answer of a kernel that was built without IPv6.
func noSuchFamily(err error) bool {
	return errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.EAFNOSUPPORT)
}

// nsid is the number of namespace to as seen from namespace from.
func (s *Session) nsid(from, to *Namespace) (int, error) {
	c, err := s.conn(door{from, unix.NETLINK_ROUTE})
	if err != nil {
		return 0, err
	}
	return rtnl.NSID(c, to.fd)
}
