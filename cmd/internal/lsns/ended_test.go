package lsns

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/nskit/nskit/internal/census"
)

// process makes a process in a made-up /proc.
func process(t *testing.T, proc string, pid, net int) {
	t.Helper()
	dir := filepath.Join(proc, strconv.Itoa(pid))
	err := os.MkdirAll(filepath.Join(dir, "ns"), 0o755)
	for name, text := range map[string]string{"cmdline": fmt.Sprintf("run\x00%d\x00", pid), "stat": fmt.Sprintf("%d (run) S 1", pid)} {
		err = errors.Join(err, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
	}
	err = errors.Join(err, os.Symlink(fmt.Sprintf("net:[%d]", net), filepath.Join(dir, "ns/net")))
	if err != nil {
		t.Fatal(err)
	}
}

// ended is a snapshot of which the processes 1, 5, 7 and 8 have ended since: the
// first one of two namespaces, the only one of a third, and of a fourth, which a descriptor holds.
func ended(t *testing.T) *census.Snapshot {
	proc := t.TempDir()
	for pid, net := range map[int]int{1: 40, 2: 40, 5: 50, 6: 50, 7: 70, 8: 80} {
		process(t, proc, pid, net)
	}
	snapshot, err := census.Take(census.Options{Proc: proc})
	if err != nil {
		t.Fatal(err)
	}
	snapshot.Find(80).Holders = []census.Holder{{How: census.ByDescriptor, PID: 2, FD: 3}}
	for _, pid := range []string{"1", "5", "7", "8"} {
		if err := os.RemoveAll(filepath.Join(proc, pid)); err != nil {
			t.Fatal(err)
		}
	}
	return snapshot
}

// TestEnded: the next process takes the place of one that has ended, and a
// namespace of which nothing is left has no row.
func TestEnded(t *testing.T) {
	for _, test := range []struct{ args, want string }{
		{"-l -o NS,PID,COMMAND", "40 2 run 2, 50 6 run 6, 80"},
		{"-o NS,PID,COMMAND", "40 2 run 2, 50 6 run 6, 80"},
		{"-l -o NS,PID,COMMAND -Q PID==5", ""},
		{"-l -o NS,PID,COMMAND -Q COMMAND=='run6'", ""},
		{"-l -o NS,PID,COMMAND -Q PID==6", ""}, // as it was when the snapshot was taken
		{"-l -o PID,COMMAND 50", "6 run 6"},
		{"-Tall -o PID,COMMAND,TYPE -t net", "40 2 run 2 net, 2 2 run 2 process, 50 6 run 6 net, 6 6 run 6 process, 80 net"},
		{"-l -o NS,PID", "40 1, 50 5, 70 7, 80 8"}, // nothing was read of them
	} {
		var got []string
		for line := range strings.Lines(drawn(t, ended(t), strings.Fields(test.args)...)) {
			got = append(got, strings.Join(strings.Fields(strings.TrimLeft(line, " |`-")), " "))
		}
		if strings.Join(got, ", ") != test.want {
			t.Errorf("%s: %q, want %q", test.args, strings.Join(got, ", "), test.want)
		}
	}
}

// TestEndedWhileRead: of a process that ends while it is read nothing is shown.
func TestEndedWhileRead(t *testing.T) {
	snapshot := ended(t)
	dir := filepath.Join(snapshot.Proc, "2")
	for _, name := range []string{"cmdline", "ns"} {
		if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	snapshot.Processes = snapshot.Processes[:0] // or it is seen to have ended before
	if details, ok := snapshot.Reader().Details(2, census.Command|census.UID); ok || details.UID != -1 {
		t.Errorf("%+v", details)
	}
}
