package census

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"

	"github.com/nskit/nskit/internal/census"
	"github.com/nskit/nskit/internal/rtnl"
	"github.com/nskit/nskit/pkg/ns"
	"golang.org/x/sys/unix"
)

// taken is what nskit itself works with.
type taken = *census.Snapshot

func take(ctx context.Context, options Options) (*Snapshot, error) {
	if options.Kinds>>ns.KindCount != 0 {
		return nil, fmt.Errorf("census: unknown kind of namespace in Kinds: %w", unix.EINVAL)
	}
	from, err := census.Take(census.Options{Proc: options.Proc, Kinds: options.Kinds, Want: wanted(options.Want), Workers: options.Workers, Context: ctx})
	if err != nil {
		return nil, fmt.Errorf("census: %w", err)
	}
	if ask := asked(options.Want); ask != 0 {
		from.NetIDs = &rtnl.NetIDs{}
		var unsupported *census.UnsupportedError
		if err := from.Relate(ask, nil); errors.As(err, &unsupported) {
			return nil, fmt.Errorf("census: %s: %w", unsupported.Request, errors.ErrUnsupported)
		}
	}
	if options.Want&Relations != 0 {
		from.HoldByRelation()
	}
	return snapshot(from), nil
}

// wanted is what a Want is by nskit's own names.
func wanted(want Want) (inner census.Want) {
	for i, w := range []census.Want{census.Descriptors, census.Sockets, census.Mounts, census.AllMounts, census.ForChildren, census.Listed, census.Threads} {
		if want>>i&1 != 0 {
			inner |= w
		}
	}
	return inner
}

func asked(want Want) (ask census.Ask) {
	if want&Relations != 0 {
		ask = census.Parents | census.Owners | census.Ancestors | census.OwnerUIDs | census.IDs
	}
	if want&NetIDs != 0 {
		ask |= census.NetIDs
	}
	return ask
}

func snapshot(from *census.Snapshot) *Snapshot {
	s := &Snapshot{Proc: from.Proc, Self: from.Self, Unreadable: from.Unreadable, taken: from,
		Processes: make([]Process, len(from.Processes)), Namespaces: make([]Namespace, len(from.Namespaces))}
	for i, p := range from.Processes {
		s.Processes[i] = Process(p)
	}
	for i := range from.Namespaces {
		s.Namespaces[i] = namespace(&from.Namespaces[i])
	}
	return s
}

func namespace(n *census.Namespace) Namespace {
	space := Namespace{Inode: n.Inode, Kind: n.Kind, Processes: n.Processes, PID: n.PID, Mounts: n.Mounts, Covered: n.Covered,
		Parent: n.Parent, Owner: n.Owner, OwnerUID: n.OwnerUID, ID: n.ID, NetID: n.NetID}
	for _, h := range n.Holders {
		space.Holders = append(space.Holders, Holder{How: How(h.How), PID: h.PID, TID: h.TID, FD: h.FD, Path: h.Path, Namespace: h.Namespace})
	}
	return space
}

func (s *Snapshot) open(space *Namespace) (*ns.Handle, error) {
	if s == nil || s.taken == nil || space == nil {
		return nil, os.NewSyscallError("open", unix.ENOENT)
	}
	fd, err := s.taken.Open(s.taken.Find(space.Inode))
	if err != nil {
		return nil, err
	}
	defer unix.Close(fd)
	return ns.Open("/proc/thread-self/fd/" + strconv.Itoa(fd))
}

func (s *Snapshot) details(pid int) (Details, bool) {
	if s == nil || s.taken == nil {
		return Details{}, false
	}
	d, ok := s.taken.Reader().Details(pid, census.Command|census.UID|census.PPID|census.Age|census.ControlGroup)
	return Details{Command: d.Command, UID: d.UID, PPID: d.PPID, Age: d.Age, Cgroup: d.Cgroup}, ok
}

// String is the way in a word or two, as lsns has it.
func (h How) String() string { return census.How(h).String() }

// String is the holder in the words of lsns: "fd 12/7". The path of a ByMount
// is as it is: make it printable before you print it.
func (h Holder) String() string {
	return census.Holder{How: census.How(h.How), PID: h.PID, TID: h.TID, FD: h.FD, Path: h.Path, Namespace: h.Namespace}.String()
}
