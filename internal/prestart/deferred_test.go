package prestart

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// TestNothingDeferred wants no statement that calls the runtime in a build without
// optimization: the entry calls most of this package before there is a runtime.
func TestNothingDeferred(t *testing.T) {
	files := token.NewFileSet()
	names, err := filepath.Glob("*.go")
	if err != nil || len(names) == 0 {
		t.Fatalf("no files: %v", err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(files, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, node := range deferred(file) {
			t.Errorf("%s: no defer, go, select or panic before the runtime", files.Position(node.Pos()))
		}
	}
	wrong, err := parser.ParseFile(files, "", "package p\nfunc f() { defer f(); go f(); select {}; panic(1) }", 0)
	if n := len(deferred(wrong)); err != nil || n != 4 {
		t.Errorf("%d of 4 found: %v", n, err)
	}
}

// deferred are the statements and calls that leave something to the runtime.
func deferred(tree ast.Node) (found []ast.Node) {
	ast.Inspect(tree, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.DeferStmt, *ast.GoStmt, *ast.SelectStmt:
			found = append(found, n)
		case *ast.CallExpr:
			if name, ok := n.Fun.(*ast.Ident); ok && name.Name == "panic" {
				found = append(found, n)
			}
		}
		return true
	})
	return found
}
