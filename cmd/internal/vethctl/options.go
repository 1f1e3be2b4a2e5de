package vethctl

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/cmd/internal/filter"
	"github.com/nskit/nskit/internal/veth"
	"github.com/spf13/pflag"
)

// choices are what the options of all commands ask for.
type choices struct {
	allowOwn bool
	// output
	json, noHeadings bool
	columns          string
	graph            string
	ns               *veth.NS
	where            *filter.Filter
	orphans          bool
	// plans
	dryRun string
	// add
	mode     veth.AddMode
	kind     veth.PairKind
	mtu      uint32
	bridge   *veth.End
	loopback bool
	patience time.Duration
	// set, move, del, wait
	both, bare, ifExists bool
	wait                 veth.WaitFor
	// stats
	watch time.Duration
	// batch
	keepGoing, atomic bool
}

// options are those of one command.
type options struct{ *pflag.FlagSet }

// optionsOf makes the options of a command; what they ask for is noted in chosen.
// In a batch there are none that belong to all of it.
func optionsOf(c *command, chosen *choices, inBatch bool) options {
	o := options{pflag.NewFlagSet(c.name, pflag.ContinueOnError)}
	o.SortFlags, o.Usage = false, func() {}
	c.options(o, chosen)
	if !inBatch {
		o.BoolVar(&chosen.allowOwn, "allow-own", false, "accept a namespace other than '.' that is your own")
	}
	return o
}

// parse reads words and returns the operands.
func (o options) parse(words []string) ([]string, error) {
	err := parseFlags(o.FlagSet, words)
	var fault *applet.Error
	switch {
	case errors.Is(err, pflag.ErrHelp):
		return nil, applet.Help{Command: o.Name()}
	case errors.As(err, &fault):
		return nil, fault // of a value
	case err != nil:
		return nil, misuse(o.Name(), o.Name()+": "+err.Error())
	}
	return o.Args(), nil
}

// parseFlags reads words. [pflag.FlagSet.Parse] would do the same for package flag's options, which brings
// more of that package along.
func parseFlags(flags *pflag.FlagSet, words []string) error {
	return flags.ParseAll(words, func(flag *pflag.Flag, value string) error { return flags.Set(flag.Name, value) })
}

// misuse is an error in the use of a command.
func misuse(command, text string) error {
	return &applet.Error{Text: text, Usage: true, HelpOf: command}
}

// value is what an option does with the text behind it.
type value struct {
	name string
	set  func(string) error
}

func (v *value) String() string { return "" }

func (v *value) Type() string { return v.name }

func (v *value) Set(text string) error { return v.set(text) }

// with adds an option with a value. Words tell the completions what that can be.
func (o options) with(short, long, name, help string, set func(string) error, words ...string) *pflag.Flag {
	flag := o.VarPF(&value{name, set}, long, short, help)
	if words != nil {
		flag.Annotations = map[string][]string{completed: words}
	}
	return flag
}

// completed is the annotation of a flag that has the words its value can be: for
// a list they begin with listOf, for a network namespace there is netNamespaces alone.
const (
	completed     = "completed"
	listOf        = ","
	netNamespaces = "netns"
)

// oneOf adds an option that takes one of some words, the first when it is left out.
func (o options) oneOf(kept *string, long, help string, words ...string) {
	flag := o.with("", long, "form", help, func(text string) error {
		if *kept = text; slices.Contains(words, text) {
			return nil
		}
		return misuse(o.Name(), "--"+long+": unknown form: '"+text+"' ("+strings.Join(words, ", ")+")")
	}, words...)
	flag.NoOptDefVal = words[0]
}

// output adds the options of the commands that show something.
func (o options) output(c *choices) {
	o.BoolVarP(&c.json, "json", "j", false, "use JSON output format")
	o.BoolVarP(&c.noHeadings, "noheadings", "n", false, "don't print the header")
	o.with("o", "output", "list", "which columns to print; +<list> adds to the usual ones",
		func(text string) error { c.columns = text; return nil }, append([]string{listOf}, columnNames()...)...)
}

// dryRun adds the option of the commands that change something by a plan.
func (o options) dryRun(c *choices) {
	o.oneOf(&c.dryRun, "dry-run", "only print the steps, or the ip commands that do the same", "steps", "ip")
}

