//go:build linux

package rootfs

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"runtime"
	"strings"

	"github.com/nskit/nskit/internal/jsontext"
)

// Fill unpacks an archive into an empty root: what Unpack does, or, where that
// turns out to be an image as docker save, podman save and skopeo write it (OCI
// layout, docker-archive or dir), that image's layers in their order. For a moment
// the root holds both. An image is for this architecture; of several none is chosen.
//
// An archive that has ReadAt and Seek, such as a regular file, is read ahead: what
// the root has no room for ends in ENOSPC before anything is written, and so do the
// layers of an image before the first of them is. Holes do not count, nor do names
// that come once more; pages of zeros that are no holes in the archive do.
//
// What an image says of its parts, SHA-256 and size, is checked before the first layer
// is unpacked. A docker-archive says it of what its layers unpack to, and nothing else.
func Fill(root *os.Root, archive io.Reader) error {
	if root == nil || archive == nil {
		return os.ErrInvalid
	}
	if _, err := roomFor(root, archive); err != nil {
		return err
	}
	if err := Unpack(root, archive); err != nil {
		return err
	}
	parts, err := layers(root)
	if err != nil || parts == nil {
		return err
	}
	files, err := openAll(root, parts)
	defer closeAll(files)
	if err != nil {
		return err
	}
	if err := empty(root); err != nil {
		return err
	}
	if i, err := roomFor(root, readers(files)...); err != nil {
		return fmt.Errorf("layer %d of %d: %w", i+1, len(files), err)
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
// where a layer could touch it, and what was checked is what is unpacked.
func openAll(root *os.Root, parts []part) ([]*os.File, error) {
	var files []*os.File
	for i := range parts {
		file, err := parts[i].open(root)
		if err != nil {
			return files, fmt.Errorf("layer %q of the image: %w", parts[i].name, err)
		}
		files = append(files, file)
	}
	return files, nil
}

func readers(files []*os.File) []io.Reader {
	list := make([]io.Reader, len(files))
	for i, file := range files {
		list[i] = file
	}
	return list
}

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

// layers are an image's layers, the lowest first; nil for what is no image.
func layers(root *os.Root) ([]part, error) {
	if text, ok := small(root, "oci-layout"); ok && strings.Contains(text, "imageLayoutVersion") {
		if index, ok := small(root, "index.json"); ok {
			return ociLayers(root, index, 0)
		}
	}
	if text, ok := small(root, "version"); ok && strings.HasPrefix(text, "Directory Transport Version: ") {
		if manifest, ok := small(root, "manifest.json"); ok {
			return manifestLayers(root, ".", manifest)
		}
	}
	if text, ok := small(root, "manifest.json"); ok {
		return dockerLayers(root, text)
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
func dockerLayers(root *os.Root, text string) ([]part, error) {
	list, _ := jsontext.Parse(text)
	images := list.GetArray()
	if len(images) == 0 {
		return nil, nil
	}
	if len(images) == 1 {
		return dockerParts(root, images[0])
	}
	var tags []string
	for _, image := range images {
		if len(image.GetArray("Layers")) == 0 {
			return nil, nil
		}
		tags = append(tags, jsontext.Texts(image, "RepoTags")...)
	}
	return nil, severalImages(tags)
}

// dockerParts are the layers of an image whose configuration has the digests of what
// they unpack to. The configuration's own digest is its name.
func dockerParts(root *os.Root, image *jsontext.Value) ([]part, error) {
	names := jsontext.Texts(image, "Layers")
	if len(names) == 0 {
		return nil, nil
	}
	parts := make([]part, len(names))
	for i, name := range names {
		parts[i] = part{name: name, size: -1}
	}
	config := part{name: jsontext.Text(image, "Config"), size: -1}
	if config.name == "" {
		return parts, nil
	}
	if sum := strings.TrimSuffix(path.Base(config.name), ".json"); isSHA256(sum) {
		config.digest = sum
	}
	text, err := config.text(root)
	if err != nil {
		return nil, err
	}
	return parts, addDigests(parts, text)
}

// addDigests adds the digests in a configuration to layers.
func addDigests(parts []part, text string) error {
	config, err := jsontext.Parse(text)
	if err != nil {
		return errors.New("its image has a broken configuration")
	}
	digests := jsontext.Texts(config, "rootfs", "diff_ids")
	if len(digests) == 0 {
		return nil
	}
	if len(digests) != len(parts) {
		return fmt.Errorf("its image has %d layers, and digests of %d", len(parts), len(digests))
	}
	for i := range parts {
		if parts[i].digest, err = sha256Of(digests[i]); err != nil {
			return err
		}
		parts[i].unpacked = true
	}
	return nil
}

func severalImages(names []string) error {
	if len(names) == 0 {
		return errors.New("it holds several images")
	}
	return fmt.Errorf("it holds several images: %q", names)
}

// refName is the annotation that has an image's name.
const refName = "org.opencontainers.image.ref.name"

// fits says whether an image of an OCI index is for this machine, as far as it is known.
func fits(image *jsontext.Value) bool {
	system, arch := jsontext.Text(image, "platform", "os"), jsontext.Text(image, "platform", "architecture")
	return (system == "" || system == "linux") && (arch == "" || arch == runtime.GOARCH)
}

// maxIndexes is how many indexes may lead to a manifest.
const maxIndexes = 4

// ociLayers follows an index to the layers of the one image in it, see the OCI
// image specification, "image-layout.md".
func ociLayers(root *os.Root, text string, depth int) ([]part, error) {
	index, err := jsontext.Parse(text)
	if err != nil {
		return nil, errors.New("its image has a broken index")
	}
	var fitting []*jsontext.Value
	var names []string
	for _, image := range index.GetArray("manifests") {
		if fits(image) {
			fitting, names = append(fitting, image), append(names, jsontext.Text(image, "annotations", refName))
		}
	}
	switch {
	case len(fitting) == 0 || depth == maxIndexes:
		return nil, fmt.Errorf("it holds no image for linux/%s", runtime.GOARCH)
	case len(fitting) > 1:
		return nil, severalImages(names)
	}
	manifest, err := described(fitting[0], blobs)
	if err != nil {
		return nil, err
	}
	if text, err = manifest.text(root); err != nil {
		return nil, err
	}
	if kind := jsontext.Text(fitting[0], "mediaType"); strings.Contains(kind, "index") || strings.Contains(kind, "manifest.list") {
		return ociLayers(root, text, depth+1)
	}
	return manifestLayers(root, blobs, text)
}

// manifestLayers are the layers of a manifest, whose configuration is checked, too. The
// files that it describes are in dir.
func manifestLayers(root *os.Root, dir, text string) ([]part, error) {
	image, _ := jsontext.Parse(text)
	all := image.GetArray("layers")
	if len(all) == 0 {
		return nil, errors.New("its image has no layers")
	}
	if descriptor := image.Get("config"); descriptor != nil {
		config, err := described(descriptor, dir)
		if err == nil {
			_, err = config.text(root)
		}
		if err != nil {
			return nil, err
		}
	}
	parts := make([]part, len(all))
	for i, layer := range all {
		var err error
		if parts[i], err = described(layer, dir); err != nil {
			return nil, err
		}
	}
	return parts, nil
}
