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

// Where the sources are: below /, or below a user's own directories.
const (
	systemDir = iota
	runtimeDir
	dataDir
)

// kept is where each runtime keeps its files. The first one that knows a
// container says its runtime, so those that the user deals with come first.
var kept = [...]struct {
	below   int
	runtime string
	pattern string
	parse   parser
	knows   knowledge
}{
	{systemDir, Docker, "var/lib/docker/containers/*/config.v2.json", parseDocker, state},
	{dataDir, Docker, "docker/containers/*/config.v2.json", parseDocker, state},

	{systemDir, Podman, "var/lib/containers/storage/*-containers/containers.json", parseStorage, namesOnly},
	{systemDir, Podman, "run/containers/storage/*-containers/*/userdata/pidfile", parsePIDFile, state},
	{dataDir, Podman, "containers/storage/*-containers/containers.json", parseStorage, namesOnly},
	{runtimeDir, Podman, "containers/*-containers/*/userdata/pidfile", parsePIDFile, state},

	{systemDir, Containerd, "run/containerd/io.containerd.runtime.v*/*/*/init.pid", parsePIDFile, state},
	{systemDir, Containerd, "run/containerd/io.containerd.runtime.v*/*/*/config.json", parseBundle, begun},
	{systemDir, Containerd, "run/k3s/containerd/io.containerd.runtime.v*/*/*/init.pid", parsePIDFile, state},
	{systemDir, Containerd, "run/k3s/containerd/io.containerd.runtime.v*/*/*/config.json", parseBundle, begun},
	{systemDir, Containerd, "run/docker/containerd/daemon/io.containerd.runtime.v*/*/*/init.pid", parsePIDFile, state},
	{runtimeDir, Containerd, "docker/containerd/daemon/io.containerd.runtime.v*/*/*/init.pid", parsePIDFile, state},
	{runtimeDir, Containerd, "containerd/io.containerd.runtime.v*/*/*/init.pid", parsePIDFile, state},
	{runtimeDir, Containerd, "containerd/io.containerd.runtime.v*/*/*/config.json", parseBundle, begun},

	{systemDir, Machined, "run/systemd/machines/*", parseMachine, state},

	{systemDir, LXC, "var/lib/lxc/*/config", parseLXC, namesOnly},
	{dataDir, LXC, "lxc/*/config", parseLXC, namesOnly},

	{systemDir, Runc, "run/runc/*/state.json", parseRunc, state},
	{systemDir, Runc, "run/containerd/runc/*/*/state.json", parseRunc, state},
	{systemDir, Runc, "run/k3s/containerd/runc/*/*/state.json", parseRunc, state},
	{systemDir, Runc, "run/docker/runtime-runc/*/*/state.json", parseRunc, state},
	{runtimeDir, Runc, "runc/*/state.json", parseRunc, state},
	{runtimeDir, Runc, "docker/runtime-runc/*/*/state.json", parseRunc, state},

	{systemDir, Crun, "run/crun/*/status", parseCrun, state},
	{runtimeDir, Crun, "crun/*/status", parseCrun, state},
}

// sources decides where to look.
func sources(at Places) []source {
	bases := [...][]string{systemDir: {"/"}, runtimeDir: at.RuntimeDirs, dataDir: at.DataDirs}
	var all []source
	for _, k := range kept {
		for _, base := range bases[k.below] {
			all = append(all, source{k.runtime, path.Join(at.root(), base), k.pattern, k.parse, k.knows, isNamespaced(k.pattern)})
		}
	}
	return all
}

// isNamespaced says whether a pattern leads through a directory for each
// namespace of containerd.
func isNamespaced(pattern string) bool {
	return strings.Contains(pattern, "io.containerd.runtime.v*/*/*/") || strings.HasSuffix(pattern, "runc/*/*/state.json")
}
