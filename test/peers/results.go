package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// results are what the cases of a run came to, by name.
type results map[string]string

// read finds the cases in what a run printed. The expression has the groups "case" and
// "result"; a case that is met several times is numbered.
func read(output string, line *regexp.Regexp) results {
	found := results{}
	count := map[string]int{}
	for _, match := range line.FindAllStringSubmatch(output, -1) {
		name := strings.TrimSpace(match[line.SubexpIndex("case")])
		if count[name]++; count[name] > 1 {
			name = fmt.Sprintf("%s (%d)", name, count[name])
		}
		found[name] = strings.ToLower(strings.TrimSpace(match[line.SubexpIndex("result")]))
	}
	return found
}

var numeric = regexp.MustCompile(`^\d+$`)

// tally counts the results of each kind: "10 ok, 2 skipped".
func (r results) tally() string {
	if len(r) == 0 {
		return "none"
	}
	count := map[string]int{}
	for _, result := range r {
		if first, _, _ := strings.Cut(result, " "); numeric.MatchString(first) {
			result = "exit " + first // without what was printed
		}
		count[result]++
	}
	var words []string
	for result, n := range count {
		words = append(words, fmt.Sprintf("%d %s", n, result))
	}
	slices.SortFunc(words, func(a, b string) int {
		var na, nb int
		fmt.Sscan(a, &na)
		fmt.Sscan(b, &nb)
		if na != nb {
			return nb - na
		}
		return strings.Compare(a, b)
	})
	if len(words) > 4 {
		return fmt.Sprintf("%d", len(r))
	}
	return strings.Join(words, ", ")
}

// difference is a case that did not come to the same.
type difference struct {
	name, host, nskit, reason string
}

// outcome is what a client came to.
type outcome struct {
	client      client
	version     string
	host, nskit results
	// unsteady are the cases that come to different things with the same tools.
	unsteady []string
	// starts is how often nskit was executed.
	starts int
	// notRun is why there is nothing to compare: the client could not be had or built, or does not
	// end with util-linux's tools. err is a failure with nskit.
	notRun, err error
}

// differences lists the steady cases that differ, with the reason if there is a known one.
func (o *outcome) differences() []difference {
	var found []difference
	for _, name := range union(o.host, o.nskit) {
		if o.host[name] == o.nskit[name] || slices.Contains(o.unsteady, name) {
			continue
		}
		d := difference{name: name, host: orMissing(o.host[name]), nskit: orMissing(o.nskit[name])}
		for _, known := range o.client.known {
			if known.name.MatchString(name) {
				d.reason = known.reason
			}
		}
		found = append(found, d)
	}
	return found
}

func orMissing(result string) string {
	if result == "" {
		return "missing"
	}
	return result
}

func union(a, b results) []string {
	var names []string
	for name := range a {
		names = append(names, name)
	}
	for name := range b {
		if _, both := a[name]; !both {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// problems are what makes the run fail.
func (o *outcome) problems() []string {
	if o.notRun != nil {
		return nil
	}
	if o.err != nil {
		return []string{o.err.Error()}
	}
	var all []string
	for _, d := range o.differences() {
		if d.reason == "" {
			all = append(all, fmt.Sprintf("%s: host %s, nskit %s", d.name, d.host, d.nskit))
		}
	}
	switch {
	case len(o.host) == 0:
		all = append(all, "no case was found")
	case o.starts == 0:
		all = append(all, "nskit was never started: this client proves nothing")
	}
	return all
}

// whyNot is in one line why the client was not run, "" if it was.
func (o *outcome) whyNot() string {
	if o.notRun == nil {
		return ""
	}
	line, _, _ := strings.Cut(o.notRun.Error(), "\n")
	return line
}

// row is the client's line of the table.
func (o *outcome) row() string {
	if o.notRun != nil {
		return fmt.Sprintf("| %s | %s | not run | not run | | |", o.client.name, o.version)
	}
	if o.err != nil {
		return fmt.Sprintf("| %s | %s | %s | failed | %d | |", o.client.name, o.version, o.host.tally(), o.starts)
	}
	host, nskit := o.host.tally(), o.nskit.tally()
	if nskit == host {
		nskit = "the same"
	}
	return fmt.Sprintf("| %s | %s | %s | %s | %d | %d |", o.client.name, o.version, host, nskit, o.starts, len(o.differences()))
}
