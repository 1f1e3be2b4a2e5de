package arch

import (
	"go/ast"
	"slices"
	"strings"
)

// notInLibraries are the names that print, end the process or read what is the
// command's: its words and its environment.
var notInLibraries = map[string][]string{
	"fmt":                   {"Print", "Printf", "Println"},
	"os":                    {"Exit", "Args", "Getenv", "LookupEnv", "Environ", "ExpandEnv", "Stdin", "Stdout", "Stderr"},
	"syscall":               {"Exit", "Getenv", "Environ"},
	"golang.org/x/sys/unix": {"Exit", "Getenv", "Environ"},
}

// libraryAllowed are the exceptions, by file and name, each with its reason.
var libraryAllowed = map[string]string{
	"pkg/rootless/rootless.go os.Args":            "it is for main functions: the program is executed again with the same words",
	"pkg/rootless/rootless.go os.Getenv":          "it is for main functions, and PATH leads to newuidmap",
	"pkg/rootless/rootless.go os.Environ":         "it is for main functions: the program is executed again with the same environment",
	"pkg/nstest/nstest.go os.Args":                "it is for tests: the test binary is executed again",
	"pkg/nstest/nstest.go os.Getenv":              "it is for tests: which of the two processes is this?",
	"pkg/nstest/nstest.go os.Environ":             "it is for tests: the test binary is executed again",
	"pkg/nstest/nstest.go os.Stdout":              "it is for tests: what a test prints goes where package testing prints",
	"pkg/nstest/nstest.go os.Stderr":              "it is for tests: what a test prints goes where package testing prints",
	"internal/trampoline/exec.go syscall.Environ": "a Program without an environment of its own hands the caller's on, unread",
}

// libraries finds what a package below pkg/, and what these are made of, may not do.
func libraries(t *tree) []finding {
	var found []finding
	for _, f := range t.source("pkg", "internal/program", "internal/trampoline", "internal/census", "internal/fleet", "internal/veth") {
		for _, spec := range f.syntax.Imports {
			if name := importPath(spec); slices.Contains([]string{"log", "log/slog", "flag"}, name) && !(name == "flag" && f.below("pkg/nstest")) {
				found = append(found, t.at(spec, "imports %s", name))
			}
		}
		f.uses(func(node ast.Node, pkg, name string) {
			if slices.Contains(notInLibraries[pkg], name) && libraryAllowed[f.path+" "+pkg+"."+name] == "" {
				found = append(found, t.at(node, "uses %s.%s", pkg, name))
			}
		})
		found = append(found, builtinPrints(t, f)...)
	}
	return found
}

func builtinPrints(t *tree, f file) []finding {
	var found []finding
	ast.Inspect(f.syntax, func(node ast.Node) bool {
		if call, ok := node.(*ast.CallExpr); ok {
			if ident, ok := call.Fun.(*ast.Ident); ok && (ident.Name == "print" || ident.Name == "println") {
				found = append(found, t.at(call, "uses %s", ident.Name))
			}
		}
		return true
	})
	return found
}

// asking are the system calls that change nothing: a prefix, or a whole name.
var asking = []string{"Get", "Stat", "Fstat", "Lstat", "Statfs", "Fstatfs", "Readlink", "Access", "Faccessat", "Ioctl", "SchedGet", "ClockGet", "Uname",
	"Errno", "Signal", "ByteSlice", "Byte"}

// changes finds system calls of the commands that are more than a question.
func changes(t *tree) []finding {
	var found []finding
	for _, f := range t.source("cmd") {
		imports := f.imports()
		ast.Inspect(f.syntax, func(node ast.Node) bool {
			call, ok := node.(*ast.CallExpr)
			if !ok {
				return true
			}
			selector, ok := call.Fun.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			pkg, ok := selector.X.(*ast.Ident)
			if ok && isSyscalls(imports[pkg.Name]) && !harmless(selector.Sel.Name) {
				found = append(found, t.at(call, "calls %s.%s", pkg.Name, selector.Sel.Name))
			}
			return true
		})
	}
	return found
}

func isSyscalls(pkg string) bool { return pkg == "syscall" || pkg == "golang.org/x/sys/unix" }

// harmless calls ask, or only convert: Errno(5), ByteSliceToString.
func harmless(name string) bool {
	return !strings.HasPrefix(name, "IoctlSet") &&
		slices.ContainsFunc(asking, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
}

// initAllowed are the files that may have an init function, each with its reason.
var initAllowed = map[string]string{}

// inits finds init functions.
func inits(t *tree) []finding {
	var found []finding
	for _, f := range t.source() {
		for _, decl := range f.syntax.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if ok && fn.Recv == nil && fn.Name.Name == "init" && initAllowed[f.path] == "" {
				found = append(found, t.at(fn, "has an init function"))
			}
		}
	}
	return found
}
