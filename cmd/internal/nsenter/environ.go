package nsenter

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/internal/rawfile"
	"github.com/nskit/nskit/internal/trampoline"
	"github.com/nskit/nskit/pkg/launch"
	"github.com/nskit/nskit/pkg/ns"
)

// maxEnviron is more than the kernel lets an environment be.
const maxEnviron = 8 << 20

// environ reads the environment of the target. In another user namespace it
// may belong to a user that only somebody inside can be: then a child goes
// there to read it.
func (i *invocation) environ(t *launch.Target) ([]string, error) {
	name := "/proc/" + strconv.Itoa(t.PID) + "/environ"
	text, err := rawfile.ReadUpTo(name, maxEnviron)
	if errors.Is(err, fs.ErrPermission) && i.own.entersUser() {
		if inside, ok := i.environInside(t); ok {
			text, err = []byte(inside), nil
		}
	}
	if err != nil {
		fault := &applet.Error{Text: "cannot open " + name, Err: err}
		if errors.Is(err, fs.ErrPermission) {
			fault.Hint = "process " + strconv.Itoa(t.PID) + " belongs to another user or has privileges that the caller lacks (CAP_SYS_PTRACE would do, see ptrace(2))"
		}
		return nil, fault
	}
	return variables(string(text)), nil
}

func (o *options) entersUser() bool {
	_, ok := o.join(ns.User)
	return ok || o.all || o.userParent
}

// environInside has a child read the environment from inside the user namespace.
func (i *invocation) environInside(t *launch.Target) (string, bool) {
	if rawfile.StartPoller() != nil {
		return "", false
	}
	r, w, err := os.Pipe()
	if err != nil {
		return "", false
	}
	defer r.Close()
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return "", false
	}
	defer null.Close()
	var inside launch.Entry
	i.own.entry(&inside, i.shared, sight{target: t})
	child, err := trampoline.Start(launch.ReadEnviron(&inside, &launch.Caller{}), &os.ProcAttr{Files: []*os.File{null, w, null}})
	w.Close()
	if err != nil {
		return "", false
	}
	text, err := io.ReadAll(io.LimitReader(r, maxEnviron))
	state, waited := child.Wait()
	return string(text), err == nil && waited == nil && state.Success()
}

// variables takes an environment apart. It is the target's to write: what has
// no name is left out, and of two variables of one name the last counts.
func variables(text string) []string {
	env := []string{}
	at := map[string]int{}
	for _, entry := range strings.Split(text, "\x00") {
		name, _, ok := strings.Cut(entry, "=")
		if !ok || name == "" {
			continue
		}
		if i, seen := at[name]; seen {
			env[i] = entry
			continue
		}
		at[name] = len(env)
		env = append(env, entry)
	}
	return env
}
