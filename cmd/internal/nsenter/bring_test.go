package nsenter

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/nskit/nskit/pkg/launch"
)

// TestWithoutMkdir takes the option mkdir out of the words of a mount, and out of
// nothing else.
func TestWithoutMkdir(t *testing.T) {
	for _, tt := range []struct {
		text, want string
		found      bool
	}{
		{"a:/b", "a:/b", false},
		{"a:/b:mkdir", "a:/b", true},
		{"a:/b:ro,mkdir,rec", "a:/b:ro,rec", true},
		{"a:mkdir", "a:mkdir", false},
		{`a\:b:mkdir`, `a\:b:mkdir`, false},
		{`a\:b:/c:mkdir`, `a\:b:/c`, true},
		{"mkdir", "mkdir", false},
		{"a:/b:rw", "a:/b:rw", false},
	} {
		if got, found := withoutMkdir(tt.text); got != tt.want || found != tt.found {
			t.Errorf("withoutMkdir(%q) = %q, %v; want %q, %v", tt.text, got, found, tt.want, tt.found)
		}
	}
}

// elfOf is the beginning of a 64-bit ELF file with segments of these kinds.
func elfOf(order binary.ByteOrder, data byte, segments ...uint32) []byte {
	file := make([]byte, elfHeader+56*len(segments))
	copy(file, "\x7fELF\x02")
	file[elfData] = data
	order.PutUint64(file[32:], elfHeader)
	order.PutUint16(file[54:], 56)
	order.PutUint16(file[56:], uint16(len(segments)))
	for i, kind := range segments {
		order.PutUint32(file[elfHeader+56*i:], kind)
	}
	return file
}

// TestKindOf tells static programs from what needs more than itself.
func TestKindOf(t *testing.T) {
	far := elfOf(binary.LittleEndian, 1, 1)
	binary.LittleEndian.PutUint64(far[32:], 1<<40)
	for name, tt := range map[string]struct {
		text []byte
		want fileKind
	}{
		"static":      {elfOf(binary.LittleEndian, 1, 1, 1, 4), static},
		"dynamic":     {elfOf(binary.LittleEndian, 1, 6, loader, 1), dynamic},
		"big-endian":  {elfOf(binary.BigEndian, 2, 1, loader), dynamic},
		"big-static":  {elfOf(binary.BigEndian, 2, 1, 4), static},
		"out-of-file": {elfOf(binary.LittleEndian, 1, 1, 1)[:elfHeader+20], dynamic},
		"far":         {far, dynamic},
		"script":      {[]byte("#!/bin/sh\n"), script},
		"text":        {[]byte("hello\n"), other},
		"empty":       {nil, other},
		"cut":         {[]byte("\x7fELF"), other},
	} {
		file := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(file, tt.text, 0o644); err != nil {
			t.Fatal(err)
		}
		if got, err := kindOf(file); got != tt.want || err != nil {
			t.Errorf("%s: %v, %v; want %v", name, got.words(), err, tt.want.words())
		}
	}
}

// FuzzKindOf has no file read past its end.
func FuzzKindOf(f *testing.F) {
	f.Add(elfOf(binary.LittleEndian, 1, 1, loader))
	f.Add(elfOf(binary.BigEndian, 2, 1))
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) >= elfHeader {
			hasLoader(text)
		}
	})
}

// TestToolsEnvironment: the tools come first in PATH, whatever the caller has; the
// rest is what a person expects.
func TestToolsEnvironment(t *testing.T) {
	tools := &launch.Tools{Dir: toolsDir, Root: []launch.RootEntry{{Name: "root", Directory: true}}}
	caller := []string{"PATH=/evil", "HOME=/home/me", "TERM=vt100", "PS1=x"}
	i := &invocation{own: options{target: target{kind: byContainer, name: "prod/we;b"}, brings: &bringing{isProgram: true, shell: true}}}
	got := i.withTools(caller, tools)
	want := []string{"TERM=vt100", "PATH=/.tools/bin:" + usual, "NSKIT_TOOLS=/.tools", "HOME=/root", "PS1=web:$PWD# "}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	i.own.brings = &bringing{}
	i.own.env = true // the target's variables stay
	got = i.withTools([]string{"PATH=/app/bin", "HOME=/app"}, tools)
	want = []string{"HOME=/app", "PATH=/.tools/usr/local/sbin:/.tools/usr/local/bin:/.tools/usr/sbin:/.tools/usr/bin:/.tools/sbin:/.tools/bin:/.tools:/app/bin", "NSKIT_TOOLS=/.tools"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if len(caller) != 4 || caller[0] != "PATH=/evil" {
		t.Errorf("the caller's environment has changed: %q", caller)
	}
}
