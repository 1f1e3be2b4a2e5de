package launch

import (
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/nskit/nskit/internal/program"
)

// noReason matches what is beside a call that says no more than under which
// condition it is made, or where a failure leads.
var noReason = regexp.MustCompile(`^(if [^:]*|again .*|after .*)?$`)

// TestEveryCallHasItsReason: --explain lists no call without saying what it is for.
func TestEveryCallHasItsReason(t *testing.T) {
	all := every()
	all["pivot_root"] = PivotRoot(&Spec{Name: "pivot_root", Pivot: &PivotSpec{Root: "/new", PutOld: "/new/old"}})
	all["switch_root"] = SwitchRoot(&Spec{Name: "switch_root", Pivot: &PivotSpec{Root: "/new", Tool: "/nskit"},
		Command: Command{File: "/sbin/init", Args: []string{"/sbin/init"}, Direct: true}}, &Caller{PID: 1})
	missing := map[string]bool{}
	for name, p := range all {
		for _, print := range []func(*program.Program, io.Writer) error{(*program.Program).Print, (*program.Program).PrintAll} {
			var text strings.Builder
			if err := print(p, &text); err != nil {
				t.Fatal(err)
			}
			for _, line := range strings.Split(text.String(), "\n") {
				call, note, _ := strings.Cut(line, "  # ")
				if call = strings.TrimSpace(call); call == "" || strings.HasPrefix(call, "#") {
					continue // a title, or where a loop begins again
				}
				if noReason.MatchString(note) && !missing[line] {
					missing[line] = true
					t.Errorf("%s: no reason: %s", name, line)
				}
			}
		}
	}
}
