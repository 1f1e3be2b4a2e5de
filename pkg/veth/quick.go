package veth

import (
	"encoding/binary"

	"golang.org/x/sys/unix"
)

// Quick lays the commonest cables without allocating memory, so that it can be
// used before the Go runtime has started (see internal/prestart): two ends with
// IPv4 addresses and a gateway each. Anything else, and every failure, it leaves
// to a [Session], having changed nothing. It sends the very requests that
// [Session.Add] would. The zero value is ready to use.
//
// Do not use it elsewhere: it moves the calling process, of a single thread,
// from namespace to namespace, and no Go process has a single thread.
type Quick struct {
	ends [2]quickEnd
	own  quickNS
	// out is the request that was encoded last, of length n.
	out      [512]byte
	n        int
	sequence uint32
	reply    [8192]byte
	// answer is what the latest answer says of a link.
	answer quickLink
	path   [quickPath + 32]byte
	// spoil, when it is not nil, may let a request fail; the tests do so.
	spoil func(request uint32) (spoiled, sent bool, result uint32)
}

const (
	quickAddrs = 4
	quickPath  = 200
)

// quickNS is an open namespace and a socket in it; the numbers of the
// descriptors are one too high, so that 0 is none.
type quickNS struct {
	fd, sock int
	inode    uint64
	// missing says that there was no such file.
	missing bool
}

// quickLink is what there is to know of a link that was made.
type quickLink struct {
	index, peer uint32
	mac         MAC
}

// quickEnd is an [End] of the kind that Quick knows.
type quickEnd struct {
	ns     string // "" for the caller's own
	name   string
	addrs  [quickAddrs]quickAddr
	count  int
	gw     [4]byte
	routed bool
	mac    MAC
	mtu    uint32
	group  uint32
	// grouped says that there is a group, which may be 0.
	grouped bool
	index   uint32
	at      quickNS
}

type quickAddr struct {
	addr [4]byte
	bits uint8
}

// Parse reads the two ends of an add. It returns false for what is not for
// Quick, be it right or wrong.
func (q *Quick) Parse(a, b string) bool {
	q.ends = [2]quickEnd{}
	return q.ends[0].parse(a) && q.ends[1].parse(b) && (q.ends[0].ns != q.ends[1].ns || q.ends[0].name != q.ends[1].name)
}

func (e *quickEnd) parse(text string) bool {
	if text == "" || text[0] == '-' {
		return false
	}
	head, rest, more := cutByte(text, ',')
	colon := -1
	for i := range len(head) {
		if head[i] == ':' {
			colon = i
		}
	}
	e.name = head[colon+1:]
	if !quickName(e.name) {
		return false
	}
	if colon >= 0 && head[:colon] != "." {
		if e.ns = head[:colon]; !quickRef(e.ns) {
			return false
		}
	}
	for more {
		var word string
		word, rest, more = cutByte(rest, ',')
		if !e.set(word) {
			return false
		}
	}
	return e.reachable()
}

// set acts on one key.
func (e *quickEnd) set(word string) (ok bool) {
	key, value, has := cutByte(word, '=')
	switch {
	case key == "up":
		return !has
	case key == "addr" && e.count < quickAddrs:
		e.addrs[e.count], ok = quickParseAddr(value)
		for i := range e.count {
			ok = ok && e.addrs[i].addr != e.addrs[e.count].addr
		}
		e.count++
	case key == "gw" && !e.routed:
		e.gw, ok = quickIPv4(value)
		e.routed = true
	case key == "mtu":
		e.mtu, ok = quickNumber(value)
		ok = ok && e.mtu >= minMTU && e.mtu <= maxMTU
	case key == "group":
		e.group, e.grouped = quickNumber(value)
		ok = e.grouped
	case key == "mac":
		e.mac, ok = quickMAC(value)
	}
	return ok
}

// reachable wants a gateway to be in a network of the end.
func (e *quickEnd) reachable() bool {
	inside := !e.routed
	gw := binary.BigEndian.Uint32(e.gw[:])
	for i := range e.count {
		a := &e.addrs[i]
		addr := binary.BigEndian.Uint32(a.addr[:])
		if e.routed && addr == gw {
			return false
		}
		inside = inside || (addr^gw)>>(32-a.bits) == 0
	}
	return inside
}

// cutByte is strings.Cut with a byte.
func cutByte(text string, sep byte) (before, after string, found bool) {
	for i := range len(text) {
		if text[i] == sep {
			return text[:i], text[i+1:], true
		}
	}
	return text, "", false
}

