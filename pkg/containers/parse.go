//go:build linux

package containers

import (
	"errors"
	"path"
	"strconv"
	"strings"

	"github.com/valyala/fastjson"

	"github.com/nskit/nskit/internal/jsontext"
)

// The parsers of the state files: each is given the identifier that the
// file's path holds, and the file's text. What a text says about names and
// process identifiers is checked here, so that no wrong one gets any further.

var (
	errName = errors.New("not the name of a container")
	errPID  = errors.New("not a process identifier")
)

// maxPID is the kernel's PID_MAX_LIMIT on 64-bit machines, <linux/threads.h>.
const maxPID = 4 << 20

// parser is the type of all of them.
type parser func(id, text string) ([]Container, error)

// parseRunc reads runc's state.json.
func parseRunc(id, text string) ([]Container, error) {
	return saved(id, text, "init_process_pid", "init_process_start")
}

// parseCrun reads crun's status.
func parseCrun(id, text string) ([]Container, error) {
	return saved(id, text, "pid", "process-start-time")
}

// saved reads the process that two members of a state file describe. Without a number, or with anything
// else for one, there is no telling what the file means.
func saved(id, text, pid, started string) ([]Container, error) {
	file, err := jsontext.Parse(text)
	if err != nil {
		return nil, err
	}
	process, ok1 := jsontext.Number(file, pid, "")
	start, ok2 := jsontext.Number(file, started, "0")
	ticks, err := strconv.ParseUint(start, 10, 64)
	if !ok1 || !ok2 || err != nil {
		return nil, errPID
	}
	return one(Container{ID: id, Started: ticks}, process, nil)
}

// parseDocker reads Docker's config.v2.json.
func parseDocker(id, text string) ([]Container, error) {
	file, err := jsontext.Parse(text)
	if err != nil {
		return nil, err
	}
	state := file.Get("State")
	pid, ok := jsontext.Number(state, "Pid", "0")
	switch {
	case !jsontext.Has(file, "Name", fastjson.TypeString):
		return nil, errName
	case !ok || !jsontext.Has(file, "State", fastjson.TypeObject) || !jsontext.Has(state, "Running", fastjson.TypeTrue, fastjson.TypeFalse):
		return nil, errPID
	case state.Exists("Running") && !state.GetBool("Running") && state.Get("Running").Type() != fastjson.TypeNull:
		pid = "0"
	}
	name := strings.TrimPrefix(jsontext.Text(file, "Name"), "/")
	return one(Container{ID: id, Name: name, Pod: podOfName(name)}, pid, nil)
}

// The annotations of an OCI config.json that hold names: containerd's own for
// Kubernetes, and nerdctl's.
const (
	criContainer = "io.kubernetes.cri.container-name"
	criPod       = "io.kubernetes.cri.sandbox-name"
	criNamespace = "io.kubernetes.cri.sandbox-namespace"
	nerdctlName  = "nerdctl/name"
)

// parseBundle reads the config.json of a bundle, for the names.
func parseBundle(id, text string) ([]Container, error) {
	file, err := jsontext.Parse(text)
	notes := file.Get("annotations")
	container, pod := jsontext.Text(notes, criContainer), jsontext.Text(notes, criPod)
	c := Container{ID: id, Name: jsontext.Text(notes, nerdctlName), Pod: podOf(jsontext.Text(notes, criNamespace), pod, container)}
	if container != "" && pod != "" {
		c.Name = pod + "/" + container
	}
	return one(c, "0", err)
}

// podOf is NAMESPACE/POD/CONTAINER, "" where a name is missing or none; the one container
// that only holds a pod's namespaces has no name.
func podOf(namespace, pod, container string) string {
	if !validName(namespace) || !validName(pod) || container != "" && !validName(container) {
		return ""
	}
	if container == "" {
		return namespace + "/" + pod
	}
	return namespace + "/" + pod + "/" + container
}

// podOfName reads the names that the kubelet's runtimes other than containerd give:
// k8s_CONTAINER_POD_NAMESPACE_UID_ATTEMPT, with the container POD for the one
// that holds the namespaces. In Kubernetes none of them has an underscore.
func podOfName(name string) string {
	parts := strings.Split(name, "_")
	if len(parts) != 6 || parts[0] != "k8s" {
		return ""
	}
	if parts[1] == "POD" {
		parts[1] = ""
	}
	return podOf(parts[3], parts[2], parts[1])
}

// parseStorage reads the containers.json of podman's storage, a list.
func parseStorage(_, text string) ([]Container, error) {
	list, err := jsontext.Parse(text)
	if err != nil {
		return nil, err
	}
	var all []Container
	for _, entry := range list.GetArray() {
		name := jsontext.Text(entry, "names", "0")
		c := Container{ID: jsontext.Text(entry, "id"), Name: name, Pod: podOfName(name)}
		if valid, err := one(c, "0", nil); err == nil {
			all = append(all, valid...)
		}
	}
	return all, nil
}

// parsePIDFile reads a file that holds a process identifier and nothing else.
func parsePIDFile(id, text string) ([]Container, error) {
	return one(Container{ID: id}, strings.TrimSuffix(text, "\n"), nil)
}

// parseMachine reads machined's /run/systemd/machines/NAME: assignments of a
// shell (sd-login(3) keeps the format to itself). Machines that are no
// containers, such as virtual ones, are left out.
func parseMachine(id, text string) ([]Container, error) {
	c, pid := Container{ID: id}, "0"
	for line := range strings.Lines(text) {
		key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		value = strings.Trim(value, `"`)
		switch {
		case key == "CLASS" && value != "container":
			return nil, nil
		case key == "LEADER":
			pid = value
		}
	}
	return one(c, pid, nil)
}

// parseLXC takes no more from an LXC configuration than that there is one.
func parseLXC(id, _ string) ([]Container, error) {
	return one(Container{ID: id}, "0", nil)
}

// one checks a container and its process identifier, where "0" stands for none.
func one(c Container, pid string, err error) ([]Container, error) {
	if err != nil {
		return nil, err
	}
	dir, name := path.Split(c.Name)
	if !validName(c.ID) || c.Name != "" && (!validName(name) || dir != "" && !validName(path.Clean(dir))) {
		return nil, errName
	}
	if c.PID, err = strconv.Atoi(pid); err != nil || c.PID < 0 || c.PID > maxPID {
		return nil, errPID
	}
	return []Container{c}, nil
}
