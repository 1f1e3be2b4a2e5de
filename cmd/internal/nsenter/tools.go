package nsenter

import (
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/internal/order"
	"github.com/nskit/nskit/internal/prestart"
	"github.com/nskit/nskit/internal/rawfile"
	"github.com/nskit/nskit/pkg/launch"
)

// toolsDir is the name of the directory with the tools, in the root directory of
// the program. Nothing is to be expected there in anybody's root directory.
const toolsDir = ".tools"

// binaries are the directories with programs in a root file system; the empty one is for a
// directory of programs.
var binaries = []string{"/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin", ""}

// usual is PATH where the target does not say what it is.
const usual = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// programs are what is shown of the host's own root: its programs, and what they
// are linked with. Its settings, its data and its /proc are nobody's business inside.
var programs = []string{"bin", "lib", "lib32", "lib64", "libx32", "sbin", "usr", "opt", "nix", "gnu"}

// linked are the directories that a dynamic program is linked to find.
var linked = []string{"lib", "lib32", "lib64", "libx32", "usr", "nix", "gnu"}

// lookForTools finds the tools, and what is in the target's root directory.
func (i *invocation) lookForTools(pid int, env []string) (*launch.Tools, error) {
	source, kind, err := i.own.brings.findSource(env)
	if err != nil {
		return nil, err
	}
	t := &launch.Tools{Dir: toolsDir}
	if err := addTarget(t, pid); err != nil && !i.shared.Explain {
		return nil, err
	}
	switch {
	case source == "/":
		err = addHost(t)
	case kind == directoryOf:
		t.Show = []launch.Showing{{Path: source}}
		addLinked(t, source)
	default:
		i.own.brings.isProgram = kind == static
		t.File, t.ToolArgs = source, []string{"nsenter", internalFill, path.Base(source)}
		if t.Tool, err = os.Executable(); err != nil {
			err = &applet.Error{Text: "cannot read /proc/self/exe, nskit's own file, which makes the tools", Err: err}
		}
	}
	return t, err
}

