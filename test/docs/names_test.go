package docs

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// others are the words in code type that are no names of the source tree.
var others = []string{"true", "fmt", "append", "ip", "main"}

// TestArchitecturePage wants every function, type, test and file that the page on
// the architecture names to exist.
func TestArchitecturePage(t *testing.T) {
	text, err := os.ReadFile("../../docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	declared, files := tree(t)
	named := 0
	for _, word := range regexp.MustCompile("`([A-Za-z_][\\w./-]*)`").FindAllStringSubmatch(string(text), -1) {
		name := strings.TrimSuffix(word[1], "/")
		switch {
		case slices.Contains(others, name):
			continue
		case strings.Contains(name, "_ARCH."):
			name = strings.Replace(name, "_ARCH.", "_amd64.", 1)
			fallthrough
		case strings.Contains(word[1], "/"), regexp.MustCompile(`\.(go|s|mdoc)$`).MatchString(name):
			if !strings.Contains(files, "/"+name+"\n") {
				t.Errorf("there is no file %s", name)
			}
		case strings.Contains(name, ".") && !declared[name[:strings.Index(name, ".")+1]]:
			continue // the standard library's
		case !declared[name]:
			t.Errorf("nothing is called %s", name)
		}
		named++
	}
	if named < 50 {
		t.Errorf("%d names were found: something is not recognised", named)
	}
}

// tree finds what the sources declare, as Name, package.Name and
// package.Type.Method, and all files and folders, one a line.
func tree(t *testing.T) (declared map[string]bool, files string) {
	declared = map[string]bool{"b.Join": true, "b.Itoa": true, "b.": true} // b is a Builder
	symbol := regexp.MustCompile(`(?m)^TEXT ·?(\w+)`)
	var list strings.Builder
	for _, dir := range []string{"cmd", "pkg", "internal", "test", "man", "completions"} {
		err := filepath.WalkDir("../../"+dir, func(path string, _ fs.DirEntry, err error) error {
			list.WriteString(path + "\n")
			switch filepath.Ext(path) {
			case ".go":
				file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
				if err != nil {
					return err
				}
				declare(declared, file)
			case ".s":
				text, err := os.ReadFile(path)
				for _, found := range symbol.FindAllStringSubmatch(string(text), -1) {
					declared[found[1]] = true
				}
				return err
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return declared, list.String()
}

// declare notes what one file declares outside of functions.
func declare(declared map[string]bool, file *ast.File) {
	declared[file.Name.Name+"."] = true // a package
	add := func(names ...string) {
		declared[names[len(names)-1]] = true
		declared[file.Name.Name+"."+strings.Join(names, ".")] = true
	}
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil {
				add(d.Name.Name)
				continue
			}
			of := d.Recv.List[0].Type
			if star, ok := of.(*ast.StarExpr); ok {
				of = star.X
			}
			if named, ok := of.(*ast.Ident); ok {
				add(named.Name, d.Name.Name)
				declared[named.Name+"."+d.Name.Name] = true
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.TypeSpec:
					add(s.Name.Name)
				case *ast.ValueSpec:
					for _, name := range s.Names {
						add(name.Name)
					}
				}
			}
		}
	}
}
