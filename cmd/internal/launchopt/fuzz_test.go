package launchopt

import (
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/cmd/internal/getopt"
	"github.com/nskit/nskit/internal/trampoline"
	"github.com/nskit/nskit/pkg/launch"
)

// FuzzOptions wants every command line that is not refused to become a Program
// that can be carried out and printed, and the command to be its last words.
func FuzzOptions(f *testing.F) {
	for _, seed := range []string{
		"-Urpmf\n--mount-proc\n--map-users\n0:1:2\nsh", "--map-auto", "--map-users=auto\n--map-group=staff\n-r", "--owner=1:2\n--map-user=jo",
		"-muinpUCT\n--kill-child=RTMIN+1\n--forward-signals=HUP,TERM\ntrue", "-T\n--monotonic=5\n--boottime=-6", "--load-interp=:x:M::y:z:OCF",
		"--net=/run/netns/x\n--user=/u\n-p/p\n-f", "-R/r\n-w/d\n-S1\n-G2\n--keep-caps\n-U", "-n\n--loopback\n--hostname=box\n--env-whitelist=A,B\n--env-clear",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, line string) {
		words := strings.Split(line, "\n")
		if strings.Contains(line, "\x00") {
			return // no word of a command line has one
		}
		system := fake
		system.LoginShell, system.LastCap = func() string { return "/bin/sh" }, func() int { return 40 }
		o := Options{System: &system}
		env := []string{"SHELL=/bin/sh", "PATH=/bin", "A=1"}
		operands, err := o.Parser.Parse(&o, words, Table[:], getopt.StopAtOperand)
		if err != nil || o.Finish(&applet.Invocation{Name: "unshare", Argv: append([]string{"unshare"}, words...)}, operands, env) != nil {
			return
		}
		if len(operands) > 0 && !slices.Equal(o.Spec.Command.Args, operands) {
			t.Errorf("%q runs %q", words, o.Spec.Command.Args)
		}
		caller := o.Caller(env)
		p := new(launch.Workspace).Unshare(&o.Spec, &caller)
		if err := p.Validate(); err != nil {
			t.Fatalf("%q: %v", words, err)
		}
		new(trampoline.Workspace).Prepare(p)
		if err := p.Print(io.Discard); err != nil {
			t.Error(err)
		}
	})
}