func isDirectory(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// usually are places of busybox that are not in everybody's PATH.
var usually = []string{"/bin/busybox", "/usr/bin/busybox", "/sbin/busybox", "/bin/busybox.static", "/usr/bin/busybox.static",
	"/usr/lib/initramfs-tools/bin/busybox"}

// findSource finds what the tools are made of, and what that is. A file's own name
// says which program it is, so links are followed.
func (b *bringing) findSource(env []string) (string, fileKind, error) {
	if b.source == "" {
		source, kind := findBusybox(env)
		return source, kind, nil
	}
	source, err := absolute(b.source)
	if err == nil {
		source, err = filepath.EvalSymlinks(source)
	}
	if err != nil {
		return "", other, cannot("find ", b.source, err)
	}
	info, err := os.Stat(source)
	switch {
	case err != nil:
		return "", other, cannot("find ", b.source, err)
	case info.IsDir():
		return source, directoryOf, nil
	case !info.Mode().IsRegular():
		return "", other, applet.Fail("cannot use ", b.source, " as tools: it is neither a file nor a directory")
	}
	kind, err := kindOf(source)
	switch {
	case err != nil:
		return "", other, cannot("read ", b.source, err)
	case kind == script, kind == dynamic:
		fault := applet.Fail("cannot use ", b.source, " as tools: it is ", kind.words())
		fault.Hinting("name a static program, an archive, or a directory with all that it needs: / for the host's own")
		return "", other, fault
	}
	return source, kind, nil
}

// cannot words an error with its number alone.
func cannot(what, name string, err error) error {
	return applet.Fail("cannot ", what, name).With(plain(err))
}

// plain is an error without the path and operation that os adds.
func plain(err error) error {
	if path, ok := err.(*fs.PathError); ok {
		return path.Err
	}
	return err
}

// findBusybox finds a static busybox, or else the host's own root.
func findBusybox(env []string) (string, fileKind) {
	var places []string
	search, _ := prestart.Getenv(env, "PATH")
	for dir := range strings.SplitSeq(search, ":") {
		if path.IsAbs(dir) {
			places = append(places, path.Join(dir, "busybox"))
		}
	}
	for _, file := range append(places, usually...) {
		if kind, err := kindOf(file); err == nil && kind == static {
			if file, err = filepath.EvalSymlinks(file); err == nil {
				return file, static
			}
		}
	}
	return "/", directoryOf
}

// maxEntries is more than a root directory should have.
const maxEntries = 1024

// addTarget adds what is in the target's root directory.
func addTarget(t *launch.Tools, pid int) error {
	name := "/proc/" + strconv.Itoa(pid) + "/root"
	if err := rawfile.StartPoller(); err != nil {
		return cannot("read ", name, err)
	}
	dir, err := os.Open(name)
	if err != nil {
		return cannot("open ", name, err)
	}
	defer dir.Close()
	entries, err := dir.ReadDir(maxEntries + 1)
	switch {
	case len(entries) > maxEntries:
		return applet.Failf("the target's root directory has more than %d entries", maxEntries)
	case err != nil && err != io.EOF:
		return cannot("read ", name, err)
	}
	order.Sort(entries, func(a, b *fs.DirEntry) int { return strings.Compare((*a).Name(), (*b).Name()) })
	for _, e := range entries {
		add(t, int(dir.Fd()), e)
	}
	return nil
}

// add adds one entry. A link is made anew: it leads to the same place.
func add(t *launch.Tools, dir int, e fs.DirEntry) {
	name := e.Name()
	if name == toolsDir {
		return
	}
	if e.Type() != fs.ModeSymlink {
		t.Root = append(t.Root, launch.RootEntry{Name: name, Directory: e.IsDir()})
		return
	}
	target := make([]byte, unix.PathMax)
	if n, err := unix.Readlinkat(dir, name, target); err == nil && n > 0 {
		t.Links = append(t.Links, launch.Link{Path: name, Target: string(target[:n])})
	}
}

// has says whether there is something of a name in the root directory.
func has(t *launch.Tools, name string) bool {
	return slices.ContainsFunc(t.Root, func(e launch.RootEntry) bool { return e.Name == name }) ||
		slices.ContainsFunc(t.Links, func(l launch.Link) bool { return l.Path == name })
}

// addHost shows the programs of the host's own root.
func addHost(t *launch.Tools) error {
	for _, name := range programs {
		info, err := os.Lstat("/" + name)
		switch {
		case err != nil:
		case info.IsDir():
			t.Show = append(t.Show, launch.Showing{Name: name, Path: "/" + name})
		case info.Mode().Type() == fs.ModeSymlink:
			target, err := os.Readlink("/" + name)
			if err != nil {
				return cannot("read ", "/"+name, err)
			}
			t.Links = append(t.Links, launch.Link{Path: toolsDir + "/" + name, Target: strings.TrimPrefix(target, "/")})
		}
	}
	addLinked(t, "/")
	return nil
}

// addLinked leads dynamic programs to what they are linked with, where the target has
// no such directory of its own.
func addLinked(t *launch.Tools, source string) {
	for _, name := range linked {
		if !has(t, name) && isDirectory(path.Join(source, name)) {
			t.Links = append(t.Links, launch.Link{Path: name, Target: toolsDir + "/" + name})
		}
	}
}

// withTools is an environment for a program that has tools: they are found first, so
// that nothing in the target takes their place.
func (i *invocation) withTools(env []string, t *launch.Tools) []string {
	rest := usual
	if i.own.env {
		if value, ok := prestart.Getenv(env, "PATH"); ok {
			rest = value
		}
	}
	var dirs []string
	for _, dir := range binaries {
		if dir == "/bin" || !i.own.brings.isProgram {
			dirs = append(dirs, "/"+toolsDir+dir)
		}
	}
	env = with(env, "PATH", strings.Join(dirs, ":")+":"+rest)
	env = with(env, "NSKIT_TOOLS", "/"+toolsDir)
	if !i.own.env {
		home := "/"
		if asRoot := !i.own.uid.given || !i.own.uid.Follow && i.own.uid.ID == 0; asRoot && has(t, "root") {
			home = "/root"
		}
		env = with(env, "HOME", home)
	}
	if i.own.brings.shell {
		env = with(env, "PS1", i.own.target.shown()+":$PWD# ")
	}
	return env
}

// with is an environment with a variable set.
func with(env []string, name, value string) []string {
	kept := slices.DeleteFunc(slices.Clone(env), func(entry string) bool { return strings.HasPrefix(entry, name+"=") })
	return append(kept, name+"="+value)
}

// shown is what a prompt calls the target: letters and digits, whatever was typed.
func (t target) shown() string {
	name := t.name
	if t.kind == byPID {
		name = strconv.Itoa(t.pid)
	}
	plain := func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("._-/", c) {
			return c
		}
		return -1
	}
	if name = strings.Map(plain, name); name == "" {
		return "target"
	}
	return path.Base(name)
}
