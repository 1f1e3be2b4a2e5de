package userdb

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAsk(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string, mode os.FileMode) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
	write("tell", "#!/bin/sh\nread x\necho \"$# $1 $GREETING[$x]\"\necho lost >&2\n", 0o755)
	write("many", "#!/bin/sh\nprintf %100000s x\n", 0o755)
	write("plain", "#!/bin/sh\necho x\n", 0o644)
	write("broken", "#!/nonexistent/interpreter\n", 0o755)
	if err := os.Mkdir(filepath.Join(dir, "directory"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	t.Setenv("GREETING", "hello")
	t.Setenv("PATH", ":.:/nonexistent:"+dir)
	if got := Ask("tell", "a b", "c"); got != "2 a b hello[]\n" {
		t.Errorf("tell: %q", got)
	}
	if got := Ask("many"); got != strings.Repeat(" ", 99999)+"x" {
		t.Errorf("many: %d bytes", len(got))
	}
	for _, name := range []string{"plain", "broken", "directory", "absent"} {
		if got := Ask(name); got != "" {
			t.Errorf("%s: %q", name, got)
		}
	}
	t.Setenv("PATH", ":.")
	if got := Ask("tell"); got != "" {
		t.Errorf("a program of the working directory: %q", got)
	}
}
