package containers

import "testing"

// TestIndex has processes beside running and stopped containers.
func TestIndex(t *testing.T) {
	tr := newTree(t)
	tr.host()
	group := "0::/docker/" + hashA + "\n"
	tr.write(dockerA, `{"Name":"/web","State":{"Running":true,"Pid":42}}`)
	tr.process(42, "7", group, "42\t1")
	tr.processIn(43, "8", group, "43\t2", 42, "42")        // in the container
	tr.processIn(44, "8", group, "44\t3", 99, "container") // in its group, in a mount namespace of its own
	tr.processIn(45, "8", group, "45", 1, "host")          // a helper that has unshared nothing
	tr.processIn(46, "8", group, "46", 99, "host")         // one that has its root still
	tr.write("var/lib/docker/containers/"+hashB+"/config.v2.json", `{"Name":"/db","State":{"Running":false,"Pid":0}}`)
	tr.process(47, "8", "0::/docker/"+hashB+"\n", "47\t1") // what is left of a stopped one
	tr.write("run/runc/plain/state.json", `{"init_process_pid":48,"init_process_start":9}`)
	tr.process(48, "9", "0::/\n", "48\t1")
	tr.processIn(49, "9", "0::/\n", "49\t2", 48, "48") // in one without a group
	tr.process(50, "9", "0::/lxc.payload.box\n", "50\t1")
	tr.process(51, "9", "0::/user.slice\n", "51")
	x := NewIndex(tr.places())
	for pid, want := range map[int]string{1: "", 42: "web", 43: "web", 44: "web", 45: "", 46: "", 47: "", 48: "plain", 49: "plain", 50: "box", 51: "", 99: ""} {
		c, ok := x.Of(Process{PID: pid})
		if c.Name != want || ok != (want != "") {
			t.Errorf("process %d: %+v, %v; want %q", pid, c, ok, want)
		}
	}
	if c, ok := x.Of(Process{PID: 42, Started: 6}); ok {
		t.Errorf("a process of another time: %+v", c)
	}
}

// TestIndexOfTwins names two containers of one ID apart.
func TestIndexOfTwins(t *testing.T) {
	tr := newTree(t)
	tr.host()
	tr.write("run/containerd/io.containerd.runtime.v2.task/default/d1/init.pid", "42")
	tr.write("run/containerd/io.containerd.runtime.v2.task/other/d1/init.pid", "43")
	tr.process(42, "7", "0::/\n", "42\t1")
	tr.process(43, "7", "0::/\n", "43\t1")
	x := NewIndex(tr.places())
	for pid, want := range map[int]string{42: "default/d1", 43: "other/d1"} {
		if c, ok := x.Of(Process{PID: pid}); !ok || x.Name(c) != want {
			t.Errorf("process %d: %+v, %v; want %s", pid, c, ok, want)
		}
	}
}
