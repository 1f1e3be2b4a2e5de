package values

import (
	"strings"

	"github.com/nskit/nskit/cmd/internal/applet"
)

// CapWords are all, and the names of capabilities(7) in the order of their numbers,
// without CAP_.
var CapWords = [...]string{"all",
	"chown", "dac_override", "dac_read_search", "fowner", "fsetid", "kill", "setgid", "setuid", "setpcap", "linux_immutable",
	"net_bind_service", "net_broadcast", "net_admin", "net_raw", "ipc_lock", "ipc_owner", "sys_module", "sys_rawio", "sys_chroot", "sys_ptrace",
	"sys_pacct", "sys_admin", "sys_boot", "sys_nice", "sys_resource", "sys_time", "sys_tty_config", "mknod", "lease", "audit_write",
	"audit_control", "setfcap", "mac_override", "mac_admin", "syslog", "wake_alarm", "block_suspend", "audit_read", "perfmon", "bpf",
	"checkpoint_restore",
}

// AllCapabilities are those of every kernel, also of later ones.
const AllCapabilities = ^uint64(0)

// Capabilities reads a comma-separated list of capabilities: their names, with or
// without CAP_ and in any case, their numbers, or all.
func Capabilities(list string) (uint64, error) {
	var set uint64
	for more := true; more; {
		var name string
		name, list, more = strings.Cut(list, ",")
		bits, ok := capability(name)
		if !ok {
			return 0, applet.Fail("unknown capability: ", name)
		}
		set |= bits
	}
	return set, nil
}

func capability(name string) (uint64, bool) {
	const prefix = "cap_"
	short := name
	if len(name) > len(prefix) && strings.EqualFold(name[:len(prefix)], prefix) {
		short = name[len(prefix):]
	}
	if strings.EqualFold(name, "all") {
		return AllCapabilities, true
	}
	for i, known := range CapWords[1:] {
		if strings.EqualFold(short, known) {
			return 1 << i, true
		}
	}
	n, err := Number(name, 0, 63)
	return 1 << uint(n), err == nil && name[0] >= '0' && name[0] <= '9'
}
