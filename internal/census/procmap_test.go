package census

import (
	"bytes"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestMapsDevices compares the kernel's answer with the text of /proc/self/maps.
func TestMapsDevices(t *testing.T) {
	fd, err := unix.Open("/proc/self/maps", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	none, known := mapsDevices(fd, []Device{{4095, 1 << 19}})
	if none {
		t.Error("a device that there is not is mapped")
	}
	if !known {
		t.Log("this kernel has no PROCMAP_QUERY: the text is read")
		return
	}
	text, _ := readOpen(fd, nil)
	checked := 0
	for line := range bytes.Lines(text) {
		fields := bytes.Fields(line)
		if len(fields) < 6 || fields[5][0] != '/' {
			continue
		}
		major, minor, _ := strings.Cut(string(fields[3]), ":")
		a, errA := strconv.ParseUint(major, 16, 32)
		b, errB := strconv.ParseUint(minor, 16, 32)
		if errA != nil || errB != nil || hex(uint32(a))+":"+hex(uint32(b)) != string(fields[3]) {
			t.Errorf("%s is no device", fields[3])
		}
		if has, _ := mapsDevices(fd, []Device{{uint32(a), uint32(b)}}); !has {
			t.Errorf("%s is not found", fields[3])
		}
		checked++
	}
	if checked == 0 {
		t.Error("no file is mapped, not even the test itself")
	}
}
