package launch

import (
	"path/filepath"
	"testing"

	"github.com/nskit/nskit/pkg/idmap"
	"github.com/nskit/nskit/pkg/ns"
	"golang.org/x/sys/unix"
)

// TestChildGolden compares the Programs of a process whose PID is not known
// beforehand.
func TestChildGolden(t *testing.T) {
	files := []Persist{{ns.Net, "/run/net"}, {ns.PID, "/run/pid"}}
	maps := IDs{Blocks: []idmap.Block{sub}}
	for _, tt := range []struct {
		name string
		uid  uint32
		spec Spec
	}{
		{"map-users-as-root", 0, Spec{Unshare: ns.SetOf(ns.User), Users: maps}},
		{"map-auto", 1000, Spec{Unshare: ns.SetOf(ns.User), Users: maps, Groups: maps}},
		{"kill-child", 0, Spec{Fork: true, KillChild: unix.SIGKILL}},
		{"persist", 0, Spec{Unshare: ns.SetOf(ns.Net, ns.PID), Fork: true, Persist: files}},
		{"persist-mount", 0, Spec{Unshare: ns.SetOf(ns.Net, ns.Mount, ns.PID), Fork: true, Persist: files}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			spec := tt.spec
			spec.Name, spec.Command = "unshare", Command{File: "/bin/true", Args: []string{"/bin/true"}, Title: []string{"unshare"}}
			p := Unshare(&spec, &Caller{UID: tt.uid, GID: tt.uid, Path: Some("/usr/bin")})
			if err := p.Validate(); err != nil {
				t.Errorf("not a valid Program: %v", err)
			}
			compareGolden(t, filepath.Join("testdata", "child", tt.name+".golden"), p.String())
		})
	}
}
