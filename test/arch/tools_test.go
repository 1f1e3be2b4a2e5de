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
const everywhere = " bash env hostname timeout uname mount umount tar taskset nsenter dpkg-deb no-such-tool "

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

// TestDeadlines wants every script that runs tests to say how long they may take:
// ten minutes, which is what the go command would say, are too long for a test that
// hangs and too short for a long one.
func TestDeadlines(t *testing.T) {
	paths, _ := filepath.Glob("../../scripts/*")
	paths = append(paths, "../../.ci/run", "../../test/vm/run", "../../Makefile")
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range strings.Split(string(text), "\n") {
			if untimed(line) {
				t.Errorf("%s: no -timeout: %s", path, line)
			}
		}
	}
	for line, want := range map[string]bool{"go test ./...": true, "\tgo test -v -timeout 1m ./...": false, "# go test": false} {
		if untimed(line) != want {
			t.Errorf("%q: %v", line, !want)
		}
	}
}

// untimed says that a line runs tests without a limit. To list or build them takes none.
func untimed(line string) bool {
	line, _, _ = strings.Cut(" "+line, " #")
	return strings.Contains(line, "go test ") && !strings.Contains(line, "`go test`") &&
		!strings.Contains(line, " -timeout ") && !strings.Contains(line, " -list ") && !strings.Contains(line, " -c ")
}
