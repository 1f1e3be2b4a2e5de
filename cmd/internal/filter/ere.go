package filter

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// expression is a POSIX extended regular expression, see regex(7): a machine whose steps
// are all tried at once. The standard library's package reads more than that, and was
// 160 KB of the binary.
type expression []step

// step leads on to the next one, or so many steps further where it says so.
type step struct {
	op stepOp
	// spans are the characters of stepChar, all others if it is negated.
	spans   []span
	negated bool
	// to and or are where stepSplit leads, from here.
	to, or int
}

type stepOp uint8

const (
	stepChar stepOp = iota
	stepSplit
	stepBegin
	stepEnd
)

// span is the characters from one to another.
type span struct{ first, last rune }

var (
	errExpression = errors.New("invalid regular expression")
	errNested     = errors.New("nested quantifiers in regular expression")
	errLong       = errors.New("regular expression too long")
)

// maxRepeat is the largest number between braces.
const maxRepeat = 1000

// reader makes an expression of what is left of a pattern. A part of an expression
// leads to its own steps and behind them only, so it can be moved and copied.
type reader struct {
	left  string
	steps expression
	depth int
}

// compile makes a regular expression ready. What util-linux refuses because its matcher
// would take for ever is refused here, too, so that an expression means the same everywhere.
func compile(pattern string) (expression, error) {
	switch {
	case len(pattern) > maxPattern:
		return nil, errLong
	case nestedQuantifier(pattern):
		return nil, errNested
	case !utf8.ValidString(pattern):
		return nil, errExpression
	}
	r := reader{left: pattern}
	if !r.alternatives() || r.left != "" {
		return nil, errExpression
	}
	return r.steps, nil
}

// next takes the next character if it is c.
func (r *reader) next(c byte) bool {
	if r.left == "" || r.left[0] != c {
		return false
	}
	r.left = r.left[1:]
	return true
}

// insert puts a step before those from a place on.
func (r *reader) insert(at int, s step) {
	r.steps = append(r.steps, step{})
	copy(r.steps[at+1:], r.steps[at:])
	r.steps[at] = s
}

// alternatives reads what stands between bars.
func (r *reader) alternatives() bool {
	start := len(r.steps)
	for r.left != "" && r.left[0] != '|' && (r.left[0] != ')' || r.depth == 0) {
		from := len(r.steps)
		if !r.atom() || !r.repeats(from) {
			return false
		}
	}
	if !r.next('|') {
		return true
	}
	r.insert(start, step{op: stepSplit, to: 1, or: len(r.steps) - start + 2})
	over := len(r.steps)
	r.steps = append(r.steps, step{op: stepSplit})
	ok := r.alternatives()
	r.steps[over].to = len(r.steps) - over
	r.steps[over].or = r.steps[over].to
	return ok
}

// atom reads what can be repeated.
func (r *reader) atom() bool {
	c, size := utf8.DecodeRuneInString(r.left)
	r.left = r.left[size:]
	switch c {
	case '(':
		r.depth++
		ok := r.alternatives() && r.next(')')
		r.depth--
		return ok
	case '^':
		r.steps = append(r.steps, step{op: stepBegin})
	case '$':
		r.steps = append(r.steps, step{op: stepEnd})
	case '[':
		return r.bracket()
	case '.':
		r.steps = append(r.steps, step{negated: true})
	case ')', '*', '+', '?', '{':
		return false
	case '\\':
		c, size = utf8.DecodeRuneInString(r.left)
		r.left = r.left[size:]
		if size == 0 || within(c, class("alnum")) {
			return false
		}
		fallthrough
	default:
		r.steps = append(r.steps, step{spans: []span{{c, c}}})
	}
	return true
}

// repeats repeats the steps from a place on as what follows says, if it does.
func (r *reader) repeats(from int) bool {
	low, high := 1, 1 // high is -1 for no limit
	switch {
	case r.next('*'):
		low, high = 0, -1
	case r.next('+'):
		high = -1
	case r.next('?'):
		low = 0
	case strings.HasPrefix(r.left, "{"):
		var ok bool
		if low, high, ok = r.braces(); !ok {
			return false
		}
	default:
		return true
	}
	part := slices.Clone(r.steps[from:])
	r.steps = r.steps[:from]
	for range max(low, high) {
		if low--; low < 0 {
			r.steps = append(r.steps, step{op: stepSplit, to: 1, or: len(part) + 1})
		}
		r.steps = append(r.steps, part...)
	}
	if high == -1 {
		r.steps = append(r.steps, step{op: stepSplit, to: 1, or: len(part) + 2})
		r.steps = append(r.steps, part...)
		r.steps = append(r.steps, step{op: stepSplit, to: -len(part) - 1, or: 1})
	}
	return true
}

