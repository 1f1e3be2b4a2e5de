package census

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/nskit/nskit/internal/testkit"
	"github.com/nskit/nskit/pkg/ns"
)

const knownWant = Descriptors | Threads | ForChildren

// TestKnown: a process that does nothing is not looked at again, and what it does is seen, whatever is known.
func TestKnown(t *testing.T) {
	testkit.Require(t, testkit.NeedsRoot)
	pid, say := obedient(t)
	known := &Known{settle: 1}
	look := func(whole bool) *Snapshot {
		t.Helper()
		for (pid+known.round+1)%again == 0 != whole { // the turn of this process, or not
			known.round++
		}
		s, err := Take(Options{Want: knownWant, Known: known})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	holds := func(s *Snapshot) bool {
		for i := range s.Namespaces {
			for _, h := range s.Namespaces[i].Holders {
				if h.How == ByDescriptor && h.PID == pid && h.FD == 9 {
					return true
				}
			}
		}
		return false
	}
	idle := func() *Snapshot { // whoever stops it and lets it go on has it run, too
		t.Helper()
		for range 1000 {
			if s := look(false); known.idle(pid) {
				return s
			}
		}
		t.Fatal("a process that does nothing is looked at again and again")
		return nil
	}
	first := look(false)
	if holds(first) || known.idle(pid) {
		t.Fatal("the first look is none")
	}
	if again := idle(); *again.Process(pid).Namespaces != *first.Process(pid).Namespaces || again.Process(pid).Threads != 1 {
		t.Errorf("a process that does nothing: %+v", again.Process(pid))
	}
	say("exec 9</proc/$$/ns/net")
	if !holds(look(false)) || !holds(idle()) {
		t.Error("its descriptor was not seen")
	}
	if look(true); known.idle(pid) {
		t.Error("it was not looked at in its turn")
	}
	say("exec unshare -u sh -c \"$loop\"")
	if s := look(false); s.Process(pid).Namespaces[ns.UTS] == first.Process(pid).Namespaces[ns.UTS] {
		t.Error("its new namespace was not seen")
	}
	if known.settle = time.Hour; known.mayBeKnown(&knownProcess{}, time.Minute) {
		t.Error("known before it has done nothing for long enough")
	}
}

// TestKnownRelations: what is kept is what is asked for otherwise.
func TestKnownRelations(t *testing.T) {
	testkit.Require(t, testkit.NeedsRoot)
	pid, _ := obedient(t)
	known, ask := &Known{settle: 1}, Parents|Owners|OwnerUIDs|Ancestors|IDs
	take := func() *Snapshot {
		s, err := Take(Options{Want: knownWant, Known: known})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	if (pid+1)%again == 0 || (pid+2)%again == 0 {
		known.round += 2
	}
	first := take()
	if err := known.Relate(first, ask); err != nil {
		t.Skip(err)
	}
	second := take()
	asked := &Snapshot{Proc: second.Proc, Self: second.Self, Processes: second.Processes, Namespaces: append([]Namespace{}, second.Namespaces...)}
	if err := asked.Relate(ask, nil); err != nil {
		t.Fatal(err)
	}
	if err := known.Relate(second, ask); err != nil {
		t.Fatal(err)
	}
	for kind, inode := range second.Process(pid).Namespaces {
		if inode == 0 {
			continue
		}
		if diff := cmp.Diff(asked.Find(inode).Relations, second.Find(inode).Relations); diff != "" {
			t.Errorf("%v: %s", ns.Kind(kind), diff)
		}
	}
}

func TestActivity(t *testing.T) {
	for text, want := range map[string]activity{
		"8188938 112117060 4\n": {8188938, 112117060, 4},
		"0 0 0\n":               {}, "": {}, "1 2\n": {}, "1 2 3 4\n": {}, "1 x 3\n": {}, "5 0 0\n": {5, 0, 0},
	} {
		if got, ok := parseActivity([]byte(text)); got != want || ok != (want.times > 0) {
			t.Errorf("%q: %+v %v", text, got, ok)
		}
	}
}

// obedient is a shell that does what it is told, and nothing until then; say returns when that is done.
func obedient(t *testing.T) (pid int, say func(command string)) {
	loop := `echo done; while read -r line; do eval "$line"; echo done; done`
	cmd := exec.Command("sh", "-c", loop)
	cmd.Env = append(os.Environ(), "loop="+loop)
	in, out := testkit.Piped(t, cmd)
	t.Cleanup(func() { in.Close(); _ = cmd.Process.Kill(); _ = cmd.Wait() })
	heard := make([]byte, len("done\n"))
	obeyed := func() {
		t.Helper()
		if _, err := io.ReadFull(out, heard); err != nil {
			t.Fatal(err)
		}
		asleep(t, cmd.Process.Pid) // it reads its next command
	}
	obeyed()
	return cmd.Process.Pid, func(command string) { fmt.Fprintln(in, command); obeyed() }
}
