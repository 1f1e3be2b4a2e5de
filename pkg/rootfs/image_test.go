package rootfs_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nskit/nskit/pkg/rootfs"
	"golang.org/x/sys/unix"
)

// fill is unpack by Fill.
func fill(t testing.TB, archive []byte) (root string, err error) {
	t.Helper()
	root = t.TempDir()
	r, err := os.OpenRoot(root)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	return root, rootfs.Fill(r, bytes.NewReader(archive))
}

// TestWhatIsNoImage unpacks what only looks like one as it lies.
func TestWhatIsNoImage(t *testing.T) {
	for _, text := range []string{"{}", "[]", `{"name":"a web page"}`, `[{"Layers":[]}]`, "no JSON", ""} {
		root, err := fill(t, pack(file("manifest.json", text), file("bin/sh", "x")))
		if got := list(root, ""); err != nil || !strings.Contains(got, "bin/sh x") || !strings.Contains(got, "manifest.json") {
			t.Errorf("%q: %v\n%s", text, err, got)
		}
	}
}

// TestHostileImages has images whose parts are elsewhere, endless or not there.
func TestHostileImages(t *testing.T) {
	layers := func(names string) tar.Header { return file("manifest.json", `[{"Layers":[`+names+`]}]`) }
	oci := file("oci-layout", `{"imageLayoutVersion":"1.0.0"}`)
	index := func(digest string) tar.Header {
		return file("index.json", `{"manifests":[{"mediaType":"application/vnd.oci.image.index.v1+json","digest":"`+digest+`"}]}`)
	}
	none := strings.Repeat("0", 64)
	for name, c := range map[string]struct {
		members []tar.Header
		want    string
	}{
		"above":         {[]tar.Header{layers(`"../x"`)}, "leaves the root"},
		"by a link":     {[]tar.Header{symlink("l", "../../x"), layers(`"l"`)}, "leaves the root"},
		"a FIFO":        {[]tar.Header{{Name: "l", Typeflag: tar.TypeFifo}, layers(`"l"`)}, "not a regular file"},
		"a directory":   {[]tar.Header{dir("l"), layers(`"l"`)}, "not a regular file"},
		"missing":       {[]tar.Header{layers(`"l"`)}, "no such file"},
		"no tar":        {[]tar.Header{file("l", strings.Repeat("x", 600)), layers(`"l"`)}, "layer 1 of 1: reading the archive"},
		"two images":    {[]tar.Header{file("manifest.json", `[{"Layers":["a"]},{"Layers":["b"]}]`)}, "several images"},
		"digest above":  {[]tar.Header{oci, index("sha256:../../index")}, "digest"},
		"digest of one": {[]tar.Header{oci, index("index")}, "digest"},
		"short digest":  {[]tar.Header{oci, index("sha256:abc")}, "digest"},
		"other digest":  {[]tar.Header{oci, index("sha512:" + none)}, "only sha256 can be checked"},
		"no blob":       {[]tar.Header{oci, index("sha256:" + none)}, "no such file"},
		"itself":        {[]tar.Header{oci, index("sha256:" + none), link("blobs/sha256/"+none, "index.json")}, "does not match its digest"},
		"nothing":       {[]tar.Header{oci, file("index.json", "{}")}, "no image for linux/"},
	} {
		if _, err := fill(t, pack(c.members...)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v; want %q", name, err, c.want)
		}
	}
}

// sum is a text's SHA-256 in hexadecimal.
func sum(text string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(text))) }

// blobs are the files of an OCI layout that have descriptors.
type blobs []tar.Header

// add adds a file, and gives its descriptor.
func (b *blobs) add(text, kind string) string {
	*b = append(*b, file("blobs/sha256/"+sum(text), text))
	return fmt.Sprintf(`{"mediaType":"application/vnd.oci.image.%s","digest":"sha256:%s","size":%d}`, kind, sum(text), len(text))
}

