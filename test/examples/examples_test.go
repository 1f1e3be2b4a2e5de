// Package examples builds the programs of examples/ and runs each of them, as root and as
// an unprivileged user, in namespaces of its own.
package examples

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/nskit/nskit/internal/testkit"
	"github.com/nskit/nskit/pkg/launch"
	"github.com/nskit/nskit/pkg/ns"
	"github.com/nskit/nskit/pkg/nsexec"
)

// cnitool is the program that CNI's developers try plugins with.
const cnitool = "github.com/containernetworking/cni@v1.3.0"

// start is what several scripts begin with: a process in another network namespace, and in
// $there the file of that.
const start = `
unshare -n sleep 1000 & pid=$!
there=/proc/$pid/ns/net
until other=$(readlink $there) && [ "$other" != "$(readlink /proc/self/ns/net)" ]; do :; done
`

// scripts run as root of a network, mount and PID namespace, in a directory of their own with
// the programs in PATH. What they print must be what stands beside them.
var scripts = map[string]struct {
	script, want string
	needs        []testkit.Reason
}{
	"netns": {script: start + `
		netns /proc/self/ns/net
		netns $there
		[ "$(netns $there readlink /proc/self/ns/net)" = "$other" ]
		netns $there sh -c 'exit 3' || echo failed
		netns $there no-such-command 2>&1 || true
		netns /dev/null 2>/dev/null || echo refused
	`, want: `
		lo up|loopback|running
		lo loopback
		exit status 3
		failed
		nsexec: failed to execute no-such-command: No such file or directory
		refused`},
	"link": {script: start + `
		unshare -n sleep 1000 & second=$!
		until [ "$(readlink /proc/$second/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do :; done
		link $pid 192.0.2.1/24 $second 192.0.2.2/24
		nsenter -t $second -n ping -c 1 -W 9 -q 192.0.2.1 >/dev/null && echo answered
		link $pid 192.0.2.5/24 $second 192.0.2.6/24 2>/dev/null || echo taken
		netns $there | wc -l
	`, want: `
		veth0 eth0
		answered
		taken
		2`, needs: []testkit.Reason{testkit.NeedsTool("ping"), testkit.NeedsTool("nsenter")}},
	"holders": {script: start + `
		exec 9<$there
		holders $there | sed "s/ $pid / PID /; s/ $$\/9/ SHELL\/9/" | grep -e PID -e SHELL
		kill $pid; { wait $pid || true; } 2>/dev/null
		holders /proc/self/fd/9 | sed "s/ $$\/9/ SHELL\/9/" | grep -c SHELL
		mkdir space; touch file; unshare --net=file true && holders file
	`, want: `
		process PID sleep 1000
		fd SHELL/9
		1
		mount /FILE`},
	"leaks": {script: start + `
		leaks -listen localhost:9999 & server=$!
		until busybox wget -q -O first http://localhost:9999/metrics 2>/dev/null; do kill -0 $server; done
		grep -c '^namespaces [1-9]' first
		exec 9<$there
		kill $pid; { wait $pid || true; } 2>/dev/null
		busybox wget -q -O - http://localhost:9999/metrics | grep '^namespaces_without_process{kind="net",held_by="fd"} [1-9]' | cut -d' ' -f1
	`, want: `
		1
		namespaces_without_process{kind="net",held_by="fd"}`, needs: []testkit.Reason{testkit.NeedsTool("busybox")}},
	"container": {script: `
		mkdir -p root/bin root/proc root/dev root/tmp; cp "$(command -v busybox)" root/bin/busybox
		container root /bin/busybox sh -ec 'hostname; busybox id -u; busybox ls /; exit 7' || echo $?
		echo text | container root /bin/busybox cat
		container root /bin/busybox sh -c 'busybox kill -TERM 2; busybox sleep 1000' || echo $?
		container root /nonexistent 2>&1 || echo $?
		: >said
		container root /bin/busybox sh -c 'echo up; exec busybox sleep 1000' >said & c=$!
		until grep -q up said; do kill -0 $c; done
		kill $c; wait $c || echo $?
	`, want: `
		container
		0
		bin
		dev
		proc
		tmp
		7
		text
		143
		nsexec: failed to execute /nonexistent: No such file or directory
		1
		143`, needs: []testkit.Reason{testkit.NeedsTool("busybox")}},
	"cni": {script: start + `
		mount -t tmpfs none /var/lib
		cat >net.conf <<END
			{"cniVersion": "1.0.0", "name": "n", "type": "cni", "mtu": 1400, "ipam":
			{"type": "host-local", "dataDir": "$PWD/data", "routes": [{"dst": "0.0.0.0/0"}], "ranges": [[{"subnet": "192.0.2.0/24"}], [{"subnet": "2001:db8::/64"}]]}}
END
		export CNI_PATH=${PATH%%:*}:/usr/lib/cni CNI_IFNAME=eth0 CNI_CONTAINERID=c1 CNI_NETNS=$there
		call() { CNI_COMMAND=$1 cni <net.conf; }
		call VERSION
		call ADD | grep -o '"address":"[^"]*"'
		call CHECK
		nsenter -n$there ping -c 1 -W 9 -q 192.0.2.1 >/dev/null && nsenter -n$there ping -c 1 -W 9 -q 2001:db8::1 >/dev/null && echo answered
		nsenter -n$there ip link show eth0 | grep -o 'mtu 1400'
		call ADD | grep -o '"code":[0-9]*' # host-local knows the container
		call DEL; call DEL
		netns $there; ls data/n | grep -c 192 || true
		CNI_NETNS=/nonexistent call ADD | grep -o '"code":[0-9]*'
		ls data/n | grep -c 192 || true
		sed -i s/1.0.0/0.1.0/ net.conf
		call ADD | grep -o '"code":1,'
		call NOTHING | grep -o '"code":1,'
	`, want: `
		{"cniVersion":"1.0.0","supportedVersions":["1.0.0"]}
		"address":"192.0.2.2/24"
		"address":"2001:db8::2/64"
		answered
		mtu 1400
		"code":999
		lo up|loopback|running
		0
		"code":100
		0
		"code":1,
		"code":1,`, needs: []testkit.Reason{testkit.NeedsTool("/usr/lib/cni/host-local"), testkit.NeedsTool("nsenter"), testkit.NeedsTool("ip"), testkit.NeedsTool("ping")}},
	"cnitool": {script: start + `
		mount -t tmpfs none /var/lib
		cat >net.conflist <<END
			{"cniVersion": "1.0.0", "name": "n", "plugins": [{"type": "cni", "ipam":
			{"type": "host-local", "dataDir": "$PWD/data", "ranges": [[{"subnet": "192.0.2.0/24"}]]}}, {"type": "tuning", "sysctl": {"net.ipv4.conf.all.log_martians": "1"}}]}
END
		export CNI_PATH=${PATH%%:*}:/usr/lib/cni NETCONFPATH=$PWD
		cnitool add n $there | grep -c '"eth0"'
		cnitool check n $there
		nsenter -n$there ping -c 1 -W 9 -q 192.0.2.1 >/dev/null && echo answered
		cnitool del n $there; cnitool del n $there
		netns $there
	`, want: `
		1
		answered
		lo up|loopback|running`, needs: []testkit.Reason{testkit.NeedsTool("/usr/lib/cni/host-local"), testkit.NeedsTool("nsenter"), testkit.NeedsTool("ping"), testkit.NeedsModule(cnitool)}},
}

