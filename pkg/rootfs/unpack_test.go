package rootfs_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nskit/nskit/pkg/rootfs"
)

func ExampleUnpack() {
	dir, _ := os.MkdirTemp("", "rootfs")
	defer os.RemoveAll(dir)
	root, _ := os.OpenRoot(dir)
	defer root.Close()

	archive := pack(tar.Header{Name: "etc/motd", Typeflag: tar.TypeReg, Linkname: "hello"})
	fmt.Println(rootfs.Unpack(root, bytes.NewReader(archive)))
	text, _ := root.ReadFile("etc/motd")
	fmt.Println(string(text))
	// Output:
	// <nil>
	// hello
}

// pack makes an archive. Of a regular file Linkname is the content.
func pack(members ...tar.Header) []byte {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, h := range members {
		content := ""
		if h.Typeflag == tar.TypeReg {
			content, h.Linkname = h.Linkname, ""
		}
		h.Size = int64(len(content))
		if h.Mode == 0 {
			h.Mode = 0o755
		}
		h.Uid, h.Gid = os.Getuid(), os.Getgid()
		w.WriteHeader(&h)
		w.Write([]byte(content))
	}
	w.Close()
	return b.Bytes()
}

func dir(name string) tar.Header { return tar.Header{Name: name, Typeflag: tar.TypeDir} }
func file(name, text string) tar.Header {
	return tar.Header{Name: name, Typeflag: tar.TypeReg, Linkname: text}
}
func symlink(name, to string) tar.Header {
	return tar.Header{Name: name, Typeflag: tar.TypeSymlink, Linkname: to}
}
func link(name, to string) tar.Header {
	return tar.Header{Name: name, Typeflag: tar.TypeLink, Linkname: to}
}