// TestOCIDigests refuses an image of which a single byte or size is not what its
// index says, before anything of it is in the root.
func TestOCIDigests(t *testing.T) {
	var parts blobs
	first, second := string(pack(file("one", "1"))), string(pack(file("two", "2")))
	layers := parts.add(first, "layer.v1.tar") + "," + parts.add(second, "layer.v1.tar")
	manifest := parts.add(`{"config":`+parts.add(`{"os":"linux"}`, "config.v1+json")+`,"layers":[`+layers+`]}`, "manifest.v1+json")
	nested := parts.add(`{"manifests":[`+manifest+`]}`, "index.v1+json")
	try := func(index string, parts blobs) (string, error) {
		root, err := fill(t, pack(append(blobs{file("oci-layout", `{"imageLayoutVersion":"1.0.0"}`), file("index.json", `{"manifests":[`+index+`]}`)}, parts...)...))
		return list(root, ""), err
	}
	if got, err := try(nested, parts); err != nil || !strings.Contains(got, "one 1") || !strings.Contains(got, "two 2") || strings.Contains(got, "blobs") {
		t.Fatalf("%v\n%s", err, got)
	}
	for i := range parts {
		name := parts[i].Name
		for what, text := range map[string]string{"match its digest": "}" + parts[i].Linkname[1:], "bytes, and its image says": parts[i].Linkname + " "} {
			wrong := append(blobs{}, parts...)
			wrong[i] = file(name, text)
			got, err := try(nested, wrong)
			if err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), what) || strings.Contains(got, "one 1") {
				t.Errorf("%s: %v; want %q\n%s", name, err, what, got)
			}
		}
	}
	for old, wrong := range map[string]string{`"size":`: `"size":1.5,"x":`, `{"m`: `{"size":"1","m`} {
		if _, err := try(strings.Replace(nested, old, wrong, 1), parts); err == nil || !strings.Contains(err.Error(), "size of") {
			t.Errorf("%s: %v", wrong, err)
		}
	}
	for range 4 {
		nested = parts.add(`{"manifests":[`+nested+`]}`, "index.v1+json")
	}
	if _, err := try(nested, parts); err == nil || !strings.Contains(err.Error(), "no image for linux/") {
		t.Errorf("six indexes: %v", err)
	}
}

// TestDirectoryOfAnImage has what podman save --format docker-dir and skopeo copy dir:
// write: the same without folders. A change to any file is refused.
func TestDirectoryOfAnImage(t *testing.T) {
	layer, config := string(pack(file("one", "1"))), `{"os":"linux"}`
	described := func(text string) string { return fmt.Sprintf(`{"digest":"sha256:%s","size":%d}`, sum(text), len(text)) }
	manifest := `{"schemaVersion":2,"config":` + described(config) + `,"layers":[` + described(layer) + `]}`
	version := "Directory Transport Version: 1.1\n"
	for what, c := range map[string]struct{ version, manifest, config, layer, want string }{
		"good":             {version, manifest, config, layer, ""},
		"no layers":        {version, "{}", config, layer, "no layers"},
		"broken":           {version, "{", config, layer, "no layers"},
		"another layer":    {version, manifest, config, "}" + layer[1:], "match its digest"},
		"a longer layer":   {version, manifest, config, layer + " ", "bytes, and its image says"},
		"another config":   {version, manifest, "}" + config[1:], layer, "match its digest"},
		"another manifest": {version, strings.Replace(manifest, sum(layer), "../x", 1), config, layer, "digest"},
	} {
		root, err := fill(t, pack(file("version", c.version), file("manifest.json", c.manifest), file(sum(config), c.config), file(sum(layer), c.layer)))
		if c.want != "" {
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: %v", what, err)
			}
		} else if got := list(root, ""); err != nil || !strings.Contains(got, "one 1") || strings.Contains(got, "version") {
			t.Errorf("%s: %v\n%s", what, err, got)
		}
	}
	root, err := fill(t, pack(file("version", "1.0\n"), file("manifest.json", manifest)))
	if got := list(root, ""); err != nil || !strings.Contains(got, "version 1.0") {
		t.Errorf("no image: %v\n%s", err, got)
	}
}

// TestDockerDigests refuses a change to what docker save writes, whose layers may be compressed.
func TestDockerDigests(t *testing.T) {
	layer := string(pack(file("one", "1")))
	var packed strings.Builder
	w := gzip.NewWriter(&packed)
	w.Write([]byte(layer))
	w.Close()
	config := `{"rootfs":{"diff_ids":["sha256:` + sum(layer) + `"]}}`
	type image struct{ name, config, layer string }
	good := image{sum(config) + ".json", config, layer}
	for what, c := range map[string]struct {
		image
		want string
	}{
		"plain":      {good, ""},
		"compressed": {image{good.name, config, packed.String()}, ""},
		"own name":   {image{"x.json", config, layer}, ""},
		"in blobs":   {image{"blobs/sha256/" + sum(config), config, layer}, ""},
		"no digests": {image{"x.json", "{}", layer}, ""},
		"config":     {image{good.name, config + " ", layer}, "does not match its digest"},
		"layer":      {image{good.name, config, string(pack(file("one", "2")))}, "does not match its digest"},
		"broken":     {image{"x.json", "{", layer}, "broken configuration"},
		"too many":   {image{"x.json", `{"rootfs":{"diff_ids":["a","b"]}}`, layer}, "1 layers, and digests of 2"},
		"no digest":  {image{"x.json", `{"rootfs":{"diff_ids":["a"]}}`, layer}, "digest"},
		"cut":        {image{good.name, config, packed.String()[:30]}, "layer"},
	} {
		root, err := fill(t, pack(file(c.name, c.config), file("l", c.layer), file("manifest.json", `[{"Config":"`+c.name+`","Layers":["l"]}]`)))
		got := list(root, "")
		if c.want == "" && (err != nil || !strings.Contains(got, "one 1")) {
			t.Errorf("%s: %v\n%s", what, err, got)
		}
		if c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(got, "one ")) {
			t.Errorf("%s: %v; want %q\n%s", what, err, c.want, got)
		}
	}
}

