package vethctl

import (
	"encoding/json"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/nskit/nskit/internal/testkit"
)

// changing are the keys of ip's JSON that differ between any two pairs.
var changing = []string{"ifindex", "link_index", "link_netnsid", "broadcast", "stats", "stats64", "operstate", "link"}

// TestLikeIP makes a pair with ip and one with vethctl. What ip sees of the one
// must be what it sees of the other, key for key.
func TestLikeIP(t *testing.T) {
	testkit.Require(t, testkit.NeedsTool("ip"))
	testkit.Require(t, testkit.NeedsUserNamespaces)
	const byIP = `ip link add x0 mtu 1400 address 02:00:00:00:00:01 txqueuelen 77 numtxqueues 2 numrxqueues 2 group 9 up type veth \
			peer name x1 netns $P mtu 1300 address 02:00:00:00:00:02 txqueuelen 78 numtxqueues 3 numrxqueues 3 group 8
		ip link set x0 alias 'an alias'
		ip addr add 10.0.0.1/24 dev x0; ip addr add fd00::1/64 dev x0 nodad
		inside ip addr add 10.0.0.2/24 dev x1; inside ip addr add fd00::2/64 dev x1 nodad
		inside ip link set x1 up; inside ip link set lo up
		inside ip route add default via 10.0.0.1 dev x1; inside ip -6 route add fd01::/64 via fd00::1 dev x1; ip route add 10.5.0.0/16 dev x0`
	const byUs = `vethctl add "x0,mtu=1400,mac=02:00:00:00:00:01,txqlen=77,queues=2,group=9,alias=an alias,addr=10.0.0.1/24,addr=fd00::1/64,route=10.5.0.0/16" \
		"$P:x1,mtu=1300,mac=02:00:00:00:00:02,txqlen=78,queues=3,group=8,addr=10.0.0.2/24,addr=fd00::2/64,gw=10.0.0.1,route=fd01::/64@fd00::1" --loopback`
	theirs, ours := seen(t, byIP), seen(t, byUs)
	if len(theirs) != 6 {
		t.Fatalf("%d answers of ip", len(theirs))
	}
	if diff := cmp.Diff(theirs, ours); diff != "" {
		t.Errorf("- by ip, + by vethctl\n%s", diff)
	}
}

// seen makes a pair in namespaces of its own, waits until it is up and all of
// its addresses can be used, and returns what ip says of it.
func seen(t *testing.T, make string) []any {
	t.Helper()
	script := `set -eu
		unshare -n sleep 1000 & P=$!
		trap 'kill $P' EXIT
		until ! [ "/proc/$P/ns/net" -ef /proc/self/ns/net ]; do :; done
		inside() { nsenter -n -t "$P" "$@"; }
		` + make + `
		vethctl wait x0 --timeout 30; vethctl wait "$P:x1" --timeout 30
		ip -d -j link show x0; inside ip -d -j link show x1
		ip -d -j addr show x0; inside ip -d -j addr show
		ip -d -j route; inside ip -d -j -6 route`
	cmd := exec.Command("asuser", "sh", "-c", `exec unshare -Urmn sh -c "$0"`, script)
	output, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	var all []any
	for line := range strings.Lines(string(output)) {
		var answer any
		if err := json.Unmarshal([]byte(line), &answer); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		all = append(all, without(answer))
	}
	return all
}

// without drops the changing keys, wherever they are.
func without(value any) any {
	switch value := value.(type) {
	case []any:
		for i := range value {
			value[i] = without(value[i])
		}
	case map[string]any:
		for _, key := range changing {
			delete(value, key)
		}
		if value["scope"] == "link" {
			delete(value, "nodad") // ip leaves these to the kernel
		}
		for key := range value {
			value[key] = without(value[key])
		}
	}
	return value
}
