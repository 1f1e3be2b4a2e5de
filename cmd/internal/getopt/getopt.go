// Package getopt reads command lines as getopt_long(3) of the C library does:
// bundled short options, values attached or detached, unambiguous abbreviations
// of long names, and the exact error texts. An option acts the moment it is
// met, in command-line order.
//
// A table of [Option] is the single source for the parser, for --help, for the
// manual page and for the shell completions of an applet.
//
// Reading a correct command line with full names allocates nothing, because
// the applets that start programs do it before the Go runtime is there.
package getopt

import "strings"

// Arg says whether an option takes a value.
type Arg uint8

const (
	// None refuses a value.
	None Arg = iota
	// Required takes the rest of the word or the next word.
	Required
	// Optional takes a value only when it is attached: -uVALUE, --uts=VALUE.
	Optional
	// OptionalLong is Optional for the long name and None for the short one.
	OptionalLong
)

// Values says what an option's value is, for the completions.
type Values uint8

const (
	// AnyValue is text that cannot be completed.
	AnyValue Values = iota
	// Files are paths of any file.
	Files
	// Dirs are paths of directories.
	Dirs
	// Users are names of the password database.
	Users
	// Groups are names of the group database.
	Groups
	// Signals are signal names without the SIG prefix.
	Signals
	// PIDs are process identifiers, shown with their commands.
	PIDs
	// NetNamespaces are the names below /run/netns.
	NetNamespaces
	// OneOf is one word of Option.Words.
	OneOf
	// ListOf is a comma-separated list of Option.Words.
	ListOf
	// Capabilities are a comma-separated list of the names of capabilities(7).
	Capabilities
)

// Option is one line of an applet's option table.
type Option struct {
	// Short is the one-letter name, 0 for none.
	Short byte
	// Long is the long name without its dashes.
	Long string
	// Arg says whether there is a value, Value what --help calls it.
	Arg   Arg
	Value string
	// Help is the line of --help; the manual page has more.
	Help string
	// Extra marks an option that util-linux does not have: it can only be
	// written out in full and appears in no list of possibilities, so that
	// every abbreviation of util-linux keeps its meaning.
	Extra bool
	// First puts the option before the others in a list of possibilities:
	// util-linux's order there is not always that of its help.
	First bool
	// Values and Words tell the completions what the value can be.
	Values Values
	Words  []string
	// Apply takes the value: target is what Parse was given, option this line of the
	// table. Its error ends the parse.
	Apply func(target any, option *Option, value Value) error
	// Num is a number for Apply, so that lines can share a function.
	Num int
}

// Value is what was given with an option.
type Value struct {
	Text string
	// Given is false for an option without a value.
	Given bool
}

// Or is the value, or otherwise if none was given.
func (v Value) Or(otherwise string) string {
	if v.Given {
		return v.Text
	}
	return otherwise
}

// Mode says what happens at the first word that is no option.
type Mode uint8

const (
	// StopAtOperand ends the options there: the rest is somebody's command.
	StopAtOperand Mode = iota
	// Permute goes on looking for options behind operands.
	Permute
)

// Permuting is Permute, unless POSIXLY_CORRECT is in the environment: then the
// C library's getopt_long(3) does not.
func Permuting(posix bool) Mode {
	if posix {
		return StopAtOperand
	}
	return Permute
}

// Parser is the memory of one parse.
type Parser struct {
	target  any
	options []Option
	args    []string
	failure Error
	room    [4]string // for operands
}

// Parse acts on the options in args, as a table has them, and returns the operands. The
// options act on target. An [Error] lasts until the next call.
func (p *Parser) Parse(target any, args []string, options []Option, mode Mode) ([]string, error) {
	*p = Parser{target: target, options: options, args: args}
	var operands []string
	for len(p.args) > 0 {
		word := p.args[0]
		var err error
		switch {
		case word == "--" && len(operands) == 0:
			return p.args[1:], nil
		case word == "--":
			return append(operands, p.args[1:]...), nil
		case strings.HasPrefix(word, "--"):
			p.args = p.args[1:]
			err = p.long(word[2:])
		case len(word) > 1 && word[0] == '-':
			p.args = p.args[1:]
			err = p.bundle(word[1:])
		case mode == StopAtOperand:
			return p.args, nil
		default:
			p.args = p.args[1:]
			if operands == nil {
				operands = p.room[:0]
			}
			operands = append(operands, word)
		}
		if err != nil {
			return nil, err
		}
	}
	return operands, nil
}

// long acts on one long option, written without its dashes.
func (p *Parser) long(word string) error {
	name, attached, hasValue := word, "", false
	if end := strings.IndexByte(word, '='); end >= 0 { // strings.Cut lies in code that nothing else needs
		name, attached, hasValue = word[:end], word[end+1:], true
	}
	opt, err := p.find(name, word)
	if err != nil {
		return err
	}
	switch {
	case hasValue && opt.Arg == None:
		return p.fail("option '--", opt.Long, "' doesn't allow an argument")
	case hasValue:
		return opt.Apply(p.target, opt, Value{attached, true})
	case opt.Arg == Required && len(p.args) == 0:
		return p.fail("option '--", opt.Long, "' requires an argument")
	case opt.Arg == Required:
		return opt.Apply(p.target, opt, p.next())
	}
	return opt.Apply(p.target, opt, Value{})
}

// bundle acts on the letters of one word of short options.
func (p *Parser) bundle(letters string) error {
	for i := range len(letters) {
		rest := letters[i+1:]
		opt := p.short(letters[i])
		switch {
		case opt == nil:
			return p.fail("invalid option -- '", letters[i:i+1], "'")
		case opt.Arg == Required && rest == "" && len(p.args) == 0:
			return p.fail("option requires an argument -- '", letters[i:i+1], "'")
		case opt.Arg == Required && rest == "":
			return opt.Apply(p.target, opt, p.next())
		case opt.Arg == Required, opt.Arg == Optional && rest != "":
			return opt.Apply(p.target, opt, Value{rest, true})
		}
		if err := opt.Apply(p.target, opt, Value{}); err != nil {
			return err
		}
	}
	return nil
}

// next takes the following word as a value.
func (p *Parser) next() Value {
	word := p.args[0]
	p.args = p.args[1:]
	return Value{word, true}
}

func (p *Parser) short(letter byte) *Option {
	for i := range p.options {
		if opt := &p.options[i]; opt.Short == letter {
			return opt
		}
	}
	return nil
}

// find resolves a long name or its unambiguous abbreviation; word is the whole
// option as written, which the C library repeats in its complaints.
func (p *Parser) find(name, word string) (*Option, error) {
	for i := range p.options {
		if opt := &p.options[i]; opt.Long == name {
			return opt, nil
		}
	}
	var found *Option
	ambiguous := false
	for i := range p.options {
		if opt := &p.options[i]; opt.abbreviated(name) {
			ambiguous = found != nil
			if ambiguous {
				break
			}
			found = opt
		}
	}
	switch {
	case found == nil:
		return nil, p.fail("unrecognized option '--", word, "'")
	case ambiguous:
		p.fail("option '--", word, "' is ambiguous; possibilities:")
		p.failure.options, p.failure.name = p.options, name
		return nil, &p.failure
	}
	return found, nil
}

// abbreviated says whether an option can be meant by the beginning of its name.
func (o *Option) abbreviated(name string) bool {
	return !o.Extra && strings.HasPrefix(o.Long, name)
}
