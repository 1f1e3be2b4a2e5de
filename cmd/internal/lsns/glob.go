package lsns

// matches tells whether a pattern of a shell fits the whole of a text: * stands
// for anything, ? for one byte, [a-z] and [!a-z] for one of a set, \ takes the
// next byte as it is. Unlike in file names, a slash is a byte like others.
func matches(pattern, text string) bool {
	// After a mismatch only the last star can take more: what came before it fits.
	star, from := -1, 0
	p, t := 0, 0
	for t < len(text) || p < len(pattern) {
		if p < len(pattern) && pattern[p] == '*' {
			star, from = p, t
			p++
			continue
		}
		if t < len(text) {
			if n, ok := matchesByte(pattern[p:], text[t]); ok {
				p, t = p+n, t+1
				continue
			}
		}
		if star < 0 || from >= len(text) {
			return false
		}
		from++
		p, t = star+1, from
	}
	return true
}

// matchesByte matches the beginning of a pattern, of which it returns the length.
func matchesByte(pattern string, c byte) (int, bool) {
	switch {
	case pattern == "":
		return 0, false
	case pattern[0] == '?':
		return 1, true
	case pattern[0] == '\\' && len(pattern) > 1:
		return 2, pattern[1] == c
	case pattern[0] == '[':
		if n, ok := matchesSet(pattern, c); n > 0 {
			return n, ok
		}
	}
	return 1, pattern[0] == c
}

// matchesSet matches a set in brackets; the length is 0 where none ends.
func matchesSet(pattern string, c byte) (int, bool) {
	i, found := 1, false
	negated := len(pattern) > 1 && (pattern[1] == '!' || pattern[1] == '^')
	if negated {
		i++
	}
	for first := i; i < len(pattern); i++ {
		if pattern[i] == ']' && i > first {
			return i + 1, found != negated
		}
		low, high := pattern[i], pattern[i]
		if i+2 < len(pattern) && pattern[i+1] == '-' && pattern[i+2] != ']' {
			high = pattern[i+2]
			i += 2
		}
		found = found || low <= c && c <= high
	}
	return 0, false
}
