package build

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// beforeRuntime are the packages that run before the Go runtime starts.
var beforeRuntime = []string{"cmd/nskit", "cmd/internal/applet", "cmd/internal/getopt", "cmd/internal/launchopt", "cmd/internal/multicall",
	"cmd/internal/nsenter", "cmd/internal/pivot", "cmd/internal/registry", "cmd/internal/unshare", "cmd/internal/values",
	"internal/prestart", "internal/strerror", "pkg/idmap", "pkg/launch", "pkg/mnt", "pkg/ns", "internal/program", "internal/trampoline"}

// TestNothingToInitialise wants no variable of a package that runs before the Go runtime
// to get its value from code: there it would still be empty. The tables of lsns,
// vethctl and check are asked for their help texts by test/docs.
func TestNothingToInitialise(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "nskit")
	script(t, top(t), "build", nil, binary)
	cmd := exec.Command(binary, "unshare", "--explain", "true") // takes the way through the runtime
	cmd.Env = append(os.Environ(), "GODEBUG=inittrace=1")
	output, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	run := regexp.MustCompile(`(?m)^init (\S+) @`).FindAllStringSubmatch(string(output), -1)
	if len(run) < 10 {
		t.Fatalf("the runtime names only %d packages", len(run))
	}
	for _, match := range run {
		if name, ours := strings.CutPrefix(match[1], "github.com/nskit/nskit/"); ours && slices.Contains(beforeRuntime, name) {
			t.Errorf("%s has variables that code must fill in: go build -gcflags=-S shows its init", name)
		}
	}
}
