package census

import (
	"github.com/mdlayher/netlink"
	"github.com/nskit/nskit/internal/rtnl"
	"golang.org/x/sys/unix"
)

// netIDs asks for the identifiers of network namespaces: one rtnetlink socket,
// opened at the first question.
type netIDs struct {
	conn   *netlink.Conn
	failed bool
}

// of returns the identifier of the open network namespace, nil for none; it is unknown where
// there is no socket to ask through, as below a filter.
func (n *netIDs) of(fd int) (id *int, unknown bool) {
	if n.conn == nil && !n.failed {
		var err error
		n.conn, err = rtnl.Dial(unix.NETLINK_ROUTE, 0)
		n.failed = err != nil
	}
	if n.failed {
		return nil, true
	}
	number, err := rtnl.NSID(n.conn, fd)
	if err != nil || number == rtnl.NoNSID {
		return nil, false
	}
	return &number, false
}

func (n *netIDs) close() {
	if n.conn != nil {
		n.conn.Close()
	}
}
