package runtimes

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// features are what is tried with each container. Each leaves it as it was.
var features = []struct {
	name string
	try  func(t *testing.T, c *container)
}{
	{"name", byName},
	{"lsns", listed},
	{"tools", tools},
	{"carry", carry},
	{"attach", attach},
	{"ready", ready},
	{"wait", wait},
	{"vethctl", pair},
}

// inside is what a shell says about where it is.
const inside = `for kind in mnt net uts ipc pid; do readlink /proc/self/ns/$kind; done`

// places says the same of a container's init, from outside.
func (c *container) places(t *testing.T) string {
	t.Helper()
	var places []string
	for _, kind := range []string{"mnt", "net", "uts", "ipc", "pid"} {
		place, err := os.Readlink("/proc/" + c.pid + "/ns/" + kind)
		check(t, err)
		places = append(places, place)
	}
	return strings.Join(places, "\n")
}

// there fails the test if a command was not in the container's namespaces. A private copy
// of its mount namespace is another one.
func (c *container) there(t *testing.T, said string, copied bool) {
	t.Helper()
	want := c.places(t)
	if copied {
		_, want, _ = strings.Cut(want, "\n")
		_, said, _ = strings.Cut(said, "\n")
	}
	if said != want {
		t.Errorf("in\n%s\nwant\n%s", said, want)
	}
}

func byName(t *testing.T, c *container) {
	for _, query := range c.queries {
		c.there(t, c.run(t, "nsenter", "-t", "ctr:"+query, "-a", "-r", "/bin/busybox", "sh", "-c", inside), false)
	}
}

func listed(t *testing.T, c *container) {
	network, err := os.Readlink("/proc/" + c.pid + "/ns/net")
	check(t, err)
	number := strings.Trim(network, "net:[]")
	if said := c.run(t, "lsns", "-n", "-t", "net", "-o", "NS", "ctr:"+c.name); said != number {
		t.Errorf("lsns ctr:%s: %q, want %s", c.name, said, number)
	}
	listing := c.run(t, "lsns", "-n", "-t", "net", "-o", "NS,CTR")
	for line := range strings.Lines(listing) {
		words := strings.Fields(line)
		if got := strings.Join(words[1:], " "); words[0] == number && got != c.label {
			t.Errorf("lsns: CTR is %q, want %q", got, c.label)
		} else if words[0] != number && got == c.label {
			t.Errorf("lsns: namespace %s is %q, too", words[0], got)
		}
	}
	if !strings.Contains(listing, number) {
		t.Errorf("lsns has no %s:\n%s", number, listing)
	}
}

// look tells what a container has: its mounts and its files, from inside by the host's
// own nsenter and from outside.
func (c *container) look(t *testing.T) string {
	t.Helper()
	mounts, err := os.ReadFile("/proc/" + c.pid + "/mountinfo")
	check(t, err)
	said, err := exec.Command(os.Getenv("HOST")+"/nsenter", "-t", c.pid, "-a", "--preserve-credentials", "/bin/busybox", "sh", "-c",
		"cat /proc/1/mountinfo; ls -1A /; ls -lan /bin /data; cat /file").CombinedOutput()
	if err != nil {
		t.Fatalf("%v %s", err, said)
	}
	root := "/proc/" + c.pid + "/root/"
	var files strings.Builder
	err = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch info, gone := entry.Info(); {
		case err != nil:
			return err
		case gone != nil:
			return gone
		case path == root+"proc" || path == root+"sys" || path == root+"dev":
			return filepath.SkipDir
		default:
			fmt.Fprintln(&files, path, info.Mode(), info.Size(), info.ModTime())
			return nil
		}
	})
	check(t, err)
	return string(mounts) + string(said) + files.String()
}

func tools(t *testing.T, c *container) {
	busybox, err := exec.LookPath("busybox")
	check(t, err)
	programs := filepath.Join(c.dir, "programs")
	check(t, os.MkdirAll(programs+"/bin", 0o755))
	check(t, exec.Command("cp", busybox, programs+"/bin/sh").Run())
	before := c.look(t)
	for _, source := range []string{"--tools", "--tools=" + busybox, "--tools=" + programs, "--tools=" + c.dir + "/root.tar", "--tools=/"} {
		cmd := c.as("nsenter", "-t", "ctr:"+c.name, source, "sh", "-c", inside+`; cat /file; ls -d "$NSKIT_TOOLS"; echo ready; read line; exit 7`)
		if strings.HasSuffix(source, "root.tar") {
			cmd.Args = append(cmd.Args[:len(cmd.Args)-3], "busybox", "sh", "-c", cmd.Args[len(cmd.Args)-1])
		}
		said, end := converse(t, cmd, "ready\n")
		want := "of the image\n/.tools"
		lines := strings.SplitAfterN(said, "\n", 6)
		if lines[len(lines)-1] != want {
			t.Errorf("%s: %q", source, said)
		}
		c.there(t, strings.TrimSpace(strings.TrimSuffix(said, want)), true)
		if during := c.look(t); during != before {
			t.Errorf("%s: during:\n%s\nbefore:\n%s", source, during, before)
		}
		if code, text := end(); code != 7 || text != "" {
			t.Errorf("%s: exit code %d, %s", source, code, text)
		}
	}
	if after := c.look(t); after != before {
		t.Errorf("after:\n%s\nbefore:\n%s", after, before)
	}
}

