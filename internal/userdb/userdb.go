// Package userdb looks up users and groups without the C library: in
// /etc/passwd and /etc/group, and by getent(1) where nsswitch.conf(5) names
// other sources and the files have no answer.
package userdb

import (
	"strconv"
	"strings"

	"github.com/nskit/nskit/internal/rawfile"
)

// User is one line of passwd(5).
type User struct {
	Name     string
	UID, GID uint32
	Shell    string
}

// UserByName finds a user by name.
func UserByName(name string) (User, bool) {
	return parseUser(lookup("passwd", "/etc/passwd", 0, name))
}

// UserByID finds a user by number.
func UserByID(uid uint32) (User, bool) {
	return parseUser(lookup("passwd", "/etc/passwd", 2, strconv.FormatUint(uint64(uid), 10)))
}

// GroupByName finds a group's number by its name.
func GroupByName(name string) (gid uint32, ok bool) {
	return parseID(lookup("group", "/etc/group", 0, name), 2)
}

// lookup finds the line of a database whose column has a value.
func lookup(database, file string, column int, value string) string {
	text, _ := rawfile.Read(file) // without the file there may still be getent
	if line := find(string(text), column, value); line != "" {
		return line
	}
	if nsswitch, _ := rawfile.Read("/etc/nsswitch.conf"); !OtherSource(string(nsswitch), database) {
		return ""
	}
	return find(Ask("getent", database, value), column, value)
}

// find returns the first line of text whose column has a value.
func find(text string, column int, value string) string {
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if fields := strings.Split(line, ":"); len(fields) > column && fields[column] == value && value != "" {
			return line
		}
	}
	return ""
}

// OtherSource reports whether nsswitch.conf(5) names a source of a database
// that is no file.
func OtherSource(nsswitch, database string) bool {
	for line := range strings.Lines(nsswitch) {
		line, _, _ = strings.Cut(line, "#")
		key, sources, _ := strings.Cut(line, ":")
		if strings.TrimSpace(key) != database {
			continue
		}
		for _, source := range strings.Fields(sources) {
			if source != "files" && source != "compat" && source[0] != '[' {
				return true
			}
		}
	}
	return false
}

func parseUser(line string) (User, bool) {
	fields := strings.Split(line, ":")
	uid, ok1 := parseID(line, 2)
	gid, ok2 := parseID(line, 3)
	if !ok1 || !ok2 {
		return User{}, false
	}
	u := User{Name: fields[0], UID: uid, GID: gid}
	if len(fields) > 6 {
		u.Shell = fields[6]
	}
	return u, true
}

// parseID reads the ID in one column of a line.
func parseID(line string, column int) (uint32, bool) {
	fields := strings.Split(line, ":")
	if len(fields) <= column {
		return 0, false
	}
	id, err := strconv.ParseUint(fields[column], 10, 32)
	return uint32(id), err == nil
}
