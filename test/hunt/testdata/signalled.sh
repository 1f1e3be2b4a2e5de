#!/usr/bin/env -S --default-signal /bin/sh
# signalled SIGNAL group|process DELAY COMMAND...: sends a signal from outside to a command,
# which is given a program, after some seconds. The exit code is the command's; what is left
# of its process group is said, and ended. A command that fails with true is sent none.
signal=$1 whom=$2 delay=$3
shift 3
case $whom in group) group=- ;; process) group= ;; *) exit 64 ;; esac
case $delay in 0.0*) ;; *) exit 64 ;; esac
"$@" true || exit

# Some signals do nothing, and the others end everybody.
case $signal in
CHLD | URG | WINCH | CONT | STOP) env --default-signal setsid "$@" sh -c 'sleep 0.03; exit 7' & ;;
KILL | TERM | HUP | INT | USR1 | USR2 | ALRM | PIPE) env --default-signal setsid "$@" sleep 1000 & ;;
*) exit 64 ;;
esac
pid=$!
sleep "$delay"
# sh(1) takes no -0 with --. Before setsid(1) has made the group some signals may be ignored still.
until kill -s 0 -- -$pid || ! kill -s 0 $pid; do :; done 2>/dev/null
kill -s "$signal" -- $group$pid 2>/dev/null

# A process that ends is reaped while sleep is waited for.
tries=3000
while kill -s 0 $pid 2>/dev/null; do
	[ $signal != STOP ] || kill -s CONT -- -$pid 2>/dev/null
	sleep 0.01
	[ $((tries -= 1)) -gt 0 ] || { echo "it does not end"; kill -s KILL -- -$pid; break; }
done
wait $pid
code=$?
tries=3000
while kill -s 0 -- -$pid 2>/dev/null; do
	sleep 0.01
	[ $((tries -= 1)) -gt 0 ] || { echo "something is left"; kill -s KILL -- -$pid; break; }
done
exit $code
