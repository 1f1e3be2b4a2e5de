package launch

import "github.com/nskit/nskit/pkg/mnt"

// PivotSpec says what the new root is and what is mounted in it.
type PivotSpec struct {
	// Root is the directory that becomes the root; with PivotRoot, which takes
	// PutOld as well, a mount point.
	Root, PutOld string
	// Archive is a tar file, "-" for descriptor 0, that is unpacked into a root in memory, in place of
	// Root.
	Archive string
	// Tool is a program in the old root, ToolArgs its argument vector. With
	// Archive it reads that from descriptor 0 and unpacks it into the working
	// directory; with Switch, and for SwitchRoot, it empties the directory on
	// descriptor 0, and "" leaves that as it is.
	Tool     string
	ToolArgs []string
	// Overlay shows Root, and Layers above it, the last on top, through an
	// overlay. Upper and Work are its directories, absolute, or both empty for a
	// layer in memory.
	Overlay     bool
	Layers      []string
	Upper, Work string
	// Keep are descriptors above 2, in ascending order, that the command gets whatever
	// they lead to: a directory leads to the old root.
	Keep []int
	// Mounts are made in their order. The sources of binds are absolute.
	Mounts []mnt.Mount
	// Switch moves the new root over "/", as switch_root(8) does at the end of an
	// initramfs.
	Switch bool
}
