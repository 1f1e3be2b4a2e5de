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

// Scripts runs every script of a directory (*.txtar) as a subtest: each in a
// process of its own that has to end within a minute and, as root, in namespaces
// of its own.
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
	paths, err := filepath.Glob(filepath.Join(dir, "*.txt*"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no scripts in %s (%v)", dir, err)
	}
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
		t.Run(name, func(t *testing.T) {
			if apartPossible() { // else one sees the other's namespaces, and their numbers used again
				t.Parallel()
			}
			runScript(t, path, work)
		})
	}
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

// setup gives a script its directories.
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
	return nil
}

// GiveAway makes a directory and what is in it the unprivileged user's. It does
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
		"tool": NeedsTool, "host": NeedsHost, "applet": NeedsApplet, "kernel": NeedsKernel, "older": NeedsOlder,
	}
	if reason, ok := plain[word]; ok && name == "" {
		return reason, nil
	}
	if reason, ok := named[word]; ok && name != "" {
		return reason(name), nil
	}
	return "", fmt.Errorf("unknown need %q %q", word, name)
}
