package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/nskit/nskit/internal/bench"
)

// systemCalls counts a command's system calls with strace(1), all threads and
// children included.
func systemCalls(c bench.Candidate) string {
	text, err := under(c, func(file string) []string { return []string{"strace", "-f", "-qq", "-e", "signal=none", "-o", file} })
	if err != nil {
		warn(c, err)
		return unknown
	}
	count := 0
	for line := range bytes.Lines(text) {
		if !bytes.Contains(line, []byte(" resumed>")) { // the second half of an interrupted line
			count++
		}
	}
	return strconv.Itoa(count)
}

// instructions counts what a command computes itself, in thousands, with
// valgrind(1). It has no count of a process that becomes another program.
func instructions(c bench.Candidate) string {
	text, err := under(c, func(file string) []string {
		return []string{"valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", "--log-file=" + file}
	})
	if err != nil {
		warn(c, err)
		return unknown
	}
	_, after, found := strings.Cut(string(text), "Collected : ")
	fields := strings.Fields(after)
	if !found || len(fields) == 0 {
		return unknown
	}
	count, err := strconv.Atoi(fields[0])
	if err != nil {
		return unknown
	}
	return strconv.Itoa((count + 500) / 1000)
}

// under runs a command under a tool that writes into a file, and returns what
// it wrote. The command's own name stays: nskit goes by it.
func under(c bench.Candidate, tool func(file string) []string) ([]byte, error) {
	dir, err := os.MkdirTemp("", "nskit-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path, err := filepath.Abs(c.Path)
	if err != nil {
		return nil, err
	}
	name := filepath.Join(dir, c.Argv[0])
	if err := os.Symlink(path, name); err != nil {
		return nil, err
	}
	file := filepath.Join(dir, "counts")
	words := append(append(tool(file), name), c.Argv[1:]...)
	if err := exec.Command(words[0], words[1:]...).Run(); err != nil {
		return nil, err
	}
	return os.ReadFile(file)
}
