package arch

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
)

// longest is how many lines a function may have.
const longest = 60

// lengths finds functions that are too long. Lines inside a composite literal do
// not count: a table is data.
func lengths(t *tree) []finding {
	var found []finding
	for _, f := range t.files {
		for _, decl := range f.syntax.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok && t.lines(fn) > longest {
				found = append(found, t.at(fn, "%s has %d lines", fn.Name.Name, t.lines(fn)))
			}
		}
	}
	return found
}

// lines counts a function's lines from its first to its last, without the lines
// between the braces of literals.
func (t *tree) lines(fn *ast.FuncDecl) int {
	count := t.span(fn.Pos(), fn.End()) + 1
	ast.Inspect(fn, func(node ast.Node) bool {
		literal, ok := node.(*ast.CompositeLit)
		if ok {
			count -= max(t.span(literal.Lbrace, literal.Rbrace)-1, 0)
		}
		return !ok // what is inside is counted already
	})
	return count
}

// span is the number of line ends between two places.
func (t *tree) span(from, to token.Pos) int {
	return t.fset.Position(to).Line - t.fset.Position(from).Line
}

// packageComments finds packages that have no comment, or several.
func packageComments(t *tree) []finding {
	comments := map[string]int{}
	for _, f := range t.source() {
		comments[f.dir] += 0
		if f.syntax.Doc != nil {
			comments[f.dir]++
		}
	}
	var found []finding
	for dir, count := range comments {
		switch {
		case count == 0:
			found = append(found, finding{dir, "has no package comment"})
		case count > 1:
			found = append(found, finding{dir, "has more than one package comment"})
		}
	}
	slices.SortFunc(found, func(a, b finding) int { return strings.Compare(a.where, b.where) })
	return found
}

// undocumented finds exported names without a comment.
func undocumented(t *tree) []finding {
	var found []finding
	for _, f := range t.source() {
		for _, decl := range f.syntax.Decls {
			for _, name := range bareNames(decl) {
				found = append(found, t.at(name, "%s has no comment", name.Name))
			}
		}
	}
	return found
}

// bareNames returns the exported names of a declaration that have no comment.
func bareNames(decl ast.Decl) []*ast.Ident {
	switch decl := decl.(type) {
	case *ast.FuncDecl:
		if decl.Doc == nil && decl.Name.IsExported() && !wellKnown(decl) {
			return []*ast.Ident{decl.Name}
		}
	case *ast.GenDecl:
		if decl.Doc == nil {
			return bareSpecs(decl.Specs)
		}
	}
	return nil
}

// bareSpecs are the exported names in a group that has no comment itself.
func bareSpecs(specs []ast.Spec) []*ast.Ident {
	var names []*ast.Ident
	for _, spec := range specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			if spec.Doc == nil && spec.Comment == nil {
				names = append(names, spec.Name)
			}
		case *ast.ValueSpec:
			if spec.Doc == nil && spec.Comment == nil {
				names = append(names, spec.Names...)
			}
		}
	}
	return slices.DeleteFunc(names, func(name *ast.Ident) bool { return !name.IsExported() })
}

// wellKnown are methods that need no comment: those of a type nobody else sees,
// and those that an interface of the standard library has described.
func wellKnown(fn *ast.FuncDecl) bool {
	if fn.Recv == nil {
		return false
	}
	receiver := ast.Unparen(fn.Recv.List[0].Type)
	if star, ok := receiver.(*ast.StarExpr); ok {
		receiver = star.X
	}
	if ident, ok := receiver.(*ast.Ident); ok && !ident.IsExported() {
		return true
	}
	return slices.Contains([]string{"Error", "Unwrap", "Is", "String"}, fn.Name.Name)
}
