# Made by nskit-docs (make docs); do not edit.
# shellcheck shell=bash
# Completions of nskit and its applets for bash. An applet's own name is
# completed where it is a link to nskit.

# _nskit is what bash calls.
_nskit() {
	local words cur prefix
	COMPREPLY=()
	_nskit_split "${COMP_LINE:0:COMP_POINT}"
	_nskit_line
	_nskit_trim
}

# _nskit_split LINE takes the line apart at blanks, which bash's own words are
# not: those end at = and : as well.
_nskit_split() {
	read -ra words <<<"$1"
	if [[ $1 == *[[:blank:]] ]]; then
		words+=('')
	fi
}

# _nskit_line completes the last of words, which begin with a command.
_nskit_line() {
	local key=${words[0]##*/}
	cur=${words[${#words[@]} - 1]}
	if [[ $key == nskit && ${#words[@]} -gt 2 && " $_nskit_applets $_nskit_inner " == *" ${words[1]} "* ]]; then
		words=("${words[@]:1}")
		key=${words[0]}
	fi
	_nskit_form "$key" 1
}

# _nskit_form KEY FIRST completes the line of one form, whose options begin at
# words[FIRST]: it goes through the words as the applet's own parser does.
_nskit_form() {
	local key=$1 i=$2 last=$((${#words[@]} - 1)) count=0 plain='' _nskit_reply table operands kind attached
	_nskit_table "$key" || return
	table=$_nskit_reply
	read -ra operands <<<"${table%%$'\n'*}"
	for (( ; i < last; i++)); do
		if [[ $plain || ${words[i]} != -?* ]]; then
			kind=${operands[count]-}
			case $kind in
			program) _nskit_wrapped "$i"; return ;;
			commands) _nskit_form "$key ${words[i]}" $((i + 1)); return ;;
			applets) return ;;
			esac
			count=$((count + 1))
		elif [[ ${words[i]} == -- ]]; then
			plain=1
		elif _nskit_detached "${words[i]}"; then
			i=$((i + 1))
			if ((i == last)); then
				_nskit_values "$kind" "$_nskit_reply" "$cur" ''
				return
			fi
		fi
	done
	if [[ ! $plain && $cur == --*=* ]]; then
		_nskit_option "${cur%%=*}" && _nskit_values "$kind" "$_nskit_reply" "${cur#*=}" "${cur%%=*}="
	elif [[ ! $plain && $cur == -[!-]* ]] && _nskit_attached; then
		_nskit_values "$kind" "$_nskit_reply" "${cur#"$attached"}" "$attached"
	elif [[ ! $plain && $cur == -* ]]; then
		_nskit_names
	elif ((count >= ${#operands[@]} && ${#operands[@]} > 0)) && [[ ${operands[-1]} == keys ]]; then
		_nskit_values keys '' "$cur" ''
	else
		kind=${operands[count]-}
		case $kind in
		program) _nskit_wrapped "$last" ;;
		*) _nskit_values "$kind" "$key" "$cur" '' ;;
		esac
	fi
}

# _nskit_option NAME finds a line of the table: its kind, and its words in _nskit_reply.
_nskit_option() {
	local short long argument words
	while IFS=: read -r short long argument kind words; do
		if [[ $1 == "--$long" || $1 == "-$short" ]]; then
			option_argument=$argument _nskit_reply=$words
			return
		fi
	done <<<"${table#*$'\n'}"
	return 1
}

# _nskit_detached WORD says whether the word's option takes the next word.
_nskit_detached() {
	local word=$1 n option_argument=''
	if [[ $word == --* ]]; then
		[[ $word != *=* ]] && _nskit_option "$word" && [[ $option_argument == required ]]
		return
	fi
	for ((n = 1; n < ${#word}; n++)); do
		_nskit_option "-${word:n:1}" || return 1
		case $option_argument in
		required) return $((n + 1 < ${#word})) ;;
		optional) return 1 ;;
		esac
	done
	return 1
}

# _nskit_attached says whether a short option's value begins in its own word: "attached"
# is what stands before it.
_nskit_attached() {
	local n option_argument=''
	for ((n = 1; n + 1 < ${#cur}; n++)); do
		_nskit_option "-${cur:n:1}" || return 1
		attached=${cur:0:n+1}
		case $option_argument in
		required | optional) return 0 ;;
		esac
	done
	return 1
}

# _nskit_names offers the options.
_nskit_names() {
	local short long argument rest all=''
	while IFS=: read -r short long argument rest; do
		all+=" --$long"
		[[ $argument == optional || $argument == long ]] && all+=" --$long="
		[[ $short && $cur == - ]] && all+=" -$short"
	done <<<"${table#*$'\n'}"
	_nskit_offer "$all" "$cur" ''
	if [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *= ]]; then
		compopt -o nospace 2>/dev/null
	fi
}

# _nskit_offer WORDS TYPED BEFORE offers those words that begin with what was
# typed; BEFORE is what stands before it in the same word.
_nskit_offer() {
	local word
	for word in $1; do
		[[ $word == "$2"* ]] && COMPREPLY+=("$3$word")
	done
}

# _nskit_values KIND WORDS TYPED BEFORE offers values.
_nskit_values() {
	local list
	case $1 in
	oneof) _nskit_offer "$2" "$3" "$4" ;;
	listof)
		list=${3%"${3##*,}"}
		_nskit_offer "$2" "${3##*,}" "$4$list"
		;;
	signals) _nskit_offer "$_nskit_signals" "$3" "$4" ;;
	keys)
		_nskit_offer "$_nskit_keys" "$3" "$4"
		compopt -o nospace 2>/dev/null
		;;
	applets) _nskit_offer "$_nskit_applets $_nskit_inner" "$3" "$4" ;;
	commands)
		_nskit_commands "$2"
		_nskit_offer "$_nskit_reply" "$3" "$4"
		;;
	users) _nskit_offer "$(compgen -u)" "$3" "$4" ;;
	groups) _nskit_offer "$(compgen -g)" "$3" "$4" ;;
	netns) _nskit_offer "$(_nskit_below /run/netns)" "$3" "$4" ;;
	places)
		_nskit_containers "$3" "$4"
		_nskit_offer "$(_nskit_below /run/netns)" "$3" "$4"
		;;
	netfiles)
		_nskit_offer "$(printf '%s\n' /run/netns/*)" "$3" "$4"
		_nskit_paths -f "$3" "$4"
		;;
	ends) _nskit_ends "$3" ;;
	inodes)
		_nskit_containers "$3" "$4"
		_nskit_offer "$(readlink /proc/[0-9]*/ns/* 2>/dev/null | tr -dc '0-9\n' | sort -u)" "$3" "$4"
		;;
	pids) _nskit_pids "$3" "$4" ;;
	files) _nskit_paths -f "$3" "$4" ;;
	dirs) _nskit_paths -d "$3" "$4" ;;
	esac
}

