package launchopt

import (
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/internal/prestart"
	"github.com/nskit/nskit/internal/rawfile"
	"github.com/nskit/nskit/internal/userdb"
	"github.com/nskit/nskit/pkg/idmap"
	"golang.org/x/sys/unix"
)

// side is one of the two ID maps.
type side uint8

const (
	users side = iota
	groups
)

// System answers the questions that options ask while they are parsed. Tests
// give answers of their own.
type System struct {
	// IDs are the caller's effective IDs.
	IDs func() (uid, gid uint32)
	// UserID and GroupID find an ID by its name.
	UserID, GroupID func(name string) (uint32, bool)
	// SubIDs finds the caller's subordinate IDs, mapped from 0 on.
	SubIDs func(side) ([]idmap.Range, error)
	// Identity maps every ID of the caller's own map to itself.
	Identity func(side) ([]idmap.Block, error)
	// LoginShell is the shell of the real user, LastCap the largest capability
	// that the kernel knows.
	LoginShell func() string
	LastCap    func() int
}

// Memory is what an applet reads its command line into. It is a variable of the
// applet's, because before the Go runtime starts no memory can be had.
type Memory struct {
	options Options
	system  System
}

// Begin makes empty options that ask the running system; own is the applet's part.
func (m *Memory) Begin(own any) *Options {
	m.options.Explain = false // written to before it is read, a page costs one fault and not two
	m.system = ThisSystem()
	m.options = Options{System: &m.system, Own: own}
	return &m.options
}

// ThisSystem asks the running system.
func ThisSystem() System {
	return System{
		IDs: ids, UserID: userID, GroupID: userdb.GroupByName, SubIDs: subIDs, Identity: identity,
		LoginShell: loginShell, LastCap: lastCap,
	}
}

// ids asks by [prestart.Syscall], like everything on the way to a common command.
func ids() (uid, gid uint32) {
	return uint32(prestart.Syscall(unix.SYS_GETEUID, 0, 0, 0, 0, 0, 0)), uint32(prestart.Syscall(unix.SYS_GETEGID, 0, 0, 0, 0, 0, 0))
}

func userID(name string) (uint32, bool) {
	u, ok := userdb.UserByName(name)
	return u.UID, ok
}

// identity reads the caller's own map.
func identity(side side) ([]idmap.Block, error) {
	file := [...]string{users: "/proc/self/uid_map", groups: "/proc/self/gid_map"}[side]
	text, err := rawfile.Read(file)
	if err != nil {
		return nil, &applet.Error{Text: "could not open " + file, Err: err}
	}
	return idmap.Identity(string(text))
}

// subIDs finds the caller's subordinate IDs: in a file, or by getsubids(1)
// where nsswitch.conf(5) gives them to another source. The file of group IDs is
// asked for the user as well, see subgid(5).
func subIDs(side side) ([]idmap.Range, error) {
	file := [...]string{users: "/etc/subuid", groups: "/etc/subgid"}[side]
	uid := uint32(unix.Geteuid())
	user, ok := userdb.UserByID(uid)
	if !ok {
		return nil, applet.Failf("you (user %d) don't exist.", uid)
	}
	found, err := findSubIDs(side, user, file)
	switch {
	case err != nil:
		return nil, &applet.Error{Text: "could not open '" + file + "'", Err: err, Hint: subIDHint(user)}
	case len(found) == 0:
		return nil, &applet.Error{Text: "no line matching user \"" + user.Name + "\" in " + file, Hint: subIDHint(user)}
	}
	return found, nil
}

// findSubIDs asks the source that nsswitch.conf(5) names. The error is that of
// the file.
func findSubIDs(side side, user userdb.User, file string) ([]idmap.Range, error) {
	nsswitch, _ := rawfile.Read("/etc/nsswitch.conf") // without one the files count
	if userdb.OtherSource(string(nsswitch), "subid") {
		args := []string{user.Name}
		if side == groups {
			args = []string{"-g", user.Name}
		}
		return idmap.Getsubids(userdb.Ask("getsubids", args...)), nil
	}
	text, err := rawfile.Read(file)
	if err != nil {
		return nil, err
	}
	return idmap.SubIDs(string(text), user.Name, user.UID), nil
}

// What useradd(8) begins with and gives, see login.defs(5).
const (
	firstSubID = 100000
	countSubID = 65536
)

// subIDHint says how root gives the user what is missing in the files of
// subordinate IDs, "" where those do not count.
func subIDHint(user userdb.User) string {
	nsswitch, _ := rawfile.Read("/etc/nsswitch.conf")
	if userdb.OtherSource(string(nsswitch), "subid") {
		return ""
	}
	uids, _ := rawfile.Read("/etc/subuid")
	gids, _ := rawfile.Read("/etc/subgid")
	own, _ := rawfile.Read("/proc/self/uid_map")
	return proposeSubIDs(user, string(uids), string(gids), string(own))
}

// proposeSubIDs proposes the first range that both files have free, if the caller's user namespace, whose map own is,
// has it: newuidmap(1) cannot map what is missing there.
func proposeSubIDs(user userdb.User, uids, gids, own string) string {
	first := idmap.Free(firstSubID, countSubID, uids, gids)
	known, _ := idmap.Identity(own) // without /proc nothing is known, and nothing proposed
	if first == 0 || !slices.ContainsFunc(known, func(b idmap.Block) bool {
		return b.Inner <= first && first+countSubID <= b.Inner+b.Count
	}) {
		return ""
	}
	span := strconv.FormatUint(first, 10) + "-" + strconv.FormatUint(first+countSubID-1, 10)
	command := "usermod"
	if len(idmap.SubIDs(uids, user.Name, user.UID)) == 0 {
		command += " --add-subuids " + span
	}
	if len(idmap.SubIDs(gids, user.Name, user.UID)) == 0 {
		command += " --add-subgids " + span
	}
	return "root can give you a range that is free: " + command + " " + user.Name
}

// lastCap reads the largest capability that the kernel knows; without /proc it
// is the largest known when this was written.
func lastCap() int {
	text, _ := rawfile.Read("/proc/sys/kernel/cap_last_cap")
	if n, err := strconv.Atoi(strings.TrimSpace(string(text))); err == nil && n < 64 {
		return n
	}
	return 40 // CAP_CHECKPOINT_RESTORE, since Linux 5.9
}

// loginShell is the shell of the real user, /bin/sh if none is known.
func loginShell() string {
	if user, ok := userdb.UserByID(uint32(os.Getuid())); ok && user.Shell != "" {
		return user.Shell
	}
	return "/bin/sh"
}