// unpack unpacks archives below a new directory, beside which lies a secret.
func unpack(t testing.TB, archives ...[]byte) (root string, err error) {
	t.Helper()
	top := t.TempDir()
	root = filepath.Join(top, "root")
	for _, d := range []string{root, filepath.Join(top, "outside")} {
		if err := os.Mkdir(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(top, "outside/secret"), []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	before := list(top, "root")
	r, err := os.OpenRoot(root)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for _, a := range archives {
		if err == nil {
			err = rootfs.Unpack(r, bytes.NewReader(a))
		}
	}
	if after := list(top, "root"); after != before {
		t.Errorf("outside was\n%s\nand is\n%s", before, after)
	}
	return root, err
}

// list has all below a directory but one part.
func list(top, but string) string {
	var lines []string
	filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(top, path)
		if err != nil {
			return err
		}
		if rel == but {
			return fs.SkipDir
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		text := ""
		if info.Mode().IsRegular() {
			content, _ := os.ReadFile(path)
			text = string(content)
		} else if info.Mode()&fs.ModeSymlink != 0 {
			text, _ = os.Readlink(path)
		}
		lines = append(lines, fmt.Sprintf("%v %s %s", info.Mode(), rel, text))
		return nil
	})
	return strings.Join(lines, "\n")
}

func TestUnpack(t *testing.T) {
	root, err := unpack(t, pack(dir("./"), dir("bin"), file("bin/sh", "#!"), symlink("sh", "/bin/sh"), link("bin/ash", "bin/sh"),
		file("deep/er/file", "x"), dir("closed"), tar.Header{Name: "closed", Typeflag: tar.TypeDir, Mode: 0o555}, file("closed/in", "y"),
		tar.Header{Name: "fifo", Typeflag: tar.TypeFifo, Mode: 0o640}, tar.Header{Name: "su", Typeflag: tar.TypeReg, Mode: 0o4755}))
	if err != nil {
		t.Fatal(err)
	}
	got := list(root, "")
	os.Chmod(filepath.Join(root, "closed"), 0o755) // so that it can be removed
	for _, line := range []string{
		"-rwxr-xr-x bin/sh #!", "-rwxr-xr-x bin/ash #!", "Lrwxrwxrwx sh /bin/sh", "-rwxr-xr-x deep/er/file x", "dr-xr-xr-x closed",
		"-rwxr-xr-x closed/in y", "prw-r----- fifo", "urwxr-xr-x su",
	} {
		if !strings.Contains(got, line) {
			t.Errorf("no %q in\n%s", line, got)
		}
	}
}

func TestGzip(t *testing.T) {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write(pack(file("f", "text")))
	w.Close()
	root, err := unpack(t, b.Bytes())
	if err != nil || !strings.Contains(list(root, ""), "f text") {
		t.Error(err)
	}
	if _, err := unpack(t, b.Bytes()[:b.Len()/2]); err == nil {
		t.Error("a cut archive is no error")
	}
	if _, err := unpack(t, []byte("neither tar nor gzip, but long enough to be looked at")); err == nil {
		t.Error("no archive is no error")
	}
}

func TestLayers(t *testing.T) {
	_, err := unpack(t,
		pack(file("a/one", "1"), file("a/two", "2"), file("b/x", "x"), file("c", "file"), symlink("d", "b")),
		pack(file("a/.wh.one", ""), file("b/new", "n"), file("b/.wh..wh..opq", ""), file("c/in", "dir"), file("d", "no link")))
	if err == nil {
		t.Error("a file was taken for a directory")
	}
	root, err := unpack(t,
		pack(file("a/one", "1"), file("a/two", "2"), file("b/x", "x"), file("c", "file"), symlink("d", "b")),
		pack(file("a/.wh.one", ""), file("b/new", "n"), file("b/.wh..wh..opq", ""), dir("c"), file("c/in", "dir"), file("d", "no link")))
	got := list(root, "")
	if err != nil || strings.Contains(got, "a/one") || !strings.Contains(got, "a/two 2") || strings.Contains(got, "b/x") ||
		!strings.Contains(got, "b/new n") || !strings.Contains(got, "c/in dir") || !strings.Contains(got, "d no link") {
		t.Errorf("%v\n%s", err, got)
	}
}

func TestHostile(t *testing.T) {
	for name, members := range map[string][]tar.Header{
		"dots":              {file("../outside/x", "x")},
		"dots inside":       {file("a/../../outside/x", "x")},
		"dots below a link": {symlink("l", "/a/b"), file("l/../../outside/x", "x")},
		"hard link":         {link("l", "../outside/secret")},
		"hard link inside":  {link("l", "a/../../outside/secret")},
		"whiteout":          {file("../outside/.wh.secret", "")},
		"whiteout of dots":  {file("a/.wh...", "")},
	} {
		if _, err := unpack(t, pack(members...)); !errors.Is(err, rootfs.ErrEscapes) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// A hard link finds below the root what its path leads to, and that is not there.
	for name, members := range map[string][]tar.Header{
		"hard link by link":  {symlink("d", "../outside"), link("l", "d/secret")},
		"hard link absolute": {symlink("d", "/../outside"), link("l", "d/secret")},
		"hard link by two":   {symlink("a", "../.."), symlink("d", "a/outside"), link("l", "d/secret")},
	} {
		if root, err := unpack(t, pack(members...)); !errors.Is(err, fs.ErrNotExist) || strings.Contains(list(root, ""), "secret") {
			t.Errorf("%s: %v", name, err)
		}
	}
	// An absolute name is one below the root, and a link may point anywhere.
	root, err := unpack(t, pack(file("/etc/x", "x"), symlink("l", "../outside/secret"), file("l", "replaced")))
	if got := list(root, ""); err != nil || !strings.Contains(got, "etc/x x") || !strings.Contains(got, "l replaced") {
		t.Errorf("%v\n%s", err, got)
	}
}

// TestLinksAboveTheRoot takes ".." of the root for the root, as in a chroot.
func TestLinksAboveTheRoot(t *testing.T) {
	up := symlink("d", "../outside")
	for name, c := range map[string]struct {
		members []tar.Header
		want    string
	}{
		"member":              {[]tar.Header{up, file("d/x", "1")}, "outside/x 1"},
		"as distributions do": {[]tar.Header{dir("run"), symlink("var/run", "../../run"), file("var/run/x", "1")}, "run/x 1"},
		"from a depth":        {[]tar.Header{symlink("a/l", "b/../../../c"), file("a/l/x", "1")}, "c/x 1"},
		"absolute":            {[]tar.Header{symlink("l", "/a/../../.."), file("l/outside/x", "1")}, "outside/x 1"},
		"absolute from above": {[]tar.Header{symlink("l", "/../../outside"), file("l/x", "1")}, "outside/x 1"},
		"to a link":           {[]tar.Header{symlink("a", ".."), symlink("b", "a/outside"), file("b/x", "1")}, "outside/x 1"},
		"the root itself":     {[]tar.Header{symlink("l", "../../.."), file("l/x", "1")}, "-rwxr-xr-x x 1"},
		"directory":           {[]tar.Header{up, dir("d/sub"), file("d/sub/x", "1")}, "outside/sub/x 1"},
		"hard link":           {[]tar.Header{up, file("outside/x", "1"), link("l", "d/x")}, "l 1"},
		"hard link inside":    {[]tar.Header{up, file("x", "1"), link("d/l", "x")}, "outside/l 1"},
		"whiteout":            {[]tar.Header{up, file("outside/x", "1"), file("outside/secret", ""), file("d/.wh.secret", "")}, "outside/x 1"},
		"opaque":              {[]tar.Header{up, file("outside/x", "1"), file("d/.wh..wh..opq", "")}, "outside/x 1"},
		"fifo":                {[]tar.Header{up, {Name: "d/fifo", Typeflag: tar.TypeFifo}}, "outside/fifo"},
		"link":                {[]tar.Header{up, symlink("d/l", "x")}, "outside/l x"},
	} {
		root, err := unpack(t, pack(c.members...))
		if got := list(root, ""); err != nil || !strings.Contains(got, c.want) || strings.Contains(got, "secret") {
			t.Errorf("%s: %v; no %q in\n%s", name, err, c.want, got)
		}
	}
}
