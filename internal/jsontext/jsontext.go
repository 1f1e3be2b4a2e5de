// Package jsontext reads the scalars out of JSON texts. Callers want a few
// numbers and strings, and encoding/json costs every run of the binary 3 to 6 %
// of its start-up. So this is a walk over a text, and no more than that.
package jsontext

import (
	"errors"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

var (
	// ErrMalformed is the error of a text that is not JSON.
	ErrMalformed = errors.New("malformed JSON")
	// ErrDepth is the error of a text with more brackets inside each other than
	// anything that is read here has.
	ErrDepth = errors.New("JSON is nested too deep")
)

// maxDepth bounds the recursion: an OCI state has about ten levels, a tree of
// namespaces two for each generation.
const maxDepth = 256

// Scalar is a JSON value that is neither an object nor an array.
type Scalar struct {
	// Quoted tells a string from a number, true, false and null.
	Quoted bool
	Text   string
	// Object numbers the object that the scalar is a member of, from 1 on in the
	// order of their opening brackets; 0 for an element of an array.
	Object int
}

// Walk calls visit for each scalar of a JSON text, with the keys that lead to
// it; the key of an array's element is its index. keys is only valid during the
// call. The error is ErrMalformed or ErrDepth.
func Walk(data []byte, visit func(keys []string, value Scalar)) error {
	w := walker{data: data, visit: visit}
	if err := w.value(); err != nil {
		return err
	}
	w.blanks()
	if w.at < len(w.data) {
		return ErrMalformed
	}
	return nil
}

// WalkAll is Walk for any number of JSON texts behind each other, as JSON lines are.
func WalkAll(data []byte, visit func(keys []string, value Scalar)) error {
	w := walker{data: data, visit: visit}
	for w.blanks(); w.at < len(w.data); w.blanks() {
		if err := w.value(); err != nil {
			return err
		}
	}
	return nil
}

type walker struct {
	data  []byte
	at    int
	keys  []string
	visit func(keys []string, value Scalar)
	// object is the number of the object whose members are being read, objects
	// the last number given.
	object, objects int
}

// peek is the next byte, 0 at the end.
func (w *walker) peek() byte {
	if w.at == len(w.data) {
		return 0
	}
	return w.data[w.at]
}

func (w *walker) blanks() {
	for w.at < len(w.data) && (w.data[w.at] == ' ' || w.data[w.at] == '\t' || w.data[w.at] == '\n' || w.data[w.at] == '\r') {
		w.at++
	}
}

// accept steps over c where it is the next byte behind blanks.
func (w *walker) accept(c byte) bool {
	w.blanks()
	if w.peek() != c || c == 0 {
		return false
	}
	w.at++
	return true
}

func (w *walker) value() error {
	if len(w.keys) > maxDepth {
		return ErrDepth
	}
	w.blanks()
	switch w.peek() {
	case '{':
		w.objects++
		return w.sequence('}', w.objects, w.key)
	case '[':
		index := 0
		return w.sequence(']', 0, func() (string, error) {
			index++
			return strconv.Itoa(index - 1), nil
		})
	case '"':
		text, err := w.str()
		if err == nil {
			w.visit(w.keys, Scalar{Quoted: true, Text: text, Object: w.object})
		}
		return err
	}
	return w.bare()
}

// sequence reads the members of an object or an array up to its end.
func (w *walker) sequence(end byte, object int, key func() (string, error)) error {
	defer func(outer int) { w.object = outer }(w.object)
	w.at++
	if w.accept(end) {
		return nil
	}
	for {
		k, err := key()
		if err != nil {
			return err
		}
		w.keys, w.object = append(w.keys, k), object
		err = w.value()
		w.keys = w.keys[:len(w.keys)-1]
		switch {
		case err != nil:
			return err
		case w.accept(end):
			return nil
		case !w.accept(','):
			return ErrMalformed
		}
	}
}

// key reads the name of an object's member and the colon behind it.
func (w *walker) key() (string, error) {
	w.blanks()
	if w.peek() != '"' {
		return "", ErrMalformed
	}
	name, err := w.str()
	if err == nil && !w.accept(':') {
		err = ErrMalformed
	}
	return name, err
}

// bare reads a number or one of the three literals.
func (w *walker) bare() error {
	start := w.at
	for w.at < len(w.data) && isBare(w.data[w.at]) {
		w.at++
	}
	text := string(w.data[start:w.at])
	if text != "true" && text != "false" && text != "null" && !isNumber(text) {
		return ErrMalformed
	}
	w.visit(w.keys, Scalar{Text: text, Object: w.object})
	return nil
}

func isBare(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c == '-' || c == '+' || c == '.' || c == 'E'
}

// isNumber holds text against the grammar of RFC 8259, section 6.
func isNumber(text string) bool {
	i := 0
	if i < len(text) && text[i] == '-' {
		i++
	}
	if i < len(text) && text[i] == '0' {
		i++
	} else if i = digits(text, i); i < 0 {
		return false
	}
	if i < len(text) && text[i] == '.' {
		if i = digits(text, i+1); i < 0 {
			return false
		}
	}
	if i < len(text) && (text[i] == 'e' || text[i] == 'E') {
		i++
		if i < len(text) && (text[i] == '+' || text[i] == '-') {
			i++
		}
		if i = digits(text, i); i < 0 {
			return false
		}
	}
	return i == len(text)
}

// digits is where the digits at i end, -1 where there is none.
func digits(text string, i int) int {
	end := i
	for end < len(text) && text[end] >= '0' && text[end] <= '9' {
		end++
	}
	if end == i {
		return -1
	}
	return end
}

// str reads the string whose opening quote is the next byte.
func (w *walker) str() (string, error) {
	w.at++
	var text []byte
	for w.at < len(w.data) {
		c := w.data[w.at]
		w.at++
		switch {
		case c == '"':
			return string(text), nil
		case c < ' ':
			return "", ErrMalformed
		case c != '\\':
			text = append(text, c)
			continue
		}
		r, err := w.escape()
		if err != nil {
			return "", err
		}
		text = utf8.AppendRune(text, r)
	}
	return "", ErrMalformed
}

// escapes are the letters that may stand behind a backslash, and the
// characters that they stand for.
const escapes, escaped = `"\/bfnrt`, "\"\\/\b\f\n\r\t"

// escape reads what stands behind a backslash.
func (w *walker) escape() (rune, error) {
	c := w.peek()
	if c == 'u' {
		return w.unicode()
	}
	for i := range len(escapes) {
		if escapes[i] == c {
			w.at++
			return rune(escaped[i]), nil
		}
	}
	return 0, ErrMalformed
}

// unicode reads uXXXX, and the second half of a surrogate pair where it follows.
func (w *walker) unicode() (rune, error) {
	r, err := w.hex4()
	if err != nil || !utf16.IsSurrogate(r) {
		return r, err
	}
	if w.at+1 < len(w.data) && w.data[w.at] == '\\' && w.data[w.at+1] == 'u' {
		mark := w.at
		w.at++
		low, err := w.hex4()
		if err != nil {
			return 0, err
		}
		if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
			return pair, nil
		}
		w.at = mark
	}
	return utf8.RuneError, nil
}

func (w *walker) hex4() (rune, error) {
	if len(w.data)-w.at < 5 {
		return 0, ErrMalformed
	}
	n, err := strconv.ParseUint(string(w.data[w.at+1:w.at+5]), 16, 32)
	if err != nil {
		return 0, ErrMalformed
	}
	w.at += 5
	return rune(n), nil
}