func carry(t *testing.T, c *container) {
	before := c.look(t)
	cmd := c.as("nsenter", "-t", "ctr:"+c.name, "--carry", "busybox", "sh", "-c", inside+"; cat /file; echo ready; read line; exit 7")
	said, end := converse(t, cmd, "ready\n")
	c.there(t, strings.TrimSuffix(said, "\nof the image"), false)
	if during := c.look(t); during != before {
		t.Errorf("during:\n%s\nbefore:\n%s", during, before)
	}
	if code, text := end(); code != 7 || text != "" {
		t.Errorf("exit code %d, %s", code, text)
	}
	if after := c.look(t); after != before {
		t.Errorf("after:\n%s\nbefore:\n%s", after, before)
	}
}

func attach(t *testing.T, c *container) {
	host := filepath.Join(c.dir, "host")
	check(t, os.MkdirAll(host, 0o755))
	check(t, os.WriteFile(filepath.Join(host, "greeting"), []byte("hello\n"), 0o644))
	before := c.look(t)
	c.run(t, "nsenter", "-t", "ctr:"+c.name, "--attach", host+":/data:ro")
	if text, err := os.ReadFile("/proc/" + c.pid + "/root/data/greeting"); string(text) != "hello\n" {
		t.Errorf("from outside: %q %v", text, err)
	}
	if during := c.look(t); !strings.Contains(during, "greeting") || !strings.Contains(during, " /data ro,") {
		t.Error("its processes do not see it:\n", during)
	}
	if err := os.WriteFile("/proc/"+c.pid+"/root/data/new", nil, 0o644); err == nil {
		t.Error("it can be written")
	}
	c.run(t, "nsenter", "-t", "ctr:"+c.name, "--detach", "/data")
	if after := c.look(t); after != before {
		t.Errorf("after:\n%s\nbefore:\n%s", after, before)
	}
}

// ready carries nskit itself inside, where it makes namespaces and tells of them.
func ready(t *testing.T, c *container) {
	said := c.run(t, "nsenter", "-t", "ctr:"+c.name, "--carry", os.Getenv("NSKIT"), "unshare", "-u", "--ready-fd", "1",
		"/bin/busybox", "sh", "-c", "echo $$; readlink /proc/self/ns/uts")
	line, rest, _ := strings.Cut(said, "\n")
	var told struct {
		PID        int
		Namespaces map[string]uint64
	}
	if err := json.Unmarshal([]byte(line), &told); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	if want := fmt.Sprintf("%d\nuts:[%d]", told.PID, told.Namespaces["uts"]); rest != want {
		t.Errorf("%s\nbut it is\n%s", line, rest)
	}
}

// wait waits for a container that is not there yet.
func wait(t *testing.T, c *container) {
	later := c.name + "-later"
	cmd := c.as("nsenter", "--wait=60", "-t", "ctr:"+later, "-a", "-r", "/bin/busybox", "sh", "-c", inside)
	var out, errs strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &errs
	check(t, cmd.Start())
	other := c.site.start(t, c.kind, later)
	if err := cmd.Wait(); err != nil || errs.Len() > 0 {
		t.Fatalf("%v %s", err, errs.String())
	}
	other.there(t, strings.TrimSpace(out.String()), false)
}

// pair connects the host and a container. It needs root on the host, who takes no
// user's word for a name.
func pair(t *testing.T, c *container) {
	where := "ctr:" + c.name
	if c.user {
		t.Log("by the PID")
		where = "pid:" + c.pid
	}
	root := *c.site
	root.user = false
	here := &container{site: &root, kind: c.kind, name: c.name, pid: c.pid}
	here.run(t, "vethctl", "add", "nskit0,addr=10.77.0.1/24", where+":nskit1,addr=10.77.0.2/24")
	here.run(t, "vethctl", "wait", "nskit0", "--timeout", "10")
	if said, err := exec.Command(os.Getenv("HOST")+"/nsenter", "-t", c.pid, "-n", "ping", "-c1", "-W5", "10.77.0.1").CombinedOutput(); err != nil {
		t.Errorf("%v %s", err, said)
	}
	listing := here.run(t, "vethctl", "list", "--noheadings")
	if !c.user && !strings.Contains(listing, "ctr:"+c.name) {
		t.Errorf("the list has no ctr:%s:\n%s", c.name, listing)
	}
	here.run(t, "vethctl", "del", "nskit0")
	if left := here.run(t, "vethctl", "list", "--noheadings"); strings.Contains(left, "nskit0") {
		t.Error(left)
	}
}

// converse starts a command and returns what it says before the word, and what ends it.
func converse(t *testing.T, cmd *exec.Cmd, word string) (said string, end func() (code int, errors string)) {
	t.Helper()
	in, err := cmd.StdinPipe()
	check(t, err)
	out, err := cmd.StdoutPipe()
	check(t, err)
	var errs strings.Builder
	cmd.Stderr = &errs
	check(t, cmd.Start())
	var text strings.Builder
	for buffer := make([]byte, 1024); !strings.HasSuffix(text.String(), word); {
		n, err := out.Read(buffer)
		text.Write(buffer[:n])
		if err != nil {
			cmd.Wait()
			t.Fatalf("%q: %s%s", cmd.Args, text.String(), errs.String())
		}
	}
	return strings.TrimSpace(strings.TrimSuffix(text.String(), word)), func() (int, string) {
		in.Close()
		cmd.Wait()
		return cmd.ProcessState.ExitCode(), errs.String()
	}
}
