// Package odd runs command lines on hosts that are not as others: below the filters of
// containers, services and snaps, without /proc, with tiny limits, among 16,384 mounts and more.
// A host is a function in hosts.go.
package odd

import (
	"errors"
	"os"
	"strconv"
	"time"

	"github.com/nskit/nskit/internal/testkit"
	"golang.org/x/sys/unix"
)

// Host is how a host is made odd.
type Host struct {
	Name string
	// Setup is shell text for process 1 of the cell, root there, after all else is made.
	Setup string
	// Around is the command below which the shell that runs the lines is executed.
	Around string
	// Each is shell text for the process that becomes a line's command, as its user.
	Each string
	// Inside is a user namespace of the cell's own, in which everybody is mapped.
	Inside bool
	// Needs is what the machine must have.
	Needs []testkit.Reason
	// After takes back what is not the cell's alone.
	After func()
}

// below adds a command to those that the lines run below.
func (h *Host) below(command string) { h.Around += command + " " }

// filter puts the lines below a seccomp filter.
func (h *Host) filter(name string) { h.below("/tools/odd filter " + name) }

// Hosts are all odd hosts. The first one is not odd: on it the tools may not differ.
var Hosts = []struct {
	Name string
	make func(*Host)
}{
	{"plain", func(*Host) {}},

	// Filters.
	{"docker", docker},
	{"docker-user-namespace", dockerUserNamespace},
	{"docker-admin", filtered("docker-admin")},
	{"docker-old", filtered("docker-old")},
	{"docker-old-admin", filtered("docker-old-admin")},
	{"podman", filtered("podman")},
	{"systemd", filtered("systemd")},
	{"systemd-no-user", filtered("systemd-no-user")},
	{"systemd-mdwe", filtered("systemd-mdwe")},
	{"systemd-kill", filtered("systemd-kill")},
	{"snap", filtered("snap")},
	{"linux-4.18", filtered("linux-4.18")},
	{"no-memfd", filtered("no-memfd")},
	{"no-questions", filtered("no-questions")},

	// File systems.
	{"hidepid", setup("mount -o remount,hidepid=2 /proc")},
	{"hidepid-ptraceable", setup("mount -o remount,hidepid=4 /proc")},
	{"pid-subset", setup("umount -l /proc; mount -t proc -o subset=pid proc /proc")},
	{"no-proc", setup("umount -l /proc")},
	{"no-dev", setup("umount -l /dev/* 2>/dev/null || :; rm -rf /dev")},
	{"no-etc", setup("rm -rf /etc")},
	{"no-tmp", setup("rm -rf /tmp /run /dev/shm")},
	{"masked-proc", maskedProc},
	{"read-only", readOnly},
	{"noexec", noexec},
	{"sealed-memfd", setup("echo 2 >/proc/sys/vm/memfd_noexec")},
	{"full", full},
	{"shared", setup("mount --make-rshared /")},
	{"hung-fuse", hungFuse},
	{"many-mounts", manyMounts},
	{"other-children", otherChildren},
	{"cwd-gone", setup("mkdir /gone && cd /gone && rmdir /gone")},
	{"chroot", chrooted},

	// Limits.
	{"descriptors", each("ulimit -n 5")},
	{"no-descriptors", each("ulimit -n 3")},
	{"file-size", each("ulimit -f 0")},
	{"memory", each("ulimit -v 20000")},
	{"stack", each("ulimit -s 128")},
	{"locked-memory", each("ulimit -l 0")},
	{"no-user-namespaces", noMore("user")},
	{"no-mount-namespaces", noMore("mnt")},
	{"no-pid-namespaces", noMore("pid")},
	{"no-net-namespaces", noMore("net")},
	{"nested-pid", nestedPID},
	{"nested-user", nestedUser},

	// Processes.
	{"no-capabilities", below("setpriv --bounding-set=-all --inh-caps=-all")},
	{"no-new-privileges", below("setpriv --no-new-privs")},
	{"noroot", below("setpriv --securebits=+noroot")},
	{"child-ignored", each("trap '' CHLD")},
	{"all-ignored", each("trap '' HUP INT QUIT USR1 USR2 PIPE ALRM TERM CHLD CONT TSTP TTIN TTOU")},
	{"closed", each("exec <&- 4<&- 5<&-")},
	{"output-full", each("[ ! -e /dev/full ] || exec >/dev/full")},
	{"no-environment", each("unset PATH HOME LC_ALL SCRIPT SETUP AROUND PWD; export PATH=/tools/$tool:/tools/any:/usr/bin:/bin:/usr/sbin")},
	{"umask", each("umask 777")},
	{"dead-pid-namespace", deadPIDNamespace},
	{"unmapped", unmapped},
	{"stopped-target", setup("kill -STOP $T $U")},
	{"frozen-target", frozen},
	{"gone-target", setup("kill -KILL $T $U; wait")},
	{"linux32", below("setarch linux32")},
	{"read-implies-exec", below("setarch -X")},
	{"far-pids", setup("echo 4190000 >/proc/sys/kernel/ns_last_pid")},
	{"one-cpu", below("taskset 1 chrt -b 0")}, // the idle policy has no time on a busy machine
}

