package getopt

import (
	"errors"
	"strings"
	"testing"
)

// record builds a table whose options write down what they were given.
func record(met *[]string) []Option {
	note := func(name string) func(*string) error {
		return func(value *string) error {
			if value != nil {
				name := name + "=" + *value
				*met = append(*met, name)
				return nil
			}
			*met = append(*met, name)
			return nil
		}
	}
	return []Option{
		{Short: 'm', Long: "mount", Arg: OptionalLong, Set: note("mount")},
		{Short: 'u', Long: "uts", Arg: Optional, Set: note("uts")},
		{Long: "mount-proc", Arg: Optional, Set: note("mount-proc")},
		{Long: "map-user", Arg: Required, Set: note("map-user")},
		{Long: "map-users", Arg: Required, Set: note("map-users")},
		{Short: 'f', Long: "fork", Set: note("fork")},
		{Short: 'S', Long: "setuid", Arg: Required, Set: note("setuid")},
		{Long: "forever", Extra: true, Set: note("forever")},
	}
}

func TestParse(t *testing.T) {
	for _, tt := range []struct {
		args     string // words separated by blanks, "" for none
		mode     Mode
		met      string
		operands string
		err      string
	}{
		{args: "-fm true -f", met: "fork mount", operands: "true -f"},
		{args: "-f true -m", mode: Permute, met: "fork mount", operands: "true"},
		{args: "-f -- -m x", met: "fork", operands: "-m x"},
		{args: "a -- -m", mode: Permute, operands: "a -m"},
		{args: "- -f", operands: "- -f"},
		{args: "--fo", met: "fork"},
		{args: "--forever", met: "forever"},
		{args: "--foreve", err: "unrecognized option '--foreve'"},
		{args: "--mount", met: "mount"},
		{args: "--mount=", met: "mount="},
		{args: "--mount=/x", met: "mount=/x"},
		{args: "--mount-p", met: "mount-proc"},
		{args: "-m/x", met: "mount", err: "invalid option -- '/'"},
		{args: "-u/x", met: "uts=/x"},
		{args: "-u=/x", met: "uts==/x"},
		{args: "-u /x", met: "uts", operands: "/x"},
		{args: "-fS 7", met: "fork setuid=7"},
		{args: "-fS7", met: "fork setuid=7"},
		{args: "--map-user 5", met: "map-user=5"},
		{args: "--map-users=a=b", met: "map-users=a=b"},
		{args: "--m=1", err: "option '--m=1' is ambiguous; possibilities: '--mount' '--mount-proc' '--map-user' '--map-users'"},
		{args: "--bogus=1", err: "unrecognized option '--bogus=1'"},
		{args: "--fork=1", err: "option '--fork' doesn't allow an argument"},
		{args: "--fo=1", err: "option '--fork' doesn't allow an argument"},
		{args: "--setuid", err: "option '--setuid' requires an argument"},
		{args: "-S", err: "option requires an argument -- 'S'"},
		{args: "-\xff", err: "invalid option -- '\xff'"},
		{args: "-fx", met: "fork", err: "invalid option -- 'x'"},
	} {
		t.Run(tt.args, func(t *testing.T) {
			var met []string
			operands, err := Parse(strings.Fields(tt.args), record(&met), tt.mode)
			if got := strings.Join(met, " "); got != tt.met {
				t.Errorf("met %q, want %q", got, tt.met)
			}
			if got := strings.Join(operands, " "); got != tt.operands {
				t.Errorf("operands %q, want %q", got, tt.operands)
			}
			var fault *Error
			if tt.err != "" && (!errors.As(err, &fault) || fault.Error() != tt.err) || tt.err == "" && err != nil {
				t.Errorf("error %v, want %q", err, tt.err)
			}
		})
	}
}

func TestSetErrorEndsTheParse(t *testing.T) {
	stop := errors.New("stop")
	met := false
	_, err := Parse([]string{"-ab"}, []Option{
		{Short: 'a', Long: "a", Set: func(*string) error { return stop }},
		{Short: 'b', Long: "b", Set: Flag(&met)},
	}, Permute)
	if !errors.Is(err, stop) || met {
		t.Errorf("err %v, b met %v; want the parse to end at a", err, met)
	}
}
