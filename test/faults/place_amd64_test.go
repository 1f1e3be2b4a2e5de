package faults

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"github.com/nskit/nskit/internal/testkit"
	"golang.org/x/sys/unix"
)

// place is where one row runs, and what it finds there.
type place struct {
	dir   string
	vars  map[string]string
	files []*os.File // descriptors from 3 on
	was   string
	// attached is set where mounts are left in the target, or are to be there.
	attached, detached bool
}

// newPlace makes the directory of a row: the program, a new root and what may
// be shown in it, a file system that nothing propagates from.
func newPlace(t *testing.T, o *others, r row) *place {
	dir, err := os.MkdirTemp(os.Getenv("NSKIT_TEST_ROOT"), "faults-")
	check(t, err)
	check(t, os.Chmod(dir, 0o755))
	for _, sub := range []string{"new/etc", "new/proc", "new/bin", "new/d", "src", "one", "two", "upper", "work", "closed", "private/old", "old"} {
		check(t, os.MkdirAll(filepath.Join(dir, sub), 0o755))
	}
	check(t, os.Mkdir(filepath.Join(dir, "work/work"), 0)) // as the overlay leaves it
	for _, program := range []string{"probe", "new/probe", "new/bin/probe"} {
		check(t, os.WriteFile(filepath.Join(dir, program), testkit.Probe(), 0o755))
	}
	check(t, os.Symlink("probe", filepath.Join(dir, "new/bin/sh")))
	check(t, os.WriteFile(filepath.Join(dir, "new/etc/passwd"), []byte("root:x:0:0:::/bin/probe\n"), 0o644))
	check(t, os.WriteFile(filepath.Join(dir, "bound"), []byte("#!/bin/sh\n/bin/mount --rbind "+dir+"/new "+dir+"/new && exec \"$@\"\n"), 0o755))
	check(t, os.WriteFile(filepath.Join(dir, "apart"), []byte("#!/bin/sh\nexec $HOST/unshare -m /bin/sh -c '/bin/mount -t tmpfs none /run && exec \"$@\"' sh \"$@\"\n"), 0o755))
	check(t, os.WriteFile(filepath.Join(dir, "named"), []byte("#!/bin/sh\nexec $HOST/unshare -m /bin/sh -c '/bin/mount -t tmpfs none /run && /bin/mkdir /run/netns && >/run/netns/blue && "+
		"/bin/mount -t tmpfs none /etc && /bin/mkdir -p /etc/netns/blue && >/etc/hosts && >/etc/netns/blue/hosts && $HOST/unshare --net=/run/netns/blue /bin/true && exec \"$@\"' sh \"$@\"\n"), 0o755))
	check(t, os.Mkdir(filepath.Join(dir, "group"), 0o755))
	check(t, os.Symlink("/dev/null", filepath.Join(dir, "group/cgroup.procs")))
	check(t, os.WriteFile(filepath.Join(dir, "with3"), []byte("#!/bin/sh\nexec \"$@\" 3>/dev/null\n"), 0o755))
	check(t, os.WriteFile(filepath.Join(dir, "closed/probe"), nil, 0o644))
	check(t, os.WriteFile(filepath.Join(dir, "src/file"), nil, 0o644))
	pack(t, filepath.Join(dir, "new"), filepath.Join(dir, "root.tar"))
	if r.user {
		check(t, testkit.GiveAway(dir))
	}
	p := &place{dir: dir, attached: strings.HasPrefix(r.golden, "enter-attach"), detached: r.golden == "enter-detach", vars: map[string]string{"W": dir, "HOST": os.Getenv("HOST")}, files: o.files}
	for name, value := range o.vars {
		p.vars[name] = value
	}
	p.mountPrivate(t)
	p.was = p.listing(t)
	return p
}

// mountPrivate makes the place for namespaces that persist.
func (p *place) mountPrivate(t *testing.T) {
	dir := filepath.Join(p.dir, "private")
	check(t, unix.Mount("private", dir, "tmpfs", 0, ""))
	t.Cleanup(func() { check(t, unix.Unmount(dir, unix.MNT_DETACH)) })
	check(t, unix.Mount("", dir, "", unix.MS_PRIVATE, ""))
	check(t, os.Mkdir(filepath.Join(dir, "old"), 0o755))
	for _, name := range []string{"net", "pid", "mnt"} {
		check(t, os.WriteFile(filepath.Join(dir, name), nil, 0o644))
	}
}

// command is the command of a row, with its variables replaced.
func (p *place) command(r row) *exec.Cmd {
	expand := func(text string) string { return os.Expand(text, func(name string) string { return p.vars[name] }) }
	words := strings.Fields(expand(r.line))
	cmd := exec.Command(words[0], words[1:]...)
	cmd.Args[0] = words[0]
	cmd.Dir = p.dir
	if strings.Contains(r.line, "fd:3") {
		cmd.ExtraFiles = p.files
	}
	if r.user {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: testkit.Ordinary()}
	}
	cmd.Env = []string{"HOST=" + os.Getenv("HOST"), "USER=nskit-test", "TMPDIR=" + p.dir}
	if r.env != "-PATH" {
		cmd.Env = append(cmd.Env, "PATH="+os.Getenv("PATH"), expand(r.env))
	}
	return cmd
}

