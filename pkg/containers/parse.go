package containers

import (
	"encoding/json"
	"errors"
	"path"
	"strconv"
	"strings"
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

// decode reads a JSON text as far as it has the types that are expected.
func decode(text string, into any) error {
	err := json.Unmarshal([]byte(text), into)
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return nil // of one value: the others are there
	}
	return err
}

// saved is a process as a state file has it. Without a number, or with anything
// else for one, there is no telling what the file means.
type saved struct {
	pid     *int
	started uint64
}

func (s saved) container(id string, err error) ([]Container, error) {
	switch {
	case err != nil:
		return nil, err
	case s.pid == nil:
		return nil, errPID
	}
	return one(Container{ID: id, Started: s.started}, strconv.Itoa(*s.pid), nil)
}

// parseRunc reads runc's state.json.
func parseRunc(id, text string) ([]Container, error) {
	var file struct {
		PID     *int   `json:"init_process_pid"`
		Started uint64 `json:"init_process_start"`
	}
	err := json.Unmarshal([]byte(text), &file)
	return saved{file.PID, file.Started}.container(id, err)
}

// parseCrun reads crun's status.
func parseCrun(id, text string) ([]Container, error) {
	var file struct {
		PID     *int   `json:"pid"`
		Started uint64 `json:"process-start-time"`
	}
	err := json.Unmarshal([]byte(text), &file)
	return saved{file.PID, file.Started}.container(id, err)
}

// parseDocker reads Docker's config.v2.json.
func parseDocker(id, text string) ([]Container, error) {
	var file struct {
		Name  string
		State struct {
			Running *bool
			Pid     int
		}
	}
	if err := json.Unmarshal([]byte(text), &file); err != nil {
		return nil, err
	}
	if file.State.Running != nil && !*file.State.Running {
		file.State.Pid = 0
	}
	return one(Container{ID: id, Name: strings.TrimPrefix(file.Name, "/")}, strconv.Itoa(file.State.Pid), nil)
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
	var file struct{ Annotations map[string]string }
	err := decode(text, &file)
	c := Container{ID: id, Name: file.Annotations[nerdctlName]}
	if container, pod := file.Annotations[criContainer], file.Annotations[criPod]; container != "" && pod != "" {
		c.Name = pod + "/" + container
	}
	return one(c, "0", err)
}

// parseStorage reads the containers.json of podman's storage, a list.
func parseStorage(_, text string) ([]Container, error) {
	var list []struct {
		ID    string
		Names []string
	}
	if err := decode(text, &list); err != nil {
		return nil, err
	}
	var all []Container
	for _, entry := range list {
		c := Container{ID: entry.ID}
		if len(entry.Names) > 0 {
			c.Name = entry.Names[0]
		}
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
