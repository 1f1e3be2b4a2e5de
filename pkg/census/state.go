package census

import (
	"bytes"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"
)

// State is whether a process can still go by itself, proc_pid_status(5).
type State struct {
	// Letter is the state as ps has it: R, S, D, T, t, Z.
	Letter byte
	// PPID is the parent and Tracer the process that traces it, 0 for none.
	PPID, Tracer int
	// Threads is how many threads it has: a Z with more than one has lost only the first.
	Threads int
	// Init says that it is the first process of a PID namespace below the one that /proc shows.
	Init bool
	// Exiting says that it has begun to end.
	Exiting bool
}

// State reads the state of a process; false when it has ended.
func (s *Snapshot) State(pid int) (State, bool) {
	directory := filepath.Join(s.Proc, strconv.Itoa(pid))
	text, ok := readTable(unix.AT_FDCWD, directory+"/status", nil)
	if !ok {
		return State{}, false
	}
	state := parseStatus(text)
	if text, ok := readTable(unix.AT_FDCWD, directory+"/stat", text); ok {
		state.Exiting = exiting(text)
	}
	return state, true
}

func parseStatus(text []byte) State {
	var s State
	for line := range bytes.Lines(text) {
		name, value, _ := bytes.Cut(bytes.TrimSuffix(line, []byte{'\n'}), []byte(":\t"))
		switch string(name) {
		case "State":
			if len(value) > 0 {
				s.Letter = value[0]
			}
		case "PPid":
			s.PPID, _ = strconv.Atoi(string(value))
		case "TracerPid":
			s.Tracer, _ = strconv.Atoi(string(value))
		case "Threads":
			s.Threads, _ = strconv.Atoi(string(value))
		case "NSpid":
			s.Init = bytes.HasSuffix(value, []byte("\t1"))
		}
	}
	return s
}

// exiting reads PF_EXITING from the flags in /proc/PID/stat.
func exiting(stat []byte) bool {
	const flags = 6
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	if len(fields) <= flags {
		return false
	}
	n, err := strconv.ParseUint(string(fields[flags]), 10, 64)
	return err == nil && n&pfExiting != 0
}
