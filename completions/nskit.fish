# Made by nskit-docs (make docs); do not edit.
# Completions of nskit and its applets for fish. An applet's own name is
# completed where it is a link to nskit.

# The words of the command line up to the cursor, from the applet on; nothing
# for another tool of an applet's name.
function __nskit_words
    set -l words (commandline -opc)
    set -l name (string replace -r '.*/' '' -- $words[1])
    if test "$name" = nskit
        set -e words[1]
    else if not string match -q '*/nskit' -- (realpath -- (command -s $words[1]) 2>/dev/null)
        return 1
    else
        set words[1] $name
    end
    set -q words[1]; and printf '%s\n' $words
    return 0
end

# __nskit_place finds where the cursor is: in __nskit_form the form ("unshare", "vethctl
# add", "nskit") and in __nskit_count the number of the operand; nothing when it
# is behind the first word of a program, whose words are in __nskit_rest then.
# Many conditions ask for one line: it is read once.
function __nskit_place
    set -l line (commandline -cp | string collect)
    test "$line" = "$__nskit_line"; and return
    set -g __nskit_line $line
    set -g __nskit_form
    set -g __nskit_count 0
    set -g __nskit_rest
    set -l words (__nskit_words); or return
    set -l form nskit
    set -l i 1
    if set -q words[1]; and contains -- $words[1] $__nskit_applets
        set form $words[1]
        set i 2
    end
    set -l count 1
    set -l plain 0
    while set -q words[$i]
        set -l word $words[$i]
        if test $plain = 1; or not string match -qr -- '^-.' $word
            set -l operands (__nskit_operands $form)
            switch "$operands[$count]"
                case program
                    set -g __nskit_rest $words[$i..-1]
                    return
                case commands
                    set form "$form $word"
                    set count 0
                case applets
                    return
            end
            set count (math $count + 1)
        else if test $word = --
            set plain 1
        else if __nskit_detached $form $word
            set i (math $i + 1)
        end
        set i (math $i + 1)
    end
    set -g __nskit_form $form
    set -g __nskit_count $count
end

# __nskit_detached FORM WORD says whether the option takes the next word.
function __nskit_detached
    set -l required (__nskit_required $argv[1])
    if string match -q -- '--*' $argv[2]
        contains -- $argv[2] $required
        return
    end
    # An option with an optional value ends the word, so that what looks like
    # one here is a value; a required one at the end takes the next word.
    set -l letters (string split '' -- (string sub -s 2 -- $argv[2]))
    for i in (seq (count $letters))
        if contains -- -$letters[$i] $required
            test $i = (count $letters)
            return
        end
    end
    return 1
end

function __nskit_in
    __nskit_place
    test "$__nskit_form" = "$argv[1]"
end

# __nskit_at FORM KIND: the operand at the cursor is of this kind.
function __nskit_at
    string match -q -- '-*=*' (commandline -ct); and return 1
    __nskit_place
    test "$__nskit_form" = "$argv[1]"; or return
    set -l operands (__nskit_operands $argv[1])
    set -l kind "$operands[$__nskit_count]"
    test -z "$kind" -a "$operands[-1]" = keys; and set kind keys
    test "$kind" = "$argv[2]"
end

# __nskit_wrapping: the cursor is behind the first word of a program.
function __nskit_wrapping
    __nskit_place
    set -q __nskit_rest[1]
end

# What the program's own completions offer.
function __nskit_wrapped
    complete -C (string join ' ' -- (string escape -- $__nskit_rest) (commandline -ct))
end

