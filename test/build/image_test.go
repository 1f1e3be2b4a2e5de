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
	MediaType   string
	Digest      string
	Size        int
	Platform    struct{ Architecture, OS string }
	Annotations map[string]string
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

// manifests goes from the layout's index, which has one entry by that name, to the index of the architectures.
func manifests(t *testing.T, layout, name string) []descriptor {
	t.Helper()
	var version struct{ ImageLayoutVersion string }
	var top, index struct{ Manifests []descriptor }
	decode(t, read(t, filepath.Join(layout, "oci-layout")), &version)
	decode(t, read(t, filepath.Join(layout, "index.json")), &top)
	if version.ImageLayoutVersion != "1.0.0" || len(top.Manifests) != 1 {
		t.Fatalf("version %q, manifests %v", version.ImageLayoutVersion, top.Manifests)
	}
	if got := top.Manifests[0].Annotations["org.opencontainers.image.ref.name"]; got != name {
		t.Errorf("the image's name is %q, want %q", got, name)
	}
	decode(t, blob(t, layout, top.Manifests[0]), &index)
	return index.Manifests
}

// layer returns the file of an image's one layer.
func layer(t *testing.T, layout string, image descriptor) string {
	t.Helper()
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
	decode(t, blob(t, layout, image), &manifest)
	decode(t, blob(t, layout, manifest.Config), &config)
	if config.Architecture != image.Platform.Architecture || config.OS != "linux" || image.Platform.OS != "linux" {
		t.Errorf("an image for %s, %v", config.Architecture, image.Platform)
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

// forDocker wants what Docker without containerd's store reads to name the same files.
func forDocker(t *testing.T, layout, tag string, image descriptor) {
	t.Helper()
	var manifest struct {
		Config descriptor
		Layers []descriptor
	}
	decode(t, blob(t, layout, image), &manifest)
	file := func(d descriptor) string { return "blobs/" + strings.Replace(d.Digest, ":", "/", 1) }
	want := fmt.Sprintf(`[{"Config":%q,"RepoTags":[%q],"Layers":[%q]}]`+"\n", file(manifest.Config), tag, file(manifest.Layers[0]))
	if got := string(read(t, filepath.Join(layout, "manifest.json"))); got != want {
		t.Errorf("manifest.json: %s, want %s", got, want)
	}
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
	layout := filepath.Join(once, "nskit-1.2.3-oci")
	images := manifests(t, layout, "nskit:1.2.3")
	if len(images) != 1 || images[0].Platform.Architecture != runtime.GOARCH {
		t.Fatalf("images: %v", images)
	}
	forDocker(t, layout, "nskit:1.2.3-"+runtime.GOARCH, images[0])
	archive := layer(t, layout, images[0])
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
