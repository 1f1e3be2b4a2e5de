// Package recipes runs command lines as people type them, with util-linux's tools and
// with nskit in their place, and compares what they print, how they exit and what they leave.
//
// The table is testdata/recipes.txt. Each line runs in a cell: process 1 of new
// namespaces, in which nskit is bound over the tools, so that absolute paths and the
// PATH of sudo or su mean it, too. The tools are the host's; below scripts/newest they are the newest.
package recipes

import (
	"bytes"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nskit/nskit/internal/testkit"
	"golang.org/x/sys/unix"
)

func TestMain(m *testing.M) { testkit.Main(m) }

//go:embed testdata/recipes.txt
var table string

//go:embed testdata/cell.sh
var cell string

// envOnly restricts the test to lines that match a regular expression.
const envOnly = "NSKIT_RECIPES_ONLY"

// recipe is a line of the table.
type recipe struct {
	at       int
	as, text string
	not      []string // the versions of util-linux that it is not compared with
}

// read reads the table.
func read(t *testing.T) []recipe {
	t.Helper()
	as := "root"
	var all []recipe
	for i, line := range strings.Split(table, "\n") {
		words := strings.Fields(line)
		switch {
		case len(words) == 0 || words[0] == "#":
		case words[0] == "@" && words[1] == "as":
			as = words[2]
		case strings.HasPrefix(line, " ") && words[0] == "not":
			all[len(all)-1].not = strings.Split(strings.TrimSuffix(words[1], ":"), ",")
		default:
			all = append(all, recipe{at: i + 1, as: as, text: line})
		}
	}
	return all
}

// TestRecipes compares every line of the table.
func TestRecipes(t *testing.T) {
	testkit.Require(t, testkit.NeedsRoot)
	for _, tool := range []string{"unshare", "nsenter", "lsns", "pivot_root", "setpriv"} {
		testkit.Require(t, testkit.NeedsHost(tool))
	}
	for _, tool := range []string{"busybox", "ip", "python3", "newuidmap"} {
		testkit.Require(t, testkit.NeedsTool(tool))
	}
	version := hostVersion()
	root := t.TempDir()
	if err := os.Chmod(root, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := testkit.Rootfs(root); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "cell"), []byte(cell), 0o644); err != nil {
		t.Fatal(err)
	}
	only, err := regexp.Compile(os.Getenv(envOnly))
	if err != nil {
		t.Fatal(err)
	}
	recipes := slices.DeleteFunc(read(t), func(r recipe) bool {
		return slices.ContainsFunc(r.not, func(not string) bool { return strings.Contains(version, " "+not+".") })
	})
	if len(recipes) < 150 {
		t.Errorf("%d recipes for %s, want 150 at least", len(recipes), version)
	}
	queue := make(chan recipe)
	var workers sync.WaitGroup
	for range 4 {
		workers.Go(func() {
			for r := range queue {
				compare(t, r, root)
			}
		})
	}
	chosen := 0
	for _, r := range recipes {
		if only.MatchString(r.text) {
			chosen++
			queue <- r
		}
	}
	close(queue)
	workers.Wait()
	t.Logf("%d recipes compared with %s", chosen, version)
}

func compare(t *testing.T, r recipe, root string) {
	theirs, ours := run(r, root, ""), run(r, root, os.Getenv("NSKIT"))
	if !strings.Contains(theirs, "[exit] ") || !strings.Contains(ours, "[exit] ") {
		t.Errorf("recipes.txt:%d: the line did not run:\n%s", r.at, ours)
	}
	if theirs != ours {
		t.Errorf("recipes.txt:%d: as %s: %s\n%s", r.at, r.as, r.text, cmp.Diff(theirs, ours))
	}
}

func hostVersion() string {
	output, _ := exec.Command(os.Getenv("HOST")+"/unshare", "--version").Output() // none is no version
	return strings.TrimSpace(string(output))
}

// patience is how long a recipe may take.
const patience = 8 * time.Minute

// run runs a recipe in a cell, with nskit's file in the place of the tools if there is one, and
// returns all that is compared.
func run(r recipe, root, nskit string) string {
	cmd := exec.Command("/bin/sh", filepath.Join(root, "cell"), root, r.as, r.text)
	cmd.Env = []string{"PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin:/opt", "HOME=/w", "LC_ALL=C", "MARK=mark", "CELL_NSKIT=" + nskit}
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:   unix.CLONE_NEWPID | unix.CLONE_NEWNET | unix.CLONE_NEWIPC | unix.CLONE_NEWUTS,
		Unshareflags: unix.CLONE_NEWNS,
		Pdeathsig:    syscall.SIGKILL,
	}
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.WaitDelay = time.Second
	if err := testkit.StartPinned(cmd); err != nil {
		return err.Error()
	}
	timer := time.AfterFunc(patience, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	err := cmd.Wait()
	return mask(root, fmt.Sprintf("%s[stderr]\n%s[end] %v\n", stdout.String(), stderr.String(), err))
}

var (
	inode = regexp.MustCompile(`\b40265\d{5}\b`)
	// hint is what nskit says beyond util-linux's message.
	hint = regexp.MustCompile(`(?m)^\w+: hint: .*\n|\\n\w+: hint: [^'"]*?\\n`)
)

// mask leaves out what is different each time, and what nskit adds to an error.
func mask(root, text string) string {
	text = hint.ReplaceAllString(text, "")
	return inode.ReplaceAllString(strings.ReplaceAll(text, root, "ROOT"), "INODE")
}
