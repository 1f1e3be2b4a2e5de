package odd

import (
	"bytes"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/nskit/nskit/internal/testkit"
	"golang.org/x/sys/unix"
)

//go:embed testdata/cell.sh
var cellScript string

// Line is a command line, and who runs it.
type Line struct {
	As, Text string
	Like     string // what util-linux's tools are told instead, for an applet that they lack
	Back     string // what takes back what it has made
}

// Answer is what came of a line.
type Answer struct {
	Out, Err string
	Code     int // -1 if it did not come to an end
}

// Place is what all cells are made of: a directory of tools and a root file system.
type Place struct{ tools, root, script string }

// NewPlace fills a directory that anybody can read.
func NewPlace(dir string) (*Place, error) {
	p := &Place{tools: filepath.Join(dir, "tools"), root: filepath.Join(dir, "root"), script: filepath.Join(dir, "cell.sh")}
	for _, name := range []string{p.root, p.tools + "/any", p.tools + "/host", p.tools + "/nskit"} {
		if err := os.MkdirAll(name, 0o755); err != nil {
			return nil, err
		}
	}
	busybox, err := exec.LookPath("busybox")
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	steps := []func() error{
		func() error { return os.Chmod(dir, 0o755) },
		func() error { return testkit.Rootfs(p.root) },
		func() error { return os.WriteFile(p.script, []byte(cellScript), 0o644) },
		func() error { return copyFile(busybox, p.tools+"/any/busybox") },
		func() error { return copyFile(self, p.tools+"/odd") },
		func() error { return copyFile(os.Getenv("NSKIT"), p.tools+"/nskit/nskit") },
		p.links,
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func copyFile(from, to string) error {
	output, err := exec.Command("cp", from, to).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w: %s", err, output)
	}
	return os.Chmod(to, 0o755)
}

// links gives the tools their names.
func (p *Place) links() error {
	for _, name := range []string{"unshare", "nsenter", "lsns", "pivot_root"} {
		path, err := os.Readlink(filepath.Join(os.Getenv("HOST"), name))
		if err != nil {
			return err
		}
		if err := os.Symlink(path, filepath.Join(p.tools, "host", name)); err != nil {
			return err
		}
	}
	for _, name := range []string{"unshare", "nsenter", "lsns", "pivot_root", "pivot", "vethctl"} {
		if err := os.Symlink("nskit", filepath.Join(p.tools, "nskit", name)); err != nil {
			return err
		}
	}
	for _, name := range []string{"true", "false", "cat", "id", "sleep", "hostname", "mount", "umount", "grep", "tr", "mkdir"} {
		if err := os.Symlink("busybox", filepath.Join(p.tools, "any", name)); err != nil {
			return err
		}
	}
	return nil
}

// Script adds a program to what all lines can run by name.
func (p *Place) Script(name, text string) error {
	return os.WriteFile(filepath.Join(p.tools, "any", name), []byte(text), 0o755)
}

// runLines is the shell text that runs lines one after the other, each with both tools.
// What they print is parted by lines that begin with @@.
func runLines(lines []Line, each string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `EACH=%s
run() {
	echo "@@ $1 $2"; echo "@@ $1 $2" >&2
	tool=$2 command=$3 as=
	export tool command
	[ $4 = root ] || as="setpriv --reuid 1000 --regid 1000 --clear-groups"
	PATH=/tools/$tool:/tools/any:/usr/bin:/bin:/usr/sbin:/sbin
	$as /bin/sh -c "$EACH
eval \"exec \$command\""
	echo "@@exit $?"
	[ -z "$5" ] || (exec >&- 2>&-; eval "$5")
}
`, quote(each))
	for i, l := range lines {
		theirs := l.Text
		if l.Like != "" {
			theirs = l.Like
		}
		fmt.Fprintf(&b, "run %d host %s %s %s\n", i, quote(theirs), l.As, quote(l.Back))
		fmt.Fprintf(&b, "run %d nskit %s %s %s\n", i, quote(l.Text), l.As, quote(l.Back))
	}
	return b.String()
}

