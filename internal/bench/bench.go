package bench

import (
	"errors"
	"math"
	"os/exec"
	"slices"
	"strings"
)

// Candidate is one command of a case.
type Candidate struct {
	// Name is what the table calls it.
	Name string
	// Path is the program's file, Argv its words from argv[0] on.
	Path string
	Argv []string
}

// Case is one question: what does this cost, compared with the peer?
type Case struct {
	// Name is its line of the table.
	Name string
	// Candidates take turns. The first is the peer that the ratios are to.
	Candidates []Candidate
	// Measure is what is measured; nil is [Wall].
	Measure Measure
	// Unit is what Measure returns: "ms" where it is empty.
	Unit string
	// Rounds limits the rounds for what takes long; 0 is what the command line says.
	Rounds int
	// Inside are surroundings of its own; nil for none. Cases that follow each
	// other share those that have the same address.
	Inside *Surroundings
}

// Surroundings are what a case is measured in: Enter makes them, calls run and
// takes them away.
type Surroundings struct {
	Enter func(run func()) error
}

// Trio are util-linux's tool as the peer, nskit's, and busybox's unless it has
// none, all called by the same words.
func Trio(nskit, applet string, args ...string) []Candidate {
	argv := append([]string{applet}, args...)
	candidates := []Candidate{{"util-linux", Host(applet), argv}, {"nskit", nskit, argv}}
	busybox := Host("busybox")
	if err := exec.Command(busybox, applet, "--help").Run(); err == nil || errors.Is(err, exec.ErrNotFound) {
		candidates = append(candidates, Candidate{"busybox", busybox, argv})
	}
	return candidates
}

// Host is the path of a tool of the host's, or its name where it has none.
func Host(tool string) string {
	for _, dir := range []string{"/usr/bin/", "/usr/sbin/", "/bin/", "/sbin/"} {
		if path, err := exec.LookPath(dir + tool); err == nil {
			return path
		}
	}
	return tool
}

// Result is what one candidate of a case came to.
type Result struct {
	// Candidate and Err say who, and why there are no figures.
	Candidate string
	Err       error
	// Median is in the case's unit, Ratio that to the peer's median, NaN where
	// the peer has none; Spread is half the middle half, a part of the median.
	Median, Ratio, Spread float64
}

// errMissing is the error of a candidate that the host does not have.
var errMissing = errors.New("not installed")

// Missing tells whether there are no figures because the host lacks the tool.
func (r *Result) Missing() bool { return errors.Is(r.Err, errMissing) }

// warmUp is how many rounds are not counted.
const warmUp = 3

// Run measures a case. A candidate that fails twice in a row is left out of the
// further rounds.
func Run(c Case, rounds int) []Result {
	measure := c.Measure
	if measure == nil {
		measure = Wall
	}
	results := make([]Result, len(c.Candidates))
	values := make([][]float64, len(c.Candidates))
	for i, candidate := range c.Candidates {
		results[i].Candidate = candidate.Name
		if !strings.Contains(candidate.Path, "/") { // what Host returns for none
			results[i].Err = errMissing
		}
	}
	for round := range rounds + warmUp {
		for turn := range c.Candidates {
			i := (round + turn) % len(c.Candidates)
			if results[i].Err != nil {
				continue
			}
			value, err := measure(c.Candidates[i])
			if err != nil { // util-linux's lsns fails now and then while processes come and go
				value, err = measure(c.Candidates[i])
			}
			results[i].Err = err
			if round >= warmUp {
				values[i] = append(values[i], value)
			}
		}
	}
	for i := range results {
		summarise(&results[i], values[i])
	}
	for i := range results {
		results[i].Ratio = results[i].Median / results[0].Median
	}
	return results
}

// summarise works out a candidate's figures; they are NaN where it failed.
func summarise(r *Result, values []float64) {
	r.Median, r.Spread = math.NaN(), math.NaN()
	if r.Err == nil && len(values) > 0 {
		slices.Sort(values)
		r.Median = quantile(values, 0.5)
		r.Spread = (quantile(values, 0.75) - quantile(values, 0.25)) / 2 / r.Median
	}
}

// quantile takes the value at a part of sorted values.
func quantile(sorted []float64, part float64) float64 {
	return sorted[int(part*float64(len(sorted)-1)+0.5)]
}
