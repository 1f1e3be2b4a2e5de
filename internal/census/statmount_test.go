package census

import "testing"

func TestRootOver(t *testing.T) {
	initramfs := firstMount{id: 1, root: true, fs: "rootfs"}
	moved := firstMount{id: 7, parent: 1, root: true, fs: "ext4"}
	below := firstMount{id: 3, parent: 7, fs: "proc"}
	over := firstMount{id: 9, parent: 7, root: true, fs: "tmpfs"}
	for name, test := range map[string]struct {
		mounts []firstMount
		want   uint64
	}{
		"a root before Linux 7.0":            {[]firstMount{moved, below}, 0},
		"a root over an initramfs":           {[]firstMount{initramfs, below, moved}, 7},
		"one that is older":                  {[]firstMount{moved, below, initramfs}, 7},
		"the processes are in the initramfs": {[]firstMount{initramfs, {id: 2, parent: 1, fs: "proc"}}, 0},
		"something mounted over the root":    {[]firstMount{moved, below, over}, 0},
		"that over an initramfs":             {[]firstMount{initramfs, moved, over}, 7},
		"nothing":                            {nil, 0},
	} {
		if got := rootOver(test.mounts); got != test.want {
			t.Errorf("%s: %d, want %d", name, got, test.want)
		}
	}
}
