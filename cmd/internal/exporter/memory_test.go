package exporter

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/nskit/nskit/internal/census"
	"github.com/nskit/nskit/internal/rawfile"
	"github.com/nskit/nskit/pkg/ns"
	"golang.org/x/sys/unix"
)

func space(kind ns.Kind, inode census.Inode, id uint64, processes int) census.Namespace {
	n := census.Namespace{Kind: kind, Inode: inode, Processes: processes}
	n.ID = id
	return n
}

// TestMemory: an age begins when the last process has gone, and the inode of one that is gone is another namespace.
func TestMemory(t *testing.T) {
	var m memory
	for _, step := range []struct {
		now                        int64
		spaces                     []census.Namespace
		created, destroyed, oldest int64
	}{
		{100, []census.Namespace{space(ns.Net, 1, 11, 1), space(ns.Net, 2, 12, 0)}, 0, 0, 0},
		{160, []census.Namespace{space(ns.Net, 1, 11, 0), space(ns.Net, 2, 12, 0), space(ns.Net, 3, 13, 4)}, 1, 0, 60},
		{220, []census.Namespace{space(ns.Net, 1, 11, 0), space(ns.Net, 3, 13, 0)}, 1, 1, 60},
		{230, []census.Namespace{space(ns.Net, 1, 11, 2), space(ns.Net, 3, 13, 0)}, 1, 1, 10},
		{240, []census.Namespace{space(ns.Net, 1, 11, 0), space(ns.Net, 3, 23, 0)}, 2, 2, 0},
		{200, []census.Namespace{space(ns.Net, 1, 11, 0), space(ns.Net, 3, 23, 0)}, 2, 2, 0}, // a clock that went back
		{205, []census.Namespace{space(ns.Net, 1, 11, 0), space(ns.Net, 3, 23, 0)}, 2, 2, 5},
	} {
		got := m.see(step.spaces, step.now)
		if int64(got.created[ns.Net]) != step.created || int64(got.destroyed[ns.Net]) != step.destroyed || got.oldest[ns.Net] != step.oldest || got.created[ns.UTS] != 0 {
			t.Errorf("at %d: %+v", step.now, got)
		}
	}
}

// TestMemoryWithoutIdentifier: a namespace whose identifier cannot be asked for at times is still the same.
func TestMemoryWithoutIdentifier(t *testing.T) {
	var m memory
	var got *remembered
	for i, id := range []uint64{11, 0, 0, 11} {
		got = m.see([]census.Namespace{space(ns.Net, 1, id, 0)}, int64(100+10*i))
	}
	if got.created[ns.Net] != 0 || got.destroyed[ns.Net] != 0 || got.oldest[ns.Net] != 30 {
		t.Errorf("%+v", got)
	}
	m.see([]census.Namespace{space(ns.Net, 1, 0, 0)}, 140)
	if got = m.see([]census.Namespace{space(ns.Net, 1, 12, 0)}, 150); got.created[ns.Net] != 1 || got.destroyed[ns.Net] != 1 || got.oldest[ns.Net] != 0 {
		t.Errorf("another one: %+v", got)
	}
}

func TestState(t *testing.T) {
	var m memory
	m.see([]census.Namespace{space(ns.Net, 1, 11, 0), space(ns.User, 2, 0, 1)}, 50)
	m.see([]census.Namespace{space(ns.Net, 1, 11, 0), space(ns.UTS, 3, 1<<63, 0)}, 60)
	text, err := encode(&m, "b")
	if err != nil {
		t.Fatal(err)
	}
	back, err := decode(text, "b", 60)
	if err != nil || !reflect.DeepEqual(*back, m) {
		t.Errorf("%v\n%+v\n%+v", err, back, m)
	}
	if _, err := decode(text, "c", 60); !errors.Is(err, errOtherBoot) {
		t.Errorf("of another boot: %v", err)
	}
	if _, err := decode(text, "b", 59); err == nil {
		t.Error("a time to come is taken")
	}
	for _, damaged := range []string{"", "{", "null", "[]", string(text[:len(text)/2]), strings.Replace(string(text), `"net","ns"`, `"no","ns"`, 1), strings.Replace(string(text), `"version":1`, `"version":2`, 1)} {
		if _, err := decode([]byte(damaged), "b", 60); err == nil {
			t.Errorf("%q is taken", damaged)
		}
	}
	// Before the first scan nothing was seen that could be compared with.
	empty, _ := encode(&memory{}, "b")
	if first, err := decode(empty, "b", 60); err != nil || first.begun {
		t.Errorf("%+v %v", first, err)
	}
}

