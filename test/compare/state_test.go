package compare

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// firstPID is the PID, in its cell, of the process that becomes the line.
const firstPID = 100

// fieldsOfStatus are the lines of /proc/PID/status that are compared.
var fieldsOfStatus = []string{"Name", "Umask", "Uid", "Gid", "Groups", "NStgid", "NSpgid", "NSsid", "Threads", "SigPnd", "ShdPnd",
	"SigBlk", "SigIgn", "SigCgt", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp"}

// poll is amd64's poll(2); arm64 has ppoll(2) only, and no program calls its number 7.
const poll = 7

// links of /proc/PID, and the namespaces among them.
var (
	links      = []string{"cwd", "root"}
	namespaces = []string{"cgroup", "ipc", "mnt", "net", "pid", "pid_for_children", "time", "time_for_children", "user", "uts"}
)

// files of /proc/PID that are compared as they are, for the program only.
var files = []string{"cmdline", "environ", "uid_map", "gid_map", "setgroups", "limits", "oom_score_adj", "personality", "timens_offsets",
	"coredump_filter", "cgroup"}

// look describes the processes of the line from outside, the first one's
// parents being of no interest and the last one being the program.
func (c *cell) look() []string {
	chain := c.chain()
	for i, pid := range chain {
		if i == len(chain)-1 {
			waitForCall(pid, unix.SYS_READ, unix.SYS_PPOLL, poll)
		} else {
			waitForCall(pid, unix.SYS_WAIT4, unix.SYS_WAITID)
		}
	}
	state := []string{"caller " + strings.Join(nsLinks(c.cmd.Process.Pid), " ")}
	for i, pid := range chain {
		state = append(state, describe(pid, fmt.Sprintf("process %d ", i), i == 0, i == len(chain)-1)...)
	}
	return state
}

// chain lists the line's process, its child, and so on, as we number them.
func (c *cell) chain() []int {
	var pids []int
	for pid := c.linePID(); pid > 0; {
		pids = append(pids, pid)
		below := children(pid)
		if len(below) == 0 {
			break
		}
		pid = below[len(below)-1]
	}
	return pids
}

// linePID is our number of the process that process 1 of the cell started as 100.
func (c *cell) linePID() int {
	for _, pid := range children(c.cmd.Process.Pid) {
		for _, text := range status(pid, "NStgid") {
			if numbers := strings.Fields(text); len(numbers) > 2 && numbers[2] == strconv.Itoa(firstPID) {
				return pid
			}
		}
	}
	return 0
}

func children(pid int) []int {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid)) // it may be gone
	var pids []int
	for _, word := range strings.Fields(string(text)) {
		if child, err := strconv.Atoi(word); err == nil {
			pids = append(pids, child)
		}
	}
	return pids
}

// waitForCall waits until a process is in a system call that ends only when we
// or its child do something: a parent has done all it had to by then, and the
// probe's shell has nothing open that it uses for a moment only.
func waitForCall(pid int, calls ...int) {
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(200 * time.Microsecond) {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/syscall", pid))
		word, _, _ := strings.Cut(string(text), " ")
		call, parseErr := strconv.Atoi(word)
		if err != nil || parseErr == nil && slices.Contains(calls, call) {
			return
		}
	}
}

// status returns the lines of /proc/PID/status with one of the names.
func status(pid int, names ...string) []string {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	var found []string
	for line := range strings.SplitSeq(string(text), "\n") {
		if name, _, _ := strings.Cut(line, ":"); slices.Contains(names, name) {
			found = append(found, line)
		}
	}
	return found
}

