# ids.sh: prints a line for everything that is as it should be of the identifiers of a
# process's eight namespaces, as root, as a user, as root of a user namespace, and inside a PID namespace.
set -u
unshare -Urmuinpf -C -T sleep 1000 &
maker=$!
trap 'kill -KILL $pid $maker 2>/dev/null; wait' EXIT
n=0
until pid=$(cat /proc/$maker/task/$maker/children) && [ -n "$pid" ] && [ "$(cat /proc/${pid% }/comm)" = sleep ]; do
	n=$((n + 1))
	[ $n -lt 300 ] || { echo "bad: no process in new namespaces"; exit 1; }
	sleep 0.1
done
pid=${pid% }
user="setpriv --reuid 1000 --regid 1000 --clear-groups"
known=no
grep -q 'sys_listns$' /proc/kallsyms && known=yes

# refused WHY COMMAND...: the command fails, and its hint has WHY.
refused() {
	why=$1
	shift
	if said=$("$@" 2>&1); then
		echo "bad: $* succeeded: $said"
	elif echo "$said" | grep -q "^nsenter: hint: .*$why"; then
		echo "good: $* is told: $why"
	else
		echo "bad: $* was told: $said"
	fi
}

rows=$(lsns -n -p $pid -o TYPE,NS,NSID)
for kind in user mnt uts ipc net pid cgroup time; do
	link=/proc/$pid/ns/$kind
	row=$(echo "$rows" | awk -v kind=$kind '$1 == kind { $1 = $1; print }')
	inode=$(stat -L -c %i $link)
	id=$(echo "$row" | awk '{ print $3 }')
	case $row in
	*" $inode "*[0-9] | *" $inode") echo "good: lsns has $kind" ;;
	*) echo "bad: lsns has for $kind $inode: $row" ;;
	esac
	option=$kind
	[ $kind != mnt ] || option=mount
	if [ $known = no ]; then
		refused 'older than 6.19' nsenter --$option=:${id:-12345678} true
		continue
	fi
	inner=$kind
	[ $kind != time ] || inner=time_for_children

	inside=$(nsenter --$option=:$id readlink /proc/self/ns/$inner) && [ "$inside" = "$kind:[$inode]" ] &&
		echo "good: $kind entered by its identifier" || echo "bad: $kind: $id leads to $inside, not $inode"
done
uts=$(echo "$rows" | awk '$1 == "uts" { print $3 }')
uts=${uts:-12345678}
first='with CAP_SYS_ADMIN in the initial user and PID namespaces.*--target'
# An old kernel knows no such handles, and may ask for CAP_DAC_READ_SEARCH before it says so.
[ $known = yes ] || first='\(older than 6.19\|initial user and PID namespaces\).*--target'
refused "$first" $user nsenter --uts=:$uts true
refused "$first" $user unshare -Ur nsenter --uts=:$uts true
refused "$first" unshare -pf --mount-proc nsenter --uts=:$uts true

# What each of them lists of its own process is what /proc says, with the identifiers that
# root sees there.
own='lsns -n -p self -o NS | tr -d " " | sort >$there/listed; stat -L -c %i /proc/self/ns/user /proc/self/ns/mnt /proc/self/ns/uts /proc/self/ns/ipc /proc/self/ns/net /proc/self/ns/pid /proc/self/ns/cgroup /proc/self/ns/time | sort | cmp - $there/listed && lsns -n -p self -o NS,NSID | tr -s " " | sort >$there/identified; echo >$there/is; read -r line <$there/seen'
lists_own() {
	export there=/tmp/ids.own.$$
	rm -rf $there
	mkdir -m 777 $there
	mkfifo -m 666 $there/is $there/seen
	"$@" sh -c "$own" &
	caller=$!
	read -r line <$there/is
	lsns -n -o NS,NSID | tr -s ' ' | sort >$there/all
	rows=$(wc -l <$there/identified) without=$(awk 'NF < 2' $there/identified | wc -l) other=$(comm -23 $there/identified $there/all)
	[ $known = yes ] || without=0
	echo >$there/seen
	wait $caller
	if [ "$rows,$without,$other" = 8,0, ]; then
		echo "good: $* lists its own"
	else
		echo "bad: $* lists of its own $rows, of which $without have no identifier, and these are not root's: $other"
	fi
	rm -r $there
}
for who in env "$user" "$user unshare -Ur" "unshare -pf --mount-proc"; do
	lists_own $who
done

# The kernel's own list has a namespace that a message under way keeps, and nothing else. It is
# for who may open it by its identifier.
lists_held() {
	wanted=$1
	shift
	"$@" sh -c '$make python3 testdata/inflight.py >/tmp/ids.held.$$ & held=$!
		n=0
		until inode=$(cat /tmp/ids.held.$$) && [ -n "$inode" ]; do n=$((n + 1)); [ $n -lt 600 ] || exit; sleep 0.1; done
		lsns -n -t uts -o NS,NPROCS,HOLDERS | grep "^ *$inode " || echo none
		kill -KILL $held; rm /tmp/ids.held.$$' >/tmp/ids.lists.$$ 2>/tmp/ids.errors.$$
	case $wanted,$(awk 'NF == 2 { print $2 } NF != 2' /tmp/ids.lists.$$) in
	yes,0 | no,none) echo "good: $* lists what only a message holds: $wanted" ;;
	*) echo "bad: $* lists what only a message holds, which should be $wanted: $(cat /tmp/ids.lists.$$ /tmp/ids.errors.$$)" ;;
	esac
	rm /tmp/ids.lists.$$ /tmp/ids.errors.$$
}
export make=
lists_held $known env
lists_held no $user unshare -Ur
lists_held no unshare -pf --mount-proc
make='unshare -Ur'
lists_held no $user
