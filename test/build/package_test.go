package build

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nskit/nskit/internal/testkit"
)

// version is what packages are built as here.
const version = "VERSION=v1.2.3"

// built makes the binary once, for tests that pack it.
func built(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "nskit")
	script(t, top(t), "build", []string{version}, path)
	return "NSKIT_BIN=" + path
}

// TestPlainNames wants pages and completions under util-linux's names only when
// asked for, and nothing left of either installation.
func TestPlainNames(t *testing.T) {
	binary := built(t)
	for _, plain := range []string{"PLAIN_NAMES=", "PLAIN_NAMES=1"} {
		root := t.TempDir()
		env := []string{binary, plain, "DESTDIR=" + root, "PREFIX=/usr"}
		script(t, top(t), "install", env)
		installed := strings.Join(files(t, root), "\n")
		for _, page := range []string{"/man1/unshare.1", "/man8/pivot_root.8"} {
			if got := strings.Contains(installed, page); got != (plain == "PLAIN_NAMES=1") {
				t.Errorf("%s: %s is installed: %v", plain, page, got)
			}
		}
		script(t, top(t), "uninstall", env)
		if left := files(t, root); len(left) > 0 {
			t.Errorf("left: %q", left)
		}
		for _, made := range []string{"fish", "bash-completion", "man/man1"} {
			if _, err := os.Stat(filepath.Join(root, "usr/share", made)); err == nil {
				t.Errorf("left: the directory %s", made)
			}
		}
	}
}

// TestInstallWithoutGo installs what make built before where go is not in PATH, as under sudo, and
// says what is missing where nothing was built.
func TestInstallWithoutGo(t *testing.T) {
	testkit.Require(t, testkit.NeedsTool("make"))
	dir, path, root := t.TempDir(), t.TempDir(), t.TempDir()
	for _, part := range []string{"Makefile", "scripts", "man", "completions", "LICENSE", "THIRD_PARTY_NOTICES"} {
		if err := copyPath(filepath.Join(top(t), part), filepath.Join(dir, part)); err != nil {
			t.Fatal(err)
		}
	}
	for _, tool := range strings.Fields("sh make dirname install mkdir ln sed tr rm cat") {
		found, err := exec.LookPath(tool)
		if err == nil {
			err = os.Symlink(found, filepath.Join(path, tool))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	run := func() (string, error) {
		cmd := exec.Command("make", "-C", dir, "install", "PREFIX=/usr", "DESTDIR="+root)
		cmd.Env = []string{"PATH=" + path}
		said, err := cmd.CombinedOutput()
		return string(said), err
	}
	if said, err := run(); err == nil || !strings.Contains(said, "install: no bin/nskit here, and no go in PATH to build it: run make first") {
		t.Errorf("with nothing built: %v\n%s", err, said)
	}
	if left := files(t, root); len(left) > 0 {
		t.Errorf("half an installation: %q", left)
	}
	if err := os.Mkdir(filepath.Join(dir, "bin"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "bin/nskit"), []byte("nskit"), 0o755); err != nil {
		t.Fatal(err)
	}
	if said, err := run(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	if got := string(read(t, filepath.Join(root, "usr/libexec/nskit/unshare"))); got != "nskit" {
		t.Errorf("installed: %q", got)
	}
}

// TestDist packs twice: the archives must be the same, and what they hold runs.
func TestDist(t *testing.T) {
	env := []string{version, "SOURCE_DATE_EPOCH=1700000000", "DIST=" + t.TempDir()}
	first := script(t, top(t), "dist", env)
	if second := script(t, top(t), "dist", env); second != first {
		t.Errorf("not the same archives:\n%s%s", first, second)
	}
	if !strings.Contains(first, "nskit-1.2.3-linux-amd64.tar.gz") || !strings.Contains(first, "nskit-1.2.3-linux-arm64.tar.gz") {
		t.Errorf("archives: %s", first)
	}
}

// tolerated is what Debian 12's lintian says of overrides of what a later one says.
const tolerated = "alien-tag"

// TestDeb wants a package without complaints that shares no file with util-linux.
func TestDeb(t *testing.T) {
	testkit.Require(t, testkit.NeedsTool("dpkg-gencontrol"))
	testkit.Require(t, testkit.NeedsTool("lintian"))
	dist, root := t.TempDir(), t.TempDir()
	script(t, top(t), "deb", []string{version, "DIST=" + dist})
	debs, _ := filepath.Glob(filepath.Join(dist, "nskit_1.2.3_*.deb"))
	if len(debs) != 1 {
		t.Fatalf("packages: %q", debs)
	}
	exporters, _ := filepath.Glob(filepath.Join(dist, "nskit-exporter_1.2.3_*.deb"))
	if len(exporters) != 1 {
		t.Fatalf("packages: %q", exporters)
	}
	if said, err := exec.Command("lintian", "--allow-root", "--suppress-tags", tolerated, debs[0], exporters[0]).CombinedOutput(); err != nil || len(said) > 0 {
		t.Errorf("lintian: %v\n%s", err, said)
	}
	if said, err := exec.Command("dpkg-deb", "-x", debs[0], root).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	listed, err := exec.Command("dpkg-query", "-L", "util-linux", "util-linux-extra", "mount", "bsdutils").Output()
	if len(listed) == 0 {
		t.Fatal("dpkg-query lists nothing", err)
	}
	taken := "\n" + string(listed)
	for _, path := range files(t, root) {
		path = strings.TrimPrefix(path, root)
		if strings.Contains(taken, "\n"+path+"\n") {
			t.Errorf("util-linux has %s, too", path)
		}
	}
	if output, err := exec.Command(filepath.Join(root, "usr/libexec/nskit/unshare"), "--version").Output(); err != nil {
		t.Errorf("the packaged link does not run: %v %s", err, output)
	}
}
