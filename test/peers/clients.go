package main

import (
	"regexp"
	"time"
)

// client is what somebody wrote for util-linux's tools.
type client struct {
	// name is its package's, and the source package's if there is a source.
	name string
	// what is run, for the page.
	what string
	// source says that it comes from the source package, which prepare builds in /src; from is
	// what apt-get(8) calls the versions that will do, the best first, if it is not sid's alone.
	source  bool
	from    []string
	prepare string
	// run is a script of bash(1) that prints the cases; line finds them, by its groups "case"
	// and "result".
	run   string
	line  *regexp.Regexp
	limit time.Duration
	known []known
}

// known is a difference that there may be.
type known struct {
	name   *regexp.Regexp
	reason string
}

// say defines a function for scripts without cases of their own: `try NAME COMMAND...`
// prints the exit code, and what the command prints but for nskit's hints, as the case's result.
const say = `
try() {
	local name=$1 out code=0 limit="timeout 60"
	shift
	[ "$(type -t "$1")" != function ] || limit= # it has its own
	out=$($limit "$@" 2>&1 </dev/null | sed -E '/^[a-z_]+: hint: /d; s/[0-9]{10}/INODE/g' | tr '\n' '/'; exit ${PIPESTATUS[0]}) || code=$?
	echo "CASE $name: $code $out"
}
`

// said finds the cases that try prints.
var said = regexp.MustCompile(`(?m)^CASE (?P<case>[^:]+): (?P<result>.*)$`)

// clients are all of them.
func clients() []client { return append(suites(), callers()...) }

// suites are tests that others wrote, run from their sources.
func suites() []client {
	return []client{
		{
			name: "util-linux", what: "`tests/run.sh --use-system-commands lsns unshare nsenter`", source: true, limit: 5 * time.Minute,
			prepare: `[ -e config.status ] || ./configure -q --disable-asciidoc --disable-nls --without-systemd --without-python --without-udev --disable-liblastlog2 --disable-pam-lastlog2 \
				--disable-login --disable-su --disable-runuser --disable-chfn-chsh --without-econf >/dev/null 2>&1
				make -s -j2 check-programs`,
			run:  `tests/run.sh --use-system-commands --noskip-commands lsns unshare nsenter 2>&1 || tests/run.sh --use-system-commands lsns unshare nsenter 2>&1`,
			line: regexp.MustCompile(`(?m)^\s*(?P<case>\w+: .*?)\s+\.\.\. (?P<result>OK|FAILED|SKIPPED|KNOWN FAILED)`),
		},
		{
			name: "slirp4netns", what: "its `tests/test-*.sh`, with Debian's binary", source: true, prepare: `:`, limit: 10 * time.Minute,
			run: `cd tests
				for script in test-*.sh; do
					code=0; timeout 100 ./$script >/tmp/out 2>&1 </dev/null || code=$?
					echo "CASE $script: exit $code"
				done`,
			line: said,
		},
		{
			name: "nftables", what: "`tests/shell/run-tests.sh` for chains, flowtables, network namespaces, comments and lists, with Debian's `nft`", source: true, from: []string{"nftables", "nftables/trixie", "nftables/bookworm"}, prepare: `:`, limit: 15 * time.Minute,
			run: `cd tests/shell
				NFT=/usr/sbin/nft NFT_TEST_JOBS=2 ./run-tests.sh testcases/netns testcases/comments testcases/listing testcases/owner testcases/include 2>&1 | sed 's/\x1b\[[0-9;]*[A-Za-z]//g'`,
			line: regexp.MustCompile(`(?m)^\w: \[(?P<result>OK|FAILED|SKIPPED|DUMP FAIL|VALGRIND|TAINTED|CHK DUMP)\]\s+(?:\d+/\d+ )?(?P<case>testcases/\S+)`),
		},
		{
			name: "iptables", what: "`iptables/tests/shell/run-tests.sh --host --nft`, with Debian's binaries", source: true, from: []string{"iptables/bookworm"}, prepare: `:`, limit: 15 * time.Minute,
			run: `cd iptables/tests/shell
				./run-tests.sh --host --nft 2>&1 | sed 's/\x1b\[[0-9;]*[A-Za-z]//g'`,
			line: regexp.MustCompile(`(?m)^\w: \[(?P<result>OK|FAILED|SKIPPED|DUMP FAIL|VALGRIND|TAINTED|CHK DUMP)\]\s+(?P<case>\S*testcases/\S+)`),
		},
		{
			name: "iproute2", what: "`make alltests` of its `testsuite`, with Debian's `ip`, `tc`, `ss` and `bridge`, and a sudo that asks for no password", source: true,
			from: []string{"iproute2", "iproute2/trixie", "iproute2/bookworm"}, limit: 15 * time.Minute,
			prepare: `[ -e config.mk ] || ./configure >/dev/null
				make -s SUBDIRS=lib
				make -s -C testsuite generate_nlmsg
				cd testsuite/iproute2
				mkdir -p debian/ip debian/tc debian/misc debian/bridge
				ln -sf /sbin/ip debian/ip/ && ln -sf /sbin/tc debian/tc/ && ln -sf /bin/ss debian/misc/ && ln -sf /sbin/bridge debian/bridge/`,
			run: `mkdir -p /usr/local/bin
				printf '#!/bin/sh\n[ "$1" != -E ] || shift\nexec "$@"\n' >/usr/local/bin/sudo
				chmod 755 /usr/local/bin/sudo
				make -k -C testsuite alltests 2>/dev/null | sed 's/\x1b\[[0-9;]*[A-Za-z]//g'`,
			line: regexp.MustCompile(`(?m)^Running (?P<case>\S+) \[\S+\]: (?P<result>\w+)`),
		},
	}
}

