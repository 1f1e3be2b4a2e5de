package fleet

import (
	"path/filepath"
	"strconv"
	"strings"

	"github.com/nskit/nskit/internal/rawfile"
	"github.com/nskit/nskit/pkg/census"
	"github.com/nskit/nskit/pkg/ns"
)

// number reads a file below /proc that holds a number.
func (h *Host) number(name string) (int, error) {
	proc := h.Proc
	if proc == "" {
		proc = "/proc"
	}
	text, err := rawfile.Read(filepath.Join(proc, name))
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(string(text)))
}

func collectLimits(host *Host) ([]Family, error) {
	snapshot, err := host.Census()
	if err != nil {
		return nil, err
	}
	owned := Family{Name: "nskit_namespaces_owned_max",
		Help: "Namespaces that count against the limit of one user of a user namespace, at the least, where these are the most."}
	limits := Family{Name: "nskit_namespaces_limit", Help: "Namespaces that a user may have in a user namespace, user.max_*_namespaces."}
	most := mostOwned(snapshot)
	for _, kind := range ns.Kinds() {
		label := Label{"type", kind.String()}
		owned.add(most[kind], label)
		limit, failed := host.number("sys/user/max_" + kind.String() + "_namespaces")
		if failed != nil {
			err = failed
			continue
		}
		limits.add(limit, label)
	}
	return []Family{owned, limits}, err
}

// account is what the kernel counts namespaces for: a user in a user namespace.
type account struct {
	space census.Inode
	uid   int
}

// mostOwned counts as the kernel does: each namespace counts for its maker in the user
// namespace that owns it, and for whoever made that one in the one above, and so on up.
// Who made what is not a user namespace the kernel does not tell: it takes rights that whoever
// made the owning one has.
func mostOwned(snapshot *census.Snapshot) (most [ns.KindCount]int) {
	counts := map[account]*[ns.KindCount]int{}
	for i := range snapshot.Namespaces {
		space := &snapshot.Namespaces[i]
		kind := space.Kind
		for depth := 0; space != nil && space.Owner != 0 && depth <= maxDepth; depth++ {
			at := account{space: space.Owner}
			if space.OwnerUID != nil {
				at.uid = *space.OwnerUID
			}
			if counts[at] == nil {
				counts[at] = new([ns.KindCount]int)
			}
			counts[at][kind]++
			most[kind] = max(most[kind], counts[at][kind])
			space = snapshot.Find(space.Owner)
		}
	}
	return most
}

// maxDepth is how deep user namespaces can be nested, user_namespaces(7).
const maxDepth = 33
