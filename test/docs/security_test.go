package docs

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestSecurityPage holds the page on security to what there is: every test that
// it names exists, and every variable that is looked up has its line.
func TestSecurityPage(t *testing.T) {
	text, err := os.ReadFile("../../docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	tests, variables := sources(t)
	named := 0
	for _, name := range regexp.MustCompile("`([^`\n]+)`").FindAllStringSubmatch(string(text), -1) {
		switch name := name[1]; {
		case strings.HasSuffix(name, ".txtar"):
			named++
			if _, err := os.Stat(filepath.Join("../..", name)); err != nil {
				t.Error(err)
			}
		case strings.HasPrefix(name, "Test"), strings.HasPrefix(name, "Fuzz"):
			named++
			if !tests[name] {
				t.Errorf("there is no %s", name)
			}
		}
	}
	if named < 50 || len(variables) < 8 {
		t.Errorf("%d tests and %d variables were found: something is not recognised", named, len(variables))
	}
	for name, where := range variables {
		if !strings.Contains(string(text), "`"+name+"`") {
			t.Errorf("%s: the variable %s is not on the page", where, name)
		}
	}
}

// sources finds the names of all tests, and the variables that the code looks up.
func sources(t *testing.T) (tests map[string]bool, variables map[string]string) {
	tests, variables = map[string]bool{}, map[string]string{}
	function := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	lookup := regexp.MustCompile(`(?i)\b(?:\w*env)\((?:env, )?"([A-Z][A-Z0-9_]*)"`)
	for _, dir := range []string{"cmd", "pkg", "internal", "test"} {
		err := filepath.WalkDir("../../"+dir, func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") {
				return err
			}
			text, err := os.ReadFile(path)
			for _, found := range function.FindAllStringSubmatch(string(text), -1) {
				tests[found[1]] = tests[found[1]] || strings.HasSuffix(path, "_test.go")
			}
			if dir == "test" || strings.HasSuffix(path, "_test.go") || strings.Contains(path, "testkit") || strings.Contains(path, "internal/bench") {
				return err
			}
			for _, found := range lookup.FindAllStringSubmatch(string(text), -1) {
				variables[found[1]] = path
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return tests, variables
}
