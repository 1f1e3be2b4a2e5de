package containers

import "path"

// source is one place where a runtime keeps the state of its containers.
type source struct {
	runtime string
	// base is a directory; pattern is a path below it, whose parts may hold
	// a *. The last part that does is the container's identifier.
	base, pattern string
	parse         parser
}

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
}{
	{systemDir, Docker, "var/lib/docker/containers/*/config.v2.json", parseDocker},
	{dataDir, Docker, "docker/containers/*/config.v2.json", parseDocker},

	{systemDir, Podman, "var/lib/containers/storage/*-containers/containers.json", parseStorage},
	{systemDir, Podman, "run/containers/storage/*-containers/*/userdata/pidfile", parsePIDFile},
	{dataDir, Podman, "containers/storage/*-containers/containers.json", parseStorage},
	{runtimeDir, Podman, "containers/*-containers/*/userdata/pidfile", parsePIDFile},

	{systemDir, Containerd, "run/containerd/io.containerd.runtime.v*/*/*/init.pid", parsePIDFile},
	{systemDir, Containerd, "run/containerd/io.containerd.runtime.v*/*/*/config.json", parseBundle},
	{systemDir, Containerd, "run/k3s/containerd/io.containerd.runtime.v*/*/*/init.pid", parsePIDFile},
	{systemDir, Containerd, "run/k3s/containerd/io.containerd.runtime.v*/*/*/config.json", parseBundle},
	{systemDir, Containerd, "run/docker/containerd/daemon/io.containerd.runtime.v*/*/*/init.pid", parsePIDFile},
	{runtimeDir, Containerd, "docker/containerd/daemon/io.containerd.runtime.v*/*/*/init.pid", parsePIDFile},
	{runtimeDir, Containerd, "containerd/io.containerd.runtime.v*/*/*/init.pid", parsePIDFile},
	{runtimeDir, Containerd, "containerd/io.containerd.runtime.v*/*/*/config.json", parseBundle},

	{systemDir, Machined, "run/systemd/machines/*", parseMachine},

	{systemDir, LXC, "var/lib/lxc/*/config", parseLXC},
	{dataDir, LXC, "lxc/*/config", parseLXC},

	{systemDir, Runc, "run/runc/*/state.json", parseRunc},
	{systemDir, Runc, "run/containerd/runc/*/*/state.json", parseRunc},
	{systemDir, Runc, "run/k3s/containerd/runc/*/*/state.json", parseRunc},
	{systemDir, Runc, "run/docker/runtime-runc/*/*/state.json", parseRunc},
	{runtimeDir, Runc, "runc/*/state.json", parseRunc},
	{runtimeDir, Runc, "docker/runtime-runc/*/*/state.json", parseRunc},

	{systemDir, Crun, "run/crun/*/status", parseCrun},
	{runtimeDir, Crun, "crun/*/status", parseCrun},
}

// sources decides where to look.
func sources(at Places) []source {
	bases := [...][]string{systemDir: {"/"}, runtimeDir: at.RuntimeDirs, dataDir: at.DataDirs}
	var all []source
	for _, k := range kept {
		for _, base := range bases[k.below] {
			all = append(all, source{runtime: k.runtime, base: path.Join(at.root(), base), pattern: k.pattern, parse: k.parse})
		}
	}
	return all
}
