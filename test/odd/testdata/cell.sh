# cell.sh TOOLS ROOTFS: process 1 of new namespaces. It makes a root file system of the
# host's programs, starts two targets, makes the host odd by $SETUP, and runs $SCRIPT
# below $AROUND.
set -eu
mount -t tmpfs -o mode=755 cell /mnt
cd /mnt
mkdir old usr proc sys dev dev/pts dev/shm etc run tmp root w w/r w/dir home mnt tools up up/upper up/work
chmod 1777 tmp dev/shm
chmod 777 w
for name in bin sbin lib lib64 lib32; do
	[ ! -e /$name ] || ln -s usr/$name $name
done
mount --rbind /usr usr
mount --bind "$1" tools
mount -t proc proc proc
mount -t sysfs sysfs sys
for name in null zero full random urandom tty fuse; do
	[ ! -e /dev/$name ] || { touch dev/$name && mount --bind /dev/$name dev/$name; }
done
mount -t overlay -o "lowerdir=$2,upperdir=/mnt/up/upper,workdir=/mnt/up/work" r w/r
touch w/uts w/net w/ipc
cp /etc/ld.so.cache etc/
printf 'root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000::/:/bin/sh\n' >etc/passwd
printf 'root:x:0:\nuser:x:1000:\n' >etc/group
printf 'root:100000:65536\nuser:300000:65536\n' | tee etc/subuid >etc/subgid
pivot_root . old
cd /w
umount -l /old
hostname cell
export HOME=/w PATH=/tools/any:/usr/bin:/bin:/usr/sbin:/sbin
busybox unshare -muinp -f sh -c 'busybox hostname root-target; exec busybox sleep 1000' &
sleep=$!
setpriv --reuid 1000 --regid 1000 --clear-groups busybox unshare -Urmuin sh -c 'busybox hostname user-target; exec busybox sleep 1001' &
U=$!
is() { [ -e /proc/$1/cmdline ] && [ "$(tr '\0' ' ' </proc/$1/cmdline)" = "$2 " ]; } 2>/dev/null
until T=$(cat /proc/$sleep/task/$sleep/children) && T=${T% } && [ -n "$T" ] && is $T "busybox sleep 1000"; do :; done
until is $U "busybox sleep 1001"; do :; done
NS=$(readlink /proc/$T/ns/uts) NS=${NS#*[} NS=${NS%]}
export T U NS
# Where a line's own PID is printed it is known by its four figures.
echo 3000 >/proc/sys/kernel/ns_last_pid
eval "$SETUP"
eval "exec $AROUND /bin/sh -c 'eval \"\$SCRIPT\"' lines"
