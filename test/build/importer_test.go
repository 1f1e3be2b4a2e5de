package build

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestImporter makes a module of somebody else's that imports libraries of nskit: what only
// nskit-exporter needs must not get into its go.mod.
func TestImporter(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("go.mod", "module example.com/importer\n\ngo 1.26.0\n\nrequire github.com/nskit/nskit v0.0.0\n\nreplace github.com/nskit/nskit => "+top(t)+"\n")
	write("main.go", `package main

import (
	_ "github.com/nskit/nskit/pkg/containers"
	_ "github.com/nskit/nskit/pkg/census"
	_ "github.com/nskit/nskit/pkg/launch"
	_ "github.com/nskit/nskit/pkg/nstest"
	_ "github.com/nskit/nskit/pkg/veth"
)

func main() {}
`)
	for _, args := range [][]string{{"mod", "tidy"}, {"build", "-o", "importer", "."}} {
		cmd := exec.Command("go", args...)
		cmd.Dir = dir
		if said, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("go %q: %v\n%s", args, err, said)
		}
	}
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
}
