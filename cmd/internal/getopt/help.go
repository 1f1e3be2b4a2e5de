package getopt

import "strings"

// helpColumn is where the descriptions of --help begin.
const helpColumn = 28

// Help lays out the option table as the "Options:" part of --help.
func Help(options []Option) string {
	var b strings.Builder
	for _, opt := range options {
		left := " " + names(opt)
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

// names writes an option the way --help and the manual page show it.
func names(opt Option) string {
	text := "    --" + opt.Long
	if opt.Short != 0 {
		text = "-" + string(rune(opt.Short)) + ", --" + opt.Long
	}
	switch opt.Arg {
	case Required:
		return text + " <" + opt.Value + ">"
	case Optional, OptionalLong:
		return text + "[=<" + opt.Value + ">]"
	}
	return text
}
