// Package live compares what nskit says of the machine as it is, with all its
// processes, kernel threads included, with what the host's tools say of it.
package live

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nskit/nskit/internal/testkit"
)

func TestMain(m *testing.M) { testkit.MainInPlace(m) }

// columns leave out how many processes there are: that changes all the time.
const columns = "NS,TYPE,PATH,PID,PPID,UID,USER,NETNSID,NSFS,PNS,ONS,COMMAND"

// rows lists the machine's namespaces, by their first word. A listing that fails
// because a process has gone meanwhile has none.
func rows(lsns string) map[string]string {
	cmd := exec.Command(lsns, "-r", "-n", "-l", "-o", columns)
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	listing, _ := cmd.Output()
	found := map[string]string{}
	for line := range strings.Lines(string(listing)) {
		inode, _, _ := strings.Cut(line, " ")
		found[inode] = line
	}
	return found
}

// differences lists how nskit's rows differ from those that the host's lsns prints
// the same before and after.
func differences(host string) (wrong map[string][2]string, compared int) {
	before, ours, after := rows(host), rows("lsns"), rows(host)
	wrong = map[string][2]string{}
	for inode, row := range before {
		if after[inode] != row {
			continue
		}
		compared++
		if ours[inode] != row {
			wrong[inode] = [2]string{ours[inode], row}
		}
	}
	return wrong, compared
}

// TestBesideHost compares again and again: others may use the machine meanwhile,
// and what they do between two listings is no fault of nskit's. A row is wrong that
// is wrong every time.
func TestBesideHost(t *testing.T) {
	testkit.Require(t, testkit.NeedsHost("lsns"))
	host := filepath.Join(os.Getenv("HOST"), "lsns")
	wrong, most := differences(host)
	for range 20 {
		again, compared := differences(host)
		most = max(most, compared)
		if compared > 0 {
			maps.DeleteFunc(wrong, func(inode string, _ [2]string) bool { _, still := again[inode]; return !still })
		}
		if len(wrong) == 0 && most >= 5 {
			return
		}
	}
	for _, pair := range wrong {
		t.Errorf("%q, want %q", pair[0], pair[1])
	}
	if most < 5 {
		t.Errorf("only %d rows to compare", most)
	}
}
