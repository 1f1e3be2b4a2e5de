package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// markdown are the pages of the source tree, from its top.
func markdown(t *testing.T) []string {
	t.Helper()
	var found []string
	for _, pattern := range []string{"*.md", "docs/*.md", "examples/*.md"} {
		paths, err := filepath.Glob("../../" + pattern)
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, paths...)
	}
	if len(found) < 15 {
		t.Fatalf("%d pages were found: something is not recognised", len(found))
	}
	return found
}

// TestLinks wants every relative link of a page to lead to a file, and its
// fragment to a section there.
func TestLinks(t *testing.T) {
	for _, page := range markdown(t) {
		for _, link := range regexp.MustCompile(`\]\(([^)\s]+)\)`).FindAllStringSubmatch(prose(t, page), -1) {
			path, fragment, _ := strings.Cut(link[1], "#")
			if strings.Contains(path, "://") {
				continue
			}
			to := page
			if path != "" {
				to = filepath.Join(filepath.Dir(page), path)
			}
			if _, err := os.Stat(to); err != nil {
				t.Errorf("%s: %v", page, err)
			} else if fragment != "" && !sections(prose(t, to))[fragment] {
				t.Errorf("%s: %s has no section %s", page, to, fragment)
			}
		}
	}
}

// prose is a page without its displays.
func prose(t *testing.T, page string) string {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	return regexp.MustCompile(`(?m)^    .*$`).ReplaceAllString(string(text), "")
}

// sections are the fragments by which a forge links to the headers of a page.
func sections(text string) map[string]bool {
	all := map[string]bool{}
	for _, header := range regexp.MustCompile(`(?m)^#+ (.+)$`).FindAllStringSubmatch(text, -1) {
		name := regexp.MustCompile(`[^\p{L}\p{N} _-]`).ReplaceAllString(strings.ToLower(header[1]), "")
		all[strings.ReplaceAll(name, " ", "-")] = true
	}
	return all
}

// TestHalfAMinute wants README.md to have what a reader must find at once.
func TestHalfAMinute(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for question, answer := range map[string]string{
		"install on my distribution":              "apt install ./dist/nskit_",
		"uninstall":                               "apt purge nskit",
		"uninstall what make installed":           "make uninstall",
		"enter a container by name":               "nsenter -t ctr:web --all --root sh",
		"subordinate IDs":                         "usermod --add-subuids",
		"a Dockerfile":                            "COPY nskit /bin/nskit",
		"an initramfs":                            "packaging.md#in-an-initramfs",
		"Ubuntu's AppArmor refuses":               "packaging.md#apparmor-ubuntu-2404-and-later",
		"what keeps a namespace alive":            "lsns --holding",
		"internet access for a network namespace": "pasta --config-net",
		"see the main job":                        "    make demo",
		"run every test":                          "    make test",
		"report a bug":                            "https://github.com/nskit/nskit/issues",
		"report a vulnerability":                  "SECURITY.md",
	} {
		if !strings.Contains(string(text), answer) {
			t.Errorf("%s: README.md lacks %q", question, answer)
		}
	}
}
