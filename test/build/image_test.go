package build

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/nskit/nskit/internal/testkit"
)

// descriptor is what the OCI image layout calls so, as far as it is looked at.
type descriptor struct {
	MediaType string
	Digest    string
	Size      int
	Platform  struct{ Architecture, OS string }
}

// blob reads what a descriptor describes: digest and size must be right.
func blob(t *testing.T, layout string, d descriptor) []byte {
	t.Helper()
	text := read(t, filepath.Join(layout, "blobs", strings.Replace(d.Digest, ":", "/", 1)))
	if sum := fmt.Sprintf("sha256:%x", sha256.Sum256(text)); sum != d.Digest || len(text) != d.Size {
		t.Errorf("%s is %s with %d bytes, want %s with %d", d.MediaType, sum, len(text), d.Digest, d.Size)
	}
	return text
}

func decode(t *testing.T, text []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
}

// layer goes from the layout's index to the one layer, and returns its file.
func layer(t *testing.T, layout string) string {
	t.Helper()
	var version struct{ ImageLayoutVersion string }
	var index struct{ Manifests []descriptor }
	var manifest struct {
		Config descriptor
		Layers []descriptor
	}
	var config struct {
		Architecture, OS string
		Rootfs           struct {
			Diffs []string `json:"diff_ids"`
		}
	}
	decode(t, read(t, filepath.Join(layout, "oci-layout")), &version)
	decode(t, read(t, filepath.Join(layout, "index.json")), &index)
	if version.ImageLayoutVersion != "1.0.0" || len(index.Manifests) != 1 {
		t.Fatalf("version %q, manifests %v", version.ImageLayoutVersion, index.Manifests)
	}
	decode(t, blob(t, layout, index.Manifests[0]), &manifest)
	decode(t, blob(t, layout, manifest.Config), &config)
	if config.Architecture != runtime.GOARCH || config.OS != "linux" || index.Manifests[0].Platform.Architecture != runtime.GOARCH {
		t.Errorf("an image for %s, %v", config.Architecture, index.Manifests[0].Platform)
	}
	if len(manifest.Layers) != 1 || len(config.Rootfs.Diffs) != 1 {
		t.Fatalf("layers %v, their contents %v", manifest.Layers, config.Rootfs.Diffs)
	}
	packed := blob(t, layout, manifest.Layers[0])
	if sum := fmt.Sprintf("sha256:%x", sha256.Sum256(gunzip(t, packed))); sum != config.Rootfs.Diffs[0] {
		t.Errorf("the layer unpacks to %s, want %s", sum, config.Rootfs.Diffs[0])
	}
	return filepath.Join(layout, "blobs", strings.Replace(manifest.Layers[0].Digest, ":", "/", 1))
}

func gunzip(t *testing.T, packed []byte) []byte {
	t.Helper()
	reader, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(reader)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// onlyOurs wants nothing in a layer but nskit, busybox, their links, directories
// the three files that name root and the PATH, and both licences.
func onlyOurs(t *testing.T, layer string) {
	t.Helper()
	plain := map[string]bool{
		"./bin/busybox": true, "./usr/bin/nskit": true,
		"./etc/passwd": true, "./etc/group": true, "./etc/profile": true,
		"./usr/share/doc/nskit/LICENSE": true, "./usr/share/doc/nskit/THIRD_PARTY_NOTICES": true,
		"./usr/share/doc/busybox/COPYING": true, "./usr/share/doc/busybox/SOURCE": true,
	}
	for reader := tar.NewReader(bytes.NewReader(gunzip(t, read(t, layer)))); ; {
		header, err := reader.Next()
		if err == io.EOF {
			for name := range plain {
				t.Errorf("not in the image: %s", name)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		link := header.Typeflag == tar.TypeSymlink &&
			(header.Linkname == "/bin/busybox" || header.Linkname == "/usr/bin/nskit")
		if header.Typeflag != tar.TypeDir && !link && !plain[header.Name] {
			t.Errorf("in the image: %s %c %s", header.Name, header.Typeflag, header.Linkname)
		}
		delete(plain, header.Name)
		if header.Uid != 0 || header.Gid != 0 {
			t.Errorf("%s belongs to %d:%d", header.Name, header.Uid, header.Gid)
		}
	}
}

// TestImage makes the images of this machine's architecture twice: the bytes must
// be the same, the OCI layout true to itself, and its root file system one that runs.
func TestImage(t *testing.T) {
	for _, tool := range []string{"busybox", "cpio"} {
		testkit.Require(t, testkit.NeedsTool(tool))
	}
	tree, dir := top(t), t.TempDir()
	binary := filepath.Join(dir, "nskit")
	script(t, tree, "build", nil, binary)
	once, twice := filepath.Join(dir, "once"), filepath.Join(dir, "twice")
	for _, dist := range []string{once, twice} {
		script(t, tree, "image", []string{"DIST=" + dist, "NSKIT_BIN=" + binary, "VERSION=1.2.3"}, runtime.GOARCH)
	}
	for _, path := range files(t, once) {
		other := strings.Replace(path, once, twice, 1)
		if !bytes.Equal(read(t, path), read(t, other)) {
			t.Errorf("%s comes out differently", filepath.Base(path))
		}
	}
	if _, err := os.Stat(filepath.Join(once, "nskit-1.2.3-initramfs-"+runtime.GOARCH+".cpio.gz")); err != nil {
		t.Error(err)
	}
	archive := layer(t, filepath.Join(once, "nskit-1.2.3-oci-"+runtime.GOARCH))
	onlyOurs(t, archive)
	runs(t, binary, archive)
}

// runs starts the image's shell on the image as its root: the names in it are
// nskit's, and no link leads nowhere.
func runs(t *testing.T, nskit, archive string) {
	t.Helper()
	testkit.Require(t, testkit.NeedsUserNamespaces)
	const inside = `. /etc/profile
		unshare --version; lsns -n -o PID,COMMAND -t pid
		find / -xdev -type l ! -exec test -e {} \; -print`
	output, err := exec.Command(nskit, "pivot", "-Urpf", "--proc", "--rootfs-from", archive, "/bin/sh", "-c", inside).CombinedOutput()
	text := string(output)
	if err != nil || !strings.HasPrefix(text, "unshare from nskit ") || strings.Count(text, "\n") != 2 || !strings.Contains(text, "\n1 /bin/sh -c") {
		t.Errorf("inside the image: %v\n%s", err, text)
	}
}
