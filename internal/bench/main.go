package bench

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
)

// options are the command line of a benchmark.
type options struct {
	nskit    string
	rounds   int
	match    string
	markdown bool
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
	flag.BoolVar(&o.markdown, "markdown", false, "a row of docs/benchmarks.md for each case")
	flag.Parse()
	return o
}

// measure prints the results as they come; false if a candidate failed.
func measure(out *os.File, o options, cases []Case) bool {
	cases = slices.DeleteFunc(cases, func(c Case) bool { return !strings.Contains(c.Name, o.match) })
	if !o.markdown {
		fmt.Fprintf(out, "%-36s %-12s %10s %4s %8s %8s\n", "case", "candidate", "median", "", "ratio", "spread")
	}
	ok := true
	for len(cases) > 0 {
		together := 1
		for together < len(cases) && cases[together].Inside == cases[0].Inside {
			together++
		}
		ok = measureInside(out, o, cases[:together]) && ok
		cases = cases[together:]
	}
	return ok
}

// measureInside measures cases that share their surroundings.
func measureInside(out *os.File, o options, cases []Case) bool {
	ok := true
	run := func() {
		for _, c := range cases {
			results := Run(c, cmp.Or(c.Rounds, o.rounds))
			if o.markdown {
				fmt.Fprintln(out, markdownRow(c.Name, cmp.Or(c.Unit, "ms"), results))
			} else {
				printRows(out, c.Name, cmp.Or(c.Unit, "ms"), results)
			}
			ok = ok && !slices.ContainsFunc(results, func(r Result) bool { return r.Err != nil && !r.Missing() })
		}
	}
	if cases[0].Inside == nil {
		run()
	} else if err := cases[0].Inside.Enter(run); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", cases[0].Name, err)
		return false
	}
	return ok
}

func printRows(out *os.File, name, unit string, results []Result) {
	for _, r := range results {
		if r.Err != nil {
			fmt.Fprintf(out, "%-36s %-12s %v\n", name, r.Candidate, r.Err)
		} else {
			fmt.Fprintf(out, "%-36s %-12s %10.3f %-4s %8.2f %7.0f%%\n", name, r.Candidate, r.Median, unit, r.Ratio, 100*r.Spread)
		}
		name = "" // once is enough
	}
}
