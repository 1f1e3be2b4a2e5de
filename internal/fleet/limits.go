package fleet

import (
	"path/filepath"
	"strconv"
	"strings"

	"github.com/nskit/nskit/internal/rawfile"
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
	snapshot, err := host.counted(allCapabilities...)
	if err != nil {
		return nil, err
	}
	owned := Family{Name: "nskit_namespaces_owned_max",
		Help: "Namespaces that count against the limit of one user of a user namespace, at the least, where these are the most."}
	limits := Family{Name: "nskit_namespaces_limit", Help: "Namespaces that a user may have in a user namespace, user.max_*_namespaces."}
	most := snapshot.Charges().Most()
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