// callers are programs that call the tools, with command lines of ours.
func callers() []client {
	return []client{
		{
			name: "arch-install-scripts", what: "`arch-chroot` as root and, with `-N`, as a user; its exit codes, mounts, users and namespaces", limit: 3 * time.Minute,
			run: say + archChroot, line: said,
		},
		{
			name: "rootlesskit", what: "started by a user: with each network, copied-up directories, and commands that fail", limit: 3 * time.Minute,
			run: say + rootlesskit, line: said,
		},
		{
			name: "autopkgtest", what: "`autopkgtest-virt-unshare`, started by a user, with the words of its protocol", limit: 3 * time.Minute,
			run: say + autopkgtest, line: said,
		},
		{
			name: "pbuilder", what: "what it runs for `USENETWORK=no`, as root and as a user", limit: 3 * time.Minute,
			run: say + pbuilder, line: said,
		},
		{
			name: "reprotest", what: "its variation of host and domain names (`unshare -r --uts`), started by a user: builds that are the same, that differ, and that fail", limit: 20 * time.Minute,
			run: say + reprotest, line: said,
		},
	}
}

// absent are those that one would look for here.
var absent = []struct{ name, reason string }{
	{"bubblewrap", "its tests start bwrap, which calls unshare(2) itself; `make hunt` has bwrap beside pivot"},
	{"criu", "its tests dump and restore processes, which takes a kernel made for that"},
	{"crun, podman", "crun's tests call none of the tools, and podman's fetch images from registries; `make test-runtimes` has containers of both"},
	{"debootstrap", "it calls `unshare --net` in containers of libvirt alone"},
	{"dracut, initramfs-tools", "their tests boot virtual machines; `make test-initramfs` boots with nskit's `switch_root`"},
	{"LTP", "Debian has no package of it"},
	{"mmdebstrap", "it calls unshare(2) itself, in Perl; autopkgtest's testbeds are in the table"},
	{"reprotest's `use_sudo`", "it calls `unshare --uts=FILE true` and `nsenter --uts=FILE` through sudo, which needs an installed PAM; `make test` has both commands"},
	{"netavark", "the mirror had none of Debian's three sources of it"},
}

