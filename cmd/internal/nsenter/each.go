package nsenter

import (
	"bufio"
	"cmp"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/cmd/internal/getopt"
	jsonlines "github.com/nskit/nskit/cmd/internal/table"
	"github.com/nskit/nskit/internal/census"
	"github.com/nskit/nskit/internal/rawfile"
	"github.com/nskit/nskit/internal/trampoline"
	"github.com/nskit/nskit/pkg/containers"
	"github.com/nskit/nskit/pkg/launch"
	"github.com/nskit/nskit/pkg/ns"
)

// each is --each and --json.
type each struct {
	given, json bool
	kind        ns.Kind
}

// setEach is --each.
func setEach(target any, _ *getopt.Option, kind getopt.Value) error {
	e := &of(target).each
	e.given, e.kind = true, ns.Net
	if !kind.Given {
		return nil
	}
	var known bool
	if e.kind, known = ns.Parse(kind.Text); !known {
		return applet.Fail("unknown type of namespace: '", kind.Text, "'")
	}
	return nil
}

// checkEach refuses what does not go with --each.
func (o *options) checkEach() error {
	switch {
	case o.each.json && !o.each.given:
		return applet.Fail("--json needs --each")
	case !o.each.given:
		return nil
	case o.target.kind != none:
		return applet.Fail("options --each and --target are mutually exclusive")
	case o.kinds[o.each.kind].chosen || o.netns != "" && o.each.kind == ns.Net:
		return applet.Fail("--each enters the namespaces of type ", o.each.kind.String(), " already")
	case o.all, o.brings != nil, o.wait.Set:
		return applet.Fail("--each excludes --all, --wait, --tools, --carry, --attach and --detach")
	}
	return nil
}

// visit is one namespace to run the command in.
type visit struct {
	space *census.Namespace
	// name is what it is called, "" for nothing but its number.
	name string
	own  bool
	fd   int
}

// label stands in front of each line.
func (v *visit) label() string {
	if v.name != "" {
		return v.name
	}
	return strconv.FormatUint(uint64(v.space.Inode), 10)
}

// entryOf is what is done in one namespace: the caller's own is not entered.
func (i *invocation) entryOf(v *visit) *launch.Entry {
	e := new(launch.Entry)
	i.own.entry(e, i.shared, sight{})
	if !v.own {
		path := "/proc/" + strconv.Itoa(os.Getpid()) + "/fd/" + strconv.Itoa(v.fd)
		e.Add(launch.Join{Kind: i.own.each.kind, From: launch.FromFile, Path: path})
	}
	return e
}

// runEach runs the command in one namespace after the other.
func (i *invocation) runEach(inv *applet.Invocation) error {
	if err := rawfile.StartPoller(); err != nil {
		return &applet.Error{Text: "cannot run the program", Err: err}
	}
	snapshot, err := census.Take(census.Options{Kinds: ns.SetOf(i.own.each.kind), Want: census.Mounts | census.Descriptors | census.Sockets})
	if err != nil {
		return &applet.Error{Text: "cannot list the namespaces", Err: err}
	}
	code := 0
	names := containers.NewIndex(containers.UserPlaces(os.Getenv))
	own := ownInode(i.own.each.kind)
	for n := range snapshot.Namespaces {
		v := visit{space: &snapshot.Namespaces[n], fd: -1}
		if v.space.Kind != i.own.each.kind {
			continue
		}
		v.own = uint64(v.space.Inode) == own
		v.name = nameOf(v.space, names)
		if !v.own {
			if v.fd, err = snapshot.Open(v.space); err != nil {
				continue // it has ended since, or is closed to the caller
			}
		}
		ended, err := i.visit(inv, &v)
		if v.fd >= 0 {
			os.NewFile(uintptr(v.fd), "namespace").Close()
		}
		if err != nil {
			return err
		}
		if code == 0 {
			code = ended
		}
	}
	if code != 0 {
		return applet.Exit(code)
	}
	return nil
}

