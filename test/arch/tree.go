package arch

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"strconv"
	"strings"
)

// module is the import path of the tree's root.
const module = "github.com/nskit/nskit/"

// tree is the parsed source, whatever its build constraints.
type tree struct {
	fset  *token.FileSet
	files []file
}

// file is one Go file; its paths are relative to the root, with slashes.
type file struct {
	path, dir string
	test      bool
	syntax    *ast.File
}

// finding is one place where a rule is broken.
type finding struct{ where, what string }

func (f finding) String() string { return f.where + ": " + f.what }

// parse reads every Go file below a root, leaving out what `go build ./...` does.
func parse(root fs.FS) (*tree, error) {
	t := &tree{fset: token.NewFileSet()}
	err := fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (hidden(entry.Name()) || foreign(root, name)):
			return fs.SkipDir
		case entry.IsDir() || path.Ext(name) != ".go":
			return nil
		}
		text, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		syntax, err := parser.ParseFile(t.fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
		t.files = append(t.files, file{name, path.Dir(name), strings.HasSuffix(name, "_test.go"), syntax})
		return err
	})
	return t, err
}

func hidden(dir string) bool {
	return dir != "." && (dir[0] == '.' || dir[0] == '_' || dir == "testdata")
}

// foreign says that a directory is a module of its own: nothing here can import it.
func foreign(root fs.FS, dir string) bool {
	_, err := fs.Stat(root, path.Join(dir, "go.mod"))
	return dir != "." && err == nil
}

// source lists the files that are no tests, those below the named directories
// only if there are any.
func (t *tree) source(below ...string) []file {
	var found []file
	for _, f := range t.files {
		if !f.test && (len(below) == 0 || f.below(below...)) {
			found = append(found, f)
		}
	}
	return found
}

// below says whether the file is in one of the directories.
func (f file) below(dirs ...string) bool {
	for _, dir := range dirs {
		if strings.HasPrefix(f.dir+"/", dir+"/") {
			return true
		}
	}
	return false
}

// at makes a finding at a node of the file.
func (t *tree) at(node ast.Node, format string, args ...any) finding {
	position := t.fset.Position(node.Pos())
	return finding{fmt.Sprintf("%s:%d", position.Filename, position.Line), fmt.Sprintf(format, args...)}
}

// imports returns the file's imports, by the name they are used under. Without
// types the last element of the path stands for the package's own name.
func (f file) imports() map[string]string {
	found := map[string]string{}
	for _, spec := range f.syntax.Imports {
		target := importPath(spec)
		name := path.Base(target)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		found[name] = target
	}
	return found
}

func importPath(spec *ast.ImportSpec) string {
	target, err := strconv.Unquote(spec.Path.Value)
	if err != nil {
		panic("the parser took a bad import path: " + spec.Path.Value)
	}
	return target
}

// uses calls visit for every use of a name of an imported package.
func (f file) uses(visit func(node ast.Node, pkg, name string)) {
	imports := f.imports()
	ast.Inspect(f.syntax, func(node ast.Node) bool {
		selector, ok := node.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if ident, ok := selector.X.(*ast.Ident); ok && imports[ident.Name] != "" {
			visit(selector, imports[ident.Name], selector.Sel.Name)
		}
		return true
	})
}
