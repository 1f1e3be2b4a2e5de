package build

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// architectures are those with an interpreter, as scripts/build knows them.
func architectures(t *testing.T) []string {
	t.Helper()
	return strings.Fields(script(t, top(t), "build", nil, "-architectures"))
}

// flags are ways to compile that change what the compiler makes of a function.
var flags = []string{"", "-N", "-l", "-N -l", "-d=checkptr"}

// TestInterpreterIsSelfContained looks for references in the machine code that
// images get a copy of. A copy lies elsewhere: it may call only through pointers.
func TestInterpreterIsSelfContained(t *testing.T) {
	for _, arch := range architectures(t) {
		for _, flag := range flags {
			listing := compile(t, top(t), arch, "-gcflags=-S "+flag, "./internal/trampoline")
			for _, name := range []string{"interpret", "fail", "attach"} {
				if found, err := references(listing, name); err != nil || len(found) > 0 {
					t.Errorf("%s %q: %s refers to %q, %v", arch, flag, name, found, err)
				}
			}
		}
	}
}

// TestReferencesAreFound makes sure that the test above can fail: code that counts
// its executions refers to the counters, and a function that is not inlined is called.
func TestReferencesAreFound(t *testing.T) {
	listing := compile(t, top(t), "amd64", "-cover", "-gcflags=-S", "./internal/trampoline")
	if found, err := references(listing, "interpret"); err != nil || !strings.Contains(fmt.Sprint(found), "goCover") {
		t.Errorf("with -cover: %q, %v", found, err)
	}
	dir := t.TempDir()
	source := "package x\nfunc load(p *int) int { return *p }\nfunc interpret(p *int) int { return load(p) }\n"
	for name, text := range map[string]string{"x.go": source, "go.mod": "module example.com/trampoline\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if found, err := references(compile(t, dir, "amd64", "-gcflags=-S -l", "."), "interpret"); err != nil || !strings.Contains(fmt.Sprint(found), ".load") {
		t.Errorf("with a call: %q, %v", found, err)
	}
}

// compile builds a package and returns what the compiler says.
func compile(t *testing.T, dir, arch string, args ...string) string {
	t.Helper()
	cmd := exec.Command("go", append([]string{"build"}, args...)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOARCH="+arch, "CGO_ENABLED=0")
	output, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", arch, err, output)
	}
	return string(output)
}

// relocation is where a listing says that the linker has to put an address in.
var relocation = regexp.MustCompile(`^\trel \d+\+\d+ t=(\w+) (.*)`)

// references are the places of a function's listing that refer to something else.
// An indirect call is marked, but has no address.
func references(listing, name string) (found []string, err error) {
	inside, seen := false, false
	for line := range strings.Lines(listing) {
		if !strings.HasPrefix(line, "\t") {
			inside = strings.Contains(line, "trampoline."+name+" STEXT")
			seen = seen || inside
		}
		if m := relocation.FindStringSubmatch(line); inside && m != nil && m[1] != "R_CALLIND" {
			found = append(found, m[1]+" "+m[2])
		}
	}
	if !seen {
		err = fmt.Errorf("%s is not in the listing", name)
	}
	return found, err
}

// TestUnusualBuilds runs binaries that were built with flags that distributions and
// developers use: each works, before the Go runtime and through it, or says in one
// line why it does not.
func TestUnusualBuilds(t *testing.T) {
	ours := "-gcflags=github.com/nskit/nskit/...="
	for _, tt := range []struct{ name, env, refused string }{
		{"position independent", "GOFLAGS=-buildmode=pie", ""},
		{"no optimization", "GOFLAGS=" + ours + "-N", ""},
		{"no inlining", "GOFLAGS=" + ours + "-l", ""},
		{"neither", "GOFLAGS='" + ours + "-N -l'", ""},
		{"newest processors", "GOAMD64=v3", ""},
		{"counting executions", "GOFLAGS=-cover", "built in an unusual way (go build -cover?)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			binary := filepath.Join(t.TempDir(), "nskit")
			script(t, top(t), "build", []string{tt.env}, binary)
			many := strings.Repeat(" x", 900) // more than there is room for before the runtime
			for _, line := range []string{"unshare true", "unshare -f true", "unshare --help", "lsns --version"} {
				ends(t, binary, line, 0, "")
			}
			ends(t, binary, "unshare -f /nonexistent/x", 127, "No such file")
			if tt.refused != "" {
				ends(t, binary, "unshare true"+many, 1, tt.refused)
				return
			}
			ends(t, binary, "unshare -f true"+many, 0, "")
			ends(t, binary, "unshare /nonexistent/x"+many, 127, "No such file")
		})
	}
}

// ends wants a command line to end with an exit code and some words.
func ends(t *testing.T, binary, line string, code int, words string) {
	t.Helper()
	cmd := exec.Command(binary, strings.Fields(line)...)
	output, _ := cmd.CombinedOutput()
	if got := cmd.ProcessState.ExitCode(); got != code || !strings.Contains(string(output), words) {
		t.Errorf("%.40s: %v, want exit code %d; %.300s", line, cmd.ProcessState, code, output)
	}
}
