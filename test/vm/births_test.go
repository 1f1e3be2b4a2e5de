package vm

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nskit/nskit/internal/testkit"
	"golang.org/x/sys/unix"
)

// patience is how long to wait for what takes its time on an emulated machine.
const patience = 3 * time.Minute

// made are the flags of unshare(2) by which a process makes one namespace of a kind.
var made = map[string]uintptr{
	"mnt": unix.CLONE_NEWNS, "uts": unix.CLONE_NEWUTS, "ipc": unix.CLONE_NEWIPC, "user": unix.CLONE_NEWUSER, "pid": unix.CLONE_NEWPID,
	"net": unix.CLONE_NEWNET, "cgroup": unix.CLONE_NEWCGROUP, "time": unix.CLONE_NEWTIME,
}

// TestBirths has processes make namespaces and end at once, NSKIT_BIRTHS (20) of each kind, and asks the exporter: it
// counts each of them and each end, and knows who made one that is still there.
func TestBirths(t *testing.T) {
	testkit.Require(t, testkit.NeedsGuest)
	testkit.Require(t, testkit.NeedsRoot)
	testkit.Require(t, testkit.NeedsKernel("/sys/kernel/btf/vmlinux"))
	runtime.LockOSThread() // what it starts ends with this thread
	number := testkit.Number(t, "NSKIT_BIRTHS", 20)
	e := startExporter(t)
	before := e.counts()
	for kind, flag := range made {
		for range number {
			cmd := exec.Command("true")
			cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: flag}
			if err := cmd.Run(); err != nil {
				t.Fatalf("%s: %v", kind, err)
			}
		}
	}
	want := map[string]float64{"births_lost": before["births_lost"]}
	for kind := range made {
		for _, event := range []string{"created", "destroyed"} {
			n, ok := before[event+" "+kind]
			if !ok {
				t.Fatalf("no count of %s %s in %v", event, kind, before)
			}
			want[event+" "+kind] = n + float64(number)
		}
	}
	e.until(func() string { return differences(e.counts(), want) }) // a network namespace ends some time after its process
	e.creator()
}

// startExporter starts an exporter with births, and waits for its first answer.
func startExporter(t *testing.T) *watching {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	e := &watching{t: t, address: listener.Addr().String(), socket: filepath.Join(t.TempDir(), "births.sock")}
	listener.Close()
	cmd := exec.Command("nskit-exporter", "--collector.births", "--births.socket="+e.socket, "--web.listen-address="+e.address)
	cmd.Stderr = &e.log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	e.until(func() string {
		if e.counts()["success"] != 1 {
			return "the collector of births has no success: " + e.log.String()
		}
		return ""
	})
	return e
}

// watching is an exporter.
type watching struct {
	t               *testing.T
	address, socket string
	log             strings.Builder
}

// until waits until there is nothing to complain about.
func (e *watching) until(complaint func() string) {
	e.t.Helper()
	said := complaint()
	for end := time.Now().Add(patience); said != "" && time.Now().Before(end); said = complaint() {
		time.Sleep(100 * time.Millisecond)
	}
	if said != "" {
		e.t.Fatal(said)
	}
}

// counts are its numbers of births: "created net" and the like. There are none before it listens.
func (e *watching) counts() map[string]float64 {
	answer, err := http.Get("http://" + e.address + "/metrics")
	if err != nil {
		return nil
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil
	}
	counts := map[string]float64{}
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		var n float64
		fmt.Sscan(value, &n)
		name, label, _ := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(name, "nskit_"), `"}`), `="`)
		switch name {
		case "namespaces_created_total{type":
			counts["created "+label] = n
		case "namespaces_destroyed_total{type":
			counts["destroyed "+label] = n
		case "births_lost_total":
			counts["births_lost"] = n
		case "collector_success{collector":
			if label == "births" {
				counts["success"] = n
			}
		}
	}
	return counts
}

// differences says which counts are not as they should be.
func differences(got, want map[string]float64) string {
	var said []string
	for name, n := range want {
		if got[name] != n {
			said = append(said, fmt.Sprintf("%s: %v, want %v", name, got[name], n))
		}
	}
	return strings.Join(said, "\n")
}

// container is the name of one, and group that of the control group that its runtime would make for it.
const container, group = "births-test", "lxc.payload.births-test"

// creator has a process of a container make a network namespace that stays, and asks lsns who made it, and when.
func (e *watching) creator() {
	e.t.Helper()
	cmd := exec.Command("nskit", "unshare", "-n", "sleep", "1000")
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, UseCgroupFD: true, CgroupFD: newGroup(e.t)}
	before := time.Now()
	if err := cmd.Start(); err != nil {
		e.t.Fatal(err)
	}
	defer func() {
		cmd.Process.Kill()
		cmd.Wait()
	}()
	e.until(func() string {
		ask := exec.Command("nskit", "lsns", "-n", "-t", "net", "-o", "PID,CREATOR")
		ask.Env = append(os.Environ(), "NSKIT_BIRTHS_SOCKET="+e.socket)
		said, err := ask.CombinedOutput()
		for line := range strings.Lines(string(said)) {
			fields := strings.Fields(line)
			// The number in brackets is that in the initial PID namespace, which this may not be.
			if len(fields) == 5 && fields[0] == fmt.Sprint(cmd.Process.Pid) && strings.HasPrefix(fields[2], "nskit[") && fields[3] == "in" && fields[4] == container {
				e.timely(fields[1], before)
				return ""
			}
		}
		return fmt.Sprintf("lsns, of %d: %s, %v", cmd.Process.Pid, said, err)
	})
	if info, err := os.Stat(e.socket); err != nil || info.Mode().Perm() != 0o600 {
		e.t.Errorf("the socket: %v, %v", info, err)
	}
}

// timely wants a time between another one and now, but for the seconds that asking two clocks may take.
func (e *watching) timely(text string, before time.Time) {
	e.t.Helper()
	const margin = 30 * time.Second
	at, err := time.Parse(time.RFC3339, text)
	if err != nil || at.Before(before.Add(-margin)) || at.After(time.Now().Add(margin)) {
		e.t.Errorf("made at %s, asked for at %v: %v", text, before, err)
	}
}

// newGroup makes the container's control group, which is removed after the processes in it, and opens it.
func newGroup(t *testing.T) (descriptor int) {
	t.Helper()
	path := filepath.Join("/sys/fs/cgroup", group)
	if err := os.Mkdir(path, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.Remove(path); err != nil {
			t.Error(err)
		}
	})
	dir, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { dir.Close() })
	return int(dir.Fd())
}
