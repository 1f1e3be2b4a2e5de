package rootless

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nskit/nskit/internal/testkit"
)

// storage is the module whose package examples/unshare takes the place of.
const storage = "go.podman.io/storage@v1.65.0"

// storageProgram uses the module's own packages, which use that package in turn.
const storageProgram = `package main

import (
	"fmt"
	"os"

	"go.podman.io/storage/pkg/homedir"
	"go.podman.io/storage/pkg/unshare"
)

func main() {
	before := os.Getpid()
	unshare.MaybeReexecUsingUserNamespace(false)
	_, err := homedir.GetDataHome()
	fmt.Println("pid", before, "uid", os.Getuid(), "was", unshare.GetRootlessUID(), unshare.IsRootless(), err)
}
`

// TestStorage builds a program on containers/storage without cgo, with its package
// unshare replaced.
func TestStorage(t *testing.T) {
	testkit.Require(t, testkit.NeedsUserNamespaces)
	testkit.Require(t, testkit.NeedsRoot) // whose the go command's caches are
	var module struct{ Dir string }
	list := exec.Command("go", "mod", "download", "-json", storage)
	list.Env = append(os.Environ(), "GOPROXY=off", "GOFLAGS=-mod=mod")
	list.Dir = t.TempDir()
	if text, err := list.Output(); err != nil || json.Unmarshal(text, &module) != nil || module.Dir == "" {
		testkit.Skip(t, testkit.NeedsModule(storage))
	}
	dir := t.TempDir()
	house, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	name, version, _ := strings.Cut(storage, "@")
	files := map[string]string{
		"main.go": storageProgram,
		"go.mod": fmt.Sprintf("module probe\n\ngo 1.26.0\n\nrequire (\n\t%s %s\n\tgithub.com/nskit/nskit v0.0.0\n)\n\nreplace (\n\tgithub.com/nskit/nskit => %s\n\t%s => %s\n)\n",
			name, version, house, name, replaced(t, module.Dir, filepath.Join(house, "examples/unshare/unshare.go"))),
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	build := exec.Command("go", "build", "-mod=mod", "-o", "program", ".")
	build.Dir, build.Env = dir, append(os.Environ(), "CGO_ENABLED=0", "GOPROXY=off", "GOFLAGS=")
	if out, err := build.CombinedOutput(); err != nil {
		if strings.Contains(string(out), "module lookup disabled") {
			t.Logf("of what it needs: %s", out)
			testkit.Skip(t, testkit.NeedsModule(storage))
		}
		t.Fatalf("%v: %s", err, out)
	}
	cmd := exec.Command(place(t, filepath.Join(dir, "program")))
	cmd.Env = append(os.Environ(), "HOME=/nonexistent", "XDG_DATA_HOME=")
	pid, out := runAsUser(t, cmd)
	if want := fmt.Sprintf("pid %d uid 0 was %d true", pid, testkit.Ordinary().Uid); !strings.HasPrefix(out, want) {
		t.Errorf("%q, want %q", out, want)
	}
}

// replaced is a copy of the module in which one file takes the place of the package.
func replaced(t *testing.T, module, file string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "storage")
	err := os.CopyFS(dir, os.DirFS(module))
	if err == nil {
		err = os.RemoveAll(filepath.Join(dir, "pkg/unshare"))
	}
	if err == nil {
		err = os.Mkdir(filepath.Join(dir, "pkg/unshare"), 0o755)
	}
	text, readErr := os.ReadFile(file)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "pkg/unshare/unshare.go"), text, 0o644)
	}
	if err != nil || readErr != nil {
		t.Fatal(err, readErr)
	}
	return dir
}
