package main

import (
	_ "embed"
	"strings"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/cmd/internal/getopt"
	"github.com/nskit/nskit/cmd/internal/values"
)

// The parts of the completions that are written by hand: how a command line is
// read, and where values come from. The tables are put behind them.
var (
	//go:embed runtime.bash
	runtimeBash string
	//go:embed runtime.zsh
	runtimeZsh string
	//go:embed runtime.fish
	runtimeFish string
)

// form is one form of using an applet, as the completions see it.
type form struct {
	// key is "unshare", or "vethctl add" for a command.
	key      string
	options  []getopt.Option
	operands []string
}

// completions makes the file for each shell.
func completions(applets []*applet.Applet) map[string]string {
	forms, links, inner := forms(applets), names(applets, false), names(applets, true)
	return map[string]string{
		"completions/nskit.bash": bash(forms, links, inner),
		"completions/_nskit":     zsh(forms, links, inner),
		"completions/nskit.fish": fish(forms, links, inner),
	}
}

// names are the names of the applets that have links, the aliases too, or of the
// others; nskit is none of them.
func names(applets []*applet.Applet, inner bool) []string {
	var all []string
	for _, a := range applets[1:] {
		if a.Inner == inner {
			all = append(append(all, a.Name), a.Aliases...)
		}
	}
	return all
}

// forms lists the forms of all applets, under every name of theirs.
func forms(applets []*applet.Applet) []form {
	var all []form
	for _, a := range applets {
		for _, name := range append([]string{a.Name}, a.Aliases...) {
			for _, usage := range usagesOf(a, name) {
				key := strings.TrimSpace(name + " " + usage.Command)
				all = append(all, form{key, usage.Options, operandKinds(usage.Operands)})
			}
		}
	}
	return all
}

// commandsOf are the commands of an applet that has some, in order.
func commandsOf(forms []form, name string) []string {
	var commands []string
	for _, f := range forms {
		if command, ok := strings.CutPrefix(f.key, name+" "); ok {
			commands = append(commands, command)
		}
	}
	return commands
}

// placeholders says what the words of a synopsis stand for: the kinds of
// values that the shells know. An operand of another name is not completed.
var placeholders = map[string]string{
	"<program>": "program", "<applet>": "applets", "<command>": "commands",
	"<file>": "files", "<dir>": "dirs", "<new_root>": "dirs", "<put_old>": "dirs", "<newrootdir>": "dirs", "new_root": "dirs", "put_old": "dirs",
	"<namespace>": "inodes", "<namespace>[:<newname>": "places", "<endpoint>": "ends", "<key>[=<value>": "keys",
}

// operandKinds reads a synopsis: "<endpoint> <namespace>[:<newname>]" is ends, places.
func operandKinds(operands string) []string {
	var kinds []string
	for _, word := range strings.Fields(strings.ReplaceAll(operands, "<new root>", "<new_root>")) {
		kind := placeholders[strings.TrimRight(strings.TrimLeft(word, "["), "].")]
		if kind == "" {
			kind = "any"
		}
		kinds = append(kinds, kind)
		if kind == "program" || kind == "applets" || kind == "commands" {
			break // what follows is another's command line
		}
	}
	return kinds
}

// keyWords are the keys of vethctl's settings.
const keyWords = "addr= gw= route= mac= mtu= txqlen= queues= master= pin-mac group= alias= up down noaddr nomaster dad=on"

// kindOf names what an option's value is. A network namespace is a file of any place,
// one of vethctl's, which may be a container, or a name below /run/netns.
func kindOf(option *getopt.Option) string {
	switch {
	case option.Values == getopt.NetNamespaces && option.Value == "file":
		return "netfiles"
	case option.Values == getopt.NetNamespaces && option.Value == "namespace":
		return "places"
	}
	return [...]string{
		getopt.AnyValue: "any", getopt.Files: "files", getopt.Dirs: "dirs", getopt.Users: "users", getopt.Groups: "groups",
		getopt.Signals: "signals", getopt.PIDs: "pids", getopt.NetNamespaces: "netns",
		getopt.OneOf: "oneof", getopt.ListOf: "listof",
	}[option.Values]
}

// argName names whether an option takes a value.
func argName(option *getopt.Option) string {
	return [...]string{getopt.None: "none", getopt.Required: "required", getopt.Optional: "optional", getopt.OptionalLong: "long"}[option.Arg]
}

// letter is the short option, "" for none.
func letter(option *getopt.Option) string {
	if option.Short == 0 {
		return ""
	}
	return string(rune(option.Short))
}

// oneLine is what an option does, on one line.
func oneLine(option *getopt.Option) string {
	return strings.Join(strings.Fields(option.Help), " ")
}

// signals are the signal names that all shells offer.
func signals() string { return strings.Join(values.SignalNames(), " ") }
