package containers

import (
	"strconv"
	"strings"
)

// Ref names a container as a control group's path does.
type Ref struct {
	// Runtime is one of the constants of this package, "" for a path that has
	// an identifier but no runtime's mark, such as Kubernetes' with cgroupfs.
	Runtime string
	// ID is the container's identifier: the name for machined and LXC.
	ID string
}

// FromCgroup returns the container that a process is in, from the text of its
// /proc/PID/cgroup (cgroups(7)). A path that has several, such as that of a
// container in a container, means the innermost. The paths are relative to the
// reader's cgroup namespace: a process inside the container sees nothing there.
func FromCgroup(text string) (Ref, bool) {
	var bare Ref
	for line := range strings.Lines(text) {
		fields := strings.SplitN(strings.TrimSuffix(line, "\n"), ":", 3)
		if len(fields) < 3 {
			continue
		}
		ref, ok := fromPath(fields[2])
		if ok && ref.Runtime != "" {
			return ref, true
		}
		if ok && bare.ID == "" {
			bare = ref
		}
	}
	return bare, bare.ID != ""
}

// fromPath finds the innermost container in the path of a control group.
func fromPath(path string) (Ref, bool) {
	parts := strings.Split(strings.TrimSuffix(path, " (deleted)"), "/")
	for i := len(parts) - 1; i > 0; i-- {
		ref, ok := fromPart(parts[i], parts[i-1], i == 2)
		if ok && validName(ref.ID) {
			return ref, true
		}
	}
	return Ref{}, false
}

// marks are the names that runtimes give to the control groups of containers:
// what stands before the identifier, and whether that must be a hash.
// podman's libpod-conmon-HASH.scope holds the monitor and is none.
var marks = [...]struct {
	prefix, suffix, runtime string
	hash                    bool
}{
	{"docker-", ".scope", Docker, true},
	{"libpod-", ".scope", Podman, true},
	{"libpod-", "", Podman, true},
	{"crio-", ".scope", Podman, true},
	{"crio-", "", Podman, true},
	{"cri-containerd-", ".scope", Containerd, true},
	{"nerdctl-", ".scope", Containerd, true},
	{"crun-", ".scope", Crun, false},
	{"runc-", ".scope", Runc, false},
	{"machine-", ".scope", Machined, false},
	{"systemd-nspawn@", ".service", Machined, false},
	{"lxc.payload.", "", LXC, false},
}

// fromPart reads one part of a path; parent is the one above, and second says
// that the part is right below a group of the top.
func fromPart(part, parent string, second bool) (Ref, bool) {
	for _, m := range marks {
		id, ok := cut(part, m.prefix, m.suffix)
		if ok && (!m.hash || isHash(id)) {
			return Ref{m.runtime, unescape(id)}, true
		}
	}
	if second && parent == LXC { // up to LXC 3
		return Ref{LXC, part}, part != ""
	}
	if i := strings.LastIndex(part, ":cri-containerd:"); i >= 0 {
		part, parent = part[i+len(":cri-containerd:"):], Containerd
	}
	if !isHash(part) {
		return Ref{}, false
	}
	if parent != Docker && parent != Containerd {
		parent = ""
	}
	return Ref{parent, part}, true
}

func cut(text, prefix, suffix string) (string, bool) {
	rest, ok := strings.CutPrefix(text, prefix)
	if !ok {
		return "", false
	}
	return strings.CutSuffix(rest, suffix)
}

// unescape undoes systemd's escapes in unit names, \xHH (systemd-escape(1)).
func unescape(name string) string {
	var b strings.Builder
	for i := 0; i < len(name); i++ {
		if strings.HasPrefix(name[i:], `\x`) && len(name) >= i+4 {
			if c, err := strconv.ParseUint(name[i+2:i+4], 16, 8); err == nil {
				b.WriteByte(byte(c))
				i += 3
				continue
			}
		}
		b.WriteByte(name[i])
	}
	return b.String()
}

// isHash says whether id is one of the 64-digit identifiers that Docker,
// podman and Kubernetes draw at random.
func isHash(id string) bool {
	if len(id) != 64 {
		return false
	}
	for _, c := range []byte(id) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// maxName is the longest name of a file, and so of a container.
const maxName = 255

// validName lets through what runtimes call containers, so that nothing else
// reaches a terminal or a path.
func validName(name string) bool {
	if name == "" || len(name) > maxName || name == "." || name == ".." {
		return false
	}
	for _, c := range []byte(name) {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if !letter && !strings.ContainsRune("_.-+", rune(c)) {
			return false
		}
	}
	return true
}
