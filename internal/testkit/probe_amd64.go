package testkit

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"slices"
	"strings"
)

// probeName is the file name by which a program is known to be the user's.
const probeName = "probe"

// probeSays is what the program of [Probe] prints.
const probeSays = "started\n"

// probeCode is write(1, text, 8); exit_group(0).
var probeCode = []byte{
	0xb8, 1, 0, 0, 0, // mov eax, 1
	0xbf, 1, 0, 0, 0, // mov edi, 1
	0x48, 0x8d, 0x35, 16, 0, 0, 0, // lea rsi, [rip+16]
	0xba, 8, 0, 0, 0, // mov edx, 8
	0x0f, 0x05, // syscall
	0xb8, 231, 0, 0, 0, // mov eax, 231
	0x31, 0xff, // xor edi, edi
	0x0f, 0x05, // syscall
}

// Probe is the smallest of programs, for a file called "probe": it says that
// it was started, and needs no library in a root of its own.
func Probe() []byte {
	const base, headers = 0x400000, 64 + 56
	text := append(slices.Clone(probeCode), probeSays...)
	size := uint64(headers + len(text))
	var b bytes.Buffer
	b.WriteString("\x7fELF\x02\x01\x01" + strings.Repeat("\x00", 9))
	for _, field := range []any{
		uint16(2), uint16(62), uint32(1), uint64(base + headers), uint64(64), uint64(0), uint32(0),
		uint16(64), uint16(56), uint16(1), uint16(0), uint16(0), uint16(0),
		uint32(1), uint32(5), uint64(0), uint64(base), uint64(base), size, size, uint64(4096),
	} {
		_ = binary.Write(&b, binary.LittleEndian, field) // a buffer takes everything
	}
	b.Write(text)
	return b.Bytes()
}

// stateOf is what a program finds when it is started, as far as it can be seen
// from outside and is the same for every start.
func stateOf(pid int) string {
	var b strings.Builder
	kinds, _ := os.ReadDir("/proc/self/ns")
	for _, entry := range kinds {
		kind := entry.Name()
		theirs, _ := os.Readlink(fmt.Sprintf("/proc/%d/ns/%s", pid, kind))
		ours, _ := os.Readlink("/proc/self/ns/" + kind)
		fmt.Fprintf(&b, "new %s namespace: %v\n", kind, theirs != ours)
	}
	for _, line := range lines(pid, "status") {
		switch word, _, _ := strings.Cut(line, ":"); word {
		case "Name", "Umask", "Uid", "Gid", "Groups", "NoNewPrivs", "Seccomp", "SigBlk", "SigIgn", "SigCgt",
			"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb":
			fmt.Fprintln(&b, line)
		}
	}
	for _, name := range []string{"uid_map", "gid_map", "setgroups", "cmdline", "environ", "limits", "timens_offsets"} {
		fmt.Fprintf(&b, "%s %q\n", name, lines(pid, name))
	}
	mounts := lines(pid, "mountinfo")
	for i, line := range mounts {
		mounts[i] = mountState(line)
	}
	slices.Sort(mounts) // their order is no more than that of their making
	fmt.Fprintln(&b, strings.Join(mounts, "\n"))
	for _, name := range []string{"cwd", "root"} {
		path, _ := os.Readlink(fmt.Sprintf("/proc/%d/%s", pid, name))
		fmt.Fprintln(&b, name, path)
	}
	fds, _ := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	for _, fd := range fds {
		fmt.Fprintln(&b, "descriptor", fd.Name())
	}
	return b.String()
}

func lines(pid int, name string) []string {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, name))
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}

// mountState is a line of mountinfo without its numbers, which differ each time.
func mountState(line string) string {
	fields := strings.Fields(line)
	if len(fields) < 6 {
		return line
	}
	for i, f := range fields {
		if tag, _, ok := strings.Cut(f, ":"); ok && (tag == "shared" || tag == "master" || tag == "propagate_from") {
			fields[i] = tag
		}
	}
	if _, number, ok := strings.Cut(fields[3], ":["); ok {
		fields[3] = strings.TrimSuffix(fields[3], number) // a namespace
	}
	// An overlay's upper directory remembers when it was used before.
	return strings.TrimSuffix(strings.Join(fields[3:], " "), ",uuid=on")
}