// Make makes a host of [Hosts] by its name; nil if there is none.
func Make(name string) *Host {
	for _, entry := range Hosts {
		if entry.Name == name {
			h := &Host{Name: name}
			entry.make(h)
			return h
		}
	}
	return nil
}

// filtered is a host that is odd by a filter alone.
func filtered(name string) func(*Host) { return func(h *Host) { h.filter(name) } }

// setup is a host that is odd by what process 1 has done.
func setup(text string) func(*Host) { return func(h *Host) { h.Setup = text } }

// below is a host that is odd by a command below which the lines run.
func below(command string) func(*Host) { return func(h *Host) { h.below(command) } }

// each is a host that is odd by what each line's process finds.
func each(text string) func(*Host) { return func(h *Host) { h.Each = text } }

// docker is a container of Docker's: its filter, its fourteen capabilities.
func docker(h *Host) {
	h.filter("docker")
	h.below("setpriv --inh-caps=-all --bounding-set=-all,+chown,+dac_override,+fowner,+fsetid,+kill,+setgid,+setuid,+setpcap,+net_bind_service,+net_raw,+sys_chroot,+mknod,+audit_write,+setfcap")
	maskedProc(h)
}

// dockerUserNamespace is one with userns-remap.
func dockerUserNamespace(h *Host) {
	docker(h)
	h.Inside = true
}

// maskedProc hides files of /proc, as runtimes of containers do: the kernel lets nobody
// without privilege mount another one.
func maskedProc(h *Host) {
	h.Setup += `
for name in kcore keys timer_list; do [ ! -e /proc/$name ] || mount --bind /dev/null /proc/$name; done
mount -t tmpfs -o ro none /proc/scsi 2>/dev/null || :
for name in bus fs irq sys; do mount --bind /proc/$name /proc/$name && mount -o remount,bind,ro /proc/$name; done`
}

// readOnly makes every mount read-only.
func readOnly(h *Host) {
	h.Setup = `cut -d' ' -f5 /proc/self/mountinfo | while read -r dir; do mount -o remount,bind,ro "$dir" 2>/dev/null || :; done`
}

// noexec lets no program be executed but those of /usr and /tools.
func noexec(h *Host) {
	h.Setup = `for dir in /tmp /run /dev/shm /home /root; do mount -t tmpfs -o noexec,nosuid,nodev,mode=1777 none $dir; done
echo 2 >/proc/sys/vm/memfd_noexec || :`
	h.Setup += "\nmount -o remount,bind,noexec /proc"
}

// full leaves no room on any file system that can be written.
func full(h *Host) {
	h.Setup = `for dir in /tmp /run /dev/shm /home /root /mnt; do
	mount -t tmpfs -o size=4k,nr_inodes=2,mode=1777 none $dir; echo x >$dir/x
done`
}

