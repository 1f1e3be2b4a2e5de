package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nskit/nskit/cmd/internal/getopt"
)

// zsh makes the completions for zsh: a function for each form.
func zsh(forms []form, links, inner []string) string {
	var b strings.Builder
	b.WriteString("#compdef nskit " + strings.Join(links, " ") + "\n" + warning("# ") + runtimeZsh + "\n")
	for _, f := range forms {
		fmt.Fprintf(&b, "%s() {\n  _arguments -s -S%s", function(f.key), stops(f))
		for i := range f.options {
			for _, spec := range zshSpecs(&f.options[i]) {
				b.WriteString(" \\\n    " + quote(spec))
			}
		}
		for i, kind := range f.operands {
			b.WriteString(" \\\n    " + quote(zshOperand(f, i, kind)))
		}
		b.WriteString("\n}\n\n")
	}
	b.WriteString(zshDispatch(forms, links, inner))
	return b.String()
}

// function names the function of a form.
func function(key string) string { return "_nskit__" + strings.ReplaceAll(key, " ", "__") }

// stops makes a form's options end at its first operand.
func stops(f form) string {
	if slices.ContainsFunc(f.operands, beginsAnother) {
		return ` -A "-*"`
	}
	return ""
}

// beginsAnother is an operand with which another command line begins.
func beginsAnother(kind string) bool {
	return kind == "program" || kind == "applets" || kind == "commands"
}

// zshSpecs describes an option as _arguments wants it, a spec for each name.
func zshSpecs(o *getopt.Option) []string {
	text := "[" + strings.NewReplacer("[", "(", "]", ")", ":", ",").Replace(oneLine(o)) + "]"
	value := ":" + strings.ReplaceAll(o.Value, ":", " ") + ":" + zshAction(kindOf(o), o.Words)
	short, long := "*-"+letter(o), "*--"+o.Long
	var specs []string
	switch o.Arg {
	case getopt.None:
		specs = []string{long + text, short + text}
	case getopt.Required:
		specs = []string{long + "=" + text + value, short + "+" + text + value}
	case getopt.Optional:
		specs = []string{long + "=-" + text + ":" + value, short + "-" + text + ":" + value}
	case getopt.OptionalLong:
		specs = []string{long + "=-" + text + ":" + value, short + text}
	}
	if o.Short == 0 {
		return specs[:1]
	}
	return specs
}

// zshAction completes a kind of value.
func zshAction(kind string, words []string) string {
	switch kind {
	case "files":
		return "_files"
	case "dirs":
		return "_files -/"
	case "users", "groups":
		return "_" + kind
	case "pids", "netns", "netfiles", "places", "ends", "inodes":
		return "_nskit_" + kind
	case "signals":
		return "(" + signals() + ")"
	case "keys":
		return "(" + keyWords + ")"
	case "oneof":
		return "(" + strings.ReplaceAll(strings.Join(words, " "), ":", `\:`) + ")"
	case "listof":
		// Behind a blank: _arguments would put options of compadd before the words.
		return " _nskit_list " + strings.Join(words, " ")
	}
	return " "
}

// zshOperand describes an operand; the last of vethctl's keys is repeated.
func zshOperand(f form, i int, kind string) string {
	switch kind {
	case "program":
		return "*::program: _normal -p " + strings.Fields(f.key)[0]
	case "applets":
		return "*::applet: _nskit_applet"
	case "commands":
		return "*::command: _nskit_command " + f.key
	case "keys":
		return "*:key:" + zshAction(kind, nil)
	}
	return fmt.Sprintf("%d:%s:%s", i+1, kind, zshAction(kind, nil))
}

// zshDispatch finds the function of a form: by the applet behind nskit, the
// command behind an applet, and by the name of a link.
func zshDispatch(forms []form, links, inner []string) string {
	var b strings.Builder
	b.WriteString("_nskit_applet() {\n  if (( CURRENT == 1 )); then\n    compadd -- " + strings.Join(slices.Concat(links, inner), " ") + "\n    return\n  fi\n")
	b.WriteString("  (( $+functions[_nskit__$words[1]] )) && _nskit__$words[1]\n}\n\n")
	b.WriteString("_nskit_command() {\n  if (( CURRENT == 1 )); then\n    case $1 in\n")
	for _, name := range links {
		if commands := commandsOf(forms, name); commands != nil {
			fmt.Fprintf(&b, "    %s) compadd -- %s ;;\n", name, strings.Join(commands, " "))
		}
	}
	b.WriteString("    esac\n    return\n  fi\n  (( $+functions[_nskit__${1}__$words[1]] )) && _nskit__${1}__$words[1]\n}\n\n")
	b.WriteString(`_nskit() {
  if [[ $service != nskit && ${${:-${commands[$service]}}:A:t} != nskit ]]; then
    autoload -Uz _$service 2>/dev/null && _$service "$@"
    return
  fi
  _nskit__$service
}

_nskit "$@"
`)
	return b.String()
}

// quote makes a word for the shell.
func quote(word string) string { return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'" }
