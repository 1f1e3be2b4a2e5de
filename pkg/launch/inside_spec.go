package launch

import "github.com/nskit/nskit/pkg/mnt"

// Inside is what a caller brings along into a target, and what is mounted there.
// It needs Linux 5.12: open_tree(2), move_mount(2), mount_setattr(2).
type Inside struct {
	// Tools are shown to Command in a private copy of the target's mount
	// namespace; nil for none.
	Tools *Tools
	// Carry is a static program of the caller's that is executed inside, from a
	// sealed file in memory, in place of Command.File, which stands in messages.
	Carry string
	// Attach is mounted in the target itself and Detach is unmounted there, all of
	// it or nothing.
	Attach []Attachment
	Detach []string
	// NoCommand ends once that is done. Of all namespaces only those that matter
	// are entered then.
	NoCommand bool
}

// Attachment is a mount in a running target.
type Attachment struct {
	mnt.Mount
	// Make makes Target where it is missing.
	Make bool
}

// Tools describes the root directory that Command gets: a small file system in
// memory that shows what the target has in its own root directory, and Dir.
type Tools struct {
	// Dir is the name of the directory with the tools.
	Dir string
	// Tool is a program of the caller's, ToolArgs its argument vector, that reads
	// File on descriptor 0 and fills the working directory, which is Dir. It runs
	// outside, before anything is entered; "" for none.
	File, Tool string
	ToolArgs   []string
	// Show are directories of the caller's, read-only: each in the directory of
	// its name below Dir, or in the place of Dir where the name is empty.
	Show []Showing
	// Root has what is in the target's root directory, Links are symbolic links by
	// their paths in the new root. What is gone by then is an empty file or directory.
	Root  []RootEntry
	Links []Link
}

// Showing is a directory of the caller's, absolute, and the name it gets.
type Showing struct{ Name, Path string }

// RootEntry is a name in a root directory; what is no directory is shown as a file.
type RootEntry struct {
	Name      string
	Directory bool
}

// Link is a symbolic link.
type Link struct{ Path, Target string }
