package main

import (
	"fmt"
	"strings"
)

// bash makes the completions for bash: one table for each form.
func bash(forms []form, links, inner []string) string {
	var b strings.Builder
	b.WriteString(warning("# ") + runtimeBash + "\n")
	fmt.Fprintf(&b, "_nskit_applets='%s'\n_nskit_inner='%s'\n_nskit_signals='%s'\n_nskit_keys='%s'\n\n", strings.Join(links, " "), strings.Join(inner, " "), signals(), keyWords)
	b.WriteString("# The first line has the operands, each other SHORT:LONG:ARGUMENT:KIND:WORDS.\n_nskit_table() {\n\tcase $1 in\n")
	for _, f := range forms {
		fmt.Fprintf(&b, "\t%q) _nskit_reply='%s", f.key, strings.Join(f.operands, " "))
		for i := range f.options {
			o := &f.options[i]
			fmt.Fprintf(&b, "\n%s:%s:%s:%s:%s", letter(o), o.Long, argName(o), kindOf(o), strings.Join(o.Words, " "))
		}
		b.WriteString("' ;;\n")
	}
	b.WriteString("\t*) return 1 ;;\n\tesac\n}\n\n_nskit_commands() {\n\tcase $1 in\n")
	for _, name := range links {
		if commands := commandsOf(forms, name); commands != nil {
			fmt.Fprintf(&b, "\t%s) _nskit_reply='%s' ;;\n", name, strings.Join(commands, " "))
		}
	}
	b.WriteString("\t*) _nskit_reply='' ;;\n\tesac\n}\n\n_nskit_register\n")
	return b.String()
}
