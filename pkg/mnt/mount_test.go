package mnt_test

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/nskit/nskit/pkg/mnt"
	"golang.org/x/sys/unix"
)

func ExampleParseBind() {
	m, err := mnt.ParseBind("/srv/data:/data:rec,ro")
	fmt.Println(m.Source, m.Target, m.Recursive, m.Attr == unix.MOUNT_ATTR_RDONLY, err)
	// Output: /srv/data /data true true <nil>
}

func TestParseBind(t *testing.T) {
	for text, want := range map[string]mnt.Mount{
		"/a:/b":                  {Source: "/a", Target: "/b"},
		"a:b":                    {Source: "a", Target: "b"},
		`/a\:x:/b\\y`:            {Source: "/a:x", Target: `/b\y`},
		"/a:/b:rec":              {Source: "/a", Target: "/b", Recursive: true},
		"/a:/b:ro,nosuid":        {Source: "/a", Target: "/b", Attr: unix.MOUNT_ATTR_RDONLY | unix.MOUNT_ATTR_NOSUID},
		"/a:/b:nodev,noexec,rec": {Source: "/a", Target: "/b", Recursive: true, Attr: unix.MOUNT_ATTR_NODEV | unix.MOUNT_ATTR_NOEXEC},
		"/a:/b:":                 {Source: "/a", Target: "/b"},
		`trailing\:/b:/c:rec`:    {Source: "trailing:/b", Target: "/c", Recursive: true},
		`a\b:c`:                  {Source: "ab", Target: "c"},
	} {
		got, err := mnt.ParseBind(text)
		if err != nil || got != want {
			t.Errorf("%q: %+v, %v, want %+v", text, got, err, want)
		}
	}
	for text, want := range map[string]error{
		"": mnt.ErrNoDestination, "/a": mnt.ErrNoDestination, ":/b": mnt.ErrNoDestination, "/a:": mnt.ErrNoDestination, "/a::ro": mnt.ErrNoDestination,
		"/a:/b:rw": mnt.ErrOption, "/a:/b:ro,": mnt.ErrOption, "/a:/b:ro:x": mnt.ErrColons,
	} {
		if _, err := mnt.ParseBind(text); err != want {
			t.Errorf("%q: %v, want %v", text, err, want)
		}
	}
}

func TestParseTmpfs(t *testing.T) {
	for text, want := range map[string]mnt.Mount{
		"/t":                  {Kind: mnt.Tmpfs, Target: "/t"},
		"/t:size=1m,mode=700": {Kind: mnt.Tmpfs, Target: "/t", Data: "size=1m,mode=700"},
		`/t\:1:mpol=bind:0`:   {Kind: mnt.Tmpfs, Target: "/t:1", Data: "mpol=bind:0"},
	} {
		if got, err := mnt.ParseTmpfs(text); err != nil || got != want {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
	}
	if _, err := mnt.ParseTmpfs(":size=1"); err != mnt.ErrNoDestination {
		t.Error(err)
	}
}

func TestParseFile(t *testing.T) {
	for text, want := range map[string]mnt.Mount{
		"x:/f":                         {Kind: mnt.File, Target: "/f", Data: "x\n"},
		":/f":                          {Kind: mnt.File, Target: "/f", Data: "\n"},
		"nameserver ::1\n:/etc/resolv": {Kind: mnt.File, Target: "/etc/resolv", Data: "nameserver ::1\n"},
		"two\n\n:/f":                   {Kind: mnt.File, Target: "/f", Data: "two\n"},
	} {
		if got, err := mnt.ParseFile(text); err != nil || got != want {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "x", "x:"} {
		if _, err := mnt.ParseFile(text); err != mnt.ErrNoDestination {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestComponents(t *testing.T) {
	for path, want := range map[string][]string{
		"": nil, "/": nil, "a": {"a"}, "//a/./b/": {"a", "b"}, "/../a/../../b": {"b"}, "a/..": {},
	} {
		if got := mnt.Components(nil, path); len(got) != len(want) || len(want) > 0 && !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %q", path, got)
		}
	}
}

func TestMountFlags(t *testing.T) {
	m := mnt.Mount{Attr: unix.MOUNT_ATTR_RDONLY | unix.MOUNT_ATTR_NOSUID | unix.MOUNT_ATTR_NODEV | unix.MOUNT_ATTR_NOEXEC}
	if got := m.MountFlags(); got != unix.MS_RDONLY|unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC {
		t.Errorf("%#x", got)
	}
}

// TestAttributes wants every word to be an attribute of both calls.
func TestAttributes(t *testing.T) {
	for word, want := range map[string]struct {
		attr uint64
		flag uintptr
	}{
		"ro": {unix.MOUNT_ATTR_RDONLY, unix.MS_RDONLY}, "nosuid": {unix.MOUNT_ATTR_NOSUID, unix.MS_NOSUID},
		"nodev": {unix.MOUNT_ATTR_NODEV, unix.MS_NODEV}, "noexec": {unix.MOUNT_ATTR_NOEXEC, unix.MS_NOEXEC},
	} {
		m, err := mnt.ParseBind("/a:/b:" + word)
		if err != nil || m.Attr != want.attr || m.MountFlags() != want.flag {
			t.Errorf("%s: %v, %+v, %#x", word, err, m, m.MountFlags())
		}
	}
}
