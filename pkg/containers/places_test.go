package containers

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestUserPlaces leaves out what belongs to somebody else, is no directory or
// has no absolute path.
func TestUserPlaces(t *testing.T) {
	home := t.TempDir()
	data, config := filepath.Join(home, ".local/share"), filepath.Join(home, ".config")
	file := filepath.Join(home, "file")
	if os.MkdirAll(data, 0o755) != nil || os.MkdirAll(config, 0o755) != nil || os.WriteFile(file, nil, 0o644) != nil {
		t.Fatal("cannot make the directories")
	}
	foreign := "/proc/1/task" // root's, or for root a user's
	if os.Geteuid() == 0 {
		foreign = t.TempDir()
		if err := os.Chown(foreign, 12345, 12345); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		env  map[string]string
		want Places
	}{
		{map[string]string{}, Places{Root: "/"}},
		{map[string]string{"HOME": home, "XDG_RUNTIME_DIR": home}, Places{Root: "/", RuntimeDirs: []string{home}, DataDirs: []string{data}, ConfigDirs: []string{config}}},
		{map[string]string{"HOME": "/nonexistent", "XDG_DATA_HOME": data}, Places{Root: "/", DataDirs: []string{data}}},
		{map[string]string{"XDG_RUNTIME_DIR": foreign, "XDG_DATA_HOME": foreign, "XDG_CONFIG_HOME": foreign}, Places{Root: "/"}},
		{map[string]string{"XDG_RUNTIME_DIR": file, "XDG_DATA_HOME": "."}, Places{Root: "/"}},
	} {
		got := UserPlaces(func(name string) string { return c.env[name] })
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%v: %s", c.env, diff)
		}
	}
}