// ownInode is the number of the caller's own namespace.
func ownInode(kind ns.Kind) uint64 {
	link, _ := os.Readlink("/proc/self/ns/" + kind.String())
	number, _ := strconv.ParseUint(strings.TrimSuffix(link[strings.IndexByte(link, '[')+1:], "]"), 10, 64)
	return number
}

// nameOf is what a namespace is called: by ip-netns(8), or as its container is.
func nameOf(space *census.Namespace, names *containers.Index) string {
	for _, path := range space.Mounts {
		if name, ok := strings.CutPrefix(path, netnsDir); ok {
			return name
		}
	}
	if space.PID != 0 {
		if c, ok := names.Of(containers.Process{PID: space.PID}); ok {
			return "ctr:" + names.Name(c)
		}
	}
	return ""
}

// visit runs the command in one namespace, and tells how it ended.
func (i *invocation) visit(inv *applet.Invocation, v *visit) (code int, err error) {
	caller := i.shared.Caller(inv.Env)
	caller.PID = 0
	var out, bad output
	files := []*os.File{os.Stdin, out.open(), bad.open()}
	if out.err != nil || bad.err != nil {
		return 0, &applet.Error{Text: "pipe failed", Err: cmp.Or(out.err, bad.err)}
	}
	child, err := trampoline.Start(launch.Enter(i.entryOf(v), &caller), &os.ProcAttr{Files: files})
	files[1].Close()
	files[2].Close()
	if err != nil {
		return 0, &applet.Error{Text: "cannot run the program", Err: err}
	}
	to := prefixed{label: v.label(), json: i.own.each.json}
	var both sync.WaitGroup
	both.Go(func() { out.copy(&to, inv.Stdout) })
	both.Go(func() { bad.copy(&to, bufio.NewWriter(os.Stderr)) })
	both.Wait()
	state, err := child.Wait()
	if err != nil {
		return 0, &applet.Error{Text: "waitpid failed", Err: err}
	}
	code = codeOf(state)
	if to.json {
		i.report(inv.Stdout, v, code, &out, &bad)
	}
	inv.Stdout.Flush()
	return code, nil
}

// report writes what became of one visit as a line of JSON.
func (i *invocation) report(w *bufio.Writer, v *visit, code int, out, bad *output) {
	j := jsonlines.NewJSONLine(w)
	j.Object("", func() {
		j.Bare("ns", strconv.FormatUint(uint64(v.space.Inode), 10))
		j.Text("type", i.own.each.kind.String())
		if v.name != "" {
			j.Text("name", v.name)
		}
		if v.space.PID != 0 {
			j.Bare("pid", strconv.Itoa(v.space.PID))
		}
		j.Bare("code", strconv.Itoa(code))
		j.Text("stdout", out.all.String())
		j.Text("stderr", bad.all.String())
	})
	j.End()
}

// output is one of the two streams of the command.
type output struct {
	read *os.File
	all  strings.Builder
	err  error
}

func (o *output) open() *os.File {
	var write *os.File
	o.read, write, o.err = os.Pipe()
	return write
}

// prefixed is how the output of one namespace is written.
type prefixed struct {
	mu    sync.Mutex
	label string
	json  bool
}

// copy keeps a stream for JSON, or writes its lines with what stands in front.
func (o *output) copy(to *prefixed, w *bufio.Writer) {
	defer o.read.Close()
	if to.json {
		io.Copy(&o.all, o.read)
		return
	}
	lines := bufio.NewReader(o.read)
	for {
		line, err := lines.ReadString('\n')
		if line != "" {
			to.mu.Lock()
			w.WriteString(to.label + ": " + strings.TrimSuffix(line, "\n") + "\n")
			w.Flush()
			to.mu.Unlock()
		}
		if err != nil {
			return
		}
	}
}

// codeOf is how a shell has the end of a process.
func codeOf(state *os.ProcessState) int {
	if status := state.ExitCode(); status >= 0 {
		return status
	}
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return 1
}
