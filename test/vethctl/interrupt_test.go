package vethctl

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/nskit/nskit/internal/testkit"
)

// interruptions are the commands that change something, what makes the place that
// each of them works in, and at which system calls which signals come. Every
// request is met for every command; what else there is to meet does not differ.
var interruptions = []struct {
	name, before, command string
	signals               map[string]string
}{
	{"add", "", `vethctl add va,addr=10.9.0.1/24,addr=fd09::1/64 "$P:vb,addr=10.9.0.2/24,gw=10.9.0.1" --bridge br7,addr=10.8.0.1/24 --loopback`,
		map[string]string{"SIGINT": "sendto recvfrom openat setns socket rt_sigprocmask getrandom", "SIGTERM": "sendto", "SIGHUP": "sendto"}},
	{"set", pair, `vethctl set "$P:vb" mtu=1400 alias=x noaddr addr=10.9.0.3/24 --both`, map[string]string{"SIGHUP": "sendto"}},
	{"move", pair, `vethctl move "$P:vb" .:vc`, map[string]string{"SIGTERM": "sendto recvfrom"}},
	{"rename", pair, `vethctl rename va vz`, map[string]string{"SIGINT": "sendto"}},
	{"replace", pair, `vethctl add va,addr=10.7.0.1/24 "$P:vb" --replace`, map[string]string{"SIGINT": "sendto"}},
	{"batch", pair, `printf 'add x0 %s:x1\nset va mtu=1300\nmove va %s\ndel %s:vb\n' "$P" "$P" "$P" | vethctl batch --atomic`,
		map[string]string{"SIGTERM": "sendto"}},
}

const pair = `vethctl add va,addr=10.9.0.1/24 "$P:vb,addr=10.9.0.2/24,addr=fd09::2/64,gw=10.9.0.1,alias=old"`

// interrupted runs a command once for every system call that it makes in its
// course, with a signal coming at that call. Afterwards everything is as it was
// and the command has ended by the signal, or it is done.
const interrupted = `
look() { for ns in "" "nsenter -n -t $P"; do
	$ns ip -o link | sed 's/^[0-9]*: //; s/@[^:]*:/:/; s/link-netns.*//; s/ qdisc.*mode/ mode/; s/state [A-Z]*//; s/link.ether .*brd/brd/; s/,LOWER_UP//; s/NO-CARRIER,//; s/M-DOWN/DOWN/' | sort
	$ns ip -o addr | grep -v fe80: | sed 's/^[0-9]*: *//; s/  */ /g' | sort; { $ns ip route; $ns ip -6 route; } | grep -v fe80: | sed 's/ linkdown//; s/ $//'; done; }
clear() { for link in va vz vc x0 br7; do ip link del $link; done; nsenter -n -t $P ip link set lo down; nsenter -n -t $P ip addr flush dev lo; } 2>/dev/null
set -eu
unshare -n sleep 1000 & P=$!
trap 'kill $P' EXIT
until ! [ "/proc/$P/ns/net" -ef /proc/self/ns/net ]; do :; done
command() { if [ "$#" = 0 ]; then sh -c "$COMMAND"; else INJECT="$*" PATH="$DIR:$PATH" sh -c "$COMMAND"; fi; }
export P
eval "$BEFORE"
was=$(look)
command
is=$(look)
clear || :
first=0
for call in $CALLS; do
	n=0 again=0
	while :; do
		n=$((n + STEP)) code=0
		eval "$BEFORE"
		command -e inject=$call:signal=$SIGNAL:when=$n -o log 2>err || code=$?
		now=$(look)
		clear || :
		grep -q -- "--- $SIGNAL" log || break
		case $code in
		0) [ "$now" = "$is" ] || { echo "$SIGNAL at $call $n: done, but
$now
 want
$is"; exit 1; } ;;
		$NUMBER) [ "$now" = "$was" ] || { echo "$SIGNAL at $call $n: died of it, but
$now
 want
$was"; exit 1; } ; first=1 ;;
		*) # strace's own request can meet a thread that has just ended: once more then.
			if [ $again != 5 ] && grep -q '^strace: ptrace(' err; then n=$((n - STEP)) again=$((again + 1)); continue; fi
			echo "$SIGNAL at $call $n: exit $code"; cat err; exit 1 ;;
		esac
	done
	echo "$call $((n - STEP))"
done
[ $first = 1 ] || { echo "no interruption"; exit 1; }
`

// wrapper stands before vethctl in PATH and runs the real one under strace.
const wrapper = `#!/bin/sh
exec strace -f $INJECT "$REAL" "$@"
`

// TestInterruption sends signals at every system call of every command.
func TestInterruption(t *testing.T) {
	testkit.Require(t, testkit.NeedsRoot)
	testkit.Require(t, testkit.NeedsTool("strace"))
	testkit.Require(t, testkit.NeedsTool("ip"))
	real, err := exec.LookPath("vethctl")
	if err != nil {
		t.Fatal(err)
	}
	step := "1"
	if testkit.InGuest() { // an emulated processor takes minutes for all of them
		step = "7"
	}
	numbers := map[string]string{"SIGHUP": "129", "SIGINT": "130", "SIGTERM": "143"}
	for _, tt := range interruptions {
		for signal, calls := range tt.signals {
			if testing.Short() { // requests are what a kernel may answer otherwise
				calls = "sendto"
			}
			t.Run(signal+" "+tt.name, func(t *testing.T) {
				dir := t.TempDir()
				if err := os.WriteFile(filepath.Join(dir, "vethctl"), []byte(wrapper), 0o755); err != nil {
					t.Fatal(err)
				}
				cmd := exec.Command("unshare", "-mn", "sh", "-c", interrupted)
				cmd.Dir = t.TempDir()
				cmd.Env = append(cmd.Environ(), "SIGNAL="+signal, "NUMBER="+numbers[signal], "CALLS="+calls, "STEP="+step,
					"BEFORE="+tt.before, "COMMAND="+tt.command, "DIR="+dir, "REAL="+real)
				out, err := cmd.CombinedOutput()
				t.Logf("%s", out)
				if err != nil {
					t.Error(err)
				}
				if made := regexp.MustCompile(`(?m)^sendto ([1-9])`).FindString(string(out)); made == "" {
					t.Error("no request was met")
				}
			})
		}
	}
}
