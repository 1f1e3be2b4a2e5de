package launchopt

import (
	"os"
	"strconv"
	"strings"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/internal/userdb"
	"github.com/nskit/nskit/pkg/idmap"
)

// Lookups are the questions that options ask the system while they are parsed.
// Tests give answers of their own.
type Lookups struct {
	// UID and GID are the caller's effective IDs.
	UID, GID uint32
	// User and Group find an ID by its name.
	User, Group func(name string) (uint32, bool)
	// SubUIDs and SubGIDs find the caller's subordinate IDs, mapped from 0 on.
	SubUIDs, SubGIDs func() (idmap.Range, error)
	// Identity maps every ID of a map file to itself.
	Identity func(file string) ([]idmap.Block, error)
}

// System asks the running system.
func System() Lookups {
	uid := uint32(os.Geteuid())
	return Lookups{
		UID: uid, GID: uint32(os.Getegid()),
		User: func(name string) (uint32, bool) {
			u, ok := userdb.UserByName(name)
			return u.UID, ok
		},
		Group:   userdb.GroupByName,
		SubUIDs: func() (idmap.Range, error) { return subIDs(uid, "/etc/subuid", nil) },
		SubGIDs: func() (idmap.Range, error) { return subIDs(uid, "/etc/subgid", []string{"-g"}) },
		Identity: func(file string) ([]idmap.Block, error) {
			text, err := os.ReadFile(file)
			if err != nil {
				return nil, &applet.Error{Text: "could not open " + file, Err: err}
			}
			return idmap.Identity(string(text))
		},
	}
}

// subIDs finds the subordinate IDs of a user: in a file, or by getsubids(1)
// where nsswitch.conf(5) gives them to another source.
func subIDs(uid uint32, file string, option []string) (idmap.Range, error) {
	user, ok := userdb.UserByID(uid)
	if !ok {
		return idmap.Range{}, applet.Failf("you (user %d) don't exist.", uid)
	}
	var start, count uint64
	if nsswitch, _ := os.ReadFile("/etc/nsswitch.conf"); delegated(string(nsswitch)) {
		start, count, ok = idmap.Getsubids(userdb.Ask("getsubids", append(option, user.Name)...))
	} else {
		text, err := os.ReadFile(file)
		if err != nil {
			return idmap.Range{}, &applet.Error{Text: "could not open '" + file + "'", Err: err, Hint: subIDHint(user.Name, file)}
		}
		start, count, ok = idmap.SubIDs(string(text), user.Name, uid)
	}
	if !ok {
		return idmap.Range{}, &applet.Error{Text: "no line matching user \"" + user.Name + "\" in " + file, Hint: subIDHint(user.Name, file)}
	}
	return idmap.Range{Outer: start, Count: count}, nil
}

func delegated(nsswitch string) bool {
	_, ok := idmap.Delegated(nsswitch)
	return ok
}

// subIDHint names the line that is missing.
func subIDHint(user, file string) string {
	return "root can add it: echo " + user + ":100000:65536 >>" + file
}

// LastCap reads the largest capability that the kernel knows; without /proc it
// is the largest known when this was written.
func LastCap() int {
	text, _ := os.ReadFile("/proc/sys/kernel/cap_last_cap")
	if n, err := strconv.Atoi(strings.TrimSpace(string(text))); err == nil && n < 64 {
		return n
	}
	return 40 // CAP_CHECKPOINT_RESTORE, since Linux 5.9
}

// LoginShell is the shell of the real user, /bin/sh if none is known.
func LoginShell() string {
	if user, ok := userdb.UserByID(uint32(os.Getuid())); ok && user.Shell != "" {
		return user.Shell
	}
	return "/bin/sh"
}
