package getopt

import "github.com/nskit/nskit/internal/visible"

// Error is a fault in the use of an option, worded as the C library words it.
// The caller prints argv[0] before it and the line that names --help after it.
// It is kept in parts, so that it can be made and written without allocating.
type Error struct {
	parts [3]string
	// options are the table, and name the beginning of more than one name in it,
	// where an option is ambiguous.
	options []Option
	name    string
}

// fail words the error of a parse.
func (p *Parser) fail(before, word, after string) error {
	p.failure = Error{parts: [3]string{before, word, after}}
	return &p.failure
}

// Error is the text of the error, which may hold what only a terminal obeys.
func (e *Error) Error() string {
	return string(e.each(nil, func(out []byte, part string) []byte { return append(out, part...) }))
}

// Append appends the text, made harmless for a terminal.
func (e *Error) Append(out []byte) []byte { return e.each(out, visible.Append) }

// each adds every part of the text to out.
func (e *Error) each(out []byte, add func([]byte, string) []byte) []byte {
	for _, part := range e.parts {
		out = add(out, part)
	}
	for _, first := range [...]bool{true, false} {
		for i := range e.options {
			if opt := &e.options[i]; opt.First == first && opt.abbreviated(e.name) {
				out = append(add(append(out, " '--"...), opt.Long), '\'')
			}
		}
	}
	return out
}
