// Command lsns measures the applet lsns against util-linux's, and against the
// bare system calls, on a system with many processes and namespaces, which it
// makes itself. It has to be root.
//
// Called as "bare links" or "bare files" it is such a scan of bare system calls.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/nskit/nskit/internal/bench"
)

func main() {
	var err error
	switch {
	case len(os.Args) == 0:
	case os.Args[0] == breeder:
		err = breedMounted(os.Args)
	case os.Args[0] == bareTables:
		err = scanTables()
	case strings.HasPrefix(os.Args[0], bare):
		err = scan(os.Args[0] == bareFiles)
	default:
		bench.Main(cases)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// The size of the system that everything is measured on, and the rounds: one
// takes seconds.
const (
	processes  = 5000
	namespaces = 1200
	rounds     = 7
)

func cases(nskit string) []bench.Case {
	machine := []string{"-J", "-l", "-o", "NS,TYPE,NPROCS,PID"}
	host := herd(processes, namespaces)
	all := []bench.Case{
		{Name: "lsns, the machine as it is", Candidates: pair(nskit)},
		{Name: "lsns", Candidates: append(pair(nskit), scans()...), Rounds: rounds, Inside: host},
		{Name: "lsns " + strings.Join(machine, " "), Candidates: append(pair(nskit, machine...), scans()...), Rounds: rounds, Inside: host},
		{Name: "bare scans", Candidates: append(scans(), pair(nskit)[1]), Rounds: rounds, Inside: host},
		{Name: "lsns: memory", Candidates: pair(nskit), Measure: bench.Peak, Unit: "KiB", Rounds: 3, Inside: host},
		{Name: "lsns " + strings.Join(machine, " ") + ": memory", Candidates: pair(nskit, machine...), Measure: bench.Peak, Unit: "KiB", Rounds: 3, Inside: host},
		{Name: "lsns: memory, Pss", Candidates: pair(nskit), Measure: bench.Share, Unit: "KiB", Rounds: 3, Inside: host},
	}
	for _, size := range [][2]int{{1000, 350}, {5000, 350}, {20000, 350}, {5000, 1200}, {5000, 4200}} {
		all = append(all, bench.Case{
			Name:       fmt.Sprintf("growth: %d in %d", size[0], size[1]),
			Candidates: append(scans()[1:], pair(nskit)[1]), Rounds: 3, Inside: herd(size[0], size[1]),
		})
	}
	return append(all, holding(nskit)...)
}

// holding asks for a mount that one of the mount namespaces has, and for one that
// all have. The peer only reads the tables.
func holding(nskit string) []bench.Case {
	var all []bench.Case
	inside := mounted(processes, namespaces, 200)
	for _, point := range []string{once, everywhere} {
		all = append(all, bench.Case{
			Name: "lsns --holding " + filepath.Base(point) + ", 200 mounts each", Rounds: rounds, Inside: inside,
			Candidates: []bench.Candidate{{Name: bareTables, Path: scans()[0].Path, Argv: []string{bareTables}},
				{Name: "nskit", Path: nskit, Argv: []string{"lsns", "--holding", point}}},
		})
	}
	return all
}

// pair are util-linux's lsns and nskit's.
func pair(nskit string, args ...string) []bench.Candidate {
	return bench.Trio(nskit, "lsns", args...)[:2]
}

// scans are the bare system calls for the links to the namespaces, and for
// those and the links of the open files.
func scans() []bench.Candidate {
	self, err := os.Executable()
	if err != nil {
		self = os.Args[0]
	}
	return []bench.Candidate{
		{Name: bareLinks, Path: self, Argv: []string{bareLinks}},
		{Name: bareFiles, Path: self, Argv: []string{bareFiles}},
	}
}
