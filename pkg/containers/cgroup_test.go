package containers

import (
	"strings"
	"testing"
)

const (
	hashA = "3f2a12bc45de3f2a12bc45de3f2a12bc45de3f2a12bc45de3f2a12bc45de3f2a"
	hashB = "b000000000000000000000000000000000000000000000000000000000000001"
)

var cgroupTexts = []struct {
	name, text string
	want       Ref
}{
	{"host", "0::/init.scope\n", Ref{}},
	{"root", "0::/\n", Ref{}},
	{"empty", "", Ref{}},
	{"no colon", "garbage\n0:\n", Ref{}},
	{"docker, systemd", "0::/system.slice/docker-" + hashA + ".scope\n", Ref{Docker, hashA}},
	{"docker, cgroupfs", "0::/docker/" + hashA + "\n", Ref{Docker, hashA}},
	{"docker, a hybrid host", "9:name=systemd:/docker/" + hashA + "\n8:pids:/\n0::/\n", Ref{Docker, hashA}},
	{"docker, seen from another cgroup namespace", "0::/../../docker/" + hashA + "\n", Ref{Docker, hashA}},
	{"docker in docker", "0::/docker/" + hashA + "/docker/" + hashB + "\n", Ref{Docker, hashB}},
	{"docker, removed", "0::/docker/" + hashA + " (deleted)\n", Ref{Docker, hashA}},
	{"podman", "0::/machine.slice/libpod-" + hashA + ".scope/container\n", Ref{Podman, hashA}},
	{"podman, rootless", "0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" + hashA + ".scope\n", Ref{Podman, hashA}},
	{"podman, cgroupfs", "0::/libpod_parent/libpod-" + hashA + "\n", Ref{Podman, hashA}},
	{"podman's monitor", "0::/machine.slice/libpod-conmon-" + hashA + ".scope\n", Ref{}},
	{"CRI-O", "0::/kubepods.slice/kubepods-pod1.slice/crio-" + hashA + ".scope\n", Ref{Podman, hashA}},
	{"Kubernetes, systemd", "0::/kubepods.slice/kubepods-burstable.slice/cri-containerd-" + hashA + ".scope\n", Ref{Containerd, hashA}},
	{"Kubernetes, escaped", "0::/system.slice/kubepods-besteffort-pod1.slice:cri-containerd:" + hashA + "\n", Ref{Containerd, hashA}},
	{"Kubernetes, cgroupfs", "0::/kubepods/besteffort/pod1/" + hashA + "\n", Ref{"", hashA}},
	{"a runtime's mark comes before a bare hash", "2:cpu:/kubepods/pod1/" + hashA + "\n0::/kubepods.slice/cri-containerd-" + hashA + ".scope\n", Ref{Containerd, hashA}},
	{"nerdctl", "0::/system.slice/nerdctl-" + hashA + ".scope\n", Ref{Containerd, hashA}},
	{"crun, systemd", "0::/system.slice/crun-web-1.scope\n", Ref{Crun, "web-1"}},
	{"runc, systemd", "0::/user.slice/runc-web.scope\n", Ref{Runc, "web"}},
	{"runc, cgroupfs", "0::/web\n", Ref{}},
	{"nspawn, service", "0::/machine.slice/systemd-nspawn@my\\x2dbox.service/payload/init.scope\n", Ref{Machined, "my-box"}},
	{"nspawn, scope", "0::/machine.slice/machine-box.scope/payload\n", Ref{Machined, "box"}},
	{"LXC", "0::/lxc.payload.box/system.slice/cron.service\n", Ref{LXC, "box"}},
	{"LXC's monitor", "0::/lxc.monitor.box\n", Ref{}},
	{"LXC 3", "4:memory:/lxc/box\n", Ref{LXC, "box"}},
	{"a directory that is only called lxc", "0::/user.slice/lxc/box\n", Ref{}},
	{"docker in LXC", "0::/lxc.payload.box/docker/" + hashA + "\n", Ref{Docker, hashA}},
	{"upper-case digits are no hash", "0::/docker/" + strings.ToUpper(hashA) + "\n", Ref{}},
	{"an escape in a name", "0::/lxc.payload.a\x1b[31m\n", Ref{}},
	{"a blank in a name", "0::/lxc.payload.a b\n", Ref{}},
	{"a slash in an escape", "0::/machine.slice/machine-..\\x2f.scope\n", Ref{}},
	{"no name", "0::/lxc.payload.\n", Ref{}},
	{"no name below lxc", "0::/lxc/\n", Ref{}},
}

func TestFromCgroup(t *testing.T) {
	for _, c := range cgroupTexts {
		got, ok := FromCgroup(c.text)
		if got != c.want || ok != (c.want != Ref{}) {
			t.Errorf("%s: FromCgroup(%q) = %v, %v; want %v", c.name, c.text, got, ok, c.want)
		}
	}
}

func FuzzFromCgroup(f *testing.F) {
	for _, c := range cgroupTexts {
		f.Add(c.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		ref, ok := FromCgroup(text)
		if ok != validName(ref.ID) {
			t.Errorf("FromCgroup(%q) = %q, %v", text, ref, ok)
		}
	})
}
