package lsns

import (
	"errors"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// A saved listing is read by hand: encoding/json would cost every start of
// every applet more than this costs to maintain.

var (
	errJSON  = errors.New("malformed")
	errDepth = errors.New("nested too deeply")
)

// maxDepth is how deep arrays and objects may be nested: twice the deepest tree.
const maxDepth = 256

// parseJSON returns the objects of a listing that hold no array but "children",
// wherever they are, each with its numbers and strings as text. Several
// documents may follow each other, as in JSON lines.
func parseJSON(text []byte) ([]map[string]string, error) {
	p := jsonParser{rest: string(text)}
	for p.blanks(); p.rest != ""; p.blanks() {
		if _, err := p.value(0); err != nil {
			return nil, err
		}
	}
	return p.objects, nil
}

type jsonParser struct {
	rest    string
	objects []map[string]string
}

func (p *jsonParser) blanks() { p.rest = strings.TrimLeft(p.rest, " \t\r\n") }

// take removes c if it comes next.
func (p *jsonParser) take(c byte) bool {
	p.blanks()
	if p.rest == "" || p.rest[0] != c {
		return false
	}
	p.rest = p.rest[1:]
	return true
}

// value reads any value; the text of a scalar is its result.
func (p *jsonParser) value(depth int) (string, error) {
	p.blanks()
	switch {
	case depth > maxDepth:
		return "", errDepth
	case p.rest == "":
		return "", errJSON
	case p.rest[0] == '{':
		return "", p.object(depth)
	case p.rest[0] == '[':
		return "", p.array(depth)
	case p.rest[0] == '"':
		return p.text()
	}
	return p.word()
}

func (p *jsonParser) array(depth int) error {
	p.take('[')
	if p.take(']') {
		return nil
	}
	for {
		if _, err := p.value(depth + 1); err != nil {
			return err
		}
		if p.take(']') {
			return nil
		}
		if !p.take(',') {
			return errJSON
		}
	}
}

// object reads an object, and keeps it if it is a row.
func (p *jsonParser) object(depth int) error {
	p.take('{')
	members, isRow := map[string]string{}, false
	at := len(p.objects)
	p.objects = append(p.objects, members)
	for !p.take('}') {
		if len(members) > 0 && !p.take(',') {
			return errJSON
		}
		p.blanks()
		key, err := p.text()
		if err != nil || !p.take(':') {
			return errJSON
		}
		p.blanks()
		nested := p.rest != "" && (p.rest[0] == '[' || p.rest[0] == '{')
		if members[key], err = p.value(depth + 1); err != nil {
			return err
		}
		isRow = isRow || !nested
	}
	if !isRow {
		p.objects = append(p.objects[:at], p.objects[at+1:]...)
	}
	return nil
}

// word reads a number, true, false or null, which is nothing.
func (p *jsonParser) word() (string, error) {
	end := strings.IndexAny(p.rest, " \t\r\n,]}")
	if end < 0 {
		end = len(p.rest)
	}
	word := p.rest[:end]
	p.rest = p.rest[end:]
	if _, err := strconv.ParseFloat(word, 64); err == nil || word == "true" || word == "false" {
		return word, nil
	}
	if word != "null" {
		return "", errJSON
	}
	return "", nil
}

// text reads a string.
func (p *jsonParser) text() (string, error) {
	if p.rest == "" || p.rest[0] != '"' {
		return "", errJSON
	}
	var b strings.Builder
	for rest := p.rest[1:]; rest != ""; {
		switch {
		case rest[0] == '"':
			p.rest = rest[1:]
			return b.String(), nil
		case rest[0] < ' ':
			return "", errJSON
		case rest[0] == '\\':
			r, size := unescape(rest)
			if size == 0 {
				return "", errJSON
			}
			b.WriteRune(r)
			rest = rest[size:]
		default:
			b.WriteByte(rest[0])
			rest = rest[1:]
		}
	}
	return "", errJSON
}

// unescape reads one escape, and the length of its text; 0 for none.
func unescape(text string) (rune, int) {
	if len(text) < 2 {
		return 0, 0
	}
	if i := strings.IndexByte(`"\/bfnrt`, text[1]); i >= 0 {
		return rune("\"\\/\b\f\n\r\t"[i]), 2
	}
	first, ok := hexRune(text)
	if !ok {
		return 0, 0
	}
	if utf16.IsSurrogate(first) {
		if second, ok := hexRune(text[6:]); ok {
			if r := utf16.DecodeRune(first, second); r != utf8.RuneError {
				return r, 12
			}
		}
		return utf8.RuneError, 6
	}
	return first, 6
}

// hexRune reads \uXXXX.
func hexRune(text string) (rune, bool) {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(text[2:6], 16, 16)
	return rune(n), err == nil
}