// TestAbsoluteLinks takes an absolute link above a member for the root's own.
func TestAbsoluteLinks(t *testing.T) {
	root, err := unpack(t, pack(dir("run"), symlink("var/run", "/run"), file("var/run/x", "1"), symlink("a", "/b"), symlink("b", "/c/d"),
		file("a/deep/y", "2"), link("h", "a/deep/y"), file("var/run/.wh.x", ""), file("run/z", "3"), link("l", "var/run/z"),
		symlink("up", "/c/../run"), file("up/w", "4"), symlink("loop", "/loop2"), symlink("loop2", "loop"), link("run/z", "run/z")))
	if err != nil {
		t.Fatal(err)
	}
	got := list(root, "")
	for _, line := range []string{"Lrwxrwxrwx var/run /run", "c/d/deep/y 2", "h 2", "run/z 3", "l 3", "run/w 4"} {
		if !strings.Contains(got, line) {
			t.Errorf("no %q in\n%s", line, got)
		}
	}
	if strings.Contains(got, "run/x") {
		t.Errorf("a whiteout did nothing through a link:\n%s", got)
	}
	if _, err := unpack(t, pack(symlink("a", "/b"), symlink("b", "a"), file("a/x", ""))); !errors.Is(err, unix.ELOOP) {
		t.Errorf("a loop: %v", err)
	}
	// What a link led to is another place once something has taken its place.
	root, err = unpack(t, pack(dir("one"), dir("two"), symlink("l", "/one"), file("l/x", "1"), symlink("l", "/two"), file("l/x", "2"), dir("l"), file("l/x", "3")))
	if got := list(root, ""); err != nil || !strings.Contains(got, "one/x 1") || !strings.Contains(got, "two/x 2") || !strings.Contains(got, "l/x 3") {
		t.Errorf("%v\n%s", err, got)
	}
}

// TestWhatIsNoTar names what it is, and is not misled by a member's name.
func TestWhatIsNoTar(t *testing.T) {
	for magic, want := range map[string]string{
		"\x28\xb5\x2f\xfd": "zstd", "\xfd7zXZ\x00": "xz", "BZh9": "bzip2", "\x04\x22\x4d\x18": "lz4", "PK\x03\x04": "zip", "070701": "cpio", "!<arch>\ndebian-binary": "Debian",
	} {
		for _, size := range []int{0, 5000} {
			_, err := unpack(t, []byte(magic+strings.Repeat("\x00", size)))
			var unreadable *rootfs.UnreadableError
			if !errors.As(err, &unreadable) || !strings.Contains(unreadable.Kind, want) {
				t.Errorf("%q: %v", magic, err)
			}
		}
	}
	root, err := unpack(t, pack(file("BZh9", "x"), file("0707", "y")))
	if got := list(root, ""); err != nil || !strings.Contains(got, "BZh9 x") {
		t.Errorf("%v\n%s", err, got)
	}
}

// TestHoles writes no pages of zeros, wherever they stand, and loses no byte.
func TestHoles(t *testing.T) {
	page := strings.Repeat("\x00", 4096)
	for _, text := range []string{
		"", "x", page, page + "x", "x" + page, strings.Repeat(page, 300), strings.Repeat(page, 15) + "x" + strings.Repeat(page, 33) + "y\x00",
		"x" + strings.Repeat("\x00", 70000), strings.Repeat("\x00", 5), strings.Repeat("z", 65536) + page + "e",
	} {
		root, err := unpack(t, pack(file("f", text)))
		got, _ := os.ReadFile(filepath.Join(root, "f"))
		if err != nil || string(got) != text {
			t.Errorf("%d bytes: %v, %d bytes", len(text), err, len(got))
		}
	}
	root, err := unpack(t, pack(file("f", strings.Repeat(page, 300))))
	var st unix.Stat_t
	if err != nil || unix.Stat(filepath.Join(root, "f"), &st) != nil || st.Blocks > 16 {
		t.Errorf("%v, %d blocks of nothing but zeros", err, st.Blocks)
	}
}