// duration adds an option that takes seconds, or a number with a unit.
func (o options) duration(kept *time.Duration, long, help string) {
	o.with("", long, "time", help, func(text string) error {
		d, err := time.ParseDuration(text)
		if seconds, serr := strconv.ParseFloat(text, 64); serr == nil && seconds < 1e9 {
			d, err = time.Duration(seconds*float64(time.Second)), nil
		}
		if *kept = d; err != nil || d <= 0 {
			return misuse(o.Name(), "--"+long+": invalid time: '"+text+"'")
		}
		return nil
	})
}

func showOptions(o options, c *choices) { o.output(c) }

func statsOptions(o options, c *choices) {
	o.output(c)
	o.watch(c)
}

func listOptions(o options, c *choices) {
	o.output(c)
	o.inNS(c)
	o.where(c)
	o.orphans(c, "only veth pairs whose peer's namespace has no process")
	o.oneOf(&c.graph, "graph", "draw the connections, as text or for dot(1)", "text", "dot")
}

// inNS adds the option that chooses veth pairs by a namespace.
func (o options) inNS(c *choices) {
	o.with("", "ns", "namespace", "only veth pairs with an endpoint in this namespace", func(text string) error {
		ns, err := veth.ParseNS(text)
		c.ns = &ns
		return fault(err)
	}, netNamespaces)
}

func addOptions(o options, c *choices) {
	o.with("", "mtu", "bytes", "MTU of both endpoints", func(text string) error {
		settings, err := veth.ParseSettings("--mtu", []string{"mtu=" + text})
		c.mtu = settings.MTU
		return fault(err)
	})
	o.kind(c)
	o.with("", "bridge", "name[,<key>=...]", "make or reuse a bridge and attach the first endpoint to it", func(text string) error {
		end, err := veth.ParseEnd(text)
		c.bridge = &end
		return fault(err)
	})
	o.BoolVar(&c.loopback, "loopback", false, "bring lo up in each foreign namespace")
	o.BoolFunc("if-missing", "succeed if this veth pair exists already", func(string) error { c.mode = veth.IfMissing; return nil })
	o.BoolFunc("replace", "first remove veth pairs with these names", func(string) error { c.mode = veth.Replace; return nil })
	o.duration(&c.patience, "wait-free", "retry this long while a name is taken")
	o.BoolVarP(&c.json, "json", "j", false, "print both endpoints as JSON")
	o.dryRun(c)
}

func planOptions(o options, c *choices) { o.dryRun(c) }

func setOptions(o options, c *choices) {
	o.dryRun(c)
	o.BoolVar(&c.both, "both", false, "set the MTU of the peer, too")
}

func moveOptions(o options, c *choices) {
	o.dryRun(c)
	o.BoolFunc("keep", "keep addresses, routes and the up state (the default)", func(string) error { c.bare = false; return nil })
	o.BoolVar(&c.bare, "bare", false, "let the kernel drop them")
}

func delOptions(o options, c *choices) {
	o.dryRun(c)
	o.BoolVar(&c.ifExists, "if-exists", false, "succeed if there is no such link")
	o.orphans(c, "remove all veth pairs that list --orphans shows")
	o.inNS(c)
	o.where(c)
}

func waitOptions(o options, c *choices) {
	o.BoolVar(&c.wait.Carrier, "carrier", false, "wait for a carrier")
	o.BoolVar(&c.wait.Addrs, "addr", false, "wait until no address is tentative")
	o.with("", "operstate", "state", "wait for this operational state", func(text string) error {
		state, ok := veth.ParseOperState(text)
		if c.wait.OperState = &state; !ok {
			return misuse(o.Name(), "--operstate: no such state '"+text+"'")
		}
		return nil
	}, "up", "down", "lowerlayerdown")
	o.duration(&c.wait.Timeout, "timeout", "wait at most this long (1, 1.5, 500ms)")
}

func batchOptions(o options, c *choices) {
	o.BoolVar(&c.keepGoing, "keep-going", false, "go on after a line that fails")
	o.BoolVar(&c.atomic, "atomic", false, "when a line fails, roll all lines back")
}
