package vethctl

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/cmd/internal/getopt"
	"github.com/nskit/nskit/pkg/veth"
)

// choices are what the options of all commands ask for.
type choices struct {
	allowOwn bool
	// output
	json, noHeadings bool
	columns          string
	graph            string
	ns               *veth.NS
	// plans
	dryRun string
	// add
	mode     veth.AddMode
	mtu      uint32
	bridge   *veth.End
	loopback bool
	patience time.Duration
	// set, move, del, wait
	both, bare, ifExists bool
	wait                 veth.WaitFor
	// batch
	keepGoing, atomic bool
}

func usages(string) []applet.Usage {
	list := []applet.Usage{{
		Operands: "<command> [<argument>...]", Options: applet.StandardOptions(), Notes: overview(),
	}}
	for _, c := range commands() {
		options := append(c.options(&choices{}), ownOption(&choices{}), helpOption(c.name))
		usage := applet.Usage{Command: c.name, Operands: c.operands, Summary: c.summary, Options: options}
		if slices.ContainsFunc(options, func(o getopt.Option) bool { return o.Long == "output" }) {
			usage.Notes = columnNotes()
		}
		list = append(list, usage)
	}
	return list
}

// overview lists the commands, for the help of the applet itself.
func overview() string {
	var b strings.Builder
	b.WriteString("Commands:\n")
	for _, c := range commands() {
		left := " " + strings.TrimSpace(c.name+" "+c.operands)
		b.WriteString(left + strings.Repeat(" ", max(2, 36-len(left))) + c.summary + "\n")
	}
	b.WriteString("\nAn end is [<namespace>:]<name>[,<key>=<value>...], a namespace a PID, a /path, a name\n" +
		"below /run/netns, '.' for one's own, or pid:<n>, path:<p>, name:<n>, fd:<n>; a number\n" +
		"may be followed by @<inode>.\n\nKeys:\n" +
		" addr=<address>/<length>, gw=<address>, route=<network>/<length>[@<gateway>], dad=on,\n" +
		" mac=, mtu=, txqlen=, queues=, master=<bridge>, pin-mac, group=, alias=, up, down;\n" +
		" set also takes noaddr[=<address>/<length>] and nomaster.\n")
	return b.String()
}

func helpOption(name string) getopt.Option {
	return getopt.Option{Short: 'h', Long: "help", Help: "display this help", Set: func(*string) error {
		return applet.Help{Command: name}
	}}
}

func ownOption(c *choices) getopt.Option {
	return getopt.Option{Long: "allow-own", Help: "accept a namespace other than '.' that is one's own", Set: getopt.Flag(&c.allowOwn)}
}

// outputOptions are those of the commands that show something.
func outputOptions(c *choices) []getopt.Option {
	return []getopt.Option{
		{Short: 'j', Long: "json", Help: "use JSON output format", Set: getopt.Flag(&c.json)},
		{Short: 'n', Long: "noheadings", Help: "don't print headings", Set: getopt.Flag(&c.noHeadings)},
		{Short: 'o', Long: "output", Arg: getopt.Required, Value: "list", Values: getopt.ListOf, Words: columnNames(),
			Help: "which columns to print; +<list> adds to the usual ones", Set: getopt.Text(&c.columns)},
	}
}

func listOptions(c *choices) []getopt.Option {
	return append(outputOptions(c),
		getopt.Option{Long: "ns", Arg: getopt.Required, Value: "namespace", Values: getopt.NetNamespaces,
			Help: "only the cables with an end in this namespace", Set: func(value *string) error {
				ns, err := veth.ParseNS(*value)
				c.ns = &ns
				return fault(err)
			}},
		getopt.Option{Long: "graph", Arg: getopt.Optional, Value: "form", Values: getopt.OneOf, Words: []string{"text", "dot"},
			Help: "draw who is cabled to whom, as text or for dot(1)", Set: oneOf(&c.graph, "graph", "text", "dot")})
}

// planOptions are those of the commands that change something by a plan.
func planOptions(c *choices) []getopt.Option {
	return []getopt.Option{{Long: "dry-run", Arg: getopt.Optional, Value: "form", Values: getopt.OneOf, Words: []string{"steps", "ip"},
		Help: "only print the steps, or the ip commands that do the same", Set: oneOf(&c.dryRun, "dry-run", "steps", "ip")}}
}

