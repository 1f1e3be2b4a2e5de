package build

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// forTests are the modules of nskit's tests. google/go-cmp is no such one: mdlayher/netlink
// brings it, with or without nskit.
var forTests = []string{"github.com/prometheus/procfs", "github.com/rogpeppe/go-internal", "golang.org/x/tools"}

// TestImporter makes a module of somebody else's that imports all libraries of nskit: what only
// nskit-exporter needs, or nskit's tests, must not get into its go.mod, nor be needed by it.
func TestImporter(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	do := func(where string, args ...string) string {
		cmd := exec.Command("go", args...)
		cmd.Dir = where
		said, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("go %q: %v\n%s", args, err, said)
		}
		return string(said)
	}
	source := "package main\n\n"
	for _, path := range strings.Fields(do(top(t), "list", "./pkg/...")) {
		source += "import _ \"" + path + "\"\n"
	}
	write("main.go", source+"\nfunc main() {}\n")
	write("go.mod", "module example.com/importer\n\ngo 1.26.0\n\nrequire github.com/nskit/nskit v0.0.0\n\nreplace github.com/nskit/nskit => "+top(t)+"\n")
	do(dir, "mod", "tidy")
	do(dir, "build", "-o", "importer", ".")
	text := string(read(t, filepath.Join(dir, "go.mod")))
	if !strings.Contains(text, "github.com/mdlayher/netlink") {
		t.Errorf("what the libraries do need is missing:\n%s", text)
	}
	for line := range strings.Lines(string(read(t, filepath.Join(top(t), "test/arch/deps.txt")))) {
		words := strings.Fields(line)
		if words[0] == "exporter" && strings.Contains(text, words[1]+" ") {
			t.Errorf("it gets %s:\n%s", words[1], text)
		}
	}
	for _, module := range forTests {
		why := do(dir, "mod", "why", "-m", "-vendor", module) // -vendor leaves out the tests of others
		if strings.Contains(text, module+" ") || !strings.Contains(why, "does not need") {
			t.Errorf("it gets %s:\n%s%s", module, text, why)
		}
	}
}
