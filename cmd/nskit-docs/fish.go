package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nskit/nskit/cmd/internal/getopt"
)

// fish makes the completions for fish: a line for each option of each form.
func fish(forms []form, links, inner []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s%s\nset -g __nskit_applets %s\n\n", warning("# "), runtimeFish, strings.Join(slices.Concat(links, inner), " "))
	b.WriteString("function __nskit_operands\n    switch $argv[1]\n")
	for _, f := range forms {
		fmt.Fprintf(&b, "        case %s\n            printf '%%s\\n' %s\n", quote(f.key), strings.Join(f.operands, " "))
	}
	b.WriteString("    end\nend\n\nfunction __nskit_required\n    switch $argv[1]\n")
	for _, f := range forms {
		fmt.Fprintf(&b, "        case %s\n            printf '%%s\\n' -- %s\n", quote(f.key), strings.Join(required(f), " "))
	}
	b.WriteString("    end\nend\n\n")
	all := append([]string{"nskit"}, links...)
	fmt.Fprintf(&b, "for command in %s\n    complete -c $command -n __nskit_wrapping -f -a '(__nskit_wrapped)'\nend\n", strings.Join(all, " "))
	for _, f := range forms {
		fishForm(&b, f, forms, inner)
	}
	return b.String()
}

// required are the names of the options that take a value in any case.
func required(f form) []string {
	var all []string
	for i := range f.options {
		if o := &f.options[i]; o.Arg == getopt.Required {
			all = append(all, "--"+o.Long)
			if o.Short != 0 {
				all = append(all, "-"+letter(o))
			}
		}
	}
	return all
}

// fishForm writes the lines of one form, for nskit and for the applet's link.
func fishForm(b *strings.Builder, f form, forms []form, inner []string) {
	name := strings.Fields(f.key)[0]
	commands := "nskit " + name
	if name == "nskit" || slices.Contains(inner, name) {
		commands = "nskit"
	}
	fmt.Fprintf(b, "\nfor command in %s\n", commands)
	for i := range f.options {
		b.WriteString("    " + fishOption(f, &f.options[i]) + "\n")
	}
	for _, kind := range f.operands {
		if values := fishOperand(kind, name, forms); values != "" {
			fmt.Fprintf(b, "    complete -c $command -n %s%s\n", quote("__nskit_at "+quoted(f.key)+" "+kind), values)
		} else {
			fmt.Fprintf(b, "    complete -c $command -n %s -f\n", quote("__nskit_at "+quoted(f.key)+" "+kind))
		}
	}
	b.WriteString("end\n")
}

// quoted is a word inside a quoted condition.
func quoted(word string) string { return `"` + word + `"` }

func fishOption(f form, o *getopt.Option) string {
	line := "complete -c $command -n " + quote("__nskit_in "+quoted(f.key))
	if o.Short != 0 {
		line += " -s " + letter(o)
	}
	line += " -l " + o.Long + " -d " + quote(oneLine(o))
	if o.Arg == getopt.Required {
		line += " -r"
	}
	if o.Arg != getopt.None {
		line += fishValues(kindOf(o), o.Words)
	}
	return line
}

// fishValues offers a kind of value; -f keeps files out.
func fishValues(kind string, words []string) string {
	switch kind {
	case "files":
		return " -F -a '(__nskit_attached)'"
	case "netfiles":
		return " -F -a '(string match /run/netns/\\* /run/netns/*; __nskit_attached)'"
	case "dirs":
		return " -f -a '(__fish_complete_directories (__nskit_typed))'"
	case "pids":
		return " -f -a '(__fish_complete_pids; __nskit_containers)'"
	case "users", "groups":
		return " -f -a '(__fish_complete_" + kind + ")'"
	case "netns", "places", "ends", "inodes":
		return " -f -a '(__nskit_" + kind + ")'"
	case "signals":
		return " -f -a " + quote(signals())
	case "keys":
		return " -f -a " + quote(keyWords)
	case "oneof":
		return " -f -a " + quote(strings.Join(words, " "))
	case "listof":
		return " -f -a " + quote("(__nskit_list "+strings.Join(words, " ")+")")
	}
	return " -f"
}

// fishOperand offers what an operand can be; "" if nothing is known of it.
func fishOperand(kind, name string, forms []form) string {
	switch kind {
	case "program":
		return " -f -a '(__fish_complete_command)'"
	case "applets":
		return ` -f -a "$__nskit_applets"`
	case "commands":
		return " -f -a " + quote(strings.Join(commandsOf(forms, name), " "))
	case "any":
		return ""
	}
	return fishValues(kind, nil)
}
