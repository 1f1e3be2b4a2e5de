package load

import (
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/nskit/nskit/internal/testkit"
)

// census counts what containers are made of. What is in here is all in
// namespaces of the tests' own, so that it comes out the same to the last one.
type census struct{ processes, mounts, links, descriptors, groups int }

// take counts now.
func take(t testing.TB) census {
	t.Helper()
	var c census
	entries, err := os.ReadDir("/proc")
	check(t, err)
	for _, entry := range entries {
		if _, err := strconv.Atoi(entry.Name()); err == nil {
			c.processes++
		}
	}
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	check(t, err)
	c.mounts = strings.Count(string(mounts), "\n")
	links, err := net.Interfaces()
	check(t, err)
	c.links = len(links)
	own, err := os.ReadDir("/proc/self/fd")
	check(t, err)
	c.descriptors = len(own)
	c.groups = groups()
	return c
}

// groups counts the control groups that this process's own has below it.
func groups() int {
	text, _ := os.ReadFile("/proc/self/cgroup")
	count := 0
	for _, line := range strings.Split(string(text), "\n") {
		if fields := strings.SplitN(line, ":", 3); len(fields) == 3 && fields[2] != "/" {
			_ = filepath.WalkDir("/sys/fs/cgroup/"+strings.TrimPrefix(fields[1], "name=")+fields[2], func(_ string, d fs.DirEntry, err error) error {
				if err == nil && d.IsDir() {
					count++
				}
				return nil
			})
		}
	}
	return count
}

// expectSame waits for the counts to be as before: what ends takes its time.
func expectSame(t testing.TB, before census) {
	t.Helper()
	var now census
	if !testkit.Poll(func() bool { now = take(t); return now == before }) {
		t.Errorf("before %+v, now %+v", before, now)
	}
}

// kernel is what the whole system uses. Others use it, too: it tells only a leak
// of something for every container.
type kernel map[string]int

// objects are the kernel's objects of a container in /proc/slabinfo, where it
// can be read.
var objects = []string{"pid_namespace", "user_namespace", "net_namespace", "uts_namespace", "nsproxy", "mnt_cache", "task_struct", "cred", "pid"}

// takeKernel drops the caches if it may, and reads the counters.
func takeKernel(t testing.TB) kernel {
	t.Helper()
	k := kernel{}
	_ = os.WriteFile("/proc/sys/vm/drop_caches", []byte("3"), 0) // an unprivileged user may not
	text, _ := os.ReadFile("/proc/slabinfo")                     // nor this
	for _, line := range strings.Split(string(text), "\n") {
		if fields := strings.Fields(line); len(fields) > 1 && slices.Contains(objects, fields[0]) {
			k[fields[0]], _ = strconv.Atoi(fields[1])
		}
	}
	files, err := os.ReadFile("/proc/sys/fs/file-nr")
	check(t, err)
	k["open files"], _ = strconv.Atoi(strings.Fields(string(files))[0])
	memory, err := os.ReadFile("/proc/meminfo")
	check(t, err)
	for _, line := range strings.Split(string(memory), "\n") {
		if fields := strings.Fields(line); len(fields) > 1 && (fields[0] == "SUnreclaim:" || fields[0] == "MemAvailable:") {
			k[fields[0]+" KiB"], _ = strconv.Atoi(fields[1])
		}
	}
	return k
}

// expectNoGrowth fails if there is one object more for every tenth of count
// containers, or four kibibytes of the kernel's for each. It needs a thousand of them.
func expectNoGrowth(t testing.TB, before kernel, count int) {
	t.Helper()
	if count < 1000 {
		t.Logf("no growth is looked for: %d containers are too few beside what others do", count)
		return
	}
	var grown []string
	small := func() bool {
		grown = nil
		for name, now := range takeKernel(t) {
			limit := max(count/10, 500)
			switch name {
			case "MemAvailable: KiB":
				continue // printed, but everybody's
			case "SUnreclaim: KiB":
				limit = max(4*count, 16<<10)
			}
			if now-before[name] > limit {
				grown = append(grown, fmt.Sprintf("%s: %d, now %d", name, before[name], now))
			}
		}
		return len(grown) == 0
	}
	if !testkit.Poll(small) {
		t.Errorf("grown with %d containers: %q", count, grown)
	}
}

// difference is for the eye.
func difference(before, after kernel) string {
	var words []string
	for name, now := range after {
		words = append(words, fmt.Sprintf("%s %+d", name, now-before[name]))
	}
	slices.Sort(words)
	return strings.Join(words, ", ")
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