// autopkgtest has a root file system of busybox for its testbed. Where that is kept has another name each time.
const autopkgtest = `
r=/home/user/r
mkdir -p $r/bin $r/usr/bin $r/etc $r/proc $r/sys $r/dev $r/run $r/tmp $r/root $r/var/tmp
cp /bin/busybox $r/bin/
for name in sh id cat true false ls echo readlink hostname mount kill sleep mkdir mktemp chmod chown env rm test dpkg; do ln -s busybox $r/bin/$name; done
printf 'root:x:0:0::/root:/bin/sh\n' >$r/etc/passwd
printf 'root:x:0:\n' >$r/etc/group
tar -C $r -cf /home/user/r.tar .
chown -R user:user /home/user
as="setpriv --reuid 1000 --regid 1000 --clear-groups env HOME=/home/user USER=user LOGNAME=user TMPDIR=/home/user"
cd /home/user
bed() {
	printf '%s\n' "$@" quit | timeout 50 $as autopkgtest-virt-unshare -t /home/user/r.tar 2>&1 | sed -E 's,/[^ ,]*(tmp|autopkgtest)[^ ,]*,DIR,g'
	echo "exit ${PIPESTATUS[1]}"
}
try "capabilities" bed capabilities
try "open and close" bed open close
try "open twice" bed open close open close
# A bed that stays open, whose command others are given to.
coproc BED { exec $as autopkgtest-virt-unshare -t /home/user/r.tar 2>&1; }
say() {
	echo "$1" >&${BED[1]}
	read -r -t 60 answer <&${BED[0]}
}
read -r answer <&${BED[0]}
say open
say print-execute-command
answer=${answer#ok }
IFS=, read -ra words <<<"${answer%% *}"
command=()
for word in "${words[@]}"; do command+=("$(printf '%b' "${word//%/\\x}")"); done
inside() { try "execute $*" $as "${command[@]}" "$@"; }
inside true
inside false
inside id -u
inside cat /proc/self/uid_map
inside cat /proc/self/gid_map
inside cat /proc/self/setgroups
inside sh -c 'exit 42'
inside sh -c 'kill -KILL $$'
inside sh -c 'echo $PPID'
inside /nosuch
inside hostname
inside readlink /proc/self/root
inside ls /
inside sh -c 'echo x >/x; cat /x'
say close
say quit
wait
try "what is left" sh -c 'ls /home/user | sed s/^tmp.*/DIR/; grep -c home/user /proc/mounts'
`

const pbuilder = `
wrapper=/usr/lib/pbuilder/pbuilder-unshare-wrapper
as="setpriv --reuid 1000 --regid 1000 --clear-groups"
for who in "" "$as"; do
	name=${who:+user}
	try "${name:-root} true" $who unshare -n -- $wrapper true
	try "${name:-root} links" $who unshare -n -- $wrapper ip -br link
	try "${name:-root} exit code" $who unshare -n -- $wrapper sh -c 'exit 42'
	try "${name:-root} missing program" $who unshare -n -- $wrapper /nosuch
done
`

// reprotest builds a file of one line twice, the second time with other names. What differs is on its standard output.
const reprotest = `
mkdir -p /usr/local/bin /home/user/src
ln -s /bin/busybox /usr/local/bin/which
chown user:user /home/user/src
as="setpriv --reuid 1000 --regid 1000 --clear-groups env HOME=/home/user USER=user LOGNAME=user TMPDIR=/home/user"
cd /home/user/src
build() {
	timeout 200 $as reprotest --no-diffoscope --variations=-all,+domain_host -c "$1" . out 2>/tmp/said | sed -n '/^[-+][^-+]/p'
	echo "exit ${PIPESTATUS[0]}"
	grep -oE 'failed with status [0-9]+|^[a-z]+: .*' /tmp/said
}
try "the same" build 'echo x >out'
try "host name" build 'hostname >out'
try "domain name" build 'cat /proc/sys/kernel/domainname >out'
try "user" build 'id -u >out'
try "failure" build 'exit 42'
try "what is left" sh -c 'hostname; ls -A /home/user/src'
`

