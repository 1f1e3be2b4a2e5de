package testkit

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// Scripts runs every script of a directory (*.txtar) as a subtest.
func Scripts(t *testing.T, dir string) {
	t.Helper()
	root := os.Getenv(envRoot)
	if root == "" {
		t.Fatal("the package's TestMain must call testkit.Main")
	}
	refuseUntypedSkips(t, dir)
	work, err := os.MkdirTemp(root, "work-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(work, 0o755); err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                dir,
		Setup:              setup,
		Cmds:               commands(),
		Condition:          condition,
		RequireUniqueNames: true,
		// With a root of ours testscript deletes nothing: it would delete
		// through a mount that a script left behind. Main does it.
		WorkdirRoot: work,
	})
}

// refuseUntypedSkips fails for a script that skips without saying what it needs.
func refuseUntypedSkips(t *testing.T, dir string) {
	t.Helper()
	paths, _ := filepath.Glob(filepath.Join(dir, "*.txt*"))
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		script, _, _ := bytes.Cut(text, []byte("\n-- "))
		for i, line := range strings.Split(string(script), "\n") {
			if _, word, _ := strings.Cut("] "+line, "] "); strings.HasPrefix(strings.TrimSpace(word), "skip") {
				t.Errorf("%s:%d: skip has no typed reason; write `needs ...`", path, i+1)
			}
		}
	}
}

// subtest is the key under which a script's commands find their test.
type subtest struct{}

// setup gives a script its directories and checks what it leaves in the end.
func setup(env *testscript.Env) error {
	home := filepath.Join(env.WorkDir, "home")
	if err := os.MkdirAll(home, 0o755); err != nil {
		return err
	}
	if err := GiveAway(env.WorkDir); err != nil {
		return err
	}
	env.Setenv("HOME", home)
	for _, name := range []string{envRoot, envApplets, envHost, envBinary, "NSKIT_TEST_UID", "USER", "LOGNAME"} {
		if value, ok := os.LookupEnv(name); ok {
			env.Setenv(name, value)
		}
	}
	env.Values[subtest{}] = env.T()
	env.Defer(func() { checkScript(env.T(), env.WorkDir) })
	return nil
}

// GiveAway makes a directory and what is in it the ordinary user's. It does
// nothing without root.
func GiveAway(dir string) error {
	if !isRoot() {
		return nil
	}
	return filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, userID(), userID())
	})
}

// checkScript ends and reports the processes and mounts that a script left. A
// failed script was interrupted: its background commands are no leak.
func checkScript(t testscript.T, work string) {
	failed := t.(interface{ Failed() bool }).Failed()
	if !failed {
		Poll(func() bool { return len(ofScript(work)) == 0 })
	}
	var left []string
	for _, pid := range ofScript(work) {
		left = append(left, "process "+describe(pid))
	}
	killAll(ofScript(work))
	points := mountsBelow(work)
	for _, point := range points {
		left = append(left, "mount "+point)
	}
	detach(points)
	if len(left) > 0 && !failed {
		t.Fatal("left behind: " + strings.Join(left, ", "))
	}
}

// condition answers the conditions in brackets.
func condition(cond string) (bool, error) {
	name, arg, _ := strings.Cut(cond, ":")
	reason, err := reasonOf(name, arg)
	return err == nil && met(reason), err
}

// reasonOf turns the words of `needs` and of conditions into a reason.
func reasonOf(word, name string) (Reason, error) {
	plain := map[string]Reason{
		"root": NeedsRoot, "user": NeedsOrdinaryUser, "userns": NeedsUserNamespaces, "subids": NeedsSubIDs,
		"guest": NeedsGuest,
	}
	named := map[string]func(string) Reason{
		"tool": NeedsTool, "host": NeedsHost, "applet": NeedsApplet, "kernel": NeedsKernel,
	}
	if reason, ok := plain[word]; ok && name == "" {
		return reason, nil
	}
	if reason, ok := named[word]; ok && name != "" {
		return reason(name), nil
	}
	return "", fmt.Errorf("unknown need %q %q", word, name)
}
