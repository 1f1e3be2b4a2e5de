package build

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// words writes strings as an archive of Nix has them: the length, the bytes, zeros up to a multiple of eight.
func words(w io.Writer, texts ...string) {
	for _, text := range texts {
		w.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(text))))
		io.WriteString(w, text)
		w.Write(make([]byte, -len(text)&7))
	}
}

// node writes a directory, or a file that nobody executes, as an archive of Nix has them.
func node(t *testing.T, w io.Writer, path string) {
	t.Helper()
	info, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	if !info.IsDir() {
		words(w, "(", "type", "regular", "contents", string(read(t, path)), ")")
		return
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		t.Fatal(err)
	}
	words(w, "(", "type", "directory")
	for _, entry := range entries { // sorted
		words(w, "entry", "(", "name", entry.Name(), "node")
		node(t, w, filepath.Join(path, entry.Name()))
		words(w, ")")
	}
	words(w, ")")
}

// TestNixModules wants package.nix to have the sum of what go mod vendor makes, as `nix hash path` prints it.
func TestNixModules(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "vendor")
	vendor := exec.Command("go", "mod", "vendor", "-o", dir)
	vendor.Dir = top(t)
	if said, err := vendor.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	sum := sha256.New()
	words(sum, "nix-archive-1")
	node(t, sum, dir)
	want := `vendorHash = "sha256-` + base64.StdEncoding.EncodeToString(sum.Sum(nil)) + `";`
	if !strings.Contains(string(read(t, filepath.Join(top(t), "packaging/nix/package.nix"))), want) {
		t.Errorf("packaging/nix/package.nix needs another sum: %s", want)
	}
}
