package exporter

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/nskit/nskit/internal/rawfile"
	"github.com/nskit/nskit/pkg/ns"
)

// maxState is the most that a state file may have, in bytes: a hundred thousand namespaces.
const maxState = 16 << 20

// stateFile is what the memory is on disk.
type stateFile struct {
	Version int `json:"version"`
	// Boot is the boot that times and namespaces belong to.
	Boot       string            `json:"boot"`
	Created    map[string]uint64 `json:"created"`
	Destroyed  map[string]uint64 `json:"destroyed"`
	Namespaces []savedNamespace  `json:"namespaces"`
}

type savedNamespace struct {
	Type  string `json:"type"`
	Inode uint32 `json:"ns"`
	ID    uint64 `json:"id,omitempty"`
	// Since is in seconds since boot, -1 with a process.
	Since int64 `json:"since"`
}

const stateVersion = 1

// encode writes the memory as a state file of a boot.
func encode(m *memory, boot string) ([]byte, error) {
	state := stateFile{Version: stateVersion, Boot: boot, Created: map[string]uint64{}, Destroyed: map[string]uint64{}}
	for _, kind := range ns.Kinds() {
		state.Created[kind.String()] = m.created[kind]
		state.Destroyed[kind.String()] = m.destroyed[kind]
	}
	for k, s := range m.spaces {
		state.Namespaces = append(state.Namespaces, savedNamespace{k.kind.String(), k.inode, s.id, s.since})
	}
	slices.SortFunc(state.Namespaces, func(a, b savedNamespace) int { return cmp.Or(cmp.Compare(a.Inode, b.Inode), cmp.Compare(a.ID, b.ID)) })
	return json.Marshal(state)
}

var errOtherBoot = errors.New("it is from before the last start of the system")

// decode reads a state file that was written in the same boot, at the latest at the time now.
func decode(text []byte, boot string, now int64) (*memory, error) {
	var state stateFile
	if err := json.Unmarshal(text, &state); err != nil {
		return nil, err
	}
	if state.Version != stateVersion {
		return nil, fmt.Errorf("version %d is unknown", state.Version)
	}
	if state.Boot != boot {
		return nil, errOtherBoot
	}
	m := &memory{spaces: map[key]seen{}, begun: len(state.Namespaces) > 0}
	for name, n := range state.Created {
		if kind, ok := ns.Parse(name); ok {
			m.created[kind] = n
		}
	}
	for name, n := range state.Destroyed {
		if kind, ok := ns.Parse(name); ok {
			m.destroyed[kind] = n
		}
	}
	for _, n := range state.Namespaces {
		kind, ok := ns.Parse(n.Type)
		if !ok || n.Inode == 0 || n.Since < populated || n.Since > now {
			return nil, fmt.Errorf("it has a namespace that cannot be: %+v", n)
		}
		m.spaces[key{kind, n.Inode}] = seen{n.ID, n.Since}
	}
	return m, nil
}

// readState reads a regular file that is not too long.
func readState(path string) ([]byte, error) {
	file, err := os.OpenFile(path, os.O_RDONLY|openNonblock, 0)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxState {
		return nil, &fs.PathError{Op: "read", Path: path, Err: errors.New("no regular file of a state file's size")}
	}
	return io.ReadAll(io.LimitReader(file, maxState))
}

// writeState replaces a file: whoever reads it sees the old one or the new one, which is returned. The new one has a
// name of its own until then, always the same: what a kill leaves does not become more.
func writeState(path string, text []byte) (*os.File, error) {
	name := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".new")
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	_ = rawfile.Lock(file) // nobody else's yet; not every file system has locks
	_, err = file.Write(text)
	if err == nil {
		err = file.Sync()
	}
	if err == nil {
		err = os.Rename(name, path)
	}
	if err != nil {
		os.Remove(name)
		file.Close()
		return nil, err
	}
	return file, nil
}
