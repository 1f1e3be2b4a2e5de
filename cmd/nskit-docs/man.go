package main

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/cmd/internal/getopt"
	"github.com/nskit/nskit/cmd/internal/registry"
	"github.com/nskit/nskit/cmd/internal/values"
)

// page is a manual page that is being put together.
type page struct {
	strings.Builder
	applet *applet.Applet
	prose  *text
	usages []applet.Usage
}

// manual makes the page of an applet.
func manual(a *applet.Applet, t *text) (string, error) {
	p := &page{applet: a, prose: t, usages: usagesOf(a, a.Name)}
	if usage := &p.usages[0]; usage.Notes == applet.AppletList { // the binary fills it in
		all := applet.Invocation{All: registry.Applets}
		usage.Notes = string(all.AppendApplets([]byte(usage.Notes)))
	}
	p.head()
	for _, s := range t.sections {
		if err := p.section(s); err != nil {
			return "", err
		}
	}
	p.WriteString(".Sh REPORTING BUGS\n.Lk https://github.com/nskit/nskit/issues\n")
	return p.String(), t.unused()
}

// usagesOf asks an applet for its tables under one of its names, with the words of its
// options: a table that is read before the Go runtime cannot name another package's.
func usagesOf(a *applet.Applet, name string) []applet.Usage {
	usages := a.Usages(name)
	for i := range usages {
		usages[i].Options = slices.Clone(usages[i].Options)
		for j := range usages[i].Options {
			if o := &usages[i].Options[j]; o.Values == getopt.Capabilities {
				o.Values, o.Words = getopt.ListOf, values.CapWords[:]
			}
		}
	}
	return usages
}

// head writes what stands before the prose: the title, NAME and SYNOPSIS.
func (p *page) head() {
	p.WriteString(warning(mark))
	fmt.Fprintf(p, "%s.Dt %s %d\n.Os nskit\n", p.prose.date, strings.ToUpper(p.applet.Page()), p.applet.Section)
	names := append([]string{p.applet.Name}, p.applet.Aliases...)
	p.WriteString(".Sh NAME\n.Nm " + strings.Join(names, " ,\n.Nm ") + "\n.Nd " + lower(p.applet.Summary) + "\n.Sh SYNOPSIS\n")
	for _, name := range names {
		p.synopsis(name)
	}
}

// synopsis writes the command lines of an applet under one of its names.
func (p *page) synopsis(name string) {
	usages := usagesOf(p.applet, name)
	for _, usage := range usages {
		if usage.Command == "" && len(usages) > 1 {
			continue // the commands say it all
		}
		p.WriteString(".Nm " + p.called(name) + "\n")
		if usage.Command != "" {
			p.WriteString(".Cm " + usage.Command + "\n")
		}
		p.WriteString(".Op Ar option ...\n")
		if usage.Operands != "" {
			p.WriteString("." + operands(usage.Operands) + "\n")
		}
	}
}

// called is what calls the applet: its link, or nskit with its name if it has none.
func (p *page) called(name string) string {
	if p.applet.Inner {
		return "nskit " + name
	}
	return name
}

// section writes a section of the prose, and the lists that belong into it.
func (p *page) section(s section) error {
	fmt.Fprintf(p, ".Sh %s\n%s", s.title, p.notes(s.text))
	switch s.title {
	case "OPTIONS":
		return p.options(p.usages[0])
	case "COMMANDS":
		return p.commands()
	}
	return nil
}

// commands writes each command with its options.
func (p *page) commands() error {
	for _, usage := range p.usages {
		if usage.Command == "" {
			continue
		}
		said, err := p.prose.on(usage.Command, "")
		if err != nil {
			return err
		}
		head := "Cm " + usage.Command
		if usage.Operands != "" {
			head += " " + operands(usage.Operands)
		}
		fmt.Fprintf(p, ".Ss %s\n.D1 %s\n%s\n%s", usage.Command, head, usage.Summary, said)
		if err := p.options(usage); err != nil {
			return err
		}
	}
	return nil
}