function __nskit_netns
    path basename -- /run/netns/* 2>/dev/null
end

function __nskit_places
    __nskit_netns
    __nskit_containers
end

function __nskit_links
    path basename -- /sys/class/net/* 2>/dev/null
end

function __nskit_ends
    __nskit_links
    for name in (__nskit_netns)
        echo $name:
    end
    for name in (__nskit_containers)
        echo $name:
    end
end

# The containers that run, once the beginning of ctr: is typed.
function __nskit_containers
    string match -q 'c*' -- (__nskit_typed); or return
    nskit lsns --noheadings --raw --output CTR 2>/dev/null | sort -u | string match -r '.+' | string replace -r '^' ctr:
end

function __nskit_inodes
    set -l links /proc/*/ns/*
    readlink $links 2>/dev/null | string replace -ra '[^0-9]' '' | sort -u
    __nskit_containers
end

# What is typed of a value: all of the word, or what is behind "--name=" or, in
# the same word, behind a short option.
function __nskit_typed
    string replace -r '^(--[^=]*=|-[^-])' '' -- (commandline -ct)
end

# Paths behind a short option in the same word, for which fish has none.
function __nskit_attached
    string match -q -r '^-[^-]' -- (commandline -ct)
    and __fish_complete_path (__nskit_typed)
end

# Comma-separated lists: what is written already stays.
function __nskit_list
    set -l before (string match -r '.*,' -- (__nskit_typed))
    or set before ''
    printf '%s\n' $before$argv
end

set -g __nskit_applets pivot pivot_root switch_root unshare nsenter vethctl lsns check

function __nskit_operands
    switch $argv[1]
        case 'nskit'
            printf '%s\n' applets
        case 'pivot'
            printf '%s\n' dirs program
        case 'pivot_root'
            printf '%s\n' dirs dirs
        case 'switch_root'
            printf '%s\n' dirs any any any any
        case 'unshare'
            printf '%s\n' program
        case 'nsenter'
            printf '%s\n' program
        case 'vethctl'
            printf '%s\n' commands
        case 'vethctl add'
            printf '%s\n' ends ends
        case 'vethctl list'
            printf '%s\n' 
        case 'vethctl show'
            printf '%s\n' ends
        case 'vethctl peer'
            printf '%s\n' ends
        case 'vethctl set'
            printf '%s\n' ends keys
        case 'vethctl move'
            printf '%s\n' ends places
        case 'vethctl rename'
            printf '%s\n' ends any
        case 'vethctl del'
            printf '%s\n' ends
        case 'vethctl wait'
            printf '%s\n' ends
        case 'vethctl stats'
            printf '%s\n' ends
        case 'vethctl batch'
            printf '%s\n' files
        case 'lsns'
            printf '%s\n' inodes
        case 'check'
            printf '%s\n' 
    end
end

function __nskit_required
    switch $argv[1]
        case 'nskit'
            printf '%s\n' -- --install --target
        case 'pivot'
            printf '%s\n' -- --bind --tmpfs --file --symlink --dir --keep-fd --put-old --layer --rootfs-from --map-user --map-users --map-group --map-groups --owner --propagation --setgroups --setuid -S --setgid -G --root -R --wd -w --monotonic --boottime --load-interp -l --whitelist-env --hostname --netns --sysctl --in-cgroup --cap-drop --cap-keep --ready-fd --pidfile
        case 'pivot_root'
            printf '%s\n' -- 
        case 'switch_root'
            printf '%s\n' -- 
        case 'unshare'
            printf '%s\n' -- --map-user --map-users --map-group --map-groups --owner --propagation --setgroups --setuid -S --setgid -G --root -R --wd -w --monotonic --boottime --load-interp -l --whitelist-env --hostname --netns --sysctl --in-cgroup --cap-drop --cap-keep --ready-fd --pidfile
        case 'nsenter'
            printf '%s\n' -- --target -t --net-socket -N --setuid -S --setgid -G --netns --in-cgroup --cap-drop --cap-keep --carry --attach --detach
        case 'vethctl'
            printf '%s\n' -- 
        case 'vethctl add'
            printf '%s\n' -- --mtu --kind --bridge --wait-free
        case 'vethctl list'
            printf '%s\n' -- --output -o --ns --where
        case 'vethctl show'
            printf '%s\n' -- --output -o
        case 'vethctl peer'
            printf '%s\n' -- --output -o
        case 'vethctl set'
            printf '%s\n' -- 
        case 'vethctl move'
            printf '%s\n' -- 
        case 'vethctl rename'
            printf '%s\n' -- 
        case 'vethctl del'
            printf '%s\n' -- --ns --where
        case 'vethctl wait'
            printf '%s\n' -- --operstate --timeout
        case 'vethctl stats'
            printf '%s\n' -- --output -o
        case 'vethctl batch'
            printf '%s\n' -- 
        case 'lsns'
            printf '%s\n' -- --output -o --task -p --filter -Q --type -t --diff --for --ignore --holding
        case 'check'
            printf '%s\n' -- 
    end
end

for command in nskit pivot pivot_root switch_root unshare nsenter vethctl lsns
    complete -c $command -n __nskit_wrapping -f -a '(__nskit_wrapped)'
end

for command in nskit
    complete -c $command -n '__nskit_in "nskit"' -l list -d 'list the names of the applets'
    complete -c $command -n '__nskit_in "nskit"' -l install -d 'make a symbolic link for each applet in <dir>' -r -f -a '(__fish_complete_directories (__nskit_typed))'
    complete -c $command -n '__nskit_in "nskit"' -l target -d 'let the links of --install lead to <path>, as it is written' -r -F -a '(__nskit_attached)'
    complete -c $command -n '__nskit_in "nskit"' -l force -d 'let --install replace files that are not nskit'\''s'
    complete -c $command -n '__nskit_in "nskit"' -l stub -d 'write the file that is executed in the place of files in memory'
    complete -c $command -n '__nskit_in "nskit"' -s h -l help -d 'display this help'
    complete -c $command -n '__nskit_in "nskit"' -s V -l version -d 'display version'
    complete -c $command -n '__nskit_at "nskit" applets' -f -a "$__nskit_applets"
end

for command in nskit pivot
    complete -c $command -n '__nskit_in "pivot"' -l bind -d 'show src of the old root at dst of the new one a colon in a path is written \:' -r -F -a '(__nskit_attached)'
    complete -c $command -n '__nskit_in "pivot"' -l tmpfs -d 'mount an empty file system in memory' -r -f
    complete -c $command -n '__nskit_in "pivot"' -l proc -d 'mount a proc file system, on /proc by default' -f
    complete -c $command -n '__nskit_in "pivot"' -l sys -d 'mount a sysfs, on /sys by default' -f
    complete -c $command -n '__nskit_in "pivot"' -l dev -d 'mount a minimal /dev' -f
    complete -c $command -n '__nskit_in "pivot"' -l file -d 'show a file in memory that holds text and a newline' -r -f
    complete -c $command -n '__nskit_in "pivot"' -l symlink -d 'make a symbolic link to target' -r -f
    complete -c $command -n '__nskit_in "pivot"' -l dir -d 'make a directory that is missing' -r -f
    complete -c $command -n '__nskit_in "pivot"' -l keep-fd -d 'leave inherited file descriptors above 2 open' -r -f
    complete -c $command -n '__nskit_in "pivot"' -l read-only -d 'make all that is in the new root so far read-only'
    complete -c $command -n '__nskit_in "pivot"' -l put-old -d 'keep the old root at dir in the new one' -r -f
    complete -c $command -n '__nskit_in "pivot"' -l overlay -d 'write to a layer above the new root, by default one in memory that is thrown away' -f
    complete -c $command -n '__nskit_in "pivot"' -l layer -d 'show dir above the new root (implies --overlay)' -r -f -a '(__fish_complete_directories (__nskit_typed))'
    complete -c $command -n '__nskit_in "pivot"' -l rootfs-from -d 'unpack an archive in memory, in place of a new root' -r -F -a '(__nskit_attached)'
    complete -c $command -n '__nskit_in "pivot"' -l switch -d 'move the new root over /, for an initramfs'
    complete -c $command -n '__nskit_in "pivot"' -l bare -d 'only call pivot_root(2): two operands, new root and a place for the old one in it'
    complete -c $command -n '__nskit_in "pivot"' -s m -l mount -d 'unshare mounts namespace' -F -a '(__nskit_attached)'
    complete -c $command -n '__nskit_in "pivot"' -s u -l uts -d 'unshare UTS namespace (hostname etc)' -F -a '(__nskit_attached)'
    complete -c $command -n '__nskit_in "pivot"' -s i -l ipc -d 'unshare System V IPC namespace' -F -a '(__nskit_attached)'
    complete -c $command -n '__nskit_in "pivot"' -s n -l net -d 'unshare network namespace' -F -a '(__nskit_attached)'
    complete -c $command -n '__nskit_in "pivot"' -s p -l pid -d 'unshare pid namespace' -F -a '(__nskit_attached)'
    complete -c $command -n '__nskit_in "pivot"' -s U -l user -d 'unshare user namespace' -F -a '(__nskit_attached)'
    complete -c $command -n '__nskit_in "pivot"' -s C -l cgroup -d 'unshare cgroup namespace' -F -a '(__nskit_attached)'
    complete -c $command -n '__nskit_in "pivot"' -s T -l time -d 'unshare time namespace' -F -a '(__nskit_attached)'
    complete -c $command -n '__nskit_in "pivot"' -s f -l fork -d 'fork before launching <program>'
    complete -c $command -n '__nskit_in "pivot"' -l kill-child -d 'when dying, kill the forked child (implies --fork) defaults to SIGKILL' -f -a 'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS'
    complete -c $command -n '__nskit_in "pivot"' -l forward-signals -d 'forward signals to the child (implies --fork) defaults to SIGTERM and SIGINT' -f -a 'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS'
    complete -c $command -n '__nskit_in "pivot"' -l mount-proc -d 'mount proc filesystem first (implies --mount)' -f -a '(__fish_complete_directories (__nskit_typed))'
    complete -c $command -n '__nskit_in "pivot"' -l mount-binfmt -d 'mount binfmt filesystem first (implies --user and --mount)' -f -a '(__fish_complete_directories (__nskit_typed))'
    complete -c $command -n '__nskit_in "pivot"' -l map-user -d 'map current user to uid (implies --user)' -r -f -a '(__fish_complete_users)'
    complete -c $command -n '__nskit_in "pivot"' -l map-users -d 'map count users from outeruid to inneruid (implies --user); also auto, subids or all' -r -f -a 'auto subids all'
    complete -c $command -n '__nskit_in "pivot"' -l map-group -d 'map current group to gid (implies --user)' -r -f -a '(__fish_complete_groups)'
    complete -c $command -n '__nskit_in "pivot"' -l map-groups -d 'map count groups from outergid to innergid (implies --user); also auto, subids or all' -r -f -a 'auto subids all'
    complete -c $command -n '__nskit_in "pivot"' -s r -l map-root-user -d 'map current user to root (implies --user)'
    complete -c $command -n '__nskit_in "pivot"' -s c -l map-current-user -d 'map current user to itself (implies --user)'
    complete -c $command -n '__nskit_in "pivot"' -l map-auto -d 'map users and groups automatically (implies --user)'
    complete -c $command -n '__nskit_in "pivot"' -l map-subids -d 'identity map subordinate ids (implies --user)'
    complete -c $command -n '__nskit_in "pivot"' -l owner -d 'set user namespace owner (implies --user)' -r -f
    complete -c $command -n '__nskit_in "pivot"' -l propagation -d 'modify mount propagation in mount namespace' -r -f -a 'private shared slave unchanged'
    complete -c $command -n '__nskit_in "pivot"' -l setgroups -d 'control the setgroups syscall in user namespaces' -r -f -a 'allow deny'
    complete -c $command -n '__nskit_in "pivot"' -l keep-caps -d 'retain capabilities granted in user namespaces'
    complete -c $command -n '__nskit_in "pivot"' -s S -l setuid -d 'set uid in entered namespace' -r -f
    complete -c $command -n '__nskit_in "pivot"' -s G -l setgid -d 'set gid in entered namespace' -r -f
    complete -c $command -n '__nskit_in "pivot"' -s R -l root -d 'run the command with root directory set to <dir>' -r -f -a '(__fish_complete_directories (__nskit_typed))'
    complete -c $command -n '__nskit_in "pivot"' -s w -l wd -d 'change working directory to <dir>' -r -f -a '(__fish_complete_directories (__nskit_typed))'
    complete -c $command -n '__nskit_in "pivot"' -l monotonic -d 'set clock monotonic offset (seconds) in time namespaces' -r -f
    complete -c $command -n '__nskit_in "pivot"' -l boottime -d 'set clock boottime offset (seconds) in time namespaces' -r -f
    complete -c $command -n '__nskit_in "pivot"' -s l -l load-interp -d 'load binfmt definition in the namespace (implies --mount-binfmt)' -r -f
    complete -c $command -n '__nskit_in "pivot"' -l clear-env -d 'clear all environment variables'
    complete -c $command -n '__nskit_in "pivot"' -l whitelist-env -d 'clear the environment but for these variables' -r -f
    complete -c $command -n '__nskit_in "pivot"' -l hostname -d 'set the host name (implies --uts)' -r -f
    complete -c $command -n '__nskit_in "pivot"' -l loopback -d 'bring the loopback interface up (needs --net)'
    complete -c $command -n '__nskit_in "pivot"' -l init -d 'run an init that reaps processes and forwards signals (implies --pid and --fork)'
    complete -c $command -n '__nskit_in "pivot"' -l netns -d 'name the network namespace as ip netns does (implies --net)' -r -f
    complete -c $command -n '__nskit_in "pivot"' -l sysctl -d 'set a parameter of the new namespaces' -r -f
    complete -c $command -n '__nskit_in "pivot"' -l in-cgroup -d 'start in the control group of <dir>' -r -f -a '(__fish_complete_directories (__nskit_typed))'
    complete -c $command -n '__nskit_in "pivot"' -l no-new-privs -d 'set no_new_privs: set-user-ID bits have no effect'
    complete -c $command -n '__nskit_in "pivot"' -l cap-drop -d 'drop capabilities for good' -r -f -a '(__nskit_list all chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable net_bind_service net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace sys_pacct sys_admin sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease audit_write audit_control setfcap mac_override mac_admin syslog wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore)'
    complete -c $command -n '__nskit_in "pivot"' -l cap-keep -d 'drop all capabilities but these' -r -f -a '(__nskit_list all chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable net_bind_service net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace sys_pacct sys_admin sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease audit_write audit_control setfcap mac_override mac_admin syslog wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore)'
    complete -c $command -n '__nskit_in "pivot"' -l ready-fd -d 'write a line of JSON to <fd> when everything is ready' -r -f
    complete -c $command -n '__nskit_in "pivot"' -l pidfile -d 'write the process ID to <file> when everything is ready' -r -F -a '(__nskit_attached)'
    complete -c $command -n '__nskit_in "pivot"' -l explain -d 'show the system calls instead of making them' -f -a 'all'
    complete -c $command -n '__nskit_in "pivot"' -s h -l help -d 'display this help'
    complete -c $command -n '__nskit_in "pivot"' -s V -l version -d 'display version'
    complete -c $command -n '__nskit_at "pivot" dirs' -f -a '(__fish_complete_directories (__nskit_typed))'
    complete -c $command -n '__nskit_at "pivot" program' -f -a '(__fish_complete_command)'
end

for command in nskit pivot_root
    complete -c $command -n '__nskit_in "pivot_root"' -l explain -d 'show the system calls instead of making them' -f -a 'all'
    complete -c $command -n '__nskit_in "pivot_root"' -s h -l help -d 'display this help'
    complete -c $command -n '__nskit_in "pivot_root"' -s V -l version -d 'display version'
    complete -c $command -n '__nskit_at "pivot_root" dirs' -f -a '(__fish_complete_directories (__nskit_typed))'
    complete -c $command -n '__nskit_at "pivot_root" dirs' -f -a '(__fish_complete_directories (__nskit_typed))'
end

for command in nskit switch_root
    complete -c $command -n '__nskit_in "switch_root"' -l explain -d 'show the system calls instead of making them' -f -a 'all'
    complete -c $command -n '__nskit_in "switch_root"' -s h -l help -d 'display this help'
    complete -c $command -n '__nskit_in "switch_root"' -s V -l version -d 'display version'
    complete -c $command -n '__nskit_at "switch_root" dirs' -f -a '(__fish_complete_directories (__nskit_typed))'
    complete -c $command -n '__nskit_at "switch_root" any' -f
    complete -c $command -n '__nskit_at "switch_root" any' -f
    complete -c $command -n '__nskit_at "switch_root" any' -f
    complete -c $command -n '__nskit_at "switch_root" any' -f
end

for command in nskit unshare
    complete -c $command -n '__nskit_in "unshare"' -s m -l mount -d 'unshare mounts namespace' -F -a '(__nskit_attached)'
    complete -c $command -n '__nskit_in "unshare"' -s u -l uts -d 'unshare UTS namespace (hostname etc)' -F -a '(__nskit_attached)'
    complete -c $command -n '__nskit_in "unshare"' -s i -l ipc -d 'unshare System V IPC namespace' -F -a '(__nskit_attached)'
    complete -c $command -n '__nskit_in "unshare"' -s n -l net -d 'unshare network namespace' -F -a '(__nskit_attached)'
    complete -c $command -n '__nskit_in "unshare"' -s p -l pid -d 'unshare pid namespace' -F -a '(__nskit_attached)'
    complete -c $command -n '__nskit_in "unshare"' -s U -l user -d 'unshare user namespace' -F -a '(__nskit_attached)'
    complete -c $command -n '__nskit_in "unshare"' -s C -l cgroup -d 'unshare cgroup namespace' -F -a '(__nskit_attached)'
    complete -c $command -n '__nskit_in "unshare"' -s T -l time -d 'unshare time namespace' -F -a '(__nskit_attached)'
    complete -c $command -n '__nskit_in "unshare"' -s f -l fork -d 'fork before launching <program>'
    complete -c $command -n '__nskit_in "unshare"' -l kill-child -d 'when dying, kill the forked child (implies --fork) defaults to SIGKILL' -f -a 'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS'
    complete -c $command -n '__nskit_in "unshare"' -l forward-signals -d 'forward signals to the child (implies --fork) defaults to SIGTERM and SIGINT' -f -a 'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS'
    complete -c $command -n '__nskit_in "unshare"' -l mount-proc -d 'mount proc filesystem first (implies --mount)' -f -a '(__fish_complete_directories (__nskit_typed))'
    complete -c $command -n '__nskit_in "unshare"' -l mount-binfmt -d 'mount binfmt filesystem first (implies --user and --mount)' -f -a '(__fish_complete_directories (__nskit_typed))'
    complete -c $command -n '__nskit_in "unshare"' -l map-user -d 'map current user to uid (implies --user)' -r -f -a '(__fish_complete_users)'
    complete -c $command -n '__nskit_in "unshare"' -l map-users -d 'map count users from outeruid to inneruid (implies --user); also auto, subids or all' -r -f -a 'auto subids all'
    complete -c $command -n '__nskit_in "unshare"' -l map-group -d 'map current group to gid (implies --user)' -r -f -a '(__fish_complete_groups)'
    complete -c $command -n '__nskit_in "unshare"' -l map-groups -d 'map count groups from outergid to innergid (implies --user); also auto, subids or all' -r -f -a 'auto subids all'
    complete -c $command -n '__nskit_in "unshare"' -s r -l map-root-user -d 'map current user to root (implies --user)'
    complete -c $command -n '__nskit_in "unshare"' -s c -l map-current-user -d 'map current user to itself (implies --user)'
    complete -c $command -n '__nskit_in "unshare"' -l map-auto -d 'map users and groups automatically (implies --user)'
    complete -c $command -n '__nskit_in "unshare"' -l map-subids -d 'identity map subordinate ids (implies --user)'
    complete -c $command -n '__nskit_in "unshare"' -l owner -d 'set user namespace owner (implies --user)' -r -f
    complete -c $command -n '__nskit_in "unshare"' -l propagation -d 'modify mount propagation in mount namespace' -r -f -a 'private shared slave unchanged'
    complete -c $command -n '__nskit_in "unshare"' -l setgroups -d 'control the setgroups syscall in user namespaces' -r -f -a 'allow deny'
    complete -c $command -n '__nskit_in "unshare"' -l keep-caps -d 'retain capabilities granted in user namespaces'
    complete -c $command -n '__nskit_in "unshare"' -s S -l setuid -d 'set uid in entered namespace' -r -f
    complete -c $command -n '__nskit_in "unshare"' -s G -l setgid -d 'set gid in entered namespace' -r -f
    complete -c $command -n '__nskit_in "unshare"' -s R -l root -d 'run the command with root directory set to <dir>' -r -f -a '(__fish_complete_directories (__nskit_typed))'
    complete -c $command -n '__nskit_in "unshare"' -s w -l wd -d 'change working directory to <dir>' -r -f -a '(__fish_complete_directories (__nskit_typed))'
    complete -c $command -n '__nskit_in "unshare"' -l monotonic -d 'set clock monotonic offset (seconds) in time namespaces' -r -f
    complete -c $command -n '__nskit_in "unshare"' -l boottime -d 'set clock boottime offset (seconds) in time namespaces' -r -f
    complete -c $command -n '__nskit_in "unshare"' -s l -l load-interp -d 'load binfmt definition in the namespace (implies --mount-binfmt)' -r -f
    complete -c $command -n '__nskit_in "unshare"' -l clear-env -d 'clear all environment variables'
    complete -c $command -n '__nskit_in "unshare"' -l whitelist-env -d 'clear the environment but for these variables' -r -f
    complete -c $command -n '__nskit_in "unshare"' -l hostname -d 'set the host name (implies --uts)' -r -f
    complete -c $command -n '__nskit_in "unshare"' -l loopback -d 'bring the loopback interface up (needs --net)'
    complete -c $command -n '__nskit_in "unshare"' -l init -d 'run an init that reaps processes and forwards signals (implies --pid and --fork)'
    complete -c $command -n '__nskit_in "unshare"' -l netns -d 'name the network namespace as ip netns does (implies --net)' -r -f
    complete -c $command -n '__nskit_in "unshare"' -l sysctl -d 'set a parameter of the new namespaces' -r -f
    complete -c $command -n '__nskit_in "unshare"' -l in-cgroup -d 'start in the control group of <dir>' -r -f -a '(__fish_complete_directories (__nskit_typed))'
    complete -c $command -n '__nskit_in "unshare"' -l no-new-privs -d 'set no_new_privs: set-user-ID bits have no effect'
    complete -c $command -n '__nskit_in "unshare"' -l cap-drop -d 'drop capabilities for good' -r -f -a '(__nskit_list all chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable net_bind_service net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace sys_pacct sys_admin sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease audit_write audit_control setfcap mac_override mac_admin syslog wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore)'
    complete -c $command -n '__nskit_in "unshare"' -l cap-keep -d 'drop all capabilities but these' -r -f -a '(__nskit_list all chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable net_bind_service net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace sys_pacct sys_admin sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease audit_write audit_control setfcap mac_override mac_admin syslog wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore)'
    complete -c $command -n '__nskit_in "unshare"' -l ready-fd -d 'write a line of JSON to <fd> when everything is ready' -r -f
    complete -c $command -n '__nskit_in "unshare"' -l pidfile -d 'write the process ID to <file> when everything is ready' -r -F -a '(__nskit_attached)'
    complete -c $command -n '__nskit_in "unshare"' -l explain -d 'show the system calls instead of making them' -f -a 'all'
    complete -c $command -n '__nskit_in "unshare"' -s h -l help -d 'display this help'
    complete -c $command -n '__nskit_in "unshare"' -s V -l version -d 'display version'
    complete -c $command -n '__nskit_at "unshare" program' -f -a '(__fish_complete_command)'
end

for command in nskit nsenter
    complete -c $command -n '__nskit_in "nsenter"' -s a -l all -d 'enter all namespaces'
    complete -c $command -n '__nskit_in "nsenter"' -s t -l target -d 'target process to get namespaces from' -r -f -a '(__fish_complete_pids; __nskit_containers)'
    complete -c $command -n '__nskit_in "nsenter"' -s m -l mount -d 'enter mount namespace' -F -a '(__nskit_attached)'
    complete -c $command -n '__nskit_in "nsenter"' -s u -l uts -d 'enter UTS namespace (hostname etc)' -F -a '(__nskit_attached)'
    complete -c $command -n '__nskit_in "nsenter"' -s i -l ipc -d 'enter System V IPC namespace' -F -a '(__nskit_attached)'
    complete -c $command -n '__nskit_in "nsenter"' -s n -l net -d 'enter network namespace' -F -a '(string match /run/netns/\* /run/netns/*; __nskit_attached)'
    complete -c $command -n '__nskit_in "nsenter"' -s N -l net-socket -d 'enter network namespace of the target'\''s socket <fd>' -r -f
    complete -c $command -n '__nskit_in "nsenter"' -s p -l pid -d 'enter pid namespace' -F -a '(__nskit_attached)'
    complete -c $command -n '__nskit_in "nsenter"' -s C -l cgroup -d 'enter cgroup namespace' -F -a '(__nskit_attached)'
    complete -c $command -n '__nskit_in "nsenter"' -s U -l user -d 'enter user namespace' -F -a '(__nskit_attached)'
    complete -c $command -n '__nskit_in "nsenter"' -l user-parent -d 'enter parent user namespace'
    complete -c $command -n '__nskit_in "nsenter"' -s T -l time -d 'enter time namespace' -F -a '(__nskit_attached)'
    complete -c $command -n '__nskit_in "nsenter"' -s S -l setuid -d 'set uid in entered namespace: a number, or follow for the target'\''s own' -r -f -a 'follow'
    complete -c $command -n '__nskit_in "nsenter"' -s G -l setgid -d 'set gid in entered namespace: a number, or follow for the target'\''s own' -r -f -a 'follow'
    complete -c $command -n '__nskit_in "nsenter"' -l preserve-credentials -d 'do not touch uids or gids'
    complete -c $command -n '__nskit_in "nsenter"' -l keep-caps -d 'retain capabilities granted in user namespaces'
    complete -c $command -n '__nskit_in "nsenter"' -s r -l root -d 'set the root directory' -f -a '(__fish_complete_directories (__nskit_typed))'
    complete -c $command -n '__nskit_in "nsenter"' -s w -l wd -d 'set the working directory' -f -a '(__fish_complete_directories (__nskit_typed))'
    complete -c $command -n '__nskit_in "nsenter"' -s W -l wdns -d 'set the working directory in namespace' -f -a '(__fish_complete_directories (__nskit_typed))'
    complete -c $command -n '__nskit_in "nsenter"' -s e -l env -d 'inherit environment variables from target process'
    complete -c $command -n '__nskit_in "nsenter"' -s F -l no-fork -d 'do not fork before exec'\''ing <program>'
    complete -c $command -n '__nskit_in "nsenter"' -s c -l join-cgroup -d 'join the cgroup of the target process'
    complete -c $command -n '__nskit_in "nsenter"' -s Z -l follow-context -d 'set SELinux context according to --target PID'
    complete -c $command -n '__nskit_in "nsenter"' -l pid-for-children -d 'enter the pid namespace of the target'\''s children'
    complete -c $command -n '__nskit_in "nsenter"' -l netns -d 'enter a network namespace as ip netns exec does, with its own /sys and the files in /etc/netns/<name>' -r -f -a '(__nskit_netns)'
    complete -c $command -n '__nskit_in "nsenter"' -l in-cgroup -d 'start in the control group of <dir>' -r -f -a '(__fish_complete_directories (__nskit_typed))'
    complete -c $command -n '__nskit_in "nsenter"' -l no-new-privs -d 'set no_new_privs: set-user-ID bits have no effect'
    complete -c $command -n '__nskit_in "nsenter"' -l cap-drop -d 'drop capabilities for good' -r -f -a '(__nskit_list all chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable net_bind_service net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace sys_pacct sys_admin sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease audit_write audit_control setfcap mac_override mac_admin syslog wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore)'
    complete -c $command -n '__nskit_in "nsenter"' -l cap-keep -d 'drop all capabilities but these' -r -f -a '(__nskit_list all chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable net_bind_service net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace sys_pacct sys_admin sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease audit_write audit_control setfcap mac_override mac_admin syslog wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore)'
    complete -c $command -n '__nskit_in "nsenter"' -l each -d 'run the program in every namespace of a type, network namespaces by default, with its name in front of each line' -f -a 'net mnt uts ipc pid cgroup user time'
    complete -c $command -n '__nskit_in "nsenter"' -l json -d 'with --each: a line of JSON for each namespace'
    complete -c $command -n '__nskit_in "nsenter"' -l wait -d 'wait until the target exists and has new namespaces, for at most this number of seconds' -f
    complete -c $command -n '__nskit_in "nsenter"' -l kill-child -d 'run a child, and kill it when nsenter dies; defaults to SIGKILL' -f -a 'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS'
    complete -c $command -n '__nskit_in "nsenter"' -l forward-signals -d 'run a child, and forward signals to it; defaults to SIGTERM and SIGINT' -f -a 'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS'
    complete -c $command -n '__nskit_in "nsenter"' -l tools -d 'give <program> tools that the target lacks: a static program, a directory or an archive; by default busybox, or the programs of the host' -F -a '(__nskit_attached)'
    complete -c $command -n '__nskit_in "nsenter"' -l carry -d 'run a static program of the host, from memory' -r -F -a '(__nskit_attached)'
    complete -c $command -n '__nskit_in "nsenter"' -l attach -d 'mount in the running target, which sees it: <src>:<dst>[:ro,nosuid,nodev,noexec,rec,mkdir]' -r -F -a '(__nskit_attached)'
    complete -c $command -n '__nskit_in "nsenter"' -l detach -d 'unmount in the running target' -r -f
    complete -c $command -n '__nskit_in "nsenter"' -l explain -d 'show the system calls instead of making them' -f -a 'all'
    complete -c $command -n '__nskit_in "nsenter"' -s h -l help -d 'display this help'
    complete -c $command -n '__nskit_in "nsenter"' -s V -l version -d 'display version'
    complete -c $command -n '__nskit_at "nsenter" program' -f -a '(__fish_complete_command)'
end

for command in nskit vethctl
    complete -c $command -n '__nskit_in "vethctl"' -s h -l help -d 'display this help'
    complete -c $command -n '__nskit_in "vethctl"' -s V -l version -d 'display version'
    complete -c $command -n '__nskit_at "vethctl" commands' -f -a 'add list show peer set move rename del wait stats batch'
end

for command in nskit vethctl
    complete -c $command -n '__nskit_in "vethctl add"' -l mtu -d 'MTU of both endpoints' -r -f
    complete -c $command -n '__nskit_in "vethctl add"' -l kind -d 'kind of the pair: veth or netkit' -r -f -a 'veth netkit netkit,l2 netkit,l3'
    complete -c $command -n '__nskit_in "vethctl add"' -l bridge -d 'make or reuse a bridge and attach the first endpoint to it' -r -f
    complete -c $command -n '__nskit_in "vethctl add"' -l loopback -d 'bring lo up in each foreign namespace'
    complete -c $command -n '__nskit_in "vethctl add"' -l if-missing -d 'succeed if this veth pair exists already'
    complete -c $command -n '__nskit_in "vethctl add"' -l replace -d 'first remove veth pairs with these names'
    complete -c $command -n '__nskit_in "vethctl add"' -l wait-free -d 'retry this long while a name is taken' -r -f
    complete -c $command -n '__nskit_in "vethctl add"' -s j -l json -d 'print both endpoints as JSON'
    complete -c $command -n '__nskit_in "vethctl add"' -l dry-run -d 'only print the steps, or the ip commands that do the same' -f -a 'steps ip'
    complete -c $command -n '__nskit_in "vethctl add"' -l allow-own -d 'accept a namespace other than '\''.'\'' that is your own'
    complete -c $command -n '__nskit_in "vethctl add"' -s h -l help -d 'display this help'
    complete -c $command -n '__nskit_at "vethctl add" ends' -f -a '(__nskit_ends)'
    complete -c $command -n '__nskit_at "vethctl add" ends' -f -a '(__nskit_ends)'
end

for command in nskit vethctl
    complete -c $command -n '__nskit_in "vethctl list"' -s j -l json -d 'use JSON output format'
    complete -c $command -n '__nskit_in "vethctl list"' -s n -l noheadings -d 'don'\''t print the header'
    complete -c $command -n '__nskit_in "vethctl list"' -s o -l output -d 'which columns to print; +<list> adds to the usual ones' -r -f -a '(__nskit_list NAME NS NETNS PID PATH IFINDEX KIND STATE CARRIER MTU MAC TXQLEN ADDRS ROUTES MASTER ALIAS GROUP NPROCS HOLDERS AGE NSAGE RXBYTES RXPACKETS RXERRORS RXDROPPED TXBYTES TXPACKETS TXERRORS TXDROPPED PEERNAME PEERNS PEERNETNS PEERPID PEERPATH PEERIFINDEX PEERKIND PEERSTATE PEERCARRIER PEERMTU PEERMAC PEERTXQLEN PEERADDRS PEERROUTES PEERMASTER PEERALIAS PEERGROUP PEERNPROCS PEERHOLDERS PEERAGE PEERNSAGE PEERRXBYTES PEERRXPACKETS PEERRXERRORS PEERRXDROPPED PEERTXBYTES PEERTXPACKETS PEERTXERRORS PEERTXDROPPED)'
    complete -c $command -n '__nskit_in "vethctl list"' -l ns -d 'only veth pairs with an endpoint in this namespace' -r -f -a '(__nskit_places)'
    complete -c $command -n '__nskit_in "vethctl list"' -l where -d 'only veth pairs for which the expression is true' -r -f
    complete -c $command -n '__nskit_in "vethctl list"' -l orphans -d 'only veth pairs whose peer'\''s namespace has no process'
    complete -c $command -n '__nskit_in "vethctl list"' -l graph -d 'draw the connections, as text or for dot(1)' -f -a 'text dot'
    complete -c $command -n '__nskit_in "vethctl list"' -l allow-own -d 'accept a namespace other than '\''.'\'' that is your own'
    complete -c $command -n '__nskit_in "vethctl list"' -s h -l help -d 'display this help'
end

for command in nskit vethctl
    complete -c $command -n '__nskit_in "vethctl show"' -s j -l json -d 'use JSON output format'
    complete -c $command -n '__nskit_in "vethctl show"' -s n -l noheadings -d 'don'\''t print the header'
    complete -c $command -n '__nskit_in "vethctl show"' -s o -l output -d 'which columns to print; +<list> adds to the usual ones' -r -f -a '(__nskit_list NAME NS NETNS PID PATH IFINDEX KIND STATE CARRIER MTU MAC TXQLEN ADDRS ROUTES MASTER ALIAS GROUP NPROCS HOLDERS AGE NSAGE RXBYTES RXPACKETS RXERRORS RXDROPPED TXBYTES TXPACKETS TXERRORS TXDROPPED PEERNAME PEERNS PEERNETNS PEERPID PEERPATH PEERIFINDEX PEERKIND PEERSTATE PEERCARRIER PEERMTU PEERMAC PEERTXQLEN PEERADDRS PEERROUTES PEERMASTER PEERALIAS PEERGROUP PEERNPROCS PEERHOLDERS PEERAGE PEERNSAGE PEERRXBYTES PEERRXPACKETS PEERRXERRORS PEERRXDROPPED PEERTXBYTES PEERTXPACKETS PEERTXERRORS PEERTXDROPPED)'
    complete -c $command -n '__nskit_in "vethctl show"' -l allow-own -d 'accept a namespace other than '\''.'\'' that is your own'
    complete -c $command -n '__nskit_in "vethctl show"' -s h -l help -d 'display this help'
    complete -c $command -n '__nskit_at "vethctl show" ends' -f -a '(__nskit_ends)'
end

for command in nskit vethctl
    complete -c $command -n '__nskit_in "vethctl peer"' -s j -l json -d 'use JSON output format'
    complete -c $command -n '__nskit_in "vethctl peer"' -s n -l noheadings -d 'don'\''t print the header'
    complete -c $command -n '__nskit_in "vethctl peer"' -s o -l output -d 'which columns to print; +<list> adds to the usual ones' -r -f -a '(__nskit_list NAME NS NETNS PID PATH IFINDEX KIND STATE CARRIER MTU MAC TXQLEN ADDRS ROUTES MASTER ALIAS GROUP NPROCS HOLDERS AGE NSAGE RXBYTES RXPACKETS RXERRORS RXDROPPED TXBYTES TXPACKETS TXERRORS TXDROPPED PEERNAME PEERNS PEERNETNS PEERPID PEERPATH PEERIFINDEX PEERKIND PEERSTATE PEERCARRIER PEERMTU PEERMAC PEERTXQLEN PEERADDRS PEERROUTES PEERMASTER PEERALIAS PEERGROUP PEERNPROCS PEERHOLDERS PEERAGE PEERNSAGE PEERRXBYTES PEERRXPACKETS PEERRXERRORS PEERRXDROPPED PEERTXBYTES PEERTXPACKETS PEERTXERRORS PEERTXDROPPED)'
    complete -c $command -n '__nskit_in "vethctl peer"' -l allow-own -d 'accept a namespace other than '\''.'\'' that is your own'
    complete -c $command -n '__nskit_in "vethctl peer"' -s h -l help -d 'display this help'
    complete -c $command -n '__nskit_at "vethctl peer" ends' -f -a '(__nskit_ends)'
end

for command in nskit vethctl
    complete -c $command -n '__nskit_in "vethctl set"' -l dry-run -d 'only print the steps, or the ip commands that do the same' -f -a 'steps ip'
    complete -c $command -n '__nskit_in "vethctl set"' -l both -d 'set the MTU of the peer, too'
    complete -c $command -n '__nskit_in "vethctl set"' -l allow-own -d 'accept a namespace other than '\''.'\'' that is your own'
    complete -c $command -n '__nskit_in "vethctl set"' -s h -l help -d 'display this help'
    complete -c $command -n '__nskit_at "vethctl set" ends' -f -a '(__nskit_ends)'
    complete -c $command -n '__nskit_at "vethctl set" keys' -f -a 'addr= gw= route= mac= mtu= txqlen= queues= master= pin-mac group= alias= up down noaddr nomaster dad=on'
end

for command in nskit vethctl
    complete -c $command -n '__nskit_in "vethctl move"' -l dry-run -d 'only print the steps, or the ip commands that do the same' -f -a 'steps ip'
    complete -c $command -n '__nskit_in "vethctl move"' -l keep -d 'keep addresses, routes and the up state (the default)'
    complete -c $command -n '__nskit_in "vethctl move"' -l bare -d 'let the kernel drop them'
    complete -c $command -n '__nskit_in "vethctl move"' -l allow-own -d 'accept a namespace other than '\''.'\'' that is your own'
    complete -c $command -n '__nskit_in "vethctl move"' -s h -l help -d 'display this help'
    complete -c $command -n '__nskit_at "vethctl move" ends' -f -a '(__nskit_ends)'
    complete -c $command -n '__nskit_at "vethctl move" places' -f -a '(__nskit_places)'
end

for command in nskit vethctl
    complete -c $command -n '__nskit_in "vethctl rename"' -l dry-run -d 'only print the steps, or the ip commands that do the same' -f -a 'steps ip'
    complete -c $command -n '__nskit_in "vethctl rename"' -l allow-own -d 'accept a namespace other than '\''.'\'' that is your own'
    complete -c $command -n '__nskit_in "vethctl rename"' -s h -l help -d 'display this help'
    complete -c $command -n '__nskit_at "vethctl rename" ends' -f -a '(__nskit_ends)'
    complete -c $command -n '__nskit_at "vethctl rename" any' -f
end

for command in nskit vethctl
    complete -c $command -n '__nskit_in "vethctl del"' -l dry-run -d 'only print the steps, or the ip commands that do the same' -f -a 'steps ip'
    complete -c $command -n '__nskit_in "vethctl del"' -l if-exists -d 'succeed if there is no such link'
    complete -c $command -n '__nskit_in "vethctl del"' -l orphans -d 'remove all veth pairs that list --orphans shows'
    complete -c $command -n '__nskit_in "vethctl del"' -l ns -d 'only veth pairs with an endpoint in this namespace' -r -f -a '(__nskit_places)'
    complete -c $command -n '__nskit_in "vethctl del"' -l where -d 'only veth pairs for which the expression is true' -r -f
    complete -c $command -n '__nskit_in "vethctl del"' -l allow-own -d 'accept a namespace other than '\''.'\'' that is your own'
    complete -c $command -n '__nskit_in "vethctl del"' -s h -l help -d 'display this help'
    complete -c $command -n '__nskit_at "vethctl del" ends' -f -a '(__nskit_ends)'
end

for command in nskit vethctl
    complete -c $command -n '__nskit_in "vethctl wait"' -l carrier -d 'wait for a carrier'
    complete -c $command -n '__nskit_in "vethctl wait"' -l addr -d 'wait until no address is tentative'
    complete -c $command -n '__nskit_in "vethctl wait"' -l operstate -d 'wait for this operational state' -r -f -a 'up down lowerlayerdown'
    complete -c $command -n '__nskit_in "vethctl wait"' -l timeout -d 'wait at most this long (1, 1.5, 500ms)' -r -f
    complete -c $command -n '__nskit_in "vethctl wait"' -l allow-own -d 'accept a namespace other than '\''.'\'' that is your own'
    complete -c $command -n '__nskit_in "vethctl wait"' -s h -l help -d 'display this help'
    complete -c $command -n '__nskit_at "vethctl wait" ends' -f -a '(__nskit_ends)'
end

for command in nskit vethctl
    complete -c $command -n '__nskit_in "vethctl stats"' -s j -l json -d 'use JSON output format'
    complete -c $command -n '__nskit_in "vethctl stats"' -s n -l noheadings -d 'don'\''t print the header'
    complete -c $command -n '__nskit_in "vethctl stats"' -s o -l output -d 'which columns to print; +<list> adds to the usual ones' -r -f -a '(__nskit_list NAME NS NETNS PID PATH IFINDEX KIND STATE CARRIER MTU MAC TXQLEN ADDRS ROUTES MASTER ALIAS GROUP NPROCS HOLDERS AGE NSAGE RXBYTES RXPACKETS RXERRORS RXDROPPED TXBYTES TXPACKETS TXERRORS TXDROPPED PEERNAME PEERNS PEERNETNS PEERPID PEERPATH PEERIFINDEX PEERKIND PEERSTATE PEERCARRIER PEERMTU PEERMAC PEERTXQLEN PEERADDRS PEERROUTES PEERMASTER PEERALIAS PEERGROUP PEERNPROCS PEERHOLDERS PEERAGE PEERNSAGE PEERRXBYTES PEERRXPACKETS PEERRXERRORS PEERRXDROPPED PEERTXBYTES PEERTXPACKETS PEERTXERRORS PEERTXDROPPED)'
    complete -c $command -n '__nskit_in "vethctl stats"' -l watch -d 'show them again each second, or each <time>' -f
    complete -c $command -n '__nskit_in "vethctl stats"' -l allow-own -d 'accept a namespace other than '\''.'\'' that is your own'
    complete -c $command -n '__nskit_in "vethctl stats"' -s h -l help -d 'display this help'
    complete -c $command -n '__nskit_at "vethctl stats" ends' -f -a '(__nskit_ends)'
end

for command in nskit vethctl
    complete -c $command -n '__nskit_in "vethctl batch"' -l keep-going -d 'go on after a line that fails'
    complete -c $command -n '__nskit_in "vethctl batch"' -l atomic -d 'when a line fails, roll all lines back'
    complete -c $command -n '__nskit_in "vethctl batch"' -l allow-own -d 'accept a namespace other than '\''.'\'' that is your own'
    complete -c $command -n '__nskit_in "vethctl batch"' -s h -l help -d 'display this help'
    complete -c $command -n '__nskit_at "vethctl batch" files' -F -a '(__nskit_attached)'
end

for command in nskit lsns
    complete -c $command -n '__nskit_in "lsns"' -s J -l json -d 'use JSON output format'
    complete -c $command -n '__nskit_in "lsns"' -s l -l list -d 'use list format output'
    complete -c $command -n '__nskit_in "lsns"' -s n -l noheadings -d 'don'\''t print headings'
    complete -c $command -n '__nskit_in "lsns"' -s o -l output -d 'output columns (see --list-columns)' -r -f -a '(__nskit_list NS TYPE PATH NPROCS PID PPID COMMAND UID USER NETNSID NSFS PNS ONS HOLDERS NSID CGROUP CTR AGE HOSTNAME ROOT MOUNTS THREADS STATE PIDINO POD OWNER CREATOR)'
    complete -c $command -n '__nskit_in "lsns"' -l output-all -d 'output all columns of util-linux'
    complete -c $command -n '__nskit_in "lsns"' -s P -l persistent -d 'namespaces without processes'
    complete -c $command -n '__nskit_in "lsns"' -s p -l task -d 'print process namespaces; '\''self'\'' for lsns'\''s own' -r -f -a '(__fish_complete_pids; __nskit_containers)'
    complete -c $command -n '__nskit_in "lsns"' -s Q -l filter -d 'show only what the expression is true for' -r -f
    complete -c $command -n '__nskit_in "lsns"' -s r -l raw -d 'use the raw output format'
    complete -c $command -n '__nskit_in "lsns"' -s u -l notruncate -d 'don'\''t truncate text in columns'
    complete -c $command -n '__nskit_in "lsns"' -s W -l nowrap -d 'don'\''t use multi-line representation'
    complete -c $command -n '__nskit_in "lsns"' -s t -l type -d 'namespace type (mnt, net, ipc, user, pid, uts, cgroup, time)' -r -f -a 'mnt net ipc user pid uts cgroup time'
    complete -c $command -n '__nskit_in "lsns"' -s T -l tree -d 'use tree format (parent, owner, process, or all)' -f -a 'owner parent process all'
    complete -c $command -n '__nskit_in "lsns"' -s H -l list-columns -d 'list the available columns'
    complete -c $command -n '__nskit_in "lsns"' -l watch -d 'report namespaces as they appear and vanish' -f
    complete -c $command -n '__nskit_in "lsns"' -l diff -d 'show namespaces (leaks) that a saved --json listing lacks; - is standard input' -r -F -a '(__nskit_attached)'
    complete -c $command -n '__nskit_in "lsns"' -l for -d 'watch until a condition is met: appeared or vanished, :type or :inode' -r -f -a 'appeared appeared:net vanished vanished:net'
    complete -c $command -n '__nskit_in "lsns"' -l ignore -d 'leave out of --diff and --watch what matches a pattern' -r -f
    complete -c $command -n '__nskit_in "lsns"' -l holding -d 'show what keeps a device, mount or namespace busy' -r -F -a '(__nskit_attached)'
    complete -c $command -n '__nskit_in "lsns"' -l limits -d 'show how much of the limits on namespaces and mounts is used'
    complete -c $command -n '__nskit_in "lsns"' -l metrics -d 'print numbers for Prometheus, as OpenMetrics text'
    complete -c $command -n '__nskit_in "lsns"' -l color -d 'colorize the output (auto, always or never)' -f -a 'auto always never'
    complete -c $command -n '__nskit_in "lsns"' -s h -l help -d 'display this help'
    complete -c $command -n '__nskit_in "lsns"' -s V -l version -d 'display version'
    complete -c $command -n '__nskit_at "lsns" inodes' -f -a '(__nskit_inodes)'
end

for command in nskit
    complete -c $command -n '__nskit_in "check"' -s J -l json -d 'use JSON output format'
    complete -c $command -n '__nskit_in "check"' -s n -l noheadings -d 'don'\''t print the header'
    complete -c $command -n '__nskit_in "check"' -s h -l help -d 'display this help'
    complete -c $command -n '__nskit_in "check"' -s V -l version -d 'display version'
end