// oneOf is a Set for an optional word, the first of words when it is left out.
func oneOf(kept *string, option string, words ...string) func(*string) error {
	return func(value *string) error {
		*kept = words[0]
		if value == nil {
			return nil
		}
		for _, word := range words {
			if *value == word {
				*kept = word
				return nil
			}
		}
		return &applet.Error{Text: "--" + option + ": '" + *value + "' is none of " + strings.Join(words, ", "), Usage: true}
	}
}

func addOptions(c *choices) []getopt.Option {
	mode := func(mode veth.AddMode) func(*string) error {
		return func(*string) error { c.mode = mode; return nil }
	}
	return append([]getopt.Option{
		{Long: "mtu", Arg: getopt.Required, Value: "bytes", Help: "MTU of both ends", Set: func(value *string) error {
			settings, err := veth.ParseSettings("--mtu", []string{"mtu=" + *value})
			c.mtu = settings.MTU
			return fault(err)
		}},
		{Long: "bridge", Arg: getopt.Required, Value: "name[,<key>=...]", Help: "make or reuse a bridge and plug the first end into it",
			Set: func(value *string) error {
				end, err := veth.ParseEnd(*value)
				c.bridge = &end
				return fault(err)
			}},
		{Long: "loopback", Help: "bring lo up in each foreign namespace", Set: getopt.Flag(&c.loopback)},
		{Long: "if-missing", Help: "succeed if this very cable is there", Set: mode(veth.IfMissing)},
		{Long: "replace", Help: "remove cables that have these names first", Set: mode(veth.Replace)},
		{Long: "wait-free", Arg: getopt.Required, Value: "time", Help: "retry this long while a name is taken", Set: duration(&c.patience, "wait-free")},
		{Short: 'j', Long: "json", Help: "print both ends as JSON", Set: getopt.Flag(&c.json)},
	}, planOptions(c)...)
}

func setOptions(c *choices) []getopt.Option {
	return append(planOptions(c), getopt.Option{Long: "both", Help: "set the MTU of the peer, too", Set: getopt.Flag(&c.both)})
}

func moveOptions(c *choices) []getopt.Option {
	keep := false // the default; the option is there to be said
	return append(planOptions(c),
		getopt.Option{Long: "keep", Help: "keep addresses, routes and the up state (the default)", Set: func(*string) error {
			c.bare = keep
			return nil
		}},
		getopt.Option{Long: "bare", Help: "let the kernel drop them", Set: getopt.Flag(&c.bare)})
}

func delOptions(c *choices) []getopt.Option {
	return append(planOptions(c), getopt.Option{Long: "if-exists", Help: "succeed if there is no such link", Set: getopt.Flag(&c.ifExists)})
}

func waitOptions(c *choices) []getopt.Option {
	return []getopt.Option{
		{Long: "carrier", Help: "wait for a carrier", Set: getopt.Flag(&c.wait.Carrier)},
		{Long: "addr", Help: "wait until no address is tentative", Set: getopt.Flag(&c.wait.Addrs)},
		{Long: "operstate", Arg: getopt.Required, Value: "state", Values: getopt.OneOf, Words: []string{"up", "down", "lowerlayerdown"},
			Help: "wait for this operational state", Set: func(value *string) error {
				state, ok := veth.ParseOperState(*value)
				c.wait.OperState = &state
				if !ok {
					return &applet.Error{Text: "--operstate: no such state '" + *value + "'", Usage: true}
				}
				return nil
			}},
		{Long: "timeout", Arg: getopt.Required, Value: "time", Help: "wait at most this long (1, 1.5, 500ms)", Set: duration(&c.wait.Timeout, "timeout")},
	}
}

// duration is a Set for seconds, or for a number with a unit.
func duration(kept *time.Duration, option string) func(*string) error {
	return func(value *string) error {
		d, err := time.ParseDuration(*value)
		if seconds, serr := strconv.ParseFloat(*value, 64); serr == nil && seconds < 1e9 {
			d, err = time.Duration(seconds*float64(time.Second)), nil
		}
		if err != nil || d <= 0 {
			return &applet.Error{Text: "--" + option + ": '" + *value + "' is no time", Usage: true}
		}
		*kept = d
		return nil
	}
}

func batchOptions(c *choices) []getopt.Option {
	return []getopt.Option{
		{Long: "keep-going", Help: "go on after a line that fails", Set: getopt.Flag(&c.keepGoing)},
		{Long: "atomic", Help: "when a line fails, undo all before it", Set: getopt.Flag(&c.atomic)},
	}
}
