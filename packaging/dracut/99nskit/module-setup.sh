#!/bin/bash
# A dracut module (/usr/lib/dracut/modules.d/99nskit): nskit's switch_root and its other applets
# go into the initramfs in the place of util-linux's. dracut --add nskit. An initramfs that runs
# systemd changes to the real system by itself and uses no switch_root.

check() {
	require_binaries nskit || return 1
	return 255
}

depends() {
	echo base
}

install() {
	local name dir
	inst_simple "$(command -v nskit)" /usr/bin/nskit
	for name in unshare nsenter lsns pivot pivot_root switch_root; do
		for dir in usr/bin usr/sbin bin sbin; do
			rm -f "${initdir:?}/$dir/$name"
		done
		ln -s nskit "$initdir/usr/bin/$name"
		[ -L "$initdir/usr/sbin" ] || ln -s ../bin/nskit "$initdir/usr/sbin/$name"
	done
}
