package containers_test

import (
	"errors"
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

// A name, or the beginning of an identifier, is looked up in a list that is
// there already; the error says what else there is.
func ExampleMatch() {
	all := []containers.Container{
		{Name: "web", ID: "4f1c0c5a9b7e", Runtime: containers.Docker, PID: 4242},
		{Name: "db", ID: "4f77aa01c3de", Runtime: containers.Podman, PID: 4300},
	}
	c, err := containers.Match(all, "podman/db")
	fmt.Println(c.PID, err)
	_, err = containers.Match(all, "4f")
	fmt.Println(errors.Is(err, containers.ErrAmbiguous))
	_, err = containers.Match(all, "mail")
	fmt.Println(errors.Is(err, containers.ErrNotFound), err)
	// Output:
	// 4300 <nil>
	// true
	// true no container 'mail'; running: web (docker 4f1c0c5a9b7e), db (podman 4f77aa01c3de)
}
