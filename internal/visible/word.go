package visible

import "strings"

// Word writes a word so that a shell reads it back. What cannot be printed is written in octal,
// as bash and the shells of POSIX 2024 read it; an older shell, dash for one, reads another word
// there, and never a command: no quote is within.
func Word(word string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=:,./@%"
	switch {
	case word != "" && strings.Trim(word, plain) == "":
		return word
	case Text(word) == word:
		return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
	}
	out := []byte("$'")
	for i := range len(word) {
		switch c := word[i]; {
		case c == '\\':
			out = append(out, `\\`...)
		case c < ' ' || c > '~' || c == '\'':
			out = append(out, '\\', '0'+c>>6, '0'+c>>3&7, '0'+c&7)
		default:
			out = append(out, c)
		}
	}
	return string(out) + "'"
}
