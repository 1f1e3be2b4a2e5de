package arch

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// everywhere are tools of packages that every Debian has, and one that nothing has.
const everywhere = " bash hostname timeout uname mount umount tar taskset nsenter dpkg-deb no-such-tool "

var needed = regexp.MustCompile(`(?m)^needs tool (\S+)|NeedsTool\("([^"]+)"\)`)

// TestToolsAreInstalled holds scripts/install-test-deps against what tests need:
// a tool that is missing from it is there on the machine of whoever wrote the
// test, and the test is skipped elsewhere.
func TestToolsAreInstalled(t *testing.T) {
	installs, err := os.ReadFile("../../scripts/install-test-deps")
	if err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, "_test.go") && !strings.HasSuffix(path, ".txtar") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, match := range needed.FindAllStringSubmatch(string(text), -1) {
			tool := filepath.Base(match[1] + match[2])
			if !strings.Contains(everywhere, " "+tool+" ") && !regexp.MustCompile(`(?m)^(wanted=')?`+regexp.QuoteMeta(tool)+" ").Match(installs) {
				t.Errorf("%s needs %s, which scripts/install-test-deps does not install", path, tool)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
