package arch

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// depsFile lists the modules that commands and libraries link, and those that
// only tests use. It is committed, so that a change of either is seen in review.
const depsFile = "deps.txt"

const depsReason = `
	the rule: a dependency is chosen, and its version pinned
	its reason: every module is code that we answer for and, when linked, start-up time of every applet.
	A new one states its start-up ratio in the commit that adds its line to ` + depsFile

func TestDependencies(t *testing.T) {
	text, err := os.ReadFile(depsFile)
	if err != nil {
		t.Fatal(err)
	}
	want := slices.DeleteFunc(strings.Split(strings.TrimSpace(string(text)), "\n"),
		func(line string) bool { return strings.HasPrefix(line, "#") })
	got := dependencies(t)
	for _, line := range got {
		if !slices.Contains(want, line) {
			t.Errorf("%s is not in %s%s", line, depsFile, depsReason)
		}
		if pseudo(line) && !unreleased[line] {
			t.Errorf("%s is no released version%s", line, depsReason)
		}
	}
	for _, line := range want {
		if !slices.Contains(got, line) {
			t.Errorf("%s has %q, which is not used%s", depsFile, line, depsReason)
		}
	}
}

// TestNoReplace wants the modules that everybody else gets by these names.
func TestNoReplace(t *testing.T) {
	text, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "replace") || strings.Contains(line, "=>") {
			t.Errorf("go.mod: %s%s", line, depsReason)
		}
	}
}

// dependencies lists the modules as depsFile does.
func dependencies(t *testing.T) []string {
	var lines, linked []string
	for _, arch := range []string{"amd64", "arm64", "loong64", "ppc64le", "riscv64", "s390x"} {
		linked = append(linked, modules(t, arch, "./cmd/nskit", "./cmd/nskit-docs", "./pkg/...")...)
	}
	for _, module := range linked {
		lines = append(lines, "linked "+module)
	}
	exporter := modules(t, "amd64", "./cmd/nskit-exporter")
	for _, module := range exporter {
		if !slices.Contains(linked, module) {
			lines = append(lines, "exporter "+module)
		}
	}
	for _, module := range modules(t, "amd64", "-test", "./...") {
		if !slices.Contains(linked, module) && !slices.Contains(exporter, module) {
			lines = append(lines, "tests  "+module)
		}
	}
	slices.Sort(lines)
	return slices.Compact(lines)
}

// modules asks the go command which modules a build takes packages from.
func modules(t *testing.T, arch string, args ...string) []string {
	t.Helper()
	format := "{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}{{end}}{{end}}"
	cmd := exec.Command("go", append([]string{"list", "-deps", "-f", format}, args...)...)
	cmd.Dir = "../.."
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOARCH="+arch)
	cmd.Stderr = os.Stderr
	output, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.FieldsFunc(string(output), func(r rune) bool { return r == '\n' })
	slices.Sort(lines)
	return slices.Compact(lines)
}

// unreleased are modules without a version that others need.
var unreleased = map[string]bool{
	"exporter github.com/munnerz/goautoneg v0.0.0-20191010083416-a7dc8b61c822":    true, // prometheus/common
	"exporter github.com/mwitkow/go-conntrack v0.0.0-20190716064945-2f068394615f": true, // prometheus/common
}

// pseudo recognises v0.0.0-20260102030405-0123456789ab, a commit without a name.
func pseudo(line string) bool {
	parts := strings.Split(line, "-")
	return len(parts) > 2 && len(parts[len(parts)-1]) == 12
}
