package arch

import (
	"slices"
	"strings"
)

// place is a directory's height in the house. A package may import what is
// lower than itself, so packages of one height never import each other.
type place struct {
	dir    string
	height int
}

// house lists the directories from the roof down. The longest that holds a
// package counts: a folder of cmd/internal that has no line is an applet.
var house = []place{
	{"test", 100}, {"internal/testkit", 95}, {"internal/bench", 95},
	{"cmd", 90}, {"examples", 90},
	{"cmd/internal/exporter", 88}, {"cmd/internal/registry", 85}, {"cmd/internal/common", 85}, {"cmd/internal/multicall", 80},
	{"cmd/internal", 70}, // the applets
	{"cmd/internal/table", 65}, {"cmd/internal/launchopt", 65}, {"cmd/internal/filter", 64}, {"cmd/internal/values", 64}, {"cmd/internal/applet", 62}, {"cmd/internal/getopt", 60},
	{"pkg/nstest", 56}, {"pkg/nsexec", 55}, {"pkg/rootless", 55}, {"internal/fleet", 55}, {"pkg/veth", 55}, {"pkg/launch", 50}, {"internal/veth", 50}, {"pkg/census", 50},
	{"internal/census", 45},
	{"internal/trampoline", 42}, {"internal/program", 40},
	{"pkg/containers", 30}, {"pkg/mnt", 30}, {"pkg/rootfs", 30}, {"pkg/idmap", 30}, {"pkg/ns", 30},
	{"internal/userdb", 12}, {"internal/rtnl", 12}, {"internal", 10},
}

// heightOf finds a directory's height; 0 if the house has no place for it.
func heightOf(dir string) int {
	best := place{}
	for _, p := range house {
		if strings.HasPrefix(dir+"/", p.dir+"/") && len(p.dir) > len(best.dir) {
			best = p
		}
	}
	return best.height
}

// directions finds imports that do not point downward. The test kit stands on top
// because only tests import it, but knows nothing of pkg/.
func directions(t *tree) []finding {
	var found []finding
	for _, f := range t.source() {
		from := heightOf(f.dir)
		if from == 0 {
			found = append(found, finding{f.path, "the package has no place in the house"})
			continue
		}
		for _, spec := range f.syntax.Imports {
			dir, ours := strings.CutPrefix(importPath(spec), module)
			up := heightOf(dir) >= from || forTests(f.dir) && strings.HasPrefix(dir, "pkg/")
			if ours && up && !within(dir, f.dir) {
				found = append(found, t.at(spec, "%s imports %s, which is not below it", f.dir, dir))
			}
		}
	}
	return found
}

// forTests says that only tests and benchmarks import a directory.
func forTests(dir string) bool { return dir == "internal/testkit" || dir == "internal/bench" }

// within says that a package is in the folder of its importer, a part of it.
func within(dir, importer string) bool { return strings.HasPrefix(dir, importer+"/") }

// testOnly are modules and packages that only tests and test/ may import.
var testOnly = []string{"testing", "os/user", "C", "github.com/rogpeppe/go-internal", "github.com/google/go-cmp"}

// exporterOnly are what nskit-exporter may import besides, and nobody else.
var exporterOnly = []string{
	"net/http", "github.com/prometheus", "github.com/cilium/ebpf", "github.com/nskit/nskit/cmd/internal/exporter",
}

// heavyImports finds what must not be linked into the binaries; nskit-exporter is one of its own.
func heavyImports(t *tree) []finding {
	var found []finding
	for _, f := range t.source("cmd", "pkg", "internal") {
		if f.below("internal/testkit", "internal/bench", "pkg/nstest") { // these are for tests
			continue
		}
		all := slices.Concat(testOnly, exporterOnly)
		if f.below("cmd/nskit-exporter", "cmd/internal/exporter") {
			all = testOnly
		}
		for _, spec := range f.syntax.Imports {
			for _, refused := range all {
				if strings.HasPrefix(importPath(spec)+"/", refused+"/") {
					found = append(found, t.at(spec, "imports %s", refused))
				}
			}
		}
	}
	return found
}
