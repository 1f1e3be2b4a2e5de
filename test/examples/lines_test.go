package examples

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"
)

// TestLines makes sure that the programs stay as short as they are meant to be: what a
// user of pkg/ has to write counts, which is the lines of statements that name something of it.
func TestLines(t *testing.T) {
	for name, most := range map[string]struct{ touching, all int }{
		"rootless": {12, 0}, "netns": {10, 0}, "container": {25, 80}, "holders": {15, 0}, "link": {12, 0}, "leaks": {15, 60},
	} {
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, "../../examples/"+name+"/main.go", nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		if all := fset.Position(file.FileEnd).Line - 1; most.all > 0 && all > most.all {
			t.Errorf("%s has %d lines, more than %d", name, all, most.all)
		}
		n := touching(fset, file)
		t.Logf("%s: %d", name, n)
		if n == 0 || n > most.touching {
			t.Errorf("%s: %d lines use pkg/, at most %d are wanted", name, n, most.touching)
		}
	}
}

// touching counts the lines of simple statements, and of the heads of others, with a name of pkg/,
// or with a field or method of what a statement got there.
func touching(fset *token.FileSet, file *ast.File) int {
	packages := map[string]bool{}
	for _, spec := range file.Imports {
		if _, name, ours := strings.Cut(strings.Trim(spec.Path.Value, `"`), "nskit/nskit/pkg/"); ours {
			packages[name] = true
		}
	}
	for known := 0; known != len(packages); { // what is got from what was got is found in the next round
		known = len(packages)
		got(file, packages)
	}
	lines := map[int]bool{}
	mark := func(from, to token.Pos) {
		for line := fset.Position(from).Line; line <= fset.Position(to).Line; line++ {
			lines[line] = true
		}
	}
	ast.Inspect(file, func(node ast.Node) bool {
		from, to := extent(node)
		if from.IsValid() && mentions(node, packages, to) {
			mark(from, to)
		}
		return true
	})
	return len(lines)
}

// got adds the variables that statements with one of the names give a value to.
func got(file *ast.File, names map[string]bool) {
	ast.Inspect(file, func(node ast.Node) bool {
		var given []ast.Expr
		switch n := node.(type) {
		case *ast.AssignStmt:
			if n.Tok == token.DEFINE && mentions(n, names, n.End()) {
				given = n.Lhs
			}
		case *ast.RangeStmt:
			if mentions(n.X, names, n.X.End()) {
				given = []ast.Expr{n.Key, n.Value}
			}
		}
		for _, x := range given {
			if name, ok := x.(*ast.Ident); ok && name.Name != "err" && name.Name != "_" {
				names[name.Name] = true
			}
		}
		return true
	})
}

// extent is from where to where a node counts: a body counts by its own statements.
func extent(node ast.Node) (from, to token.Pos) {
	switch n := node.(type) {
	case *ast.IfStmt:
		return n.Pos(), n.Body.Lbrace
	case *ast.ForStmt:
		return n.Pos(), n.Body.Lbrace
	case *ast.RangeStmt:
		return n.Pos(), n.Body.Lbrace
	case *ast.FuncDecl:
		return n.Pos(), n.Body.Lbrace
	case *ast.AssignStmt, *ast.ReturnStmt, *ast.ExprStmt, *ast.DeclStmt, *ast.DeferStmt:
		to = n.End()
		ast.Inspect(n, func(inner ast.Node) bool { // a function that is handed over has statements of its own
			if literal, ok := inner.(*ast.FuncLit); ok {
				to = min(to, literal.Body.Lbrace)
			}
			return true
		})
		return n.Pos(), to
	}
	return token.NoPos, token.NoPos
}

// mentions says whether a package is named in a node before a place.
func mentions(node ast.Node, packages map[string]bool, before token.Pos) (found bool) {
	ast.Inspect(node, func(inner ast.Node) bool {
		if selector, ok := inner.(*ast.SelectorExpr); ok && selector.Pos() < before {
			if x, ok := selector.X.(*ast.Ident); ok && packages[x.Name] {
				found = true
			}
		}
		return true
	})
	return found
}