# _nskit_below DIRECTORY lists it.
_nskit_below() {
	local path
	for path in "$1"/*; do
		[[ -e $path ]] && printf '%s\n' "${path##*/}"
	done
}

# _nskit_ends TYPED offers links of the caller's own namespace, and namespaces.
_nskit_ends() {
	_nskit_offer "$(_nskit_below /sys/class/net)" "$1" ''
	local name
	for name in $(_nskit_below /run/netns); do
		if [[ $name: == "$1"* ]]; then
			COMPREPLY+=("$name:")
			compopt -o nospace 2>/dev/null
		fi
	done
	_nskit_containers "$1" '' :
	[[ $1 == c* ]] && compopt -o nospace 2>/dev/null
}

# _nskit_containers TYPED BEFORE BEHIND offers the containers that run, as
# ctr:NAME, once the beginning of that is typed.
_nskit_containers() {
	local name
	[[ $1 == c* ]] || return
	while IFS= read -r name; do
		[[ $name && ctr:$name == "$1"* ]] && COMPREPLY+=("$2ctr:$name${3-}")
	done < <(nskit lsns --noheadings --raw --output CTR 2>/dev/null | sort -u)
}

# _nskit_pids TYPED BEFORE offers process IDs, with their commands as long as
# there is a choice: only what all have in common is inserted then.
_nskit_pids() {
	local dir pid command
	_nskit_containers "$1" "$2"
	for dir in /proc/[0-9]*; do
		pid=${dir##*/}
		if [[ $pid == "$1"* ]] && { read -r command <"$dir/comm"; } 2>/dev/null; then
			COMPREPLY+=("$2$pid  ($command)")
		fi
	done
	if [[ ${#COMPREPLY[@]} == 1 || ${COMP_TYPE-} == 37 || ${COMP_TYPE-} == 42 ]]; then
		COMPREPLY=("${COMPREPLY[@]%%  (*}")
	fi
}

# _nskit_paths -f|-d TYPED BEFORE offers files or directories.
_nskit_paths() {
	local path
	compopt -o filenames 2>/dev/null
	while IFS= read -r path; do
		COMPREPLY+=("$3$path")
	done < <(compgen "$1" -- "$2")
}

# _nskit_wrapped FIRST completes a command of its own, which begins at words[FIRST].
_nskit_wrapped() {
	local first=$1
	words=("${words[@]:first}")
	if ((${#words[@]} == 1)); then
		while IFS= read -r first; do
			COMPREPLY+=("$first")
		done < <(compgen -c -- "$cur" | sort -u)
		[[ $cur == */* ]] && _nskit_paths -f "$cur" ''
	elif [[ " nskit $_nskit_applets " == *" ${words[0]##*/} "* ]]; then
		_nskit_line
	elif declare -F _command_offset >/dev/null; then
		prefix=none
		COMP_WORDS=("${words[@]}") COMP_CWORD=$((${#words[@]} - 1))
		COMP_LINE="${words[*]}" COMP_POINT=${#COMP_LINE}
		_command_offset 0
	else
		_nskit_paths -f "$cur" ''
	fi
}

# _nskit_trim takes off what bash does not replace: all up to the last of its
# own word breaks.
_nskit_trim() {
	local before='' i char
	[[ ${prefix-} == none ]] && return
	for ((i = 0; i < ${#cur}; i++)); do
		char=${cur:i:1}
		[[ $char == [=:] && $COMP_WORDBREAKS == *"$char"* ]] && before=${cur:0:i+1}
	done
	COMPREPLY=("${COMPREPLY[@]#"$before"}")
}

# _nskit_register has bash call _nskit for nskit and for the links to it.
_nskit_register() {
	local name path
	complete -F _nskit nskit
	for name in $_nskit_applets; do
		path=$(type -P "$name") && path=$(readlink -f "$path")
		if [[ ${path##*/} == nskit ]]; then
			complete -F _nskit "$name"
		fi
	done
}

_nskit_applets='pivot pivot_root switch_root unshare nsenter vethctl lsns'
_nskit_inner='check'
_nskit_signals='HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS'
_nskit_keys='addr= gw= route= mac= mtu= txqlen= queues= master= pin-mac group= alias= up down noaddr nomaster dad=on'

# The first line has the operands, each other SHORT:LONG:ARGUMENT:KIND:WORDS.
_nskit_table() {
	case $1 in
	"nskit") _nskit_reply='applets
:list:none:any:
:install:required:dirs:
:target:required:files:
:force:none:any:
:stub:none:any:
h:help:none:any:
V:version:none:any:' ;;
	"pivot") _nskit_reply='dirs program
:bind:required:files:
:tmpfs:required:any:
:proc:optional:any:
:sys:optional:any:
:dev:optional:any:
:file:required:any:
:symlink:required:any:
:dir:required:any:
:keep-fd:required:any:
:read-only:none:any:
:put-old:required:any:
:overlay:optional:any:
:layer:required:dirs:
:rootfs-from:required:files:
:switch:none:any:
:bare:none:any:
m:mount:long:files:
u:uts:long:files:
i:ipc:long:files:
n:net:long:files:
p:pid:long:files:
U:user:long:files:
C:cgroup:long:files:
T:time:long:files:
f:fork:none:any:
:kill-child:optional:signals:
:forward-signals:optional:signals:
:mount-proc:optional:dirs:
:mount-binfmt:optional:dirs:
:map-user:required:users:
:map-users:required:oneof:auto subids all
:map-group:required:groups:
:map-groups:required:oneof:auto subids all
r:map-root-user:none:any:
c:map-current-user:none:any:
:map-auto:none:any:
:map-subids:none:any:
:owner:required:any:
:propagation:required:oneof:private shared slave unchanged
:setgroups:required:oneof:allow deny
:keep-caps:none:any:
S:setuid:required:any:
G:setgid:required:any:
R:root:required:dirs:
w:wd:required:dirs:
:monotonic:required:any:
:boottime:required:any:
l:load-interp:required:any:
:clear-env:none:any:
:whitelist-env:required:any:
:hostname:required:any:
:loopback:none:any:
:init:none:any:
:netns:required:any:
:sysctl:required:any:
:in-cgroup:required:dirs:
:no-new-privs:none:any:
:cap-drop:required:listof:all chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable net_bind_service net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace sys_pacct sys_admin sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease audit_write audit_control setfcap mac_override mac_admin syslog wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore
:cap-keep:required:listof:all chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable net_bind_service net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace sys_pacct sys_admin sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease audit_write audit_control setfcap mac_override mac_admin syslog wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore
:ready-fd:required:any:
:pidfile:required:files:
:explain:optional:oneof:all
h:help:none:any:
V:version:none:any:' ;;
	"pivot_root") _nskit_reply='dirs dirs
:explain:optional:oneof:all
h:help:none:any:
V:version:none:any:' ;;
	"switch_root") _nskit_reply='dirs any any any any
:explain:optional:oneof:all
h:help:none:any:
V:version:none:any:' ;;
	"unshare") _nskit_reply='program
m:mount:long:files:
u:uts:long:files:
i:ipc:long:files:
n:net:long:files:
p:pid:long:files:
U:user:long:files:
C:cgroup:long:files:
T:time:long:files:
f:fork:none:any:
:kill-child:optional:signals:
:forward-signals:optional:signals:
:mount-proc:optional:dirs:
:mount-binfmt:optional:dirs:
:map-user:required:users:
:map-users:required:oneof:auto subids all
:map-group:required:groups:
:map-groups:required:oneof:auto subids all
r:map-root-user:none:any:
c:map-current-user:none:any:
:map-auto:none:any:
:map-subids:none:any:
:owner:required:any:
:propagation:required:oneof:private shared slave unchanged
:setgroups:required:oneof:allow deny
:keep-caps:none:any:
S:setuid:required:any:
G:setgid:required:any:
R:root:required:dirs:
w:wd:required:dirs:
:monotonic:required:any:
:boottime:required:any:
l:load-interp:required:any:
:clear-env:none:any:
:whitelist-env:required:any:
:hostname:required:any:
:loopback:none:any:
:init:none:any:
:netns:required:any:
:sysctl:required:any:
:in-cgroup:required:dirs:
:no-new-privs:none:any:
:cap-drop:required:listof:all chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable net_bind_service net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace sys_pacct sys_admin sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease audit_write audit_control setfcap mac_override mac_admin syslog wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore
:cap-keep:required:listof:all chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable net_bind_service net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace sys_pacct sys_admin sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease audit_write audit_control setfcap mac_override mac_admin syslog wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore
:ready-fd:required:any:
:pidfile:required:files:
:explain:optional:oneof:all
h:help:none:any:
V:version:none:any:' ;;
	"nsenter") _nskit_reply='program
a:all:none:any:
t:target:required:pids:
m:mount:optional:files:
u:uts:optional:files:
i:ipc:optional:files:
n:net:optional:netfiles:
N:net-socket:required:any:
p:pid:optional:files:
C:cgroup:optional:files:
U:user:optional:files:
:user-parent:none:any:
T:time:optional:files:
S:setuid:required:oneof:follow
G:setgid:required:oneof:follow
:preserve-credentials:none:any:
:keep-caps:none:any:
r:root:optional:dirs:
w:wd:optional:dirs:
W:wdns:optional:dirs:
e:env:none:any:
F:no-fork:none:any:
c:join-cgroup:none:any:
Z:follow-context:none:any:
:pid-for-children:none:any:
:netns:required:netns:
:in-cgroup:required:dirs:
:no-new-privs:none:any:
:cap-drop:required:listof:all chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable net_bind_service net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace sys_pacct sys_admin sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease audit_write audit_control setfcap mac_override mac_admin syslog wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore
:cap-keep:required:listof:all chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable net_bind_service net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace sys_pacct sys_admin sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease audit_write audit_control setfcap mac_override mac_admin syslog wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore
:each:optional:oneof:net mnt uts ipc pid cgroup user time
:json:none:any:
:wait:optional:any:
:kill-child:optional:signals:
:forward-signals:optional:signals:
:tools:optional:files:
:carry:required:files:
:attach:required:files:
:detach:required:any:
:explain:optional:oneof:all
h:help:none:any:
V:version:none:any:' ;;
	"vethctl") _nskit_reply='commands
h:help:none:any:
V:version:none:any:' ;;
	"vethctl add") _nskit_reply='ends ends
:mtu:required:any:
:kind:required:oneof:veth netkit netkit,l2 netkit,l3
:bridge:required:any:
:loopback:none:any:
:if-missing:none:any:
:replace:none:any:
:wait-free:required:any:
j:json:none:any:
:dry-run:optional:oneof:steps ip
:allow-own:none:any:
h:help:none:any:' ;;
	"vethctl list") _nskit_reply='
j:json:none:any:
n:noheadings:none:any:
o:output:required:listof:NAME NS NETNS PID PATH IFINDEX KIND STATE CARRIER MTU MAC TXQLEN ADDRS ROUTES MASTER ALIAS GROUP NPROCS HOLDERS AGE NSAGE RXBYTES RXPACKETS RXERRORS RXDROPPED TXBYTES TXPACKETS TXERRORS TXDROPPED PEERNAME PEERNS PEERNETNS PEERPID PEERPATH PEERIFINDEX PEERKIND PEERSTATE PEERCARRIER PEERMTU PEERMAC PEERTXQLEN PEERADDRS PEERROUTES PEERMASTER PEERALIAS PEERGROUP PEERNPROCS PEERHOLDERS PEERAGE PEERNSAGE PEERRXBYTES PEERRXPACKETS PEERRXERRORS PEERRXDROPPED PEERTXBYTES PEERTXPACKETS PEERTXERRORS PEERTXDROPPED
:ns:required:places:
:where:required:any:
:orphans:none:any:
:graph:optional:oneof:text dot
:allow-own:none:any:
h:help:none:any:' ;;
	"vethctl show") _nskit_reply='ends
j:json:none:any:
n:noheadings:none:any:
o:output:required:listof:NAME NS NETNS PID PATH IFINDEX KIND STATE CARRIER MTU MAC TXQLEN ADDRS ROUTES MASTER ALIAS GROUP NPROCS HOLDERS AGE NSAGE RXBYTES RXPACKETS RXERRORS RXDROPPED TXBYTES TXPACKETS TXERRORS TXDROPPED PEERNAME PEERNS PEERNETNS PEERPID PEERPATH PEERIFINDEX PEERKIND PEERSTATE PEERCARRIER PEERMTU PEERMAC PEERTXQLEN PEERADDRS PEERROUTES PEERMASTER PEERALIAS PEERGROUP PEERNPROCS PEERHOLDERS PEERAGE PEERNSAGE PEERRXBYTES PEERRXPACKETS PEERRXERRORS PEERRXDROPPED PEERTXBYTES PEERTXPACKETS PEERTXERRORS PEERTXDROPPED
:allow-own:none:any:
h:help:none:any:' ;;
	"vethctl peer") _nskit_reply='ends
j:json:none:any:
n:noheadings:none:any:
o:output:required:listof:NAME NS NETNS PID PATH IFINDEX KIND STATE CARRIER MTU MAC TXQLEN ADDRS ROUTES MASTER ALIAS GROUP NPROCS HOLDERS AGE NSAGE RXBYTES RXPACKETS RXERRORS RXDROPPED TXBYTES TXPACKETS TXERRORS TXDROPPED PEERNAME PEERNS PEERNETNS PEERPID PEERPATH PEERIFINDEX PEERKIND PEERSTATE PEERCARRIER PEERMTU PEERMAC PEERTXQLEN PEERADDRS PEERROUTES PEERMASTER PEERALIAS PEERGROUP PEERNPROCS PEERHOLDERS PEERAGE PEERNSAGE PEERRXBYTES PEERRXPACKETS PEERRXERRORS PEERRXDROPPED PEERTXBYTES PEERTXPACKETS PEERTXERRORS PEERTXDROPPED
:allow-own:none:any:
h:help:none:any:' ;;
	"vethctl set") _nskit_reply='ends keys
:dry-run:optional:oneof:steps ip
:both:none:any:
:allow-own:none:any:
h:help:none:any:' ;;
	"vethctl move") _nskit_reply='ends places
:dry-run:optional:oneof:steps ip
:keep:none:any:
:bare:none:any:
:allow-own:none:any:
h:help:none:any:' ;;
	"vethctl rename") _nskit_reply='ends any
:dry-run:optional:oneof:steps ip
:allow-own:none:any:
h:help:none:any:' ;;
	"vethctl del") _nskit_reply='ends
:dry-run:optional:oneof:steps ip
:if-exists:none:any:
:orphans:none:any:
:ns:required:places:
:where:required:any:
:allow-own:none:any:
h:help:none:any:' ;;
	"vethctl wait") _nskit_reply='ends
:carrier:none:any:
:addr:none:any:
:operstate:required:oneof:up down lowerlayerdown
:timeout:required:any:
:allow-own:none:any:
h:help:none:any:' ;;
	"vethctl stats") _nskit_reply='ends
j:json:none:any:
n:noheadings:none:any:
o:output:required:listof:NAME NS NETNS PID PATH IFINDEX KIND STATE CARRIER MTU MAC TXQLEN ADDRS ROUTES MASTER ALIAS GROUP NPROCS HOLDERS AGE NSAGE RXBYTES RXPACKETS RXERRORS RXDROPPED TXBYTES TXPACKETS TXERRORS TXDROPPED PEERNAME PEERNS PEERNETNS PEERPID PEERPATH PEERIFINDEX PEERKIND PEERSTATE PEERCARRIER PEERMTU PEERMAC PEERTXQLEN PEERADDRS PEERROUTES PEERMASTER PEERALIAS PEERGROUP PEERNPROCS PEERHOLDERS PEERAGE PEERNSAGE PEERRXBYTES PEERRXPACKETS PEERRXERRORS PEERRXDROPPED PEERTXBYTES PEERTXPACKETS PEERTXERRORS PEERTXDROPPED
:watch:optional:any:
:allow-own:none:any:
h:help:none:any:' ;;
	"vethctl batch") _nskit_reply='files
:keep-going:none:any:
:atomic:none:any:
:allow-own:none:any:
h:help:none:any:' ;;
	"lsns") _nskit_reply='inodes
