package containers_test

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/nskit/nskit/pkg/containers"
)

func ExampleFromCgroup() {
	ref, ok := containers.FromCgroup("0::/system.slice/crun-web.scope\n")
	fmt.Println(ref.Runtime, ref.ID, ok)
	// Output: crun web true
}

func ExampleFind() {
	// A made-up root file system with one machine that is not running any more.
	root, err := os.MkdirTemp("", "containers")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(root)
	machines := filepath.Join(root, "run/systemd/machines")
	os.MkdirAll(machines, 0o700)
	os.WriteFile(filepath.Join(machines, "box"), []byte("CLASS=container\nLEADER=42\n"), 0o600)

	_, err = containers.Find(containers.Places{Root: root}, "box")
	fmt.Println(err)
	// Output: container 'box' is not running: box (machined)
}