// hungFuse has a file system that never answers.
func hungFuse(h *Host) {
	h.Needs = append(h.Needs, testkit.NeedsKernel("/dev/fuse"))
	h.Setup = `mkdir /w/hung && { /tools/odd hang /w/hung & } && until grep -q ' /w/hung ' /proc/self/mounts; do :; done`
}

// envMounts is how many mounts a host with many has: 16384, or nearly as many as the kernel
// allows in a namespace, 98304.
const envMounts = "NSKIT_ODD_MOUNTS"

// manyMounts doubles them until there are enough.
func manyMounts(h *Host) {
	h.Setup = `mkdir /many && mount -t tmpfs -o mode=755 many /many
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14; do mkdir /many/$i; mount --rbind /many /many/$i; done`
	if os.Getenv(envMounts) == "98304" {
		h.Setup += `
for i in 15 16; do mkdir /many/$i; mount --rbind /many /many/$i; done
mkdir /many/17; mount --rbind /many/16 /many/17`
	}
}

// chrooted runs the lines in a root directory that is no mount's own.
func chrooted(h *Host) {
	h.Setup = `mkdir /jail && for dir in usr proc dev etc w tools sys; do mkdir /jail/$dir && mount --rbind /$dir /jail/$dir; done
for name in bin sbin lib lib64; do [ ! -L /$name ] || cp -P /$name /jail/; done`
	h.below("busybox chroot /jail")
}

// noMore allows no further namespace of a kind.
func noMore(kind string) func(*Host) {
	return func(h *Host) {
		h.Inside = true
		h.Setup = "echo 0 >/proc/sys/user/max_" + kind + "_namespaces"
	}
}

// nestedPID runs the lines where no PID namespace can be made below: the kernel allows 32.
func nestedPID(h *Host) {
	h.Setup = `nest='busybox unshare -p true 2>/dev/null && exec busybox unshare -pf sh -c "$nest"; mount -t proc proc /proc; echo 3000 >/proc/sys/kernel/ns_last_pid; eval "exec $AROUND $start"'
export nest start='/bin/sh -c "eval \"\$SCRIPT\"" lines'
exec busybox unshare -pf sh -c "$nest"`
}

// nestedUser is the same for user namespaces.
func nestedUser(h *Host) {
	h.Setup = `nest='busybox unshare -U true 2>/dev/null && exec busybox unshare -Ur sh -c "$nest"; eval "exec $AROUND $start"'
export nest start='/bin/sh -c "eval \"\$SCRIPT\"" lines'
exec sh -c "$nest"`
}

// deadPIDNamespace runs the lines where children would be born into a namespace whose
// process 1 has ended: none can be.
func deadPIDNamespace(h *Host) {
	h.Each = `[ -n "$again" ] || { export again=1; exec busybox unshare -p sh -c 'true & wait; eval "exec $command"'; }`
}

// otherChildren runs the lines where children are born into another PID and time namespace: no
// process there can have a second thread.
func otherChildren(h *Host) {
	h.Each = `[ -n "$again" ] || { export again=1; exec busybox unshare -p sh -c 'eval "exec $command"'; }`
}

// unmapped runs the lines in a user namespace that maps nobody.
func unmapped(h *Host) { h.below("busybox unshare -U") }

// frozen freezes the targets.
func frozen(h *Host) {
	top := "/sys/fs/cgroup"
	if _, err := os.Stat(top + "/unified"); err == nil {
		top += "/unified"
	}
	h.Needs = append(h.Needs, testkit.NeedsKernel(top+"/cgroup.procs"))
	name := "nskit-odd-" + strconv.FormatInt(time.Now().UnixNano(), 36)
	h.Setup = "dir=/w/cgroup/" + name + `
mkdir /w/cgroup && mount -t cgroup2 none /w/cgroup && mkdir $dir
echo $T >$dir/cgroup.procs && echo $U >$dir/cgroup.procs && echo 1 >$dir/cgroup.freeze
until grep -q 'frozen 1' $dir/cgroup.events; do :; done`
	h.After = func() {
		testkit.Poll(func() bool { return !errors.Is(unix.Rmdir(top+"/"+name), unix.EBUSY) })
	}
}