// describe lists what is compared of one process.
func describe(pid int, prefix string, first, program bool) []string {
	lines := status(pid, fieldsOfStatus...)
	for i, line := range lines {
		// The first number is ours, and different each time. A child's in the
		// cell is so, too: helpers and threads have used some before it.
		skip := 2
		if !first && strings.HasPrefix(line, "NStgid") {
			skip = 3
		}
		if words := strings.Fields(line); strings.HasPrefix(line, "NS") && len(words) >= skip {
			lines[i] = words[0] + " " + strings.Join(words[skip:], " ")
		}
	}
	lines = append(lines, nsLinks(pid)...)
	for _, name := range links {
		lines = append(lines, name+" "+readlink(pid, name))
	}
	lines = append(lines, stat(pid))
	if program {
		lines = append(lines, whole(pid)...)
	}
	for i, line := range lines {
		lines[i] = prefix + strings.Join(strings.Fields(line), " ")
	}
	return lines
}

// whole lists what is compared of the program and not of a parent that waits.
func whole(pid int) []string {
	var lines []string
	for _, name := range files {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, name))
		if err != nil {
			text = []byte(withoutPath(err))
		}
		for line := range strings.SplitSeq(strings.TrimSuffix(string(text), "\n"), "\n") {
			lines = append(lines, name+" "+strings.ReplaceAll(line, "\x00", "|"))
		}
	}
	lines = append(lines, "exe "+readlink(pid, "exe"))
	lines = append(lines, descriptors(pid)...)
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/mountinfo", pid))
	return append(lines, mountTable(strings.Split(string(text), "\n"))...)
}

func withoutPath(err error) string {
	text := err.Error()
	return text[strings.LastIndex(text, ":")+1:]
}

func nsLinks(pid int) []string {
	var lines []string
	for _, name := range namespaces {
		lines = append(lines, "ns "+name+" "+readlink(pid, "ns/"+name))
	}
	return lines
}

func readlink(pid int, name string) string {
	target, err := os.Readlink(fmt.Sprintf("/proc/%d/%s", pid, name))
	if err != nil {
		return withoutPath(err)
	}
	return target
}

// stat is what only /proc/PID/stat has: the terminal, nice, the signal to the
// parent and the scheduling policy.
func stat(pid int) string {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	if len(fields) < 39 {
		return "stat gone"
	}
	return fmt.Sprintf("stat tty %s nice %s exit-signal %s policy %s", fields[4], fields[16], fields[35], fields[38])
}

// descriptors lists open files with their flags; what a socket's number is does not matter.
func descriptors(pid int) []string {
	entries, _ := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	var lines []string
	for _, entry := range entries {
		target, _, _ := strings.Cut(readlink(pid, "fd/"+entry.Name()), ":[")
		if strings.HasPrefix(target, "/proc/") && (strings.HasSuffix(target, "_map") || strings.HasSuffix(target, "/setgroups")) {
			continue // the Go runtime's, of a cell that was being made at the same time
		}
		line := fmt.Sprintf("fd %s %s", entry.Name(), target)
		info, _ := os.ReadFile(fmt.Sprintf("/proc/%d/fdinfo/%s", pid, entry.Name()))
		for text := range strings.SplitSeq(string(info), "\n") {
			if strings.HasPrefix(text, "flags:") {
				line += " " + text
			}
		}
		lines = append(lines, line)
	}
	return lines
}

// mountTable puts lines of mountinfo into a form whose numbers neutral can
// replace: m7 for a mount, d5 for a file system without device.
func mountTable(lines []string) []string {
	var out []string
	for _, line := range lines {
		fields := strings.Fields(line)
		if len(fields) < 7 || !strings.Contains(fields[2], ":") || !slices.Contains(fields, "-") {
			continue
		}
		device := fields[2]
		if minor, anonymous := strings.CutPrefix(device, "0:"); anonymous {
			device = "<d" + minor + ">"
		}
		for i := range fields[6:] {
			if name, number, ok := strings.Cut(fields[6+i], ":"); ok && (name == "shared" || name == "master" || name == "propagate_from") {
				fields[6+i] = name + ":<g" + number + ">"
			}
		}
		fields[0], fields[1], fields[2] = "<m"+fields[0]+">", "below <m"+fields[1]+">", device
		out = append(out, "mount "+strings.Join(fields, " "))
	}
	return out
}