func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// Run runs lines on a host, in a cell of their own, and returns what came of each with
// util-linux's tools and with nskit's. The error is of the harness.
func (p *Place) Run(h *Host, lines []Line, patience time.Duration) (theirs, ours []Answer, err error) {
	if h.After != nil {
		defer h.After()
	}
	cmd := exec.Command("/bin/sh", p.script, p.tools, p.root)
	cmd.Env = []string{"PATH=/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL=C", "SETUP=" + h.Setup, "AROUND=" + h.Around, "SCRIPT=" + runLines(lines, h.Each)}
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:   unix.CLONE_NEWPID | unix.CLONE_NEWNET | unix.CLONE_NEWIPC | unix.CLONE_NEWUTS,
		Unshareflags: unix.CLONE_NEWNS,
		Pdeathsig:    syscall.SIGKILL,
		Setsid:       true, // a line may signal its process group
	}
	if h.Inside {
		inside(cmd.SysProcAttr)
	}
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	cmd.WaitDelay = time.Second
	if err := testkit.StartPinned(cmd); err != nil {
		return nil, nil, err
	}
	timer := time.AfterFunc(patience, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	err = cmd.Wait()
	theirs, ours = answers(len(lines), out.String(), errs.String())
	if !strings.Contains(out.String(), "@@exit ") {
		return nil, nil, fmt.Errorf("the cell: %v\n%s", err, errs.String())
	}
	return theirs, ours, nil
}

// inside maps everybody that the lines need.
func inside(attributes *syscall.SysProcAttr) {
	attributes.Cloneflags |= unix.CLONE_NEWUSER | unix.CLONE_NEWNS
	attributes.Unshareflags = 0
	maps := []syscall.SysProcIDMap{{ContainerID: 0, HostID: 0, Size: 400000}}
	attributes.UidMappings, attributes.GidMappings = maps, maps
	attributes.GidMappingsEnableSetgroups = true
	attributes.Credential = &syscall.Credential{}
}

// answers parts what a cell has printed.
func answers(n int, out, errs string) (theirs, ours []Answer) {
	all := map[string][]Answer{"host": make([]Answer, n), "nskit": make([]Answer, n)}
	for _, list := range all {
		for i := range list {
			list[i].Code = -1
		}
	}
	part(out, func(tool string, i int, text string) {
		text, code, _ := strings.Cut(text, "@@exit ")
		all[tool][i].Out = mask(text)
		if number, err := strconv.Atoi(strings.TrimSpace(code)); err == nil {
			all[tool][i].Code = number
		}
	})
	part(errs, func(tool string, i int, text string) { all[tool][i].Err = mask(text) })
	return all["host"], all["nskit"]
}

func part(text string, each func(tool string, i int, text string)) {
	for _, section := range strings.Split("\n"+text, "\n@@ ") {
		head, rest, _ := strings.Cut(section, "\n")
		number, tool, _ := strings.Cut(head, " ")
		if i, err := strconv.Atoi(number); err == nil {
			each(tool, i, strings.TrimPrefix(rest+"\n", "\n"))
		}
	}
}

// own are numbers of processes that the lines have made, in their many figures.
var own = regexp.MustCompile(`\b([3-9][0-9]{3}|419[0-9]{4})\b`)

// blanks are as wide as a version of lsns makes its columns: test/compare knows them.
var blanks = regexp.MustCompile(` {2,}`)

// indents are as wide as the columns to their right.
var indents = regexp.MustCompile(`(?m)^ +`)

// shells complain of a working directory that is gone.
var shells = regexp.MustCompile(`(?m)^(sh|/bin/sh): 0: getcwd\(\) failed: .*\n`)

func mask(text string) string {
	return indents.ReplaceAllString(blanks.ReplaceAllString(own.ReplaceAllString(shells.ReplaceAllString(text, ""), "PID"), " "), "")
}
