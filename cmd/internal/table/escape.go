package table

import (
	"fmt"
	"unicode"
	"unicode/utf8"

	"github.com/nskit/nskit/internal/visible"
)

// safeText is appendText for a cell that most of the time needs no change.
func safeText(cell string, utf8OK bool) string {
	for i := range len(cell) {
		if !printableASCII(cell[i]) || cell[i] == '\\' {
			return string(appendText(nil, cell, utf8OK))
		}
	}
	return cell
}

// appendText makes a cell safe for a terminal: what cannot be printed becomes
// \xHH, and so does the backslash of a literal \x, which could be mistaken for it.
func appendText(out []byte, cell string, utf8OK bool) []byte {
	for len(cell) > 0 {
		r, size := utf8.DecodeRuneInString(cell)
		switch {
		case cell[0] == '\\' && len(cell) > 1 && cell[1] == 'x',
			cell[0] < utf8.RuneSelf && !printableASCII(cell[0]):
			out = visible.AppendHex(out, cell[:1])
		case cell[0] < utf8.RuneSelf, utf8OK && size > 1 && unicode.IsPrint(r):
			out = append(out, cell[:size]...)
		default:
			out = visible.AppendHex(out, cell[:size])
		}
		cell = cell[size:]
	}
	return out
}

// appendRaw makes a cell one word of printable ASCII.
func appendRaw(out []byte, cell string) []byte {
	for i := range len(cell) {
		if c := cell[i]; c == ' ' || c == '\\' || !printableASCII(c) {
			out = visible.AppendHex(out, cell[i:i+1])
		} else {
			out = append(out, c)
		}
	}
	return out
}

func printableASCII(c byte) bool { return c >= ' ' && c < 0x7f }

// AppendJSONString appends text as a JSON string, quotes included. Bytes that
// are no UTF-8 become U+FFFD, and whatever a terminal might obey (control
// characters, also those above ASCII, and invisible formatting) is escaped.
func AppendJSONString(out []byte, text string) []byte {
	out = append(out, '"')
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		switch short := shortEscape(r); {
		case short != 0:
			out = append(out, '\\', short)
		case r == utf8.RuneError && size == 1:
			out = append(out, "\ufffd"...)
		case unicode.IsPrint(r):
			out = append(out, text[:size]...)
		default:
			out = appendUnicodeEscape(out, r)
		}
		text = text[size:]
	}
	return append(out, '"')
}

// shortEscape is the letter behind the backslash for the characters that JSON
// has a short escape for, or 0.
func shortEscape(r rune) byte {
	switch r {
	case '"', '\\':
		return byte(r)
	case '\b':
		return 'b'
	case '\f':
		return 'f'
	case '\n':
		return 'n'
	case '\r':
		return 'r'
	case '\t':
		return 't'
	}
	return 0
}

func appendUnicodeEscape(out []byte, r rune) []byte {
	if r > 0xffff { // JSON escapes are UTF-16
		r -= 0x10000
		out = appendUnicodeEscape(out, 0xd800+r>>10)
		r = 0xdc00 + r&0x3ff
	}
	return fmt.Appendf(out, `\u%04x`, r)
}

// width is the number of terminal cells that text takes; text must have been
// made printable.
func width(text string) int {
	n := 0
	for _, r := range text {
		n += runeWidth(r)
	}
	return n
}

func runeWidth(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me):
		return 0
	case wide(r):
		return 2
	}
	return 1
}

// wide tells the characters of East Asian scripts, and emoji, which take two cells.
func wide(r rune) bool {
	return r >= 0x1100 && (r <= 0x115f || r >= 0x2e80 && r <= 0xa4cf && r != 0x303f ||
		r >= 0xac00 && r <= 0xd7a3 || r >= 0xf900 && r <= 0xfaff || r >= 0xfe30 && r <= 0xfe6f ||
		r >= 0xff00 && r <= 0xff60 || r >= 0xffe0 && r <= 0xffe6 ||
		r >= 0x1f300 && r <= 0x1f64f || r >= 0x1f900 && r <= 0x1f9ff || r >= 0x20000 && r <= 0x3fffd)
}

// cut returns the longest beginning of text that fits into limit cells.
func cut(text string, limit int) string {
	n := 0
	for i, r := range text {
		if n += runeWidth(r); n > limit {
			return text[:i]
		}
	}
	return text
}
