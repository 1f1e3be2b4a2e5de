package rtnl

import (
	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// NetIDs asks for the identifiers of network namespaces: one rtnetlink socket,
// opened at the first question.
type NetIDs struct {
	conn   *netlink.Conn
	failed bool
}

// Of returns the identifier of the open network namespace, nil for none; it is unknown where
// there is no socket to ask through, as below a filter.
func (n *NetIDs) Of(fd int) (id *int, unknown bool) {
	if n.conn == nil && !n.failed {
		var err error
		n.conn, err = Dial(unix.NETLINK_ROUTE, 0)
		n.failed = err != nil
	}
	if n.failed {
		return nil, true
	}
	number, err := NSID(n.conn, fd)
	if err != nil || number == NoNSID {
		return nil, false
	}
	return &number, false
}

// Close closes the socket; a further question opens another one.
func (n *NetIDs) Close() {
	if n.conn != nil {
		n.conn.Close()
		n.conn = nil
	}
}
