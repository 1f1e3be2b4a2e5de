package trampoline

import (
	"io"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nskit/nskit/internal/program"
	"golang.org/x/sys/unix"
)

// outcome is how a process ended that carried out a Program.
type outcome struct {
	output string
	status unix.WaitStatus
	// killed says that it was made to end.
	killed bool
}

// carryOut executes p, with all that it leaves behind ended after some time.
func carryOut(t *testing.T, p *program.Program, input string, patience time.Duration) (outcome, error) {
	// A process that fuzzes is given descriptors for its orders.
	if err := unix.CloseRange(3, 1<<31-1, unix.CLOSE_RANGE_CLOEXEC); err != nil {
		t.Fatal(err)
	}
	in, out := pipe(t), pipe(t)
	defer in[0].Close()
	defer out[0].Close()
	io.WriteString(in[1], input)
	in[1].Close()
	attr := os.ProcAttr{Files: []*os.File{in[0], out[1], out[1]}, Env: []string{"A=1"}, Sys: &syscall.SysProcAttr{Setpgid: true}}
	proc, err := Start(p, &attr)
	out[1].Close()
	if err != nil {
		return outcome{}, err
	}
	timer := time.AfterFunc(patience, func() { syscall.Kill(-proc.Pid, syscall.SIGKILL) })
	output, err := io.ReadAll(out[0])
	if err != nil {
		t.Fatal(err)
	}
	state, err := proc.Wait()
	if err != nil {
		t.Fatal(err)
	}
	status := state.Sys().(syscall.WaitStatus)
	return outcome{string(output), unix.WaitStatus(status), !timer.Stop()}, nil
}

// pipe is one without the poller, which would make it non-blocking for the child.
func pipe(t *testing.T) [2]*os.File {
	var fds [2]int
	if err := unix.Pipe2(fds[:], unix.O_CLOEXEC); err != nil {
		t.Fatal(err)
	}
	return [2]*os.File{os.NewFile(uintptr(fds[0]), "reader"), os.NewFile(uintptr(fds[1]), "writer")}
}

// FuzzPrograms makes Programs of any bytes. One that is not refused is carried
// out by the interpreter, which must neither crash nor hang, and by a model,
// which must come to the same output and exit code.
func FuzzPrograms(f *testing.F) {
	for _, seed := range seeds {
		f.Add([]byte(seed))
	}
	if !toCopy().copyable() {
		borrow(f)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, input := generate(data)
		if p.Validate() != nil {
			if _, err := carryOut(t, p, input, time.Minute); err == nil {
				t.Errorf("an invalid program was carried out:\n%s", p)
			}
			return
		}
		new(Workspace).Prepare(p)
		if listing := p.String(); strings.Count(listing, "\n") < len(p.Steps) {
			t.Errorf("%d steps are listed as\n%s", len(p.Steps), listing)
		}
		m := newModel(p, input)
		m.run(0)
		compare(t, p, m, input)
	})
}

// compare carries out what the model has carried out.
func compare(t *testing.T, p *program.Program, m *model, input string) {
	patience := time.Minute
	if m.end != exited {
		patience = 20 * time.Millisecond
		if forks(p) {
			return // who knows how often
		}
	}
	got, err := carryOut(t, p, input, patience)
	switch {
	case err != nil:
		t.Errorf("a valid program is refused: %v\n%s", err, p)
	case got.status.Signaled() && !(got.killed && got.status.Signal() == unix.SIGKILL):
		t.Errorf("%v\n%s", got.status.Signal(), p)
	case m.end == exited && got.killed:
		t.Errorf("it does not end\n%s", p)
	case m.end == endless && !got.killed:
		t.Errorf("it ends with %#x\n%s", got.status, p)
	case m.end == exited && (got.status.ExitStatus() != m.code || got.output != m.output.String()):
		t.Errorf("exit code %d, want %d; output %q, want %q\n%s", got.status.ExitStatus(), m.code, got.output, m.output, p)
	}
}

func forks(p *program.Program) bool {
	return slices.ContainsFunc(p.Steps, func(s *program.Step) bool { return s.Op == program.SysClone })
}

// seeds are Programs in the generator's language.
var seeds = []string{
	"",
	"\x04\x00\x00\x00\x02\x02\x00\x05hello\x02\x01\x05world",
	string(random(0)),
	string(random(1)),
}

// TestPrograms is the same for some hundred Programs, whenever tests are run.
// Most must be valid, and the model must know how many of them end: else it
// would hold nothing.
func TestPrograms(t *testing.T) {
	ends := map[ending]int{}
	for seed := range uint64(400) {
		p, input := generate(random(seed))
		if p.Validate() == nil {
			m := newModel(p, input)
			m.run(0)
			ends[m.end]++
			compare(t, p, m, input)
		}
	}
	if ends[exited] < 150 {
		t.Errorf("%d Programs were followed to their end, %d have none, %d are not known", ends[exited], ends[endless], ends[unknown])
	}
}

func random(seed uint64) []byte {
	data := make([]byte, 200)
	for i := range data {
		seed = seed*6364136223846793005 + 1442695040888963407
		data[i] = byte(seed >> 56)
	}
	return data
}
