package unshare

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// commands are the ways to start a program that must make no difference to it:
// none at all, nskit's unshare, and the host's where there is one.
func commands(t *testing.T) map[string][]string {
	t.Helper()
	unshare := lookPath(t, "unshare")
	all := map[string][]string{
		"unshare":                  {unshare},
		"unshare --fork":           {unshare, "--fork"},
		"unshare --user":           {unshare, "--user", "--map-root-user", "--uts"},
		"unshare --user --fork":    {unshare, "-Urm", "--fork"},
		"unshare --map-user":       {unshare, "--map-user", "daemon"}, // a name to look up: the Go runtime starts
		"unshare --map-user -f":    {unshare, "--map-user", "daemon", "--keep-caps", "--fork"},
		"unshare --kill-child":     {unshare, "--kill-child"},
		"unshare --forward-signal": {unshare, "--forward-signals"},
	}
	if host := filepath.Join(os.Getenv("HOST"), "unshare"); exists(host) {
		all["the host's unshare"] = []string{host}
		all["the host's unshare --fork"] = []string{host, "--fork"}
	}
	return all
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// lookPath finds a program where a script would.
func lookPath(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// start runs a command with exactly this environment and these descriptors, a
// nil one being closed, and returns its end. (os/exec would tidy both up.)
func start(t *testing.T, argv, env []string, files []*os.File) *os.ProcessState {
	t.Helper()
	process, err := os.StartProcess(argv[0], argv, &os.ProcAttr{Env: env, Files: files})
	if err != nil {
		t.Fatal(err)
	}
	state, err := process.Wait()
	if err != nil {
		t.Fatal(err)
	}
	return state
}

// output runs a command and returns what it writes to standard output.
func output(t *testing.T, argv, env []string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "output")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if state := start(t, argv, env, []*os.File{nil, file, os.Stderr}); !state.Success() {
		t.Fatalf("%.200q: %v", argv, state)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
