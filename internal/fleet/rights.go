package fleet

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/nskit/nskit/internal/census"
	"golang.org/x/sys/unix"
)

// capability is one of them.
type capability struct {
	number        int
	name, without string
}

// bits are those of which one must be there.
func (c capability) bits() uint64 {
	if c.number == unix.CAP_DAC_READ_SEARCH {
		return 1<<unix.CAP_DAC_READ_SEARCH | 1<<unix.CAP_DAC_OVERRIDE
	}
	return 1 << c.number
}

// capabilities are those that a collector can need, and what is not found without each.
var capabilities = []capability{
	{unix.CAP_SYS_PTRACE, "CAP_SYS_PTRACE", "other users' processes are not found"},
	{unix.CAP_DAC_READ_SEARCH, "CAP_DAC_READ_SEARCH", "what other users' processes hold is not found"},
	{unix.CAP_NET_ADMIN, "CAP_NET_ADMIN", "what sockets hold is not found"},
	{unix.CAP_SYS_ADMIN, "CAP_SYS_ADMIN", "other mount and network namespaces cannot be looked into"},
}

// allCapabilities are those for whoever has to find every namespace.
var allCapabilities = []int{unix.CAP_SYS_PTRACE, unix.CAP_DAC_READ_SEARCH, unix.CAP_NET_ADMIN, unix.CAP_SYS_ADMIN}

// rights are what the caller may look at.
type rights struct {
	// effective are the capabilities, a bit each.
	effective uint64
	// hidden says that /proc does not show the first process, which every PID namespace has:
	// it was mounted with hidepid=, proc(5).
	hidden bool
	// unreadable are the processes that were there and could not be looked at, readable the others.
	unreadable, readable int
}

// check says which of some capabilities is missing, or that they do not help, as under
// a security module. Single processes that the system guards from everybody count for nothing.
func (r *rights) check(needs ...int) error {
	for _, c := range capabilities {
		if slices.Contains(needs, c.number) && r.effective&c.bits() == 0 {
			return fmt.Errorf("without %s %s", c.name, c.without)
		}
	}
	if r.hidden || r.unreadable > r.readable {
		return fmt.Errorf("%d processes can be looked at, %d cannot, others may be hidden", r.readable, r.unreadable)
	}
	return nil
}

// need fails where a count would be too low because the caller may not see everything.
func (h *Host) need(needs ...int) error {
	snapshot, err := h.Census()
	if err != nil {
		return err
	}
	if h.rights == nil {
		_, err = os.Lstat(filepath.Join(cmp.Or(h.Proc, "/proc"), "1"))
		h.rights = &rights{effective(), err != nil, snapshot.Unreadable, len(snapshot.Processes)}
	}
	return h.rights.check(needs...)
}

// effective are the caller's capabilities; none where they cannot be told.
func effective() uint64 {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if unix.Capget(&header, &data[0]) != nil {
		return 0
	}
	return uint64(data[0].Effective) | uint64(data[1].Effective)<<32
}

// counted is the census for a collector that counts all that there is.
func (h *Host) counted(needs ...int) (*census.Snapshot, error) {
	if err := h.need(needs...); err != nil {
		return nil, err
	}
	return h.Census()
}
