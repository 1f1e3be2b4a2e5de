//go:build linux

package containers

import (
	"path"
	"slices"
	"strings"

	"github.com/nskit/nskit/internal/jsontext"
)

// configured are the directories that runtimes were told to use, by what they
// run with and by their configuration. Files that are not there, or not to be
// read, say nothing.
func configured(at Places, running []daemon) dirs {
	var d dirs
	var files []configFile
	for _, r := range running {
		d.byDaemon(r.args)
		if f := configOf(r.args); path.IsAbs(f.path) {
			files = append(files, f)
		}
	}
	etc := append([]string{"/etc"}, at.ConfigDirs...)
	for _, dir := range etc {
		files = append(files, configFile{path.Join(dir, "docker/daemon.json"), (*dirs).byDaemonJSON},
			configFile{path.Join(dir, "containers/storage.conf"), (*dirs).byStorageConf},
			configFile{path.Join(dir, "containerd/config.toml"), (*dirs).byContainerdConfig},
			configFile{path.Join(dir, "lxc/lxc.conf"), (*dirs).byLXCConf})
	}
	files = append(files, configFile{"/usr/share/containers/storage.conf", (*dirs).byStorageConf})
	for _, f := range files {
		if text, err := readFile(path.Join(at.root(), f.path), maxFile); err == nil {
			f.read(&d, text)
		}
	}
	return d
}

// configFile is a file and how it is read.
type configFile struct {
	path string
	read func(*dirs, string)
}

// byDaemon reads the command line of a daemon.
func (d *dirs) byDaemon(args []string) {
	switch path.Base(args[0]) {
	case "dockerd":
		d.add(dockerData, option(args, "data-root", "-g", "graph"))
		d.add(dockerExec, option(args, "exec-root"))
	case "containerd":
		d.add(containerdState, option(args, "state"))
	case "conmon":
		// .../overlay-containers/ID/userdata, the one below podman's --root and the
		// other below its --runroot.
		if graph, ok := above(option(args, "bundle", "-b"), "userdata"); ok {
			d.add(podmanGraph, graph)
		}
		if run, ok := above(option(args, "container-pidfile", "-p"), "userdata/pidfile"); ok {
			d.add(podmanRun, run)
		}
	}
}

// configOf is the configuration file that a daemon was told to read, "" for its usual one.
func configOf(args []string) configFile {
	switch path.Base(args[0]) {
	case "dockerd":
		return configFile{option(args, "config-file"), (*dirs).byDaemonJSON}
	case "containerd":
		return configFile{option(args, "config", "-c"), (*dirs).byContainerdConfig}
	}
	return configFile{}
}

// above is the directory that a container's own in podman's storage lies in.
func above(file, tail string) (string, bool) {
	rest, ok := strings.CutSuffix(file, "/"+tail)
	dir := path.Dir(rest)
	return path.Dir(dir), ok && strings.HasSuffix(dir, "-containers")
}

// option is the value of an option of a command line, by its long name, or by a
// short one that has its hyphen: "--name VALUE", "--name=VALUE", "-n VALUE".
func option(args []string, names ...string) string {
	for i, arg := range args {
		for _, name := range names {
			if !strings.HasPrefix(name, "-") {
				name = "--" + name
			}
			if value, ok := strings.CutPrefix(arg, name+"="); ok {
				return value
			}
			if arg == name && i+1 < len(args) {
				return args[i+1]
			}
		}
	}
	return ""
}

// byDaemonJSON reads dockerd's daemon.json.
func (d *dirs) byDaemonJSON(text string) {
	file, err := jsontext.Parse(text)
	if err != nil {
		return
	}
	d.add(dockerData, jsontext.Text(file, "data-root"))
	d.add(dockerData, jsontext.Text(file, "graph"))
	d.add(dockerExec, jsontext.Text(file, "exec-root"))
}

// byStorageConf reads containers-storage.conf(5).
func (d *dirs) byStorageConf(text string) {
	d.add(podmanGraph, assigned(text, "storage", "graphroot"))
	d.add(podmanGraph, assigned(text, "storage", "rootless_storage_path"))
	d.add(podmanRun, assigned(text, "storage", "runroot"))
}

// byContainerdConfig reads containerd-config.toml(5).
func (d *dirs) byContainerdConfig(text string) {
	d.add(containerdState, assigned(text, "", "state"))
}

// byLXCConf reads lxc.system.conf(5).
func (d *dirs) byLXCConf(text string) {
	for line := range strings.Lines(text) {
		if name, value, ok := strings.Cut(line, "="); ok && strings.TrimSpace(name) == "lxc.lxcpath" {
			d.add(lxcPath, strings.TrimSpace(value))
		}
	}
}

// assigned is a string of a TOML file, by its table and key.
func assigned(text, table, key string) string {
	in := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			in, _, _ = strings.Cut(strings.Trim(line, "[ \t"), "]")
			in = strings.TrimSpace(in)
			continue
		}
		name, value, ok := strings.Cut(line, "=")
		if ok && in == table && strings.Trim(strings.TrimSpace(name), `"`) == key {
			return unquoted(strings.TrimSpace(value))
		}
	}
	return ""
}

// unquoted is the text between quotation marks, with nothing to be escaped in it.
func unquoted(value string) string {
	for _, mark := range []string{`"`, "'"} {
		if rest, ok := strings.CutPrefix(value, mark); ok {
			text, _, ok := strings.Cut(rest, mark)
			if ok && !strings.Contains(text, `\`) {
				return text
			}
		}
	}
	return ""
}

// daemonNames are the programs whose command lines tell where containers are.
var daemonNames = []string{"dockerd", "containerd", "conmon", nspawnProgram}

// isDaemon says whether a command line is that of one of them: the name of a
// process alone is not enough.
func isDaemon(args []string) bool {
	return len(args) > 0 && slices.Contains(daemonNames, path.Base(args[0]))
}