// TestStateFile: a file that cannot be replaced stays as it is, and nothing else stays.
func TestStateFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "state.json")
	writeState := (&claim{}).replace
	for _, text := range []string{"one", "two"} {
		if err := writeState(path, []byte(text)); err != nil {
			t.Fatal(err)
		}
		if got, err := readState(path); err != nil || string(got) != text {
			t.Errorf("%q %v", got, err)
		}
	}
	if err := writeState(filepath.Join(dir, "nowhere/state.json"), nil); err == nil {
		t.Error("no error")
	}
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := writeState(filepath.Join(dir, "folder"), nil); err == nil {
		t.Error("a directory was replaced")
	}
	if _, err := readState(filepath.Join(dir, "folder")); err == nil {
		t.Error("a directory was read")
	}
	if err := os.WriteFile(filepath.Join(dir, ".state.json.new"), []byte("half"), 0o600); err != nil { // as a kill leaves it
		t.Fatal(err)
	}
	if err := writeState(path, []byte("three")); err != nil {
		t.Error(err)
	}
	if err := writeState(filepath.Join(dir, "folder"), nil); err == nil {
		t.Error("a directory was replaced")
	}
	left, _ := os.ReadDir(dir)
	if len(left) != 2 {
		t.Errorf("left: %v", left)
	}
}

// TestStateElsewhere: what stands in the place of a state file and is none stays what it is. A device would be lost
// for the whole system.
func TestStateElsewhere(t *testing.T) {
	dir := t.TempDir()
	file, pipe, link := filepath.Join(dir, "file"), filepath.Join(dir, "pipe"), filepath.Join(dir, "link")
	if err := errors.Join(os.WriteFile(file, []byte("one"), 0o600), unix.Mkfifo(pipe, 0o600), os.Symlink(pipe, link)); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]fs.FileMode{pipe: fs.ModeNamedPipe, link: fs.ModeSymlink} {
		if err := (&claim{}).replace(path, []byte("two")); !errors.Is(err, errNotRegular) {
			t.Errorf("%s: %v", path, err)
		}
		if info, err := os.Lstat(path); err != nil || info.Mode().Type() != want {
			t.Errorf("%s: %v %v", path, info.Mode(), err)
		}
	}
	if left, _ := os.ReadDir(dir); len(left) != 3 {
		t.Errorf("left: %v", left)
	}
}

// TestTwoExporters: a state file is one exporter's until that has ended.
func TestTwoExporters(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.json")
	var one, two claim
	write := func(c *claim, text string, want error, content string) {
		t.Helper()
		if err := c.replace(path, []byte(text)); !errors.Is(err, want) {
			t.Errorf("%s: %v", text, err)
		}
		if got, err := os.ReadFile(path); string(got) != content {
			t.Errorf("%s: there is %q, %v", text, got, err)
		}
	}
	write(&one, "a", nil, "a")
	write(&two, "b", rawfile.ErrLocked, "a")
	write(&one, "c", nil, "c") // another inode than that of which the second one was told
	write(&two, "d", rawfile.ErrLocked, "c")
	one.leave()
	write(&two, "e", nil, "e")
	write(&one, "f", rawfile.ErrLocked, "e")
	if err := os.WriteFile(path+".other", []byte("g"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".other", path); err != nil { // by hand, as from a backup
		t.Fatal(err)
	}
	write(&two, "h", nil, "h")
}

func TestBootOffset(t *testing.T) {
	for text, want := range map[string]int64{
		"monotonic           0         0\nboottime            0         0\n": 0,
		"monotonic           5         0\nboottime       -3600         0\n":  -3600,
		"monotonic           5         0\nboottime       86400 500000000\n":  86400,
		"": 0, "boottime\n": 0,
	} {
		if got := bootOffset(text); got != want {
			t.Errorf("%q: %d", text, got)
		}
	}
}
