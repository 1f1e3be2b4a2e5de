// Package visible makes text harmless that others have written, before it gets
// into a message: a terminal obeys control characters, and a name with a line
// break in it forges a line.
package visible

import (
	"unicode"
	"unicode/utf8"
)

const hexDigits = "0123456789abcdef"

// Text is text with every byte written \xHH of what cannot be printed. It
// allocates nothing where there is no such byte.
func Text(text string) string {
	for i := range len(text) {
		if text[i] < ' ' || text[i] >= 0x7f {
			return string(Append(nil, text))
		}
	}
	return text
}

// Append appends what Text is of text. It allocates nothing where out has room.
func Append(out []byte, text string) []byte {
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		if unicode.IsPrint(r) && (r != utf8.RuneError || size > 1) {
			out = append(out, text[:size]...)
		} else {
			out = AppendHex(out, text[:size])
		}
		text = text[size:]
	}
	return out
}

// AppendHex appends each byte as \xHH.
func AppendHex(out []byte, bytes string) []byte {
	for i := range len(bytes) {
		out = append(out, '\\', 'x', hexDigits[bytes[i]>>4], hexDigits[bytes[i]&15])
	}
	return out
}
