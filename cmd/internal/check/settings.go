package check

import (
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/nskit/nskit/pkg/containers"
	"github.com/nskit/nskit/pkg/ns"
)

// setting is one that decides what may be made: its name and value.
type setting struct{ name, value string }

// sysctls are files below /proc/sys that decide; those that this kernel lacks are not shown.
var sysctls = []string{
	"user/max_user_namespaces", "user/max_mnt_namespaces", "user/max_pid_namespaces", "user/max_net_namespaces",
	"user/max_uts_namespaces", "user/max_ipc_namespaces", "user/max_cgroup_namespaces", "user/max_time_namespaces",
	"kernel/unprivileged_userns_clone", "kernel/apparmor_restrict_unprivileged_userns", "kernel/apparmor_restrict_unprivileged_unconfined",
	"kernel/yama/ptrace_scope", "fs/mount-max", "vm/memfd_noexec",
}

// readSettings reads what there is. What cannot be read is not shown.
func readSettings() []setting {
	var found []setting
	add := func(name, file string) {
		if text, err := os.ReadFile(file); err == nil {
			if value := strings.TrimRight(string(text), "\x00\n "); value != "" {
				found = append(found, setting{name, strings.TrimSpace(value)})
			}
		}
	}
	add("kernel", "/proc/sys/kernel/osrelease")
	for _, file := range sysctls {
		add(strings.ReplaceAll(file, "/", "."), "/proc/sys/"+file)
	}
	add("security modules", "/sys/kernel/security/lsm")
	add("security context", "/proc/self/attr/current")
	return append(found, ofStatus()...)
}

// ofStatus are the lines of /proc/self/status that decide.
func ofStatus() []setting {
	text, _ := os.ReadFile("/proc/self/status")
	var found []setting
	for line := range strings.Lines(string(text)) {
		key, value, _ := strings.Cut(line, ":")
		value = strings.TrimSpace(value)
		switch key {
		case "CapEff":
			found = append(found, setting{"effective capabilities", value})
		case "NoNewPrivs":
			found = append(found, setting{"no-new-privileges", value})
		case "Seccomp":
			found = append(found, setting{"seccomp", map[string]string{"0": "off", "1": "strict", "2": "filter"}[value]})
		}
	}
	return found
}

// whoAmI names the caller and the user namespace.
func whoAmI() string {
	who := "UID " + strconv.Itoa(os.Geteuid())
	var st unix.Stat_t
	if unix.Stat("/proc/self/ns/user", &st) != nil {
		return who
	}
	if st.Ino == ns.FirstUser {
		return who + " in the initial user namespace"
	}
	return who + " in a user namespace"
}

// countRuntimes are the runtimes whose state can be read, with their numbers of containers.
func countRuntimes() []setting {
	all, _ := containers.List(containers.Places{Root: "/"})
	order, count := []string{}, map[string]int{}
	for i := range all {
		name := all[i].Runtime
		if count[name]++; count[name] == 1 {
			order = append(order, name)
		}
	}
	var found []setting
	for _, name := range order {
		found = append(found, setting{name, strconv.Itoa(count[name])})
	}
	return found
}
