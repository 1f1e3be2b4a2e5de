// Package platforms makes sure that pkg/ builds wherever Go does: an importer of it is
// built for systems other than Linux, too, and is told errors.ErrUnsupported there.
package platforms

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// source is a package as go list has it.
type source struct {
	ImportPath, Dir string
	GoFiles         []string
	ImportMap       map[string]string
}

// TestTypes checks the types of pkg/, and of all that it imports, for every system and
// machine. It compiles nothing, which would take an hour without a cache: the whole
// compiler has its say in scripts/platforms.
func TestTypes(t *testing.T) {
	public := strings.Fields(list(t, nil, "list", "../../pkg/..."))
	for _, platform := range strings.Fields(list(t, nil, "tool", "dist", "list")) {
		t.Run(strings.ReplaceAll(platform, "/", "-"), func(t *testing.T) {
			t.Parallel()
			system, machine, _ := strings.Cut(platform, "/")
			env := []string{"GOOS=" + system, "GOARCH=" + machine, "CGO_ENABLED=0"}
			text := list(t, env, append([]string{"list", "-e", "-deps", "-json=ImportPath,Dir,GoFiles,ImportMap"}, public...)...)
			checked := packages{}
			for decoder := json.NewDecoder(strings.NewReader(text)); ; {
				var s source
				if err := decoder.Decode(&s); errors.Is(err, io.EOF) {
					return
				} else if err != nil {
					t.Fatal(err)
				}
				checked.add(t, s, types.SizesFor("gc", machine))
			}
		})
	}
}

// list runs the go command.
func list(t *testing.T, env []string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	var stderr bytes.Buffer
	cmd.Env, cmd.Stderr = append(os.Environ(), env...), &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, &stderr)
	}
	return string(out)
}

const ours = "github.com/nskit/nskit/"

// packages are those that are checked already: go list has what is imported first.
type packages map[string]*types.Package

// add checks one more. Of other modules only what is declared counts.
func (all packages) add(t *testing.T, s source, sizes types.Sizes) {
	fset := token.NewFileSet()
	var files []*ast.File
	for _, name := range s.GoFiles {
		file, err := parser.ParseFile(fset, filepath.Join(s.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	own := strings.HasPrefix(s.ImportPath, ours)
	config := types.Config{Importer: importer{all, s.ImportMap}, IgnoreFuncBodies: !own, Sizes: sizes, Error: func(err error) {
		if own && !t.Failed() {
			t.Error(err)
		}
	}}
	checked, _ := config.Check(s.ImportPath, fset, files, nil) // Error has been told
	all[s.ImportPath] = checked
}

// importer finds packages under the names that one of them has for the others.
type importer struct {
	packages
	names map[string]string
}

func (i importer) Import(path string) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	if name, ok := i.names[path]; ok {
		path = name
	}
	if p := i.packages[path]; p != nil {
		return p, nil
	}
	return nil, fmt.Errorf("%s is not there", path)
}