// options writes the list of an option table.
func (p *page) options(usage applet.Usage) error {
	p.WriteString(".Bl -tag -width Ds\n")
	for i := range usage.Options {
		option := &usage.Options[i]
		said, err := p.prose.on(usage.Command, "--"+option.Long)
		if err != nil {
			return err
		}
		p.WriteString(".It " + flags(option) + "\n" + said)
		if option.Extra && p.applet.Compatible != "" {
			p.WriteString("This option is nskit's own.\n")
		}
	}
	p.WriteString(".El\n")
	return nil
}

// notes puts the end of --help where the prose asks for it.
func (p *page) notes(text string) string {
	for _, usage := range p.usages {
		place := strings.TrimRight(mark+"notes "+usage.Command, " ") + "\n"
		if usage.Command == "" {
			place = mark + "notes help\n"
		}
		if strings.Contains(text, place) {
			_, list, _ := strings.Cut(strings.TrimRight(usage.Notes, "\n"), "\n")
			text = strings.Replace(text, place, ".Bd -literal\n"+literal(list)+"\n.Ed\n", 1)
		}
	}
	return text
}

// literal guards text from being read as requests.
func literal(text string) string {
	lines := strings.Split(strings.ReplaceAll(text, `\`, `\e`), "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
			lines[i] = `\&` + line
		}
	}
	return strings.Join(lines, "\n")
}

// flags is the head of an option in the list.
func flags(option *getopt.Option) string {
	long, short := "Fl -"+option.Long, ""
	if option.Short != 0 {
		short = "Fl " + string(rune(option.Short))
	}
	value := arguments(option.Value)
	switch option.Arg {
	case getopt.Required:
		long += " Ns = Ns " + value
		short += " " + value
	case getopt.Optional:
		long += " Ns Oo = Ns " + value + " Oc"
		short += " Ns Oo " + value + " Oc"
	case getopt.OptionalLong:
		long += " Ns Oo = Ns " + value + " Oc"
	}
	if option.Short == 0 {
		return long
	}
	return short + " , " + long
}

// arguments writes a value's name; a bar separates alternatives.
func arguments(value string) string {
	words := strings.Split(strings.NewReplacer("<", "", ">", "", " ", "\\ ").Replace(value), "|")
	return "Ar " + strings.Join(words, " Ns | Ns Ar ")
}

// operands writes operands as mdoc macros: [<program> [<argument>...]].
func operands(text string) string {
	var words []string
	glued := false
	for rest := text; rest != ""; {
		if rest[0] == ' ' {
			rest, glued = rest[1:], false
			continue
		}
		var word string
		word, rest = nextToken(rest)
		if glued && word != "]" {
			words = append(words, "Ns")
		}
		words = append(words, macro(word))
		glued = word != "["
	}
	return strings.Join(words, " ")
}

// nextToken cuts off a bracket, a <placeholder>, or what is between them.
func nextToken(text string) (token, rest string) {
	end := len(text)
	switch {
	case text[0] == '[' || text[0] == ']':
		end = 1
	case text[0] == '<':
		end = strings.IndexByte(text, '>') + 1
	default:
		if i := strings.IndexAny(text, "[]<> "); i > 0 {
			end = i
		}
	}
	return text[:end], text[end:]
}

func macro(token string) string {
	switch {
	case token == "[":
		return "Oo"
	case token == "]":
		return "Oc"
	case token[0] == '<':
		return "Ar " + strings.Trim(token, "<>")
	case !unicode.IsLetter(rune(token[0])):
		return `No \&` + token
	}
	return "Cm " + token
}

// lower makes a sentence the end of "name - ...".
func lower(sentence string) string {
	return strings.ToLower(sentence[:1]) + strings.TrimSuffix(sentence[1:], ".")
}