// TestExamples builds all programs once, and runs each script.
func TestExamples(t *testing.T) {
	testkit.Require(t, testkit.NeedsRoot) // whose the go command's caches are
	testkit.Require(t, testkit.NeedsUserNamespaces)
	testkit.Require(t, testkit.NeedsTool("unshare"))
	programs := place(t)
	run(t, exec.Command("go", "build", "-o", programs, "../../examples/..."))
	tried := buildTool(t, programs)
	for name, tt := range scripts {
		for _, who := range []string{"root", "user"} {
			t.Run(name+"/"+who, func(t *testing.T) {
				for _, reason := range tt.needs {
					if reason != testkit.NeedsModule(cnitool) {
						testkit.Require(t, reason)
					} else if !tried {
						testkit.Skip(t, reason)
					}
				}
				dir := place(t)
				got := inside(t, dir, programs, "set -eu\n"+tt.script, who == "user")
				got = strings.ReplaceAll(got, dir+"/file", "/FILE")
				if want := lines(tt.want); lines(got) != want {
					t.Errorf("printed\n%s\nwanted\n%s", got, want)
				}
			})
		}
	}
}

// lines is a text without what its lines are indented by.
func lines(text string) string {
	var all []string
	for line := range strings.Lines(strings.TrimSpace(text)) {
		all = append(all, strings.TrimSpace(line))
	}
	return strings.Join(all, "\n")
}

// place is a directory that everybody may use.
func place(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "examples")
	if err == nil {
		err = os.Chmod(dir, 0o1777)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func run(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", cmd.Args, err, out)
	}
}

// buildTool builds cnitool where the go command has its source already.
func buildTool(t *testing.T, programs string) bool {
	t.Helper()
	dir := t.TempDir()
	name, version, _ := strings.Cut(cnitool, "@")
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module m\n\ngo 1.26.0\n\nrequire "+name+" "+version+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "build", "-mod=mod", "-o", programs, name+"/cnitool")
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOPROXY=off", "GOFLAGS=")
	return cmd.Run() == nil
}

// inside runs a script in namespaces of its own, all of whose processes end with it.
func inside(t *testing.T, dir, programs, script string, asUser bool) string {
	t.Helper()
	spec := &launch.Spec{
		Unshare: ns.SetOf(ns.Net, ns.Mount, ns.PID, ns.IPC), Loopback: true, Proc: launch.Some("/proc"),
		Command: launch.Command{File: "sh", Args: []string{"sh", "-c", script}},
	}
	var credential *syscall.Credential
	if asUser {
		credential = testkit.Ordinary()
		spec.Unshare = spec.Unshare.With(ns.User)
		spec.Users, spec.Groups = launch.IDs{Single: launch.Some(uint32(0))}, launch.IDs{Single: launch.Some(uint32(0))}
	}
	cmd := nsexec.Command(t.Context(), spec)
	cmd.Dir, cmd.SysProcAttr = dir, &syscall.SysProcAttr{Credential: credential}
	cmd.Env = append(os.Environ(), "PATH="+programs+":/usr/bin:/bin:/usr/sbin:/sbin", "HOME="+dir)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%v: %s", err, out)
	}
	return string(out)
}
