package arch

import (
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"
)

func TestTree(t *testing.T) {
	source, err := parse(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	for _, rule := range rules {
		t.Run(rule.name, func(t *testing.T) {
			for _, f := range rule.check(source) {
				t.Errorf("%s\n\tthe rule: %s\n\tits reason: %s", f, rule.name, rule.reason)
			}
		})
	}
}

// TestRules gives each rule a file that breaks it and one that just does not.
func TestRules(t *testing.T) {
	for _, tt := range []struct {
		name       string
		check      func(*tree) []finding
		path, text string
		want       string // part of the only finding, "" for none
	}{
		{"applet imports applet", directions, "cmd/internal/lsns/a.go", `import "github.com/nskit/nskit/cmd/internal/pivot"`, "not below it"},
		{"library imports command", directions, "pkg/ns/a.go", `import "github.com/nskit/nskit/cmd/internal/getopt"`, "not below it"},
		{"ns imports launch", directions, "pkg/ns/a.go", `import "github.com/nskit/nskit/pkg/launch"`, "not below it"},
		{"launch imports veth", directions, "pkg/launch/a.go", `import "github.com/nskit/nskit/pkg/veth"`, "not below it"},
		{"program imports trampoline", directions, "internal/program/a.go", `import "github.com/nskit/nskit/internal/trampoline"`, "not below it"},
		{"trampoline imports program", directions, "internal/trampoline/a.go", `import "github.com/nskit/nskit/internal/program"`, ""},
		{"source imports the test kit", directions, "pkg/launch/a.go", `import "github.com/nskit/nskit/internal/testkit"`, "not below it"},
		{"test imports the test kit", directions, "pkg/launch/a_test.go", `import "github.com/nskit/nskit/internal/testkit"`, ""},
		{"the test kit imports a library", directions, "internal/testkit/a.go", `import "github.com/nskit/nskit/pkg/ns"`, "not below it"},
		{"a library nobody placed", directions, "pkg/novel/a.go", ``, "no place"},
		{"applet imports launch", directions, "cmd/internal/lsns/a.go", `import "github.com/nskit/nskit/pkg/launch"`, ""},

		{"cgo", heavyImports, "pkg/ns/a.go", `import "C"`, "imports C"},
		{"test module", heavyImports, "pkg/ns/a.go", `import "github.com/prometheus/procfs"`, "imports github.com/prometheus"},
		{"test module in test", heavyImports, "pkg/ns/a_test.go", `import "github.com/prometheus/procfs"`, ""},

		{"the exporter imports a web server", heavyImports, "cmd/internal/exporter/a.go", `import "net/http"`, ""},
		{"the exporter imports a library of tests", heavyImports, "cmd/internal/exporter/a.go", `import "github.com/google/go-cmp/cmp"`, "imports github.com/google/go-cmp"},
		{"library imports a web server", heavyImports, "pkg/veth/a.go", `import "net/http"`, "imports net/http"},
		{"library imports Prometheus", heavyImports, "pkg/veth/a.go", `import "github.com/prometheus/client_golang/prometheus"`, "imports github.com/prometheus"},
		{"nskit imports the exporter", heavyImports, "cmd/nskit/a.go", `import "github.com/nskit/nskit/cmd/internal/exporter"`, "imports github.com/nskit/nskit/cmd/internal/exporter"},

		{"print", libraries, "pkg/ns/a.go", `import "fmt"; func f() { fmt.Println() }`, "uses fmt.Println"},
		{"print, renamed", libraries, "pkg/ns/a.go", `import q "fmt"; func f() { q.Printf("") }`, "uses fmt.Printf"},
		{"builtin print", libraries, "pkg/ns/a.go", `func f() { println() }`, "uses println"},
		{"exit", libraries, "pkg/ns/a.go", `import "os"; func f() { os.Exit(1) }`, "uses os.Exit"},
		{"argv", libraries, "pkg/ns/a.go", `import "os"; var a = os.Args`, "uses os.Args"},
		{"log", libraries, "pkg/ns/a.go", `import "log"; func f() { log.Print() }`, "imports log"},
		{"environment in a command", libraries, "cmd/internal/lsns/a.go", `import "os"; var a = os.Getenv("A")`, ""},
		{"format", libraries, "pkg/ns/a.go", `import "fmt"; var a = fmt.Sprint()`, ""},

		{"mount", changes, "cmd/internal/lsns/a.go", `import "golang.org/x/sys/unix"; func f() { unix.Mount() }`, "calls unix.Mount"},
		{"stat", changes, "cmd/internal/lsns/a.go", `import "golang.org/x/sys/unix"; func f() { unix.Stat() }`, ""},
		{"mount in a library", changes, "pkg/ns/a.go", `import "golang.org/x/sys/unix"; func f() { unix.Mount() }`, ""},

		{"init", inits, "pkg/ns/a.go", `func init() {}`, "init function"},
		{"method called init", inits, "pkg/ns/a.go", `type t int; func (t) init() {}`, ""},

		{"61 lines", lengths, "pkg/ns/a.go", "func f() {" + strings.Repeat("\n", 60) + "}", "f has 61 lines"},
		{"60 lines", lengths, "pkg/ns/a.go", "func f() {" + strings.Repeat("\n", 59) + "}", ""},
		{"table", lengths, "pkg/ns/a.go", "func f() { _ = []int{" + strings.Repeat("\n1,", 99) + "\n} }", ""},

		{"comment", packageComments, "pkg/ns/a.go", "", "no package comment"},

		{"function", undocumented, "pkg/ns/a.go", "func F() {}", "F has no comment"},
		{"type", undocumented, "pkg/ns/a.go", "type T int", "T has no comment"},
		{"constant", undocumented, "pkg/ns/a.go", "const (\n A = 1 // A is.\n B = 2\n)", "B has no comment"},
		{"group", undocumented, "pkg/ns/a.go", "// All of them.\nconst (\n A = 1\n B = 2\n)", ""},
		{"method", undocumented, "pkg/ns/a.go", "// T is.\ntype T int\nfunc (*T) M() {}", "M has no comment"},
		{"method of the standard library", undocumented, "pkg/ns/a.go", "// T is.\ntype T int\nfunc (T) Error() string { return \"\" }", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			found := tt.check(small(t, fstest.MapFS{tt.path: text(tt.text)}))
			switch {
			case tt.want == "" && len(found) > 0:
				t.Errorf("found %v, want nothing", found)
			case tt.want != "" && (len(found) != 1 || !strings.Contains(found[0].what, tt.want)):
				t.Errorf("found %v, want only %q", found, tt.want)
			}
		})
	}
}

func TestTwoPackageComments(t *testing.T) {
	commented := &fstest.MapFile{Data: []byte("// Package p is.\npackage p\n")}
	found := packageComments(small(t, fstest.MapFS{"pkg/ns/a.go": commented, "pkg/ns/b.go": commented}))
	if len(found) != 1 || !strings.Contains(found[0].what, "more than one") {
		t.Errorf("found %v", found)
	}
}

func text(body string) *fstest.MapFile {
	return &fstest.MapFile{Data: []byte("package p\n" + body + "\n")}
}

func small(t *testing.T, files fs.FS) *tree {
	t.Helper()
	source, err := parse(files)
	if err != nil {
		t.Fatal(err)
	}
	return source
}
