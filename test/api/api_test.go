// Package api makes sure that what importers of pkg/ see changes only where that is meant.
package api

import (
	"bytes"
	"flag"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write testdata/PACKAGE.txt again")

// TestGolden compares the exported declarations of each package, as on Linux and amd64,
// with testdata/PACKAGE.txt. After a change that is meant: go test ./test/api -update, and
// a line in CHANGELOG.md where it breaks an importer.
func TestGolden(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), "go", "list", "-f", `{{.Dir}}{{range .GoFiles}} {{.}}{{end}}`, "../../pkg/...")
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=0")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var public []string
	names := 0
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		name := path.Base(words[0]) + ".txt"
		public = append(public, name)
		golden := filepath.Join("testdata", name)
		got, count := exported(t, words[0], words[1:])
		names += count
		if *update {
			if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(golden)
		if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); err != nil || diff != "" {
			t.Errorf("%s (-golden +source): %v\n%s", name, err, diff)
		}
	}
	if names >= most {
		t.Errorf("%d exported names, less than %d are wanted: what only nskit needs belongs in internal/", names, most)
	}
	there, err := filepath.Glob("testdata/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range there {
		if !slices.Contains(public, filepath.Base(file)) {
			t.Errorf("%s: there is no such package any more", file)
		}
	}
}

// most is how many exported names all packages together stay below: an importer has to
// find his own among them.
const most = 300

// exported are a package's exported declarations without comments, in the order of their texts,
// and how many names they declare.
func exported(t *testing.T, dir string, names []string) (text string, count int) {
	t.Helper()
	var all []string
	for _, name := range names {
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, filepath.Join(dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.FileExports(file)
		for _, decl := range file.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				d.Body, count = nil, count+1
			case *ast.GenDecl:
				if d.Tok == token.IMPORT {
					continue
				}
				for _, spec := range d.Specs {
					count += declared(spec)
				}
			}
			var text bytes.Buffer
			if err := format.Node(&text, fset, decl); err != nil {
				t.Fatal(err)
			}
			all = append(all, text.String())
		}
	}
	slices.Sort(all)
	return strings.Join(all, "\n") + "\n", count
}

// declared is how many names a part of a declaration has, without fields.
func declared(spec ast.Spec) int {
	if values, ok := spec.(*ast.ValueSpec); ok {
		return len(values.Names)
	}
	return 1
}
