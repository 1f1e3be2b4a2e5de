package vethctl

import (
	"slices"
	"strings"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/cmd/internal/getopt"
	"github.com/spf13/pflag"
)

// usages are all forms of use, for --help, manual and completions.
func usages(string) []applet.Usage {
	list := []applet.Usage{{
		Operands: "<command> [<argument>...]", Options: applet.StandardOptions(), Notes: overview(),
	}}
	for _, c := range commands() {
		options := documented(optionsOf(&c, &choices{}, false))
		usage := applet.Usage{Command: c.name, Operands: c.operands, Summary: c.summary, Options: options}
		if slices.ContainsFunc(options, func(o getopt.Option) bool { return o.Long == "output" }) {
			usage.Notes = columnNotes()
		}
		list = append(list, usage)
	}
	return list
}

// documented are the options in the form that documentation is made of.
func documented(o options) []getopt.Option {
	var list []getopt.Option
	o.VisitAll(func(f *pflag.Flag) {
		option := getopt.Option{Long: f.Name, Help: f.Usage, Value: f.Value.Type()}
		if f.Shorthand != "" {
			option.Short = f.Shorthand[0]
		}
		_, hasValue := f.Value.(*value)
		switch {
		case !hasValue:
			option.Value = ""
		case f.NoOptDefVal != "":
			option.Arg = getopt.Optional
		default:
			option.Arg = getopt.Required
		}
		option.Values, option.Words = completions(f.Annotations[completed])
		list = append(list, option)
	})
	return append(list, getopt.Option{Short: 'h', Long: "help", Help: "display this help"})
}

// completions are what the value of an option can be, by the annotation of its flag.
func completions(words []string) (getopt.Values, []string) {
	switch {
	case len(words) == 0:
		return getopt.AnyValue, nil
	case words[0] == netNamespaces:
		return getopt.NetNamespaces, nil
	case words[0] == listOf:
		return getopt.ListOf, words[1:]
	}
	return getopt.OneOf, words
}

// overview lists the commands, for the help of the applet itself.
func overview() string {
	var b strings.Builder
	b.WriteString("Commands:\n")
	for _, c := range commands() {
		left := " " + strings.TrimSpace(c.name+" "+c.operands)
		b.WriteString(left + strings.Repeat(" ", max(2, 42-len(left))) + c.summary + "\n")
	}
	b.WriteString("\nAn endpoint is [<namespace>:]<name>[,<key>=<value>...]; a namespace is a PID, a /path,\n" +
		"a name below /run/netns, '.' for your own, or pid:<n>, path:<p>, name:<n>, fd:<n>,\n" +
		"ctr:<container>; a number may be followed by @<inode>.\n\nKeys:\n" +
		" addr=<address>/<length>, gw=<address>, route=<network>/<length>[@<gateway>], dad=on,\n" +
		" mac=, mtu=, txqlen=, queues=, master=<bridge>, pin-mac, group=, alias=, up, down,\n" +
		" isolated[=off], tso=off and other features (rx, tx, sg, gso, gro, lro, rxvlan, txvlan),\n" +
		" delay=<time>, loss=<percent>, rate=<rate>;\n" +
		" set also takes noaddr[=<address>/<length>] and nomaster.\n")
	return b.String()
}