// braces reads {LOW}, {LOW,} or {LOW,HIGH}; high is -1 for no limit.
func (r *reader) braces() (low, high int, ok bool) {
	inside, rest, ok := strings.Cut(r.left[1:], "}")
	first, second, both := strings.Cut(inside, ",")
	low, err := strconv.Atoi(first)
	high = low
	if both && err == nil {
		if high = -1; second != "" {
			high, err = strconv.Atoi(second)
		}
	}
	r.left = rest
	return low, high, ok && err == nil && low >= 0 && max(low, high) <= maxRepeat && (high == -1 || high >= low)
}

// classes are the named sets of characters, as in the C locale.
var classes = [...]struct {
	name  string
	spans []span
}{
	{"alnum", []span{{'0', '9'}, {'A', 'Z'}, {'a', 'z'}}},
	{"alpha", []span{{'A', 'Z'}, {'a', 'z'}}},
	{"blank", []span{{'\t', '\t'}, {' ', ' '}}},
	{"cntrl", []span{{0, 31}, {127, 127}}},
	{"digit", []span{{'0', '9'}}},
	{"graph", []span{{'!', '~'}}},
	{"lower", []span{{'a', 'z'}}},
	{"print", []span{{' ', '~'}}},
	{"punct", []span{{'!', '/'}, {':', '@'}, {'[', '`'}, {'{', '~'}}},
	{"space", []span{{'\t', '\r'}, {' ', ' '}}},
	{"upper", []span{{'A', 'Z'}}},
	{"xdigit", []span{{'0', '9'}, {'A', 'F'}, {'a', 'f'}}},
}

// class is the set of a name, nil if there is none.
func class(name string) []span {
	for _, c := range classes {
		if c.name == name {
			return c.spans
		}
	}
	return nil
}

// bracket reads a list of characters up to its bracket.
func (r *reader) bracket() bool {
	s := step{negated: r.next('^')}
	for first := true; first || !r.next(']'); first = false {
		if name, rest, ok := strings.Cut(strings.TrimPrefix(r.left, "[:"), ":]"); ok && strings.HasPrefix(r.left, "[:") {
			spans := class(name)
			if spans == nil {
				return false
			}
			s.spans, r.left = append(s.spans, spans...), rest
			continue
		}
		low, size := utf8.DecodeRuneInString(r.left)
		if size == 0 || strings.HasPrefix(r.left, "[.") || strings.HasPrefix(r.left, "[=") {
			return false
		}
		r.left = r.left[size:]
		high := low
		if strings.HasPrefix(r.left, "-") && !strings.HasPrefix(r.left, "-]") {
			high, size = utf8.DecodeRuneInString(r.left[1:])
			r.left = r.left[1+size:]
			if size == 0 || high < low {
				return false
			}
		}
		s.spans = append(s.spans, span{low, high})
	}
	r.steps = append(r.steps, s)
	return true
}

func within(c rune, spans []span) bool {
	for _, s := range spans {
		if s.first <= c && c <= s.last {
			return true
		}
	}
	return false
}

// Match says whether the expression is found anywhere in a text.
func (e expression) Match(text string) bool {
	now, then := newThreads(e), newThreads(e)
	for at := 0; ; {
		now.add(0, at == 0, at == len(text))
		if now.in[len(e)] {
			return true
		}
		if at == len(text) {
			return false
		}
		c, size := utf8.DecodeRuneInString(text[at:])
		at += size
		for _, pc := range now.list {
			if s := &e[pc]; s.op == stepChar && within(c, s.spans) != s.negated {
				then.add(pc+1, false, at == len(text))
			}
		}
		now.clear()
		now, then = then, now
	}
}

// threads are the steps that come next.
type threads struct {
	e    expression
	in   []bool
	list []int
}

func newThreads(e expression) *threads { return &threads{e: e, in: make([]bool, len(e)+1)} }

// add adds a step and those that follow without a character, at the beginning or the end of
// the text.
func (t *threads) add(pc int, begin, end bool) {
	if t.in[pc] {
		return
	}
	t.in[pc] = true
	if pc == len(t.e) {
		return
	}
	t.list = append(t.list, pc)
	switch s := &t.e[pc]; {
	case s.op == stepSplit:
		t.add(pc+s.to, begin, end)
		t.add(pc+s.or, begin, end)
	case s.op == stepBegin && begin, s.op == stepEnd && end:
		t.add(pc+1, begin, end)
	}
}

func (t *threads) clear() {
	clear(t.in)
	t.list = t.list[:0]
}
