package docs

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nskit/nskit/internal/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m) }

// pages are the manual pages of the source tree.
func pages(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob("../../man/*.[0-9]")
	if err != nil || len(paths) == 0 {
		t.Fatal("no manual pages", err)
	}
	return paths
}

// TestLint wants mandoc to have nothing to say about any page.
func TestLint(t *testing.T) {
	testkit.Require(t, testkit.NeedsTool("mandoc"))
	for _, page := range pages(t) {
		if said, _ := exec.Command("mandoc", "-T", "lint", "-W", "warning", page).CombinedOutput(); len(said) > 0 {
			t.Errorf("%s", said)
		}
	}
}

// TestTypeset wants groff, as man-db calls it, to have nothing to warn of on any page.
func TestTypeset(t *testing.T) {
	testkit.Require(t, testkit.NeedsTool("mandb"))
	for _, page := range append(pages(t), "../../packaging/exporter/nskit-exporter.8") {
		man := exec.Command("man", "--warnings", "-E", "UTF-8", "-l", page)
		man.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C.UTF-8", "MANWIDTH=80"}
		var said strings.Builder
		man.Stderr = &said
		if err := man.Run(); err != nil || said.Len() > 0 {
			t.Errorf("%s: %v\n%s", page, err, said.String())
		}
	}
}

// TestExamples runs the examples of all pages, each as a script of its own.
func TestExamples(t *testing.T) {
	dir := t.TempDir()
	for _, page := range pages(t) {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for i, example := range examples(string(text)) {
			name := scriptName(page, i)
			if err := os.WriteFile(filepath.Join(dir, name), []byte(script(example)), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	testkit.Scripts(t, dir)
}