// plain says that a text has nothing in it that any grammar knows.
func plain(text string) bool {
	for i := range len(text) {
		c := text[i]
		if (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && c != '-' && c != '_' && c != '.' {
			return false
		}
	}
	return text != "" && text != "." && text != ".."
}

func quickName(name string) bool {
	return len(name) <= maxName && plain(name) && name != "all" && name != "default" && name != "auto"
}

// quickRef accepts a number, an absolute path, and a name below /run/netns.
func quickRef(ns string) bool {
	if len(ns) > quickPath {
		return false
	}
	if ns != "" && ns[0] == '/' {
		for rest, more := ns[1:], true; more; {
			var part string
			if part, rest, more = cutByte(rest, '/'); !plain(part) {
				return false
			}
		}
		return true
	}
	if n, ok := quickNumber(ns); ok || ns != "" && ns[0] >= '0' && ns[0] <= '9' {
		return ok && n > 0 && ns[0] != '0'
	}
	return plain(ns) && ns != "pid" && ns != "path" && ns != "name" && ns != "fd"
}

// quickNumber reads up to nine digits.
func quickNumber(text string) (n uint32, ok bool) {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return 0, false
		}
		n = n*10 + uint32(text[i]-'0')
	}
	return n, text != "" && len(text) <= 9
}

// quickIPv4 reads an address of a host.
func quickIPv4(text string) (addr [4]byte, ok bool) {
	more := true
	for i := range addr {
		var part string
		if part, text, more = cutByte(text, '.'); more != (i < 3) {
			return addr, false
		}
		n, ok := quickNumber(part)
		if !ok || n > 255 || len(part) > 1 && part[0] == '0' {
			return addr, false
		}
		addr[i] = byte(n)
	}
	return addr, addr[0] > 0 && addr[0] < 224 && addr[0] != 127
}

func quickParseAddr(text string) (a quickAddr, ok bool) {
	host, length, _ := cutByte(text, '/')
	bits, ok := quickNumber(length)
	if !ok || bits == 0 || bits > 32 || length[0] == '0' {
		return a, false
	}
	a.bits = uint8(bits)
	a.addr, ok = quickIPv4(host)
	return a, ok
}

func quickMAC(text string) (mac MAC, ok bool) {
	if len(text) != 3*len(mac)-1 {
		return mac, false
	}
	for i := range len(text) {
		c := text[i]
		switch {
		case i%3 == 2:
			if c != ':' {
				return mac, false
			}
			continue
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return mac, false
		}
		mac[i/3] = mac[i/3]<<4 | c
	}
	return mac, mac != MAC{} && mac[0]&1 == 0
}

// step encodes the request of that number and returns the end whose namespace
// it goes to, nil when there are no more.
func (q *Quick) step(i int) *quickEnd {
	a, b := &q.ends[0], &q.ends[1]
	switch {
	case i == 0:
		q.encodePair(a, b)
		return a
	case i == 1:
		q.begin(unix.RTM_NEWLINK, 0)
		q.linkHeader(b.index, unix.IFF_UP)
		q.end()
		return b
	}
	i -= 2
	for j := range q.ends {
		if e := &q.ends[j]; i < e.count {
			q.encodeAddr(e, &e.addrs[i])
			return e
		}
		i -= q.ends[j].count
	}
	for j := range q.ends {
		if e := &q.ends[j]; e.routed {
			if i == 0 {
				q.encodeRoute(e)
				return e
			}
			i--
		}
	}
	return nil
}

func (q *Quick) encodePair(a, b *quickEnd) {
	q.begin(unix.RTM_NEWLINK, unix.NLM_F_CREATE|unix.NLM_F_EXCL|unix.NLM_F_ECHO)
	q.linkHeader(0, unix.IFF_UP)
	q.linkAttrs(a)
	info := q.open(unix.IFLA_LINKINFO)
	q.text(unix.IFLA_INFO_KIND, "veth")
	data := q.open(unix.IFLA_INFO_DATA)
	peer := q.open(vethInfoPeer)
	q.linkHeader(0, 0)
	q.linkAttrs(b)
	if a.at.fd != b.at.fd {
		q.number(unix.IFLA_NET_NS_FD, uint32(b.at.fd-1))
	}
	q.close(peer)
	q.close(data)
	q.close(info)
	q.end()
}

