package fleet

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/nskit/nskit/internal/rawfile"
	"github.com/nskit/nskit/pkg/ns"
)

// number reads a file below /proc that holds a number.
func (h *Host) number(name string) (int, error) {
	text, err := rawfile.Read(filepath.Join(cmp.Or(h.Proc, "/proc"), name))
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(string(text)))
}

// limit is that on namespaces of a kind, which a kernel without the kind does not know.
func (h *Host) limit(kind ns.Kind) (limit int, known bool, err error) {
	limit, err = h.number("sys/user/max_" + kind.String() + "_namespaces")
	if errors.Is(err, fs.ErrNotExist) {
		_, missing := os.Lstat(filepath.Join(cmp.Or(h.Proc, "/proc"), "self/ns", kind.String()))
		if errors.Is(missing, fs.ErrNotExist) {
			return 0, false, nil
		}
	}
	return limit, err == nil, err
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
		limit, known, failed := host.limit(kind)
		if failed != nil {
			err = failed
		} else if known {
			limits.add(limit, label)
		}
	}
	return []Family{owned, limits}, err
}
