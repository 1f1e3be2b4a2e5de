package launch

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/nskit/nskit/internal/program"
	"github.com/nskit/nskit/pkg/ns"
)

// every has all Programs that have a golden file, by its name.
func every() map[string]*program.Program {
	all := map[string]*program.Program{}
	for _, tt := range goldens {
		spec := tt.spec
		spec.Name = "unshare"
		if spec.Command.File == "" {
			spec.Command = Command{File: "/bin/true", Args: []string{"/bin/true"}, Title: []string{"unshare"}}
		}
		all[tt.name] = Unshare(&spec, &tt.caller)
	}
	for _, tt := range entries {
		all["enter-"+tt.name] = Enter(completed(tt.entry, tt.target), &root)
	}
	all["enter-environ"] = ReadEnviron(completed(Entry{Join: ofTarget(ns.User, ns.Net)}, nil), &user)
	for _, tt := range pivots {
		spec, pivot := tt.spec, tt.pivot
		spec.Name, spec.Pivot = "pivot", &pivot
		spec.Command = Command{File: "/bin/true", Args: []string{"/bin/true"}}
		all[tt.name] = Pivot(&spec, &tt.caller)
	}
	return all
}

// TestSuccessSaysNothing: what a Program writes to descriptor 2 is the last word
// before it ends in failure.
func TestSuccessSaysNothing(t *testing.T) {
	for name, p := range every() {
		for i, s := range p.Steps {
			if s.Op != program.SysWrite || s.Args[0].Kind() != program.KindInt || s.Args[0].Number() != 2 {
				continue
			}
			for s.Op == program.SysWrite {
				i++
				s = p.Steps[i]
			}
			if fails := s.Op == program.SysExitGroup && s.Args[0].Number() != 0 || s.Op.Local && s.Reports(); !fails {
				t.Errorf("%s: %s after a message", name, s.Op.Name)
			}
		}
	}
}

// mountsInside says whether a Program carries mounts from one namespace into another,
// for which there was no way before Linux 5.12.
func mountsInside(name string) bool {
	for _, option := range [...]string{"enter-tools", "enter-attach", "enter-detach"} {
		if strings.HasPrefix(name, option) {
			return true
		}
	}
	return false
}

// newer has every system call of a Program that is younger than Linux 4.18 or
// known to be refused by filters, with the way that is taken without it; "" where
// there is none. docs/kernels.md says more.
var newer = [...]struct {
	op    program.Op
	older string
}{
	{program.SysOpenTree, "mount(2) of the path; with OPEN_TREE_NAMESPACE, unshare(2)"},
	{program.SysMoveMount, "mount(2) of the path"},
	{program.SysFsopen, "mount(2)"},
	{program.SysFsconfig, "mount(2)"},
	{program.SysFsmount, "mount(2)"},
	{program.SysMountSetattr, "mount(2) with MS_REMOUNT, mount by mount"},
	{program.SysOpenat2, "openat(2), part by part, without following links"},
	{program.SysCloseRange, "close(2) or fcntl(2), one by one"},
	{program.SysExecveat, "execve(2) of the descriptor's name in /proc"},
	{program.SysClone3, "clone(2)"},
	{program.SysPidfdOpen, "the files in /proc/PID/ns"},
	{program.SysStatx, "no hint"},
	{program.SysPidfdGetfd, ""},
	{program.SysOpenByHandleAt, ""},
}

// TestNewerCallsHaveAnOlderWay: each call that an older kernel lacks, or a filter
// refuses, leads elsewhere with each of the errors that say so.
func TestNewerCallsHaveAnOlderWay(t *testing.T) {
	text, err := os.ReadFile("../../docs/kernels.md")
	if err != nil {
		t.Fatal(err)
	}
	needed := map[program.Op]bool{}
	for _, n := range newer {
		if n.older != "" {
			needed[n.op] = true
		}
		if !strings.Contains(string(text), n.op.Name+"(2)") {
			t.Errorf("docs/kernels.md does not say what is done without %s(2)", n.op.Name)
		}
	}
	for name, p := range every() {
		if mountsInside(name) {
			continue
		}
		parts := false
		for _, s := range p.Steps {
			// Where a part of the host's mounts has become a namespace by open_tree(2), it can be had, up
			// to the way of older kernels, which begins with unshare(2).
			parts = s.Op == program.SysSetns && strings.HasPrefix(name, "pivot") || parts && s.Op != program.SysUnshare
			if parts && s.Op == program.SysOpenTree {
				continue
			}
			// A number in pidfs can only be compared with that of a pidfd, and mount(2) maps no IDs.
			if !needed[s.Op] || s.Tolerant || s.Negative != nil && len(s.Errors) == 0 || name == "enter-inode" || name == "pivot-idmap" {
				continue
			}
			for _, errno := range notToBeHad {
				if !slices.ContainsFunc(s.Errors, func(r program.Route) bool { return r.Errno == errno }) {
					t.Errorf("%s: %s has no other way for %v", name, s.Op.Name, errno)
				}
			}
		}
	}
}