func (q *Quick) linkAttrs(e *quickEnd) {
	q.text(unix.IFLA_IFNAME, e.name)
	if e.mtu != 0 {
		q.number(unix.IFLA_MTU, e.mtu)
	}
	q.bytes(unix.IFLA_ADDRESS, e.mac[:])
	if e.grouped {
		q.number(unix.IFLA_GROUP, e.group)
	}
}

func (q *Quick) encodeAddr(e *quickEnd, a *quickAddr) {
	q.begin(unix.RTM_NEWADDR, unix.NLM_F_CREATE|unix.NLM_F_EXCL)
	q.out[q.n], q.out[q.n+1], q.out[q.n+2], q.out[q.n+3] = unix.AF_INET, a.bits, 0, 0
	binary.NativeEndian.PutUint32(q.out[q.n+4:], e.index)
	q.n += addrHeaderLen
	q.bytes(unix.IFA_LOCAL, a.addr[:])
	q.bytes(unix.IFA_ADDRESS, a.addr[:])
	q.end()
}

func (q *Quick) encodeRoute(e *quickEnd) {
	q.begin(unix.RTM_NEWROUTE, unix.NLM_F_CREATE|unix.NLM_F_EXCL)
	clear(q.out[q.n : q.n+rtHeaderLen])
	q.out[q.n] = unix.AF_INET
	q.out[q.n+4], q.out[q.n+5], q.out[q.n+7] = unix.RT_TABLE_MAIN, unix.RTPROT_BOOT, unix.RTN_UNICAST
	q.n += rtHeaderLen
	q.bytes(unix.RTA_GATEWAY, e.gw[:])
	q.number(unix.RTA_OIF, e.index)
	q.number(unix.RTA_TABLE, unix.RT_TABLE_MAIN)
	q.end()
}

// begin begins a request, end ends it.
func (q *Quick) begin(kind, flags uint16) {
	q.sequence++
	q.n = unix.SizeofNlMsghdr
	binary.NativeEndian.PutUint16(q.out[4:], kind)
	binary.NativeEndian.PutUint16(q.out[6:], flags|unix.NLM_F_REQUEST|unix.NLM_F_ACK)
	binary.NativeEndian.PutUint32(q.out[8:], q.sequence)
	binary.NativeEndian.PutUint32(q.out[12:], 0)
}

func (q *Quick) end() { binary.NativeEndian.PutUint32(q.out[0:], uint32(q.n)) }

// linkHeader puts a struct ifinfomsg that sets flags.
func (q *Quick) linkHeader(index, flags uint32) {
	clear(q.out[q.n : q.n+linkHeaderLen])
	binary.NativeEndian.PutUint32(q.out[q.n+4:], index)
	binary.NativeEndian.PutUint32(q.out[q.n+8:], flags)
	binary.NativeEndian.PutUint32(q.out[q.n+12:], flags)
	q.n += linkHeaderLen
}

// open begins a nested attribute, close ends the one that began there.
func (q *Quick) open(kind uint16) (at int) {
	at = q.n
	binary.NativeEndian.PutUint16(q.out[at+2:], kind|unix.NLA_F_NESTED)
	q.n += unix.SizeofNlAttr
	return at
}

func (q *Quick) close(at int) { binary.NativeEndian.PutUint16(q.out[at:], uint16(q.n-at)) }

// bytes puts an attribute.
func (q *Quick) bytes(kind uint16, value []byte) {
	at := q.open(kind)
	binary.NativeEndian.PutUint16(q.out[at+2:], kind)
	q.n += copy(q.out[q.n:], value)
	q.pad(at)
}

// text puts an attribute that ends with a NUL.
func (q *Quick) text(kind uint16, value string) {
	at := q.open(kind)
	binary.NativeEndian.PutUint16(q.out[at+2:], kind)
	q.n += copy(q.out[q.n:], value)
	q.out[q.n] = 0
	q.n++
	q.pad(at)
}

func (q *Quick) number(kind uint16, value uint32) {
	at := q.open(kind)
	binary.NativeEndian.PutUint16(q.out[at+2:], kind)
	binary.NativeEndian.PutUint32(q.out[q.n:], value)
	q.n += 4
	q.pad(at)
}

// pad ends an attribute and fills up to the next one.
func (q *Quick) pad(at int) {
	q.close(at)
	for q.n%unix.NLA_ALIGNTO != 0 {
		q.out[q.n] = 0
		q.n++
	}
}
