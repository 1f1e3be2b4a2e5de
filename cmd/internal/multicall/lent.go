package multicall

import (
	"errors"
	"os"
	"strconv"
	"strings"

	"github.com/nskit/nskit/internal/rawfile"
)

// errLent is what a process is told whose privileges are not its caller's: any
// of these tools would make everybody root who may execute it.
var errLent = errors.New("nskit: will not run set-user-ID, set-group-ID or with capabilities of its file: it would give them to every caller")

// lent tells whether this process has privileges that come from the file. It is
// asked where the kernel marks the execution as secure, which security modules
// make it do at other times, too.
func lent() bool {
	if os.Getuid() != os.Geteuid() || os.Getgid() != os.Getegid() {
		return true
	}
	if os.Getuid() == 0 {
		return false
	}
	status, err := rawfile.Read("/proc/self/status")
	return err != nil || ofFile(string(status))
}

// ofFile tells from the text of a /proc/PID/status whether there are permitted
// capabilities that are not ambient: execve(2) gives them to an unprivileged user
// by a file only.
func ofFile(status string) bool {
	sets := map[string]uint64{}
	for line := range strings.Lines(status) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.HasPrefix(key, "Cap") {
			sets[key], _ = strconv.ParseUint(strings.TrimSpace(value), 16, 64)
		}
	}
	return sets["CapPrm"]&^sets["CapAmb"] != 0
}
