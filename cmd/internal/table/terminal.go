package table

import (
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// fallbackWidth is assumed for a terminal that does not know how wide it is.
const fallbackWidth = 80

// TerminalWidth returns the width in cells of the terminal that fd is open on,
// and false when fd is no terminal. columns, the value of $COLUMNS, counts
// where the terminal does not know its own width (a serial line).
func TerminalWidth(fd int, columns string) (int, bool) {
	size, err := unix.IoctlGetWinsize(fd, unix.TIOCGWINSZ)
	if err != nil {
		return 0, false
	}
	if size.Col > 0 {
		return int(size.Col), true
	}
	if n, err := strconv.Atoi(columns); err == nil && n > 0 {
		return n, true
	}
	return fallbackWidth, true
}

// UTF8Locale tells whether the locale's characters are UTF-8. getenv is
// [os.Getenv]; the names it is asked for are those of locale(7), the first one
// set decides.
func UTF8Locale(getenv func(string) string) bool {
	for _, name := range [...]string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if locale := getenv(name); locale != "" {
			locale = strings.ToUpper(locale)
			return strings.Contains(locale, "UTF-8") || strings.Contains(locale, "UTF8")
		}
	}
	return false
}