J:json:none:any:
l:list:none:any:
n:noheadings:none:any:
o:output:required:listof:NS TYPE PATH NPROCS PID PPID COMMAND UID USER NETNSID NSFS PNS ONS HOLDERS NSID CGROUP CTR AGE HOSTNAME ROOT MOUNTS THREADS STATE PIDINO POD OWNER CREATOR
:output-all:none:any:
P:persistent:none:any:
p:task:required:pids:
Q:filter:required:any:
r:raw:none:any:
u:notruncate:none:any:
W:nowrap:none:any:
t:type:required:oneof:mnt net ipc user pid uts cgroup time
T:tree:optional:oneof:owner parent process all
H:list-columns:none:any:
:watch:optional:any:
:diff:required:files:
:for:required:oneof:appeared appeared:net vanished vanished:net
:ignore:required:any:
:holding:required:files:
:limits:none:any:
:metrics:none:any:
:color:optional:oneof:auto always never
h:help:none:any:
V:version:none:any:' ;;
	"check") _nskit_reply='
J:json:none:any:
n:noheadings:none:any:
h:help:none:any:
V:version:none:any:' ;;
	*) return 1 ;;
	esac
}

_nskit_commands() {
	case $1 in
	vethctl) _nskit_reply='add list show peer set move rename del wait stats batch' ;;
	*) _nskit_reply='' ;;
	esac
}

_nskit_register