// prepare mounts in the target what the row's command unmounts there.
func (p *place) prepare(t *testing.T) {
	if p.detached {
		p.tidy()
		src := p.dir + "/src:"
		if text, err := exec.Command("nsenter", "-t", p.vars["T"], "--attach", src+p.dir+"/one", "--attach", src+p.dir+"/two").CombinedOutput(); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
}

// tidy takes from the target whatever is mounted below the place.
func (p *place) tidy() {
	for _, name := range []string{"/one", "/two", "/made/file"} {
		for exec.Command("nsenter", "-t", p.vars["T"], "--detach", p.dir+name).Run() == nil {
		}
	}
}

// listing has every file with its mode and size, and every mount below it.
func (p *place) listing(t *testing.T) string {
	var lines []string
	err := filepath.WalkDir(p.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil {
			size := info.Size()
			if d.IsDir() || strings.HasSuffix(path, ".pid") { // a PID has more digits or less
				size = 0
			}
			lines = append(lines, fmt.Sprint(info.Mode(), " ", size, " ", strings.TrimPrefix(path, p.dir)))
		}
		return err
	})
	check(t, err)
	for _, mount := range p.mounts(t) {
		lines = append(lines, "mount "+strings.TrimPrefix(mount, p.dir))
	}
	return strings.Join(lines, "\n")
}

// mounts are the mount points below the place.
func (p *place) mounts(t *testing.T) []string {
	table, err := os.ReadFile("/proc/self/mountinfo")
	check(t, err)
	var points []string
	for _, line := range strings.Split(string(table), "\n") {
		if fields := strings.Fields(line); len(fields) > 5 && strings.HasPrefix(fields[4], p.dir+"/") {
			points = append(points, fields[4])
		}
	}
	return points
}

// own leaves out of a state the mounts in other places, which come and go.
func (p *place) own(state string) string {
	var kept []string
	for _, line := range strings.Split(state, "\n") {
		if !strings.Contains(line, "/faults-") || strings.Contains(line, p.dir) {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "\n")
}

// clean takes away what a command has left, so that the next finds the same.
func (p *place) clean(t *testing.T) {
	if p.attached || p.detached {
		p.tidy()
	}
	points := p.mounts(t)
	slices.Reverse(points)
	for _, point := range points {
		if point != filepath.Join(p.dir, "private") {
			check(t, unix.Unmount(point, unix.MNT_DETACH))
		}
	}
	known := map[string]bool{}
	for _, line := range strings.Split(p.was, "\n") {
		known[line[strings.LastIndex(line, " ")+1:]] = true
	}
	for _, line := range strings.Split(p.listing(t), "\n") {
		if name := line[strings.LastIndex(line, " ")+1:]; !known[name] {
			check(t, os.RemoveAll(filepath.Join(p.dir, name)))
		}
	}
	if now := p.listing(t); now != p.was {
		t.Fatalf("cannot clean up:\n%s\nwas\n%s", now, p.was)
	}
}

// others are the processes and descriptors that rows name.
type others struct {
	vars  map[string]string
	files []*os.File
}

// newOthers starts a target in namespaces of all kinds, of a user namespace in
// another one.
func newOthers(t *testing.T) *others {
	host := os.Getenv("HOST")
	o := &others{vars: map[string]string{"OWN": strconv.Itoa(os.Getpid())}}
	target := o.target(t, nil, host+"/unshare", "-Ur", host+"/unshare", "-UrmuinCT", "sleep", "infinity")
	o.vars["T"] = strconv.Itoa(target)
	o.vars["T5"] = strconv.Itoa(o.target(t, testkit.Ordinary(), "unshare", "--map-auto", "-r",
		host+"/setpriv", "--reuid", "5", "--regid", "5", "--clear-groups", "sleep", "infinity"))
	socket, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	check(t, err)
	t.Cleanup(func() { unix.Close(socket) })
	o.vars["SOCKET"] = strconv.Itoa(socket)
	o.vars["NSID"] = namespaceID(t, fmt.Sprintf("/proc/%d/ns/net", target))
	fd, err := unix.PidfdOpen(target, 0)
	check(t, err)
	var st unix.Stat_t
	check(t, unix.Fstat(fd, &st))
	o.vars["INODE"] = strconv.FormatUint(st.Ino, 10)
	o.files = []*os.File{os.NewFile(uintptr(fd), "pidfd")}
	t.Cleanup(func() { o.files[0].Close() })
	return o
}

// target starts a process that sleeps and returns when it does.
func (o *others) target(t *testing.T, as *syscall.Credential, words ...string) int {
	cmd := exec.Command(words[0], words[1:]...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: as}
	check(t, cmd.Start())
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	comm := fmt.Sprintf("/proc/%d/comm", cmd.Process.Pid)
	asleep := func() bool { name, _ := os.ReadFile(comm); return string(name) == "sleep\n" }
	if !testkit.Poll(asleep) {
		t.Fatalf("%q does not start", words)
	}
	return cmd.Process.Pid
}

// namespaceID is what the kernel calls a namespace for good, since Linux 6.18.
func namespaceID(t *testing.T, path string) string {
	file, err := os.Open(path)
	check(t, err)
	defer file.Close()
	const get = 0x8008b70d // NS_GET_ID
	var id uint64
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, file.Fd(), get, uintptr(unsafe.Pointer(&id))); errno != 0 {
		return ""
	}
	return strconv.FormatUint(id, 10)
}

// pack puts a directory into a tar file.
func pack(t *testing.T, dir, file string) {
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	check(t, w.AddFS(os.DirFS(dir)))
	check(t, w.Close())
	check(t, os.WriteFile(file, archive.Bytes(), 0o644))
}
