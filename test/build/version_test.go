package build

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/nskit/nskit/internal/testkit"
)

// repository is a copy of what a build needs, committed in a repository of its own.
func repository(t *testing.T) (dir string, git func(args ...string)) {
	t.Helper()
	testkit.Require(t, testkit.NeedsTool("git"))
	dir = filepath.Join(t.TempDir(), "repository")
	for _, part := range []string{"cmd", "pkg", "internal", "scripts", "go.mod", "go.sum", "packaging", "VERSION", ".gitattributes"} {
		if err := copyPath(filepath.Join(top(t), part), filepath.Join(dir, part)); err != nil {
			t.Fatal(err)
		}
	}
	git = func(args ...string) {
		t.Helper()
		cmd := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=t", "-c", "user.email=t@t"}, args...)...)
		cmd.Env = append(os.Environ(), "GIT_COMMITTER_DATE=1700000000 +0000", "GIT_CONFIG_GLOBAL=/dev/null")
		if output, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, output)
		}
	}
	git("init", "-q")
	git("add", "-A")
	git("commit", "-q", "-m", "all")
	return dir, git
}

// versionIn is what scripts/version prints in a tree.
func versionIn(t *testing.T, dir string, args ...string) string {
	t.Helper()
	return strings.TrimSpace(script(t, dir, "version", []string{"VERSION=", "SOURCE_DATE_EPOCH="}, args...))
}

// TestVersionOfCommit wants a commit's version from its repository, from an archive
// that git made of it, and from what `go build` records.
func TestVersionOfCommit(t *testing.T) {
	dir, git := repository(t)
	snapshot := regexp.MustCompile(`^1\.0\.0-0\.20231114221320\.g[0-9a-f]{7,}$`)
	for _, tag := range []string{"", "v1.0.0-rc1", "v1.0.0"} {
		if tag != "" {
			git("tag", tag)
		}
		got := versionIn(t, dir)
		if tag == "" && !snapshot.MatchString(got) || tag != "" && got != tag[1:] {
			t.Errorf("tag %q: version %s", tag, got)
		}
		archived := t.TempDir()
		git("archive", "-o", archived+"/a.tar", "HEAD")
		if output, err := exec.Command("tar", "-x", "-C", archived, "-f", archived+"/a.tar").CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, output)
		}
		if other := versionIn(t, archived); other != got {
			t.Errorf("tag %q: %s in an archive, %s in the repository", tag, other, got)
		}
		if epoch := versionIn(t, archived, "--epoch"); epoch != "1700000000" {
			t.Errorf("the commit's time in an archive: %s", epoch)
		}
	}
	binary := filepath.Join(t.TempDir(), "nskit")
	build := exec.Command("go", "build", "-buildvcs=true", "-o", binary, "./cmd/nskit")
	build.Dir = dir
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	if output, err := exec.Command(binary, "--version").Output(); err != nil || string(output) != "nskit from nskit 1.0.0\n" {
		t.Errorf("go build: --version says %q, %v", output, err)
	}
	if err := os.WriteFile(filepath.Join(dir, "VERSION"), []byte("1.0.0\n\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if got := versionIn(t, dir); !strings.HasSuffix(got, ".dirty") {
		t.Errorf("a changed tree: %s", got)
	}
}

// TestVersionsSort wants dpkg to sort versions by time: snapshots before the release candidate,
// that before the release.
func TestVersionsSort(t *testing.T) {
	testkit.Require(t, testkit.NeedsTool("dpkg-deb"))
	want := []string{"1.0.0-0.20261128231500.gabcdef0", "1.0.0-0.20261129010000.g0123456", "1.0.0-rc1", "1.0.0-rc2", "1.0.0", "1.0.1-0.20270101000000.g0"}
	var debian []string
	for _, version := range want {
		debian = append(debian, strings.TrimSpace(script(t, top(t), "version", []string{"VERSION=v" + version}, "--debian")))
	}
	before := func(a, b string) int {
		if exec.Command("dpkg", "--compare-versions", a, "lt", b).Run() == nil {
			return -1
		}
		return 1
	}
	if !slices.IsSortedFunc(debian, before) {
		t.Errorf("not sorted: %q", debian)
	}
}

// TestChangelog wants the changelog to begin with the version that the tree is on its way to.
func TestChangelog(t *testing.T) {
	next := strings.TrimSpace(string(read(t, filepath.Join(top(t), "VERSION"))))
	first := regexp.MustCompile(`(?m)^## (.*), (not released yet|\d{4}-\d\d-\d\d)$`).FindSubmatch(read(t, filepath.Join(top(t), "CHANGELOG.md")))
	if first == nil || string(first[1]) != next {
		t.Errorf("the first section of CHANGELOG.md is %q, want %s and a date or \"not released yet\"", first, next)
	}
}
