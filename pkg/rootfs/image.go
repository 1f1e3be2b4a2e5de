package rootfs

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"
)

// Fill unpacks an archive into an empty root: what Unpack does, or, where that
// turns out to be an image as docker save, podman save and skopeo write it (OCI
// layout or docker-archive), that image's layers in their order. For a moment
// the root holds both. An image is for this architecture; of several none is chosen.
func Fill(root *os.Root, archive io.Reader) error {
	if err := Unpack(root, archive); err != nil {
		return err
	}
	names, err := layers(root)
	if err != nil || names == nil {
		return err
	}
	files, err := openAll(root, names)
	defer closeAll(files)
	if err != nil {
		return err
	}
	if err := empty(root); err != nil {
		return err
	}
	for i, file := range files {
		if err := Unpack(root, file); err != nil {
			return fmt.Errorf("layer %d of %d: %w", i+1, len(files), err)
		}
		file.Close() // no name leads to it any more: this gives its memory back
	}
	return nil
}

// openAll opens the layers: then nothing of the image has to stay in the root,
// where a layer could touch it.
func openAll(root *os.Root, names []string) ([]*os.File, error) {
	var files []*os.File
	for _, name := range names {
		info, err := root.Stat(name)
		if err == nil && !info.Mode().IsRegular() {
			err = errNotRegular // one that is a FIFO would be waited for
		}
		var file *os.File
		if err == nil {
			file, err = root.Open(name)
		}
		if err != nil {
			return files, fmt.Errorf("layer %q of the image: %w", name, plain(err))
		}
		files = append(files, file)
	}
	return files, nil
}

var errNotRegular = errors.New("not a regular file")

func closeAll(files []*os.File) {
	for _, file := range files {
		file.Close()
	}
}

// empty removes everything in a root.
func empty(root *os.Root) error {
	top, err := root.Open(".")
	if err != nil {
		return plain(err)
	}
	defer top.Close()
	names, err := top.Readdirnames(-1)
	for _, name := range names {
		if err == nil {
			err = root.RemoveAll(name)
		}
	}
	return plain(err)
}

// layers are the files of an image's layers, the lowest first; nil for what is
// no image.
func layers(root *os.Root) ([]string, error) {
	if text, ok := small(root, "oci-layout"); ok && strings.Contains(text, "imageLayoutVersion") {
		if index, ok := small(root, "index.json"); ok {
			return ociLayers(root, index, 0)
		}
	}
	if text, ok := small(root, "manifest.json"); ok {
		return dockerLayers(text)
	}
	return nil, nil
}

// maxManifest is more than a manifest has: layers are at most 127.
const maxManifest = 4 << 20

// small reads a small regular file.
func small(root *os.Root, name string) (string, bool) {
	info, err := root.Lstat(name)
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxManifest {
		return "", false
	}
	text, err := root.ReadFile(name)
	return string(text), err == nil
}

// dockerLayers reads the manifest.json of docker save, a list of images. Any other
// file of that name, such as a web page's, makes no image.
func dockerLayers(text string) ([]string, error) {
	var images []struct{ RepoTags, Layers []string }
	if json.Unmarshal([]byte(text), &images) != nil || len(images) == 0 || len(images[0].Layers) == 0 {
		return nil, nil
	}
	if len(images) == 1 {
		return images[0].Layers, nil
	}
	var tags []string
	for _, image := range images {
		tags = append(tags, image.RepoTags...)
	}
	return nil, severalImages(tags)
}

func severalImages(names []string) error {
	if len(names) == 0 {
		return errors.New("it holds several images")
	}
	return fmt.Errorf("it holds several images: %q", names)
}

// manifest is an OCI index or manifest: the one has manifests, the other layers.
type manifest struct {
	Manifests, Layers []descriptor
}

// descriptor is an entry of it.
type descriptor struct {
	MediaType, Digest string
	Platform          struct{ OS, Architecture string }
	Annotations       map[string]string
}

// refName is the annotation that has an image's name.
const refName = "org.opencontainers.image.ref.name"

// fits says whether an image is for this machine, as far as it is known.
func (d *descriptor) fits() bool {
	return (d.Platform.OS == "" || d.Platform.OS == "linux") && (d.Platform.Architecture == "" || d.Platform.Architecture == runtime.GOARCH)
}

// maxIndexes is how many indexes may lead to a manifest.
const maxIndexes = 4

// ociLayers follows an index to the layers of the one image in it, see the OCI
// image specification, "image-layout.md".
func ociLayers(root *os.Root, text string, depth int) ([]string, error) {
	var index manifest
	if err := json.Unmarshal([]byte(text), &index); err != nil {
		return nil, errors.New("its image has a broken index")
	}
	var fitting []descriptor
	var names []string
	for _, d := range index.Manifests {
		if d.fits() {
			fitting, names = append(fitting, d), append(names, d.Annotations[refName])
		}
	}
	switch {
	case len(fitting) == 0 || depth == maxIndexes:
		return nil, fmt.Errorf("it holds no image for linux/%s", runtime.GOARCH)
	case len(fitting) > 1:
		return nil, severalImages(names)
	}
	text, err := blobText(root, fitting[0].Digest)
	if err != nil {
		return nil, err
	}
	if kind := fitting[0].MediaType; strings.Contains(kind, "index") || strings.Contains(kind, "manifest.list") {
		return ociLayers(root, text, depth+1)
	}
	return blobs(text)
}

// blobs are the files of a manifest's layers.
func blobs(text string) ([]string, error) {
	var image manifest
	if json.Unmarshal([]byte(text), &image) != nil || len(image.Layers) == 0 {
		return nil, errors.New("its image has no layers")
	}
	files := make([]string, len(image.Layers))
	for i := range image.Layers {
		var err error
		if files[i], err = blob(image.Layers[i].Digest); err != nil {
			return nil, err
		}
	}
	return files, nil
}

// blob is the file of a digest, "sha256:HEX".
func blob(digest string) (string, error) {
	algorithm, hex, ok := strings.Cut(digest, ":")
	if !ok || algorithm == "" || hex == "" || strings.Trim(algorithm+hex, "0123456789abcdefghijklmnopqrstuvwxyz") != "" {
		return "", fmt.Errorf("digest %q: %w", digest, unix.EINVAL)
	}
	return path.Join("blobs", algorithm, hex), nil
}

func blobText(root *os.Root, digest string) (string, error) {
	name, err := blob(digest)
	if err != nil {
		return "", err
	}
	text, ok := small(root, name)
	if !ok {
		return "", fmt.Errorf("%q of the image is missing", name)
	}
	return text, nil
}
