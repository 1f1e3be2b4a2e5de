// Package jsontext reads the JSON files of other programs: one tree of values, of which the caller takes what it
// knows. The standard library's package fills in structs by reflection, which is ten times as much code.
package jsontext

import (
	"errors"
	"strings"

	"github.com/valyala/fastjson"
)

// Value is one value of a text. The methods that begin with Get take a nil one, too: nothing is in it.
type Value = fastjson.Value

// Parse reads a text that is one value.
func Parse(text string) (*Value, error) {
	if !sound(text) {
		return nil, errString
	}
	return new(fastjson.Parser).Parse(text)
}

// Each calls a function with every value of a text, such as JSON lines, until one is broken.
// The values are gone after the call.
func Each(text string, use func(*Value)) error {
	if !sound(text) {
		return errString
	}
	var scanner fastjson.Scanner
	scanner.Init(text)
	for scanner.Next() {
		use(scanner.Value())
	}
	return scanner.Error()
}

// Text is the string at a path of members and indexes, "" where there is none.
func Text(v *Value, path ...string) string {
	return string(v.GetStringBytes(path...))
}

// Texts are the strings of the list at a path. Other elements are "".
func Texts(v *Value, path ...string) []string {
	var texts []string
	for _, element := range v.GetArray(path...) {
		texts = append(texts, Text(element))
	}
	return texts
}

// Scalar is what a value that is neither object nor list says, "" for null.
func Scalar(v *Value) (text string, ok bool) {
	switch v.Type() {
	case fastjson.TypeString:
		return Text(v), true
	case fastjson.TypeNull:
		return "", true
	case fastjson.TypeNumber, fastjson.TypeTrue, fastjson.TypeFalse:
		return v.String(), true
	default:
		return "", false
	}
}

// Number is the number that a member of an object is, as it stands there, and without the member. Where the
// member is anything else it is not ok.
func Number(v *Value, member, without string) (digits string, ok bool) {
	v = v.Get(member)
	switch {
	case v == nil || v.Type() == fastjson.TypeNull:
		return without, true
	case v.Type() != fastjson.TypeNumber:
		return "", false
	}
	return v.String(), true
}

// Has says whether a member of an object is of one of these types. One that is absent or null is of any.
func Has(v *Value, member string, types ...fastjson.Type) bool {
	v = v.Get(member)
	if v == nil || v.Type() == fastjson.TypeNull {
		return true
	}
	for _, t := range types {
		if v.Type() == t {
			return true
		}
	}
	return false
}

var errString = errors.New("a string has a control character or a wrong escape sequence in it")

// sound says whether strings have no control characters and no unknown escape sequences in them, which the library
// lets through.
func sound(text string) bool {
	for {
		_, rest, found := strings.Cut(text, `"`)
		if !found {
			return true
		}
		for rest != "" && rest[0] != '"' {
			size := 1
			if rest[0] == '\\' {
				size = escape(rest)
			}
			if rest[0] < ' ' || size == 0 {
				return false
			}
			rest = rest[size:]
		}
		text = strings.TrimPrefix(rest, `"`) // the library finds the missing one
	}
}

// escape is the length of an escape sequence, 0 if it is none.
func escape(text string) int {
	switch {
	case len(text) >= 2 && strings.IndexByte(`"\/bfnrt`, text[1]) >= 0:
		return 2
	case len(text) >= 6 && text[1] == 'u' && strings.Trim(text[2:6], "0123456789abcdefABCDEF") == "":
		return 6
	}
	return 0
}