// archChroot has a root file system of busybox.
const archChroot = `
r=/tmp/r
mkdir -p $r/bin $r/etc $r/proc $r/sys $r/dev $r/run $r/tmp $r/root
cp /bin/busybox $r/bin/
for name in sh id cat true false ls echo readlink hostname mount kill sleep; do ln -s busybox $r/bin/$name; done
printf 'root:x:0:0::/root:/bin/sh\nother:x:1234:1234::/:/bin/sh\n' >$r/etc/passwd
printf 'root:x:0:\nother:x:1234:\n' >$r/etc/group
touch $r/etc/resolv.conf
mount --bind $r $r
try "true" arch-chroot $r /bin/true
try "false" arch-chroot $r /bin/false
try "exit code" arch-chroot $r /bin/sh -c 'exit 42'
try "signal" arch-chroot $r /bin/sh -c 'kill -TERM $$'
try "missing program" arch-chroot $r /bin/nosuch
try "missing root" arch-chroot /nosuch /bin/true
try "id" arch-chroot $r /bin/id -u
try "user" arch-chroot -u 1234:1234 $r /bin/id -u
try "proc" arch-chroot $r /bin/sh -c 'cat /proc/self/comm; echo $$'
try "mounts" arch-chroot $r /bin/sh -c 'cat /proc/mounts | while read a b c d; do echo $b $c; done'
try "what is left" sh -c 'grep -c " /tmp/r/" /proc/mounts'
cp -r $r /home/user/r
chown -R user:user /home/user/r
as="setpriv --reuid 1000 --regid 1000 --clear-groups env HOME=/home/user USER=user"
cd /home/user
try "-N true" $as arch-chroot -N /home/user/r /bin/true
try "-N id" $as arch-chroot -N /home/user/r /bin/id
try "-N exit code" $as arch-chroot -N /home/user/r /bin/sh -c 'exit 42'
try "-N maps" $as arch-chroot -N /home/user/r /bin/cat /proc/self/uid_map /proc/self/gid_map
try "-N mounts" $as arch-chroot -N /home/user/r /bin/sh -c 'cat /proc/mounts | while read a b c d; do echo $b $c; done'
try "-N user" $as arch-chroot -N -u 1234 /home/user/r /bin/id -u
try "-N pid" $as arch-chroot -N /home/user/r /bin/sh -c 'readlink /proc/self; ls /proc | grep -c "^[0-9]*$"'
try "-N missing program" $as arch-chroot -N /home/user/r /bin/nosuch
`

const rootlesskit = `
as="setpriv --reuid 1000 --regid 1000 --clear-groups env HOME=/home/user USER=user XDG_RUNTIME_DIR=/run/user"
mkdir /run/user
chown user:user /run/user
cd /home/user
try "true" $as rootlesskit /bin/true
try "exit code" $as rootlesskit sh -c 'exit 42'
try "id" $as rootlesskit id -u
try "maps" $as rootlesskit cat /proc/self/uid_map /proc/self/gid_map
try "unshare inside" $as rootlesskit unshare -mnp -f --mount-proc sh -c 'echo $$; id -u'
try "nsenter inside" $as rootlesskit sh -c 'unshare -u sleep 50 & sleep 0.5; nsenter -t $! -u hostname; kill $!'
try "no network" $as rootlesskit --net=none ip -o link
try "slirp4netns" $as rootlesskit --net=slirp4netns ip -o addr show tap0
try "slirp4netns, copied up" $as rootlesskit --net=slirp4netns --copy-up=/etc --copy-up=/run sh -c 'touch /etc/new && ls /etc/new'
try "pid namespace" $as rootlesskit --pidns sh -c 'echo $$'
try "cgroup namespace" $as rootlesskit --cgroupns true
try "utsns" $as rootlesskit --utsns hostname
try "ipcns" $as rootlesskit --ipcns true
try "lsns inside" $as rootlesskit --pidns lsns -n -o TYPE,NPROCS
`
