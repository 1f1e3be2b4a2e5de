package userdb

import (
	"strings"
	"testing"
)

// FuzzDatabases feeds the parsers of passwd(5), group(5) and nsswitch.conf(5)
// any text: what is found stands in a line of its own.
func FuzzDatabases(f *testing.F) {
	f.Add(passwd, "jo", uint8(0))
	f.Add("staff:x:50:jo\nx:::", "staff", uint8(0))
	f.Add("passwd: files [NOTFOUND=return] sss # ldap", "passwd", uint8(2))
	f.Fuzz(func(t *testing.T, text, value string, column uint8) {
		line := find(text, int(column%4), value)
		if line != "" && (strings.Contains(line, "\n") || !strings.Contains(text, line) || strings.Split(line, ":")[column%4] != value) {
			t.Errorf("%q in column %d of %q: %q", value, column%4, text, line)
		}
		if u, ok := parseUser(line); ok && strings.ContainsAny(u.Name+u.Shell, ":\n") {
			t.Errorf("%q is read as %+v", line, u)
		}
		parseID(line, 2)
		if OtherSource(text, value) && !strings.Contains(text, ":") {
			t.Errorf("%q has no source", text)
		}
	})
}
