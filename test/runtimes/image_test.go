package runtimes

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	goruntime "runtime"
)

// writeImages makes root.tar, a root file system of one static program, two empty
// directories and a file, and oci.tar, an image of it.
func writeImages(dir string) error {
	busybox, err := exec.LookPath("busybox")
	if err != nil {
		return err
	}
	program, err := os.ReadFile(busybox)
	if err != nil {
		return err
	}
	root, err := archive([]file{{"bin/", nil}, {"bin/busybox", program}, {"data/", nil}, {"file", []byte("of the image\n")}})
	if err != nil {
		return err
	}
	image, err := archive(layout(root))
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "root.tar"), root, 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "oci.tar"), image, 0o644)
}

// file is a file of an archive; the name of a directory ends in a slash.
type file struct {
	name string
	text []byte
}

func archive(files []file) ([]byte, error) {
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, f := range files {
		if err := w.WriteHeader(&tar.Header{Name: f.name, Mode: 0o755, Size: int64(len(f.text))}); err != nil {
			return nil, err
		}
		if _, err := w.Write(f.text); err != nil {
			return nil, err
		}
	}
	err := w.Close()
	return out.Bytes(), err
}

// layout is an image of one layer in the OCI layout.
func layout(layer []byte) []file {
	digest := func(text []byte) string { return fmt.Sprintf("%x", sha256.Sum256(text)) }
	config := fmt.Appendf(nil, `{"architecture":%q,"os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}`,
		goruntime.GOARCH, digest(layer))
	const kinds = "application/vnd.oci.image."
	manifest := fmt.Appendf(nil, `{"schemaVersion":2,"mediaType":"%smanifest.v1+json",
"config":{"mediaType":"%sconfig.v1+json","digest":"sha256:%s","size":%d},
"layers":[{"mediaType":"%slayer.v1.tar","digest":"sha256:%s","size":%d}]}`,
		kinds, kinds, digest(config), len(config), kinds, digest(layer), len(layer))
	index := fmt.Appendf(nil, `{"schemaVersion":2,"manifests":[{"mediaType":"%smanifest.v1+json","digest":"sha256:%s","size":%d,
"annotations":{"io.containerd.image.name":"docker.io/library/nskit:latest"}}]}`, kinds, digest(manifest), len(manifest))
	files := []file{{"oci-layout", []byte(`{"imageLayoutVersion":"1.0.0"}`)}, {"index.json", index}}
	for _, blob := range [][]byte{layer, config, manifest} {
		files = append(files, file{"blobs/sha256/" + digest(blob), blob})
	}
	return files
}
