//go:build linux

package containers

import (
	"os"
	"path"

	"golang.org/x/sys/unix"
)

// UserPlaces are where runtimes keep their files, those of the calling user
// included, by the variables of the XDG base directories that env looks up. A
// directory that belongs to another user is left out, whoever named it: sudo
// may keep variables, and what somebody else writes must not decide what root
// enters, or what root is shown.
func UserPlaces(env func(name string) string) Places {
	at := Places{Root: "/"}
	if dir := env("XDG_RUNTIME_DIR"); owned(dir) {
		at.RuntimeDirs = []string{dir}
	}
	for _, kind := range [...]struct {
		name, usual string
		dirs        *[]string
	}{{"XDG_DATA_HOME", ".local/share", &at.DataDirs}, {"XDG_CONFIG_HOME", ".config", &at.ConfigDirs}} {
		dir := env(kind.name)
		if home := env("HOME"); dir == "" && home != "" {
			dir = path.Join(home, kind.usual)
		}
		if owned(dir) {
			*kind.dirs = []string{dir}
		}
	}
	return at
}

// owned tells whether a path is that of a directory of the caller's own.
func owned(dir string) bool {
	var st unix.Stat_t
	return path.IsAbs(dir) && unix.Stat(dir, &st) == nil && st.Mode&unix.S_IFMT == unix.S_IFDIR && st.Uid == uint32(os.Geteuid())
}
