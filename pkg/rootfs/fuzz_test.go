package rootfs_test

import (
	"archive/tar"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func FuzzUnpack(f *testing.F) {
	f.Add(pack(dir("a"), file("a/b", "x"), symlink("l", "../outside"), link("h", "a/b"), file("a/.wh.b", "")))
	f.Add(pack(symlink("d", "../outside"), file("d/.wh..wh..opq", ""), file("../outside/x", "")))
	f.Fuzz(func(t *testing.T, archive []byte) {
		if len(archive) > 64<<10 {
			return
		}
		unpack(t, archive) // checks what lies outside
	})
}

// FuzzLayers unpacks two layers whose members have hostile names, kinds and
// links, in any order: whatever they come to, nothing outside the root changes,
// and nothing in it is what lies outside.
func FuzzLayers(f *testing.F) {
	for _, seed := range []string{
		"\x02\x03\x09\x00\x00\x04\x03\x07\x01", "\x02\x03\x09\xff\x00\x03\x07", "\x03\x03\x09\x07\x00\x03", "\x01\x03\x02\x04\x0a\x03\x0b",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var layers [2][]tar.Header
		for n := 0; len(data) > 0 && n < 24; n++ {
			var h tar.Header
			h, data = member(data)
			layers[n%3/2] = append(layers[n%3/2], h)
		}
		root, _ := unpack(t, pack(layers[0]...), pack(layers[1]...))
		secret, err := os.Stat(filepath.Join(filepath.Dir(root), "outside/secret"))
		if err != nil {
			t.Fatal(err)
		}
		filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
			if err == nil && d.IsDir() {
				os.Chmod(path, 0o700) // so that it can be read, and removed
			}
			if info, failed := os.Lstat(path); failed == nil && os.SameFile(info, secret) {
				t.Errorf("%s is the secret", path)
			}
			return nil
		})
	})
}

// parts are what names of members are made of, kinds what members are.
var (
	parts = [...]string{"a", "b", "c", "..", ".", "", "/", "secret", "outside", "../outside", "../outside/secret", ".wh.secret", ".wh..wh..opq", ".wh.a", ".wh...", "/etc"}
	kinds = [...]byte{tar.TypeReg, tar.TypeDir, tar.TypeSymlink, tar.TypeLink, tar.TypeFifo, tar.TypeReg, tar.TypeSymlink}
)

// member makes one of a few bytes, and returns the rest.
func member(data []byte) (tar.Header, []byte) {
	next := func() byte {
		if len(data) == 0 {
			return 0
		}
		b := data[0]
		data = data[1:]
		return b
	}
	name := func() string {
		var list []string
		for more := true; more && len(list) < 5; {
			b := next()
			list = append(list, parts[b&15])
			more = b >= 128
		}
		return strings.Join(list, "/")
	}
	kind := next()
	h := tar.Header{Typeflag: kinds[kind%7], Name: name(), Mode: 0o755}
	if kind&64 != 0 {
		h.Mode = 0o4555
	}
	if h.Typeflag == tar.TypeSymlink || h.Typeflag == tar.TypeLink {
		h.Linkname = name()
	}
	return h, data
}
