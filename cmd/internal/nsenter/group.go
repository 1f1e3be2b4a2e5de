package nsenter

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/moby/sys/mountinfo"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/internal/rawfile"
)

// maxGroups is more than a /proc/PID/cgroup can have.
const maxGroups = 1 << 16

// groupFile finds the cgroup.procs of the group that a process is in. To
// explain, it only names the place.
func groupFile(pid int, explain bool) (string, error) {
	mounts, err := mountinfo.GetMounts(mountinfo.FSTypeFilter("cgroup2"))
	if err != nil {
		return "", &applet.Error{Text: "cannot read /proc/self/mountinfo", Err: err}
	}
	if len(mounts) == 0 {
		return "", applet.Failf("--join-cgroup is only supported in cgroup v2")
	}
	if explain {
		file := mounts[0].Mountpoint + "/(cgroup of process " + strconv.Itoa(pid) + ")/cgroup.procs"
		return file, nil
	}
	name := "/proc/" + strconv.Itoa(pid) + "/cgroup"
	text, err := rawfile.ReadUpTo(name, maxGroups)
	if err != nil {
		return "", &applet.Error{Text: "cannot open " + name, Err: err}
	}
	group, ok := unifiedGroup(string(text))
	if !ok {
		return "", applet.Failf("--join-cgroup is only supported in cgroup v2")
	}
	for _, m := range mounts {
		if dir, ok := below(m.Mountpoint, m.Root, group); ok {
			file := dir + "/cgroup.procs"
			return file, nil
		}
	}
	return "", applet.Failf("no cgroup2 mount shows the cgroup %s", group)
}

// unifiedGroup is the cgroup v2 in the text of a /proc/PID/cgroup: the line of
// hierarchy 0, wherever it stands.
func unifiedGroup(text string) (string, bool) {
	for line := range strings.Lines(text) {
		if group, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "0::"); ok {
			return group, strings.HasPrefix(group, "/")
		}
	}
	return "", false
}

// below is where a mount of the part root of a file system shows group. Above
// the root of one's own cgroup namespace both begin with "/..".
func below(point, root, group string) (string, bool) {
	rest, ok := group, true
	if root != "/" {
		rest, ok = strings.CutPrefix(group, root)
	}
	parts := strings.Split(rest, "/")
	if !ok || parts[0] != "" || slices.Contains(parts, "..") {
		return "", false
	}
	return path.Join(point, rest), true
}
