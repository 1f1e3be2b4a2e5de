package filter

import (
	"errors"
	"math"
	"strconv"
	"strings"
)

// token is one word of an expression.
type token struct {
	kind  tokenKind
	op    op
	text  string
	value Value
}

type tokenKind uint8

const (
	tokenEnd tokenKind = iota
	tokenOperator
	tokenNot
	tokenOpen
	tokenClose
	tokenLiteral
	tokenColumn
)

// name is what messages call the token.
func (t token) name() string {
	switch t.kind {
	case tokenEnd:
		return "end of file"
	case tokenLiteral:
		return [...]string{"string", "integer", "float", "boolean"}[t.value.Type]
	case tokenColumn:
		return "identifier"
	}
	return t.text
}

// words are the operators that are written as words, in one case throughout.
var words = [...]token{
	{text: "or", kind: tokenOperator, op: opOr},
	{text: "and", kind: tokenOperator, op: opAnd},
	{text: "not", kind: tokenNot},
	{text: "eq", kind: tokenOperator, op: opEqual},
	{text: "ne", kind: tokenOperator, op: opUnequal},
	{text: "lt", kind: tokenOperator, op: opLess},
	{text: "le", kind: tokenOperator, op: opLessEqual},
	{text: "gt", kind: tokenOperator, op: opGreater},
	{text: "ge", kind: tokenOperator, op: opGreaterEqual},
	{text: "true", kind: tokenLiteral, value: Value{Type: Boolean, Boolean: true}},
	{text: "false", kind: tokenLiteral, value: Value{Type: Boolean}},
}

// symbols are the operators written with signs, longer ones first.
var symbols = [...]token{
	{text: "||", kind: tokenOperator, op: opOr},
	{text: "&&", kind: tokenOperator, op: opAnd},
	{text: "==", kind: tokenOperator, op: opEqual},
	{text: "!=", kind: tokenOperator, op: opUnequal},
	{text: "<=", kind: tokenOperator, op: opLessEqual},
	{text: ">=", kind: tokenOperator, op: opGreaterEqual},
	{text: "=~", kind: tokenOperator, op: opMatch},
	{text: "!~", kind: tokenOperator, op: opNoMatch},
	{text: "<", kind: tokenOperator, op: opLess},
	{text: ">", kind: tokenOperator, op: opGreater},
	{text: "!", kind: tokenNot},
	{text: "(", kind: tokenOpen},
	{text: ")", kind: tokenClose},
}

// lexer cuts an expression into tokens.
type lexer struct{ rest string }

func (l *lexer) next() (token, error) {
	l.rest = strings.TrimLeft(l.rest, " \t\r\n\v\f")
	if l.rest == "" {
		return token{}, nil
	}
	switch c := l.rest[0]; {
	case c == '"' || c == '\'':
		return l.quoted(c)
	case digit(c):
		return l.number()
	case letter(c):
		return l.word(), nil
	}
	for _, s := range symbols {
		if strings.HasPrefix(l.rest, s.text) {
			l.take(len(s.text))
			return s, nil
		}
	}
	return token{}, errors.New("syntax error, unexpected " + strconv.QuoteToASCII(l.rest[:1]))
}

// take removes the next n bytes and returns them.
func (l *lexer) take(n int) string {
	text := l.rest[:n]
	l.rest = l.rest[n:]
	return text
}

// takeWhile removes the bytes that belong together.
func (l *lexer) takeWhile(belongs func(byte) bool) string {
	n := 0
	for n < len(l.rest) && belongs(l.rest[n]) {
		n++
	}
	return l.take(n)
}

// quoted reads a string; blanks at its ends do not count.
func (l *lexer) quoted(quote byte) (token, error) {
	end := strings.IndexByte(l.rest[1:], quote)
	if end < 0 {
		return token{}, errors.New("syntax error, unterminated string")
	}
	text := l.take(end + 2)
	return token{kind: tokenLiteral, text: text, value: Value{Text: strings.TrimSpace(text[1 : end+1])}}, nil
}

func (l *lexer) word() token {
	text := l.takeWhile(func(c byte) bool { return letter(c) || digit(c) })
	for _, w := range words {
		if text == w.text || text == strings.ToUpper(w.text) {
			w.text = text
			return w
		}
	}
	return token{kind: tokenColumn, text: text}
}

var errNumber = errors.New("syntax error, number out of range or malformed")

// number reads an integer, with a unit or without, or a float.
func (l *lexer) number() (token, error) {
	text := l.takeWhile(digit)
	if len(l.rest) > 1 && l.rest[0] == '.' && digit(l.rest[1]) {
		text += l.take(1) + l.takeWhile(digit)
		f, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return token{}, errNumber
		}
		return token{kind: tokenLiteral, text: text, value: Value{Type: Float, Float: f}}, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	factor := l.unit()
	if err != nil || factor != 0 && n > math.MaxInt64/factor || factor == 0 && n != 0 {
		return token{}, errNumber
	}
	return token{kind: tokenLiteral, text: text, value: Value{Type: Integer, Integer: n * factor}}, nil
}

// unit reads a unit such as K or KiB, and returns its factor: 1 for none there,
// 0 for one beyond 64 bits.
func (l *lexer) unit() int64 {
	const letters = "KMGTPEZY"
	if l.rest == "" || strings.IndexByte(letters, l.rest[0]) < 0 {
		return 1
	}
	power := strings.IndexByte(letters, l.take(1)[0]) + 1
	if strings.HasPrefix(l.rest, "iB") {
		l.take(2)
	}
	if power > 6 {
		return 0
	}
	return 1 << (10 * power)
}

func digit(c byte) bool  { return c >= '0' && c <= '9' }
func letter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' }
