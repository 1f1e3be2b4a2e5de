package docs

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nskit/nskit/internal/testkit"
)

// TestTasks types the tasks that README.md begins with, as they are printed: those with
// a container, and the common ones on a host that never had /run/netns. A shell that
// they end in reads nothing.
func TestTasks(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	top, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	first, rest, _ := strings.Cut(string(readme), "\n## Install\n")
	_, rest, _ = strings.Cut(rest, "\n## Common tasks\n")
	common, _, _ := strings.Cut(rest, "\n## ")
	enter, tasks := blocks(first), blocks(common)
	if len(enter) != 1 || len(tasks) != 4 {
		t.Fatalf("%d and %d blocks were found: something is not recognised", len(enter), len(tasks))
	}
	dir := t.TempDir()
	for name, text := range map[string]string{
		"enter": "needs root\nneeds tool busybox\nrootfs box\n" + typed(container, enter[0]),
		"tasks": "needs root\nneeds tool busybox\nneeds tool ping\nsymlink scripts -> " + top + "/scripts\n" +
			typed("export NSKIT_BIN=$NSKIT\n", strings.Join(tasks, "")+"vethctl del eth9\numount /run/netns/blue /run/netns\n"),
	} {
		if err := os.WriteFile(filepath.Join(dir, name+".txtar"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	testkit.Scripts(t, dir)
}

// typed is a script that types commands behind what prepares for them.
func typed(prepare, commands string) string {
	return "exec sh -eu shell\n-- shell --\n" + prepare + commands
}
