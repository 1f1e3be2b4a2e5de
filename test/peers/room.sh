# room.sh KIND NSKIT ROOT SOURCE LIMIT: process 1 of new namespaces. It makes a root file system
# whose changes go into memory, with the sources in /src, and runs the script that it
# reads in it. KIND: prepare writes to the sources, host runs the root's own tools, nskit has
# nskit in their place.
set -eu
kind=$1 nskit=$2 root=$3 source=$4 limit=$5
script=$(cat)
mount -t tmpfs -o mode=755 peers /mnt
cd /mnt
mkdir upper work root upper-src work-src
mount -t overlay -o "lowerdir=$root,upperdir=/mnt/upper,workdir=/mnt/work" overlay root
mkdir -p root/src root/old root/proc root/sys root/dev root/run root/tmp root/root root/home/user root/etc root/var/tmp root/var/lib/dpkg
if [ "$kind" = prepare ]; then
	mount --bind "$source" root/src
else
	mount -t overlay -o "lowerdir=$source,upperdir=/mnt/upper-src,workdir=/mnt/work-src" overlay root/src
fi
mount -t proc -o nosuid,nodev,noexec proc root/proc
mount --rbind /sys root/sys
mount -t tmpfs -o mode=755 dev root/dev
mkdir root/dev/pts root/dev/shm root/dev/net root/dev/mqueue
for device in null zero full random urandom tty; do
	touch "root/dev/$device"
	mount --bind "/dev/$device" "root/dev/$device"
done
mknod -m 666 root/dev/net/tun c 10 200
mount -t devpts -o newinstance,ptmxmode=666,mode=620,gid=5 devpts root/dev/pts
mount -t tmpfs -o mode=1777 shm root/dev/shm
ln -s pts/ptmx root/dev/ptmx
ln -s /proc/self/fd root/dev/fd
for i in 0 1 2; do ln -s "/proc/self/fd/$i" "root/dev/$(echo stdin stdout stderr | cut -d' ' -f$((i + 1)))"; done
mount -t tmpfs -o mode=755 run root/run
mount -t tmpfs -o mode=1777 tmp root/tmp
if [ "$kind" = nskit ]; then
	for tool in unshare nsenter lsns pivot_root switch_root; do
		for file in "root/usr/bin/$tool" "root/usr/sbin/$tool"; do
			[ ! -e "$file" ] || mount --bind "$nskit" "$file"
		done
	done
fi
printf 'root:x:0:0:root:/root:/bin/bash\nuser:x:1000:1000::/home/user:/bin/bash\nnobody:x:65534:65534::/nonexistent:/usr/sbin/nologin\n_apt:x:42:65534::/nonexistent:/usr/sbin/nologin\n' >root/etc/passwd
printf 'root:x:0:\ntty:x:5:\ndisk:x:6:\nuser:x:1000:\nnogroup:x:65534:\n' >root/etc/group
printf 'root:*:19000:0:99999:7:::\nuser:*:19000:0:99999:7:::\n' >root/etc/shadow
printf 'root:200000:65536\nuser:300000:65536\n' | tee root/etc/subuid >root/etc/subgid
printf '127.0.0.1 localhost\n' >root/etc/hosts
printf 'peers\n' >root/etc/hostname
chown 1000:1000 root/home/user
mount --make-rprivate /
cd root
ip link set lo up
pivot_root . old
exec chroot . /bin/sh -ec '
umount -l /old
hostname peers
[ -e /etc/ld.so.cache ] || ldconfig
cd /src
unset LD_LIBRARY_PATH
export HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C USER=root LOGNAME=root TERM=dumb
timeout --kill-after=5 "$2" /bin/bash -c "$1"' sh "$script" "$limit" </dev/null
