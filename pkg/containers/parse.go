package containers

import (
	"errors"
	"path"
	"slices"
	"strconv"
	"strings"

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
	return parseState(id, text, "init_process_pid", "init_process_start")
}

// parseCrun reads crun's status.
func parseCrun(id, text string) ([]Container, error) {
	return parseState(id, text, "pid", "process-start-time")
}

func parseState(id, text, pidKey, startKey string) ([]Container, error) {
	c, pid := Container{ID: id}, ""
	err := jsontext.Walk([]byte(text), func(keys []string, v jsontext.Scalar) {
		switch {
		case len(keys) != 1 || v.Quoted:
		case keys[0] == pidKey:
			pid = v.Text
		case keys[0] == startKey:
			c.Started, _ = strconv.ParseUint(v.Text, 10, 64)
		}
	})
	return one(c, pid, err)
}

// parseDocker reads Docker's config.v2.json.
func parseDocker(id, text string) ([]Container, error) {
	c, pid, stopped := Container{ID: id}, "0", false
	err := jsontext.Walk([]byte(text), func(keys []string, v jsontext.Scalar) {
		switch {
		case v.Quoted && len(keys) == 1 && keys[0] == "Name":
			c.Name = strings.TrimPrefix(v.Text, "/")
		case v.Quoted || len(keys) != 2 || keys[0] != "State":
		case keys[1] == "Pid":
			pid = v.Text
		case keys[1] == "Running":
			stopped = v.Text == "false"
		}
	})
	if stopped {
		pid = "0"
	}
	return one(c, pid, err)
}

// The annotations of an OCI config.json that hold names: containerd's own for
// Kubernetes, and nerdctl's.
const (
	criContainer = "io.kubernetes.cri.container-name"
	criPod       = "io.kubernetes.cri.sandbox-name"
	nerdctlName  = "nerdctl/name"
)

// parseBundle reads the config.json of a bundle, for the name.
func parseBundle(id, text string) ([]Container, error) {
	var container, pod, nerdctl string
	err := jsontext.Walk([]byte(text), func(keys []string, v jsontext.Scalar) {
		if !v.Quoted || len(keys) != 2 || keys[0] != "annotations" {
			return
		}
		switch keys[1] {
		case criContainer:
			container = v.Text
		case criPod:
			pod = v.Text
		case nerdctlName:
			nerdctl = v.Text
		}
	})
	c := Container{ID: id, Name: nerdctl}
	if container != "" && pod != "" {
		c.Name = pod + "/" + container
	}
	return one(c, "0", err)
}

// parseStorage reads the containers.json of podman's storage, a list.
func parseStorage(_, text string) ([]Container, error) {
	var all []Container
	last := ""
	err := jsontext.Walk([]byte(text), func(keys []string, v jsontext.Scalar) {
		if !v.Quoted || len(keys) < 2 {
			return
		}
		if len(all) == 0 || keys[0] != last {
			all, last = append(all, Container{}), keys[0]
		}
		c := &all[len(all)-1]
		switch {
		case len(keys) == 2 && keys[1] == "id":
			c.ID = v.Text
		case len(keys) == 3 && keys[1] == "names" && c.Name == "":
			c.Name = v.Text
		}
	})
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(c Container) bool {
		_, err := one(c, "0", nil)
		return err != nil
	}), nil
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
