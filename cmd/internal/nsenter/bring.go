package nsenter

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/cmd/internal/getopt"
	"github.com/nskit/nskit/pkg/launch"
	"github.com/nskit/nskit/pkg/mnt"
	"github.com/nskit/nskit/pkg/ns"
)

// bringing is what is brought along into the target, and what is mounted there.
type bringing struct {
	// first is the option that was met first.
	first string
	// tools says that there are to be tools, from source or, where that is empty,
	// from what is found.
	tools  bool
	source string
	// carry is the program to carry, "" for none.
	carry  string
	attach []launch.Attachment
	detach []string
	// command says that something is to be run, shell that it is the tools' shell.
	command, shell bool
	// isProgram says that the tools are one program.
	isProgram bool
}

// bring notes that one of these options was met. They allocate, and so have the
// command line read once more with the Go runtime, which they need anyway.
func (o *options) bring(opt *getopt.Option) *bringing {
	if o.brings == nil {
		o.brings = &bringing{first: opt.Long}
	}
	return o.brings
}

func setTools(target any, opt *getopt.Option, value getopt.Value) error {
	b := of(target).bring(opt)
	if value.Given && value.Text == "" {
		return applet.Fail("option --tools= needs a source")
	}
	b.tools, b.source = true, value.Text
	return nil
}

func setCarry(target any, opt *getopt.Option, value getopt.Value) error {
	if value.Text == "" {
		return applet.Fail("option --carry needs a program")
	}
	of(target).bring(opt).carry = value.Text
	return nil
}

func setAttach(target any, opt *getopt.Option, value getopt.Value) error {
	b := of(target).bring(opt)
	text, make := withoutMkdir(value.Text)
	m, err := mnt.ParseBind(text)
	switch {
	case err != nil:
		return applet.Failf("invalid mount '%s': %v", value.Text, err)
	case m.Try, m.IDs.Count != 0:
		return applet.Failf("invalid mount '%s': %v", value.Text, mnt.ErrOption)
	case mnt.IsRoot(m.Target):
		return applet.Fail("cannot attach to the root itself: '", value.Text, "'")
	}
	if m.Source, err = absolute(m.Source); err != nil {
		return &applet.Error{Text: "cannot find the working directory", Err: err}
	}
	b.attach = append(b.attach, launch.Attachment{Mount: m, Make: make})
	return nil
}

// withoutMkdir takes the option mkdir out of a mount's: only here does it mean
// something.
func withoutMkdir(text string) (string, bool) {
	i := strings.LastIndexByte(text, ':')
	if i < 0 {
		return text, false
	}
	found := false
	var kept []string
	for _, word := range strings.Split(text[i+1:], ",") {
		if word == "mkdir" {
			found = true
		} else {
			kept = append(kept, word)
		}
	}
	switch {
	case !found, strings.Count(text[:i], ":") == strings.Count(text[:i], `\:`):
		return text, false // there is nothing, or it is the destination
	case len(kept) == 0:
		return text[:i], true
	}
	return text[:i+1] + strings.Join(kept, ","), true
}

// absolute is needed where the working directory changes before the path is used.
func absolute(path string) (string, error) {
	if strings.HasPrefix(path, "/") {
		return path, nil
	}
	dir, err := os.Getwd()
	return filepath.Join(dir, path), err
}

func setDetach(target any, opt *getopt.Option, value getopt.Value) error {
	if mnt.IsRoot(value.Text) {
		return applet.Fail("cannot detach the root itself: '", value.Text, "'")
	}
	b := of(target).bring(opt)
	b.detach = append(b.detach, value.Text)
	return nil
}

// checkBringing refuses what does not go together.
func (o *options) checkBringing() error {
	b := o.brings
	switch {
	case o.target.kind == none:
		return applet.Fail("no target PID specified for --", b.first)
	case b.tools && b.carry != "":
		return applet.Fail("options --tools and --carry are mutually exclusive")
	case o.root.named:
		return applet.Fail("options --root=DIR and --", b.first, " are mutually exclusive")
	case o.kinds[ns.Mount].named || o.kinds[ns.Mount].byID:
		return applet.Fail("options --mount=FILE and --", b.first, " are mutually exclusive")
	}
	return nil
}

// completeBringing adds what these options imply: all namespaces where none is
// named, else the mount namespace, and the target's root directory.
func (o *options) completeBringing(operands int) {
	b := o.brings
	b.command, b.shell = operands > 0 || b.tools || b.carry != "", b.tools && operands == 0
	if !o.entersAnything() {
		o.all = true
	}
	if !o.all { // which leaves the mount namespace out where that is the caller's
		o.kinds[ns.Mount].chosen = true
	}
	o.root = directory{given: true}
}

// lookInside looks up what the options refer to.
func (i *invocation) lookInside(pid int, env []string) (*launch.Inside, error) {
	b := i.own.brings
	inside := &launch.Inside{Attach: b.attach, Detach: b.detach, NoCommand: !b.command}
	var err error
	if b.carry != "" {
		inside.Carry, err = b.findCarried(env)
	}
	if b.tools {
		inside.Tools, err = i.lookForTools(pid, env)
	}
	return inside, err
}

// bringCommand is the environment of the program, nil for the caller's own.
func (i *invocation) bringCommand(seen *sight, env []string) []string {
	if seen.inside.Tools == nil {
		return seen.env
	}
	if seen.env != nil {
		env = seen.env
	}
	return i.withTools(env, seen.inside.Tools)
}

// commandOf is what is run: the tools' shell where nothing is named, or the carried
// program with its arguments.
func (b *bringing) commandOf(c launch.Command, argv, operands []string) launch.Command {
	switch {
	case b.shell:
		return launch.Command{File: "sh", Args: []string{"sh"}, Title: argv, Path: c.Path}
	case b.carry != "":
		args := append([]string{b.carry}, operands...)
		return launch.Command{File: b.carry, Args: args, Title: argv[:len(argv)-len(operands)], Path: c.Path}
	}
	return c
}
