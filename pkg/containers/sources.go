//go:build linux

package containers

import (
	"path"
	"strings"
)

// source is one place where a runtime keeps the state of its containers.
type source struct {
	runtime string
	// base is a directory; pattern is a path below it, whose parts may hold
	// a *. The last part that does is the container's identifier.
	base, pattern string
	parse         parser
	knows         knowledge
	// namespaced says that the * before the last stands for a namespace.
	namespaced bool
}

// knowledge is what a file tells about whether a container runs.
type knowledge uint8

const (
	// namesOnly is for files that tell nothing about it.
	namesOnly knowledge = iota
	// begun is for those that are there from when a container is about to
	// start: another file has the process.
	begun
	// state is for those that have the process if there is one.
	state
)

// store is a kind of directory that runtimes keep files in.
type store uint8

const (
	// dockerData is dockerd's --data-root, dockerExec its --exec-root.
	dockerData store = iota
	dockerExec
	// podmanGraph is podman's --root, podmanRun its --runroot.
	podmanGraph
	podmanRun
	// containerdState is containerd's --state.
	containerdState
	machines
	lxcPath
	// runcRoot and crunRoot are the --root of runc and crun.
	runcRoot
	crunRoot
	stores
)

// kept is what runtimes keep in each kind of directory. The first one that
// knows a container says its runtime, so those that the user deals with come first.
var kept = [...]struct {
	store   store
	runtime string
	pattern string
	parse   parser
	knows   knowledge
}{
	{dockerData, Docker, "containers/*/config.v2.json", parseDocker, state},
	{dockerData, Docker, "*.*/containers/*/config.v2.json", parseDocker, state}, // UID.GID, with userns-remap

	{podmanGraph, Podman, "*-containers/containers.json", parseStorage, namesOnly},
	{podmanRun, Podman, "*-containers/*/userdata/pidfile", parsePIDFile, state},

	{containerdState, Containerd, "io.containerd.runtime.v*/*/*/init.pid", parsePIDFile, state},
	{containerdState, Containerd, "io.containerd.runtime.v*/*/*/config.json", parseBundle, begun},
	{dockerExec, Containerd, "containerd/daemon/io.containerd.runtime.v*/*/*/init.pid", parsePIDFile, state},

	{machines, Machined, "*", parseMachine, state},

	{lxcPath, LXC, "*/config", parseLXC, namesOnly},

	{runcRoot, Runc, "*/state.json", parseRunc, state},
	{containerdState, Runc, "runc/*/*/state.json", parseRunc, state},
	{dockerExec, Runc, "runtime-runc/*/*/state.json", parseRunc, state},

	{crunRoot, Crun, "*/status", parseCrun, state},
}

// Where a directory's path begins: at the root, or at a user's own directories.
const (
	systemDir = iota
	runtimeDir
	dataDir
)

// usual is where these directories are unless somebody has said otherwise.
var usual = [...]struct {
	store store
	below int
	path  string
}{
	{dockerData, systemDir, "var/lib/docker"},
	{dockerData, systemDir, "var/snap/docker/common/var-lib-docker"},
	{dockerData, dataDir, "docker"},
	{dockerExec, systemDir, "run/docker"},
	{dockerExec, systemDir, "run/snap.docker"},
	{dockerExec, runtimeDir, "docker"},
	{podmanGraph, systemDir, "var/lib/containers/storage"},
	{podmanGraph, dataDir, "containers/storage"},
	{podmanRun, systemDir, "run/containers/storage"},
	{podmanRun, runtimeDir, "containers"},
	{containerdState, systemDir, "run/containerd"},
	{containerdState, systemDir, "run/k3s/containerd"},
	{containerdState, systemDir, "run/k0s/containerd"},
	{containerdState, systemDir, "var/snap/microk8s/common/run/containerd"},
	{containerdState, runtimeDir, "containerd"},
	{machines, systemDir, "run/systemd/machines"},
	{lxcPath, systemDir, "var/lib/lxc"},
	{lxcPath, dataDir, "lxc"},
	{runcRoot, systemDir, "run/runc"},
	{runcRoot, runtimeDir, "runc"},
	{crunRoot, systemDir, "run/crun"},
	{crunRoot, runtimeDir, "crun"},
}

// dirs are the directories of each kind, as absolute paths below the root. What
// was configured comes first: the usual place may have what is left of earlier days.
type dirs [stores][]string

// add adds a directory once.
func (d *dirs) add(s store, dir string) {
	if dir = path.Clean(dir); !path.IsAbs(dir) || len(d[s]) >= maxStores {
		return
	}
	for _, known := range d[s] {
		if known == dir {
			return
		}
	}
	d[s] = append(d[s], dir)
}

// maxStores bounds how many directories of a kind are looked through.
const maxStores = 64

// sources decides where to look, given what was configured.
func sources(at Places, d dirs) []source {
	bases := [...][]string{systemDir: {"/"}, runtimeDir: at.RuntimeDirs, dataDir: at.DataDirs}
	for _, u := range usual {
		for _, base := range bases[u.below] {
			d.add(u.store, path.Join(base, u.path))
		}
	}
	var all []source
	for _, k := range kept {
		for _, dir := range d[k.store] {
			all = append(all, source{k.runtime, path.Join(at.root(), dir), k.pattern, k.parse, k.knows, isNamespaced(k.pattern)})
		}
	}
	return all
}

// isNamespaced says whether a pattern leads through a directory for each
// namespace of containerd.
func isNamespaced(pattern string) bool { return strings.Contains(pattern, "/*/*/") }
