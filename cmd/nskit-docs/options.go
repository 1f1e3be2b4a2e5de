package main

import (
	"strings"

	"github.com/nskit/nskit/cmd/internal/getopt"
)

// helpColumn is where the descriptions of --help begin.
const helpColumn = 28

// optionLines lays out the option table as the "Options:" part of --help.
func optionLines(options []getopt.Option) string {
	var b strings.Builder
	for _, opt := range options {
		left := " " + spelling(opt)
		b.WriteString(left)
		if len(left) >= helpColumn-1 {
			b.WriteString("\n" + strings.Repeat(" ", helpColumn))
		} else {
			b.WriteString(strings.Repeat(" ", helpColumn-len(left)))
		}
		b.WriteString(strings.ReplaceAll(opt.Help, "\n", "\n"+strings.Repeat(" ", helpColumn+2)))
		b.WriteByte('\n')
	}
	return b.String()
}

// spelling writes an option the way --help and the manual page show it.
func spelling(opt getopt.Option) string {
	text := "    --" + opt.Long
	if opt.Short != 0 {
		text = "-" + string(rune(opt.Short)) + ", --" + opt.Long
	}
	switch opt.Arg {
	case getopt.Required:
		return text + " <" + opt.Value + ">"
	case getopt.Optional, getopt.OptionalLong:
		return text + "[=<" + opt.Value + ">]"
	}
	return text
}
