# cell.sh ROOT USER LINE, with CELL_NSKIT in the environment: process 1 of new namespaces. It makes a root file system of
# the host's programs with what recipes.txt promises, runs the line, and says what is left.
set -eu
root=$1 user=$2 line=$3 nskit=$CELL_NSKIT
unset CELL_NSKIT
mount -t tmpfs -o mode=755 cell /mnt
cd /mnt
mkdir old opt usr proc sys dev dev/pts dev/shm etc run run/netns tmp root w w/r home mnt var up up/upper up/work
chmod 1777 tmp dev/shm
chmod 777 w
for name in bin sbin lib lib64 lib32; do
	[ ! -e /$name ] || ln -s usr/$name $name
done
mount --rbind /usr usr
if [ -n "$nskit" ]; then
	for tool in unshare nsenter lsns pivot_root switch_root; do
		for file in usr/bin/$tool usr/sbin/$tool; do
			[ ! -e $file ] || mount --bind "$nskit" $file
		done
	done
fi
mount -t proc proc proc
mount -t sysfs sysfs sys
for name in null zero full random urandom tty; do
	touch dev/$name
	mount --bind /dev/$name dev/$name
done
mount -t devpts -o newinstance,ptmxmode=666 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
mount -t overlay -o "lowerdir=$root,upperdir=/mnt/up/upper,workdir=/mnt/up/work" r w/r
touch w/uts w/net w/ipc
for name in pam.d security alternatives login.defs ld.so.cache nsswitch.conf iproute2; do
	[ ! -e /etc/$name ] || cp -r /etc/$name etc/
done
cat >opt/await <<'END'
#!/bin/sh
# await PID NAME: until the process has become the program.
until read -r name <"/proc/$1/comm" && [ "$name" = "$2" ]; do sleep 0.01; done
END
chmod 755 opt/await
printf 'root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000::/:/bin/sh\n' >etc/passwd
printf 'root:x:0:\nuser:x:1000:\n' >etc/group
printf 'root:*:19000:0:99999:7:::\nuser:*:19000:0:99999:7:::\n' >etc/shadow
printf 'root:100000:65536\nuser:300000:65536\n' | tee etc/subuid >etc/subgid
printf '127.0.0.1 localhost\n' >etc/hosts
pivot_root . old
cd /w
# Not by a tool that may be nskit's: what is compared begins in the same place.
umount -l /old
exec </dev/null
hostname cell
export HOME=/w
as='setpriv --reuid 1000 --regid 1000 --clear-groups'
busybox unshare -muinp -f sh -c 'hostname root-target; exec sleep 1000' &
sleep=$!
$as busybox unshare -Urmuin sh -c 'hostname user-target; exec sleep 1001' &
U=$!
until T=$(cat /proc/$sleep/task/$sleep/children) && T=${T% } && [ -n "$T" ] && read -r name </proc/$T/comm && [ "$name" = sleep ]; do :; done
until read -r name </proc/$U/comm && [ "$name" = sleep ]; do :; done
export T U
[ "$user" = user ] || as=
echo 99 >/proc/sys/kernel/ns_last_pid
code=0
$as sh -c "$line" || code=$?
echo "[exit] $code"
echo "[left]"
find /w -xdev ! -path '/w/r/*' ! -name out
grep -E ' /(w|run|mnt|tmp)/' /proc/mounts | cut -d' ' -f2,3 || :
ls /run /run/netns
hostname
ip -br link show | cut -d' ' -f1
# processes says which have not ended.
processes() {
	for process in /proc/[0-9]*; do
		case ${process#/proc/} in 1 | $sleep | $T | $U) continue ;; esac
		! read -r name <$process/comm || echo "process $name"
	done 2>/dev/null
}
# What a signal has ended needs a moment to go; the shell reaps it when it waits for sleep.
tries=100
while processes >/tmp/processes && [ -s /tmp/processes ] && [ $tries -gt 0 ]; do
	tries=$((tries - 1))
	sleep 0.02
done
cat /tmp/processes
