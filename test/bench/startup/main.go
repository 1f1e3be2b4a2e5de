// Command startup shows what the starts of the applets are made of: their page
// faults and where those are, their system calls, and the instructions that they
// compute. It prints rows of docs/benchmarks.md. It takes no times: counts
// hardly depend on what else the machine does. It has to be root.
package main

import (
	"cmp"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/nskit/nskit/internal/bench"
)

// unknown is a cell that could not be found out.
const unknown = "–"

func main() {
	nskit := cmp.Or(os.Getenv("NSKIT_BIN"), "bin/nskit")
	areas, err := readAreas(nskit)
	if err != nil {
		fmt.Fprintln(os.Stderr, "startup:", err)
		os.Exit(1)
	}
	for _, c := range commands(nskit) {
		fmt.Println(row(c, areas))
	}
}

// commands are the starts to be looked at, the peers' at the end.
func commands(nskit string) []bench.Candidate {
	truth, this := bench.Host("true"), "nskit"
	command := func(tool, path, words string) bench.Candidate {
		name := strings.NewReplacer(truth, "true", strconv.Itoa(os.Getpid()), "PID").Replace(words)
		if tool != this {
			name += ", " + tool
		}
		return bench.Candidate{Name: name, Path: path, Argv: strings.Fields(words)}
	}
	return []bench.Candidate{
		command(this, nskit, "unshare --version"),
		command(this, nskit, "unshare -u "+truth),
		command(this, nskit, "unshare -Urpmf --mount-proc "+truth),
		command(this, nskit, fmt.Sprintf("nsenter -t %d -u %s", os.Getpid(), truth)),
		command(this, nskit, "unshare --help"),
		command(this, nskit, "nsenter --help"),
		command(this, nskit, "pivot --help"),
		command(this, nskit, "lsns -l -t uts"),
		command(this, nskit, "vethctl list"),
		command("coreutils", truth, "true"),
		command("util-linux", bench.Host("unshare"), "unshare --version"),
		command("util-linux", bench.Host("unshare"), "unshare -u "+truth),
		command("util-linux", bench.Host("lsns"), "lsns -l -t uts"),
		command("busybox", bench.Host("busybox"), "unshare -u "+truth),
	}
}

// row is a command's row.
func row(c bench.Candidate, areas []area) string {
	if strings.Contains(c.Name, ", ") { // the addresses of another program mean nothing
		areas = nil
	}
	cells := append([]string{c.Name}, faults(c, areas)...)
	cells = append(cells, systemCalls(c), instructions(c))
	return "| " + strings.Join(cells, " | ") + " |"
}

// warn tells why a cell is unknown.
func warn(c bench.Candidate, err error) { fmt.Fprintf(os.Stderr, "startup: %s: %v\n", c.Name, err) }
