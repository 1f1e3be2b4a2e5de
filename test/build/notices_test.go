package build

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/nskit/nskit/internal/testkit"
)

// TestNotices wants the notices of each binary to be what its modules and Go say.
func TestNotices(t *testing.T) {
	for program, path := range map[string]string{"nskit": "THIRD_PARTY_NOTICES", "nskit-exporter": "packaging/exporter/THIRD_PARTY_NOTICES"} {
		if script(t, top(t), "notices", nil, program) != string(read(t, filepath.Join(top(t), path))) {
			t.Errorf("%s is not what the build holds: scripts/notices %s >%[1]s", path, program)
		}
	}
}

// TestBillOfMaterials wants the bill of a release to name both programs, what their notices name, and the version of
// Go that scanners know.
func TestBillOfMaterials(t *testing.T) {
	testkit.Require(t, testkit.NeedsTool("dpkg-gencontrol"))
	if said, err := exec.Command("go", "-C", filepath.Join(top(t), "tools"), "mod", "download").CombinedOutput(); err != nil {
		testkit.Skip(t, testkit.NeedsHost("the modules of tools/: "+string(said)))
	}
	dist := t.TempDir()
	script(t, top(t), "deb", []string{version, "DIST=" + dist})
	bill := script(t, top(t), "sbom", []string{version, "SOURCE_DATE_EPOCH=1700000000"}, dist)
	std := `"pkg:golang/std@` + regexp.MustCompile(`[0-9][0-9.a-z]*`).FindString(runtime.Version()) + `"`
	want := []string{std, `"pkg:golang/github.com/nskit/nskit@1.2.3#cmd/nskit"`, `"pkg:golang/github.com/nskit/nskit@1.2.3#cmd/nskit-exporter"`}
	for _, path := range []string{"THIRD_PARTY_NOTICES", "packaging/exporter/THIRD_PARTY_NOTICES"} {
		for _, part := range regexp.MustCompile(`(?m)^== (\S+/\S+) (v\S+)`).FindAllStringSubmatch(string(read(t, filepath.Join(top(t), path))), -1) {
			want = append(want, `"pkg:golang/`+part[1]+"@"+part[2]+`"`)
		}
	}
	for _, part := range want {
		if !strings.Contains(bill, part) {
			t.Errorf("the bill does not name %s", part)
		}
	}
}

// TestCopyright wants debian/copyright to be what the vendored modules say.
func TestCopyright(t *testing.T) {
	if said, err := exec.Command("go", "-C", filepath.Join(top(t), "tools"), "mod", "download").CombinedOutput(); err != nil {
		testkit.Skip(t, testkit.NeedsHost("the modules of tools/: "+string(said)))
	}
	if script(t, top(t), "copyright", nil) != string(read(t, filepath.Join(top(t), "packaging/debian/copyright"))) {
		t.Error("packaging/debian/copyright is not what the modules say: scripts/copyright >packaging/debian/copyright")
	}
}

// TestCopyrightIsWhole wants a paragraph of debian/copyright for every module of THIRD_PARTY_NOTICES, and a text for
// every licence that a paragraph names.
func TestCopyrightIsWhole(t *testing.T) {
	copyright := string(read(t, filepath.Join(top(t), "packaging/debian/copyright")))
	for _, path := range []string{"THIRD_PARTY_NOTICES", "packaging/exporter/THIRD_PARTY_NOTICES"} {
		notices := string(read(t, filepath.Join(top(t), path)))
		for _, module := range regexp.MustCompile(`(?m)^== (\S+/\S+) v`).FindAllStringSubmatch(notices, -1) {
			if !strings.Contains(copyright, "\nFiles: vendor/"+module[1]+"/*\n") {
				t.Errorf("no paragraph for %s", module[1])
			}
		}
	}
	for _, named := range regexp.MustCompile(`(?m)^License: (\S+)$`).FindAllStringSubmatch(copyright, -1) {
		if !strings.Contains(copyright, "\nLicense: "+named[1]+"\n ") {
			t.Errorf("no text of the licence %s", named[1])
		}
	}
}
