package nsenter

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nskit/nskit/internal/testkit"
)

// inTarget is what every target runs: it tells what it has when it is asked to.
const inTarget = `while read line; do
/busybox find / -xdev ! -path '/proc/*' ! -name .tools -exec /busybox stat -c '%n %f %s %u %g %Y' {} ';' | /busybox sort
[ ! -e /proc/self/mountinfo ] || /busybox cat /proc/self/mountinfo
echo end; done`

// targets are kinds of containers, by what starts them on a root directory.
var targets = []struct {
	name  string
	needs testkit.Reason
	words []string
	// proc makes a directory for a /proc.
	proc bool
}{
	{"scratch", testkit.NeedsRoot, []string{"unshare", "-muinpf", "--propagation=private", "--root=ROOT"}, false},
	{"read-only", testkit.NeedsRoot, []string{"pivot", "-uinpf", "--proc", "--read-only", "ROOT"}, true},
	{"shared-mounts", testkit.NeedsRoot, []string{"unshare", "-mpf", "--propagation=shared", "--root=ROOT"}, false},
	{"chroot", testkit.NeedsRoot, []string{"busybox", "chroot", "ROOT"}, false},
	{"rootless", testkit.NeedsUserNamespaces, []string{"asuser", "pivot", "-Urpfuin", "--proc", "ROOT"}, true},
	{"rootless-read-only", testkit.NeedsUserNamespaces, []string{"asuser", "pivot", "-Urpf", "--proc", "--read-only", "ROOT"}, true},
	{"rootless-chroot", testkit.NeedsUserNamespaces, []string{"asuser", "unshare", "-Ur", "busybox", "chroot", "ROOT"}, false},
	{"rootless-of-root", testkit.NeedsRoot, []string{"asuser", "pivot", "-Urpf", "--proc", "ROOT"}, true},
}

// TestTools brings tools of every kind into containers of every kind. A process inside
// says the same of its mounts and files before, during and after; it is the same
// process in the same places.
func TestTools(t *testing.T) {
	testkit.Require(t, testkit.NeedsTool("busybox"))
	busybox, err := exec.LookPath("busybox")
	check(t, err)
	dir := t.TempDir()
	check(t, os.MkdirAll(filepath.Join(dir, "programs/bin"), 0o755))
	copyFile(t, busybox, filepath.Join(dir, "programs/bin/sh"))
	check(t, exec.Command("tar", "-C", filepath.Join(dir, "programs"), "-cf", filepath.Join(dir, "programs.tar"), "bin").Run())
	check(t, os.Chmod(dir, 0o755))
	check(t, os.Chmod(filepath.Dir(dir), 0o755))
	sources := []string{"--tools", "--tools=" + busybox, "--tools=" + dir + "/programs", "--tools=" + dir + "/programs.tar", "--tools=/"}
	for _, tt := range targets {
		t.Run(tt.name, func(t *testing.T) {
			testkit.Require(t, tt.needs)
			target := startTarget(t, busybox, tt.words, tt.proc)
			before := target.ask(t)
			for _, source := range sources {
				var nsenter []string
				if strings.HasPrefix(tt.name, "rootless") && tt.name != "rootless-of-root" {
					nsenter = []string{"asuser"}
				}
				target.use(t, before, append(nsenter, "nsenter", "--target", target.pid, source))
			}
			if after := target.ask(t); after != before {
				t.Errorf("after:\n%s\nbefore:\n%s", after, before)
			}
		})
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	text, err := os.ReadFile(from)
	check(t, err)
	check(t, os.WriteFile(to, text, 0o755))
}

// target is a process in a container of its own.
type target struct {
	pid string
	in  io.Writer
	out *bufio.Reader
}

// startTarget starts one on a root directory that holds a single static program.
func startTarget(t *testing.T, busybox string, words []string, proc bool) *target {
	root, err := os.MkdirTemp(os.Getenv("NSKIT_TEST_ROOT"), "root-")
	check(t, err)
	copyFile(t, busybox, filepath.Join(root, "busybox"))
	if proc {
		check(t, os.Mkdir(filepath.Join(root, "proc"), 0o755))
	}
	check(t, os.Chmod(root, 0o755))
	check(t, testkit.GiveAway(root))
	line := strings.Split(strings.ReplaceAll(strings.Join(words, "\n"), "ROOT", root), "\n")
	cmd := exec.Command(line[0], append(line[1:], "/busybox", "sh", "-c", "echo; "+inTarget)...)
	in, err := cmd.StdinPipe()
	check(t, err)
	out, err := cmd.StdoutPipe()
	check(t, err)
	cmd.Stderr = os.Stderr
	check(t, cmd.Start())
	t.Cleanup(func() { in.Close(); cmd.Wait() })
	target := &target{fmt.Sprint(cmd.Process.Pid), in, bufio.NewReader(out)}
	_, err = target.out.ReadString('\n')
	check(t, err)
	if child, err := os.ReadFile(fmt.Sprintf("/proc/%s/task/%s/children", target.pid, target.pid)); err == nil && len(child) > 0 {
		target.pid = strings.TrimSpace(string(child)) // what waits for it is outside
	}
	return target
}

// ask has the target say what it has, and adds what is seen of it from outside.
func (p *target) ask(t *testing.T) string {
	t.Helper()
	_, err := io.WriteString(p.in, "tell\n")
	check(t, err)
	var text strings.Builder
	for {
		line, err := p.out.ReadString('\n')
		check(t, err)
		if line == "end\n" {
			break
		}
		text.WriteString(line)
	}
	for _, name := range []string{"root", "cwd", "exe", "ns/mnt", "ns/user", "ns/net", "ns/pid"} {
		link, err := os.Readlink("/proc/" + p.pid + "/" + name)
		fmt.Fprintln(&text, name, link, err)
	}
	mounts, err := os.ReadFile("/proc/" + p.pid + "/mountinfo")
	check(t, err)
	text.Write(mounts)
	return text.String()
}

// inTools is run by a shell of the tools: it sees them and the target's files, and
// changes no tool.
const inTools = `cd "$NSKIT_TOOLS" && [ -e /busybox ] || exit 3
exec 2>&-
! (: >"$NSKIT_TOOLS/new") && ! (: >/new) || exit 5
echo "in $NSKIT_TOOLS"; read line; exit 7`

// use runs a program of the tools and asks the target meanwhile.
func (p *target) use(t *testing.T, before string, nsenter []string) {
	t.Helper()
	cmd := exec.Command(nsenter[0], append(nsenter[1:], "sh", "-c", inTools)...)
	in, err := cmd.StdinPipe()
	check(t, err)
	out, err := cmd.StdoutPipe()
	check(t, err)
	var said strings.Builder
	cmd.Stderr = &said
	check(t, cmd.Start())
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "in /.tools\n" {
		cmd.Wait()
		t.Errorf("%q: %q %v %s", nsenter, line, err, said.String())
		return
	}
	if during := p.ask(t); during != before {
		t.Errorf("%q: during:\n%s\nbefore:\n%s", nsenter, during, before)
	}
	in.Close()
	if cmd.Wait(); cmd.ProcessState.ExitCode() != 7 || said.Len() > 0 {
		t.Errorf("%q: %v %q", nsenter, cmd.ProcessState, said.String())
	}
}
