package bench

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"strings"
)

// options are the command line of a benchmark.
type options struct {
	nskit  string
	rounds int
	match  string
}

// Main is the main function of a benchmark: it measures the cases and prints
// the table. Cases are made for the nskit that the command line names. It exits
// with 1 if a candidate failed.
func Main(cases func(nskit string) []Case) {
	o := parse()
	if !measure(os.Stdout, o, cases(o.nskit)) {
		os.Exit(1)
	}
}

func parse() options {
	var o options
	flag.StringVar(&o.nskit, "nskit", cmp.Or(os.Getenv("NSKIT_BIN"), "bin/nskit"), "the nskit to measure")
	flag.IntVar(&o.rounds, "rounds", 200, "how often every candidate runs")
	flag.StringVar(&o.match, "run", "", "only the cases whose name contains this")
	flag.Parse()
	return o
}

// measure prints the results as they come; false if a candidate failed.
func measure(out *os.File, o options, cases []Case) bool {
	ok := true
	fmt.Fprintf(out, "%-36s %-12s %10s %4s %8s %8s\n", "case", "candidate", "median", "", "ratio", "spread")
	for _, c := range cases {
		if !strings.Contains(c.Name, o.match) {
			continue
		}
		name := c.Name
		for _, result := range Run(c, cmp.Or(c.Rounds, o.rounds)) {
			fmt.Fprintln(out, row(name, cmp.Or(c.Unit, "ms"), result))
			name = "" // once is enough
			ok = ok && result.Err == nil
		}
	}
	return ok
}

func row(name, unit string, r Result) string {
	if r.Err != nil {
		return fmt.Sprintf("%-36s %-12s %v", name, r.Candidate, r.Err)
	}
	return fmt.Sprintf("%-36s %-12s %10.3f %-4s %8.2f %7.0f%%", name, r.Candidate, r.Median, unit, r.Ratio, 100*r.Spread)
}
