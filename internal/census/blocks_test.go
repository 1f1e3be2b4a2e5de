package census

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestBlocks reads a sysfs with a disk of two partitions, a volume on one of these, and loop devices.
func TestBlocks(t *testing.T) {
	sys := t.TempDir()
	for path, text := range map[string]string{
		"devices/sdb/dev": "8:16\n", "devices/sdb/uevent": "MAJOR=8\nDEVNAME=sdb\n",
		"devices/sdb/sdb1/dev": "8:17\n", "devices/sdb/sdb1/partition": "1\n", "devices/sdb/sdb1/uevent": "DEVNAME=sdb1\n",
		"devices/sdb/sdb2/dev": "8:18\n", "devices/sdb/sdb2/partition": "2\n", "devices/sdb/sdb2/uevent": "DEVNAME=sdb2\n",
		"devices/sdb/sdb2/holders/dm-0": "", "devices/sdb/queue/dev": "no device",
		"devices/dm-0/dev": "253:0\n", "devices/dm-0/uevent": "DEVNAME=dm-0\n", "devices/dm-0/dm/name": "vg-data\n",
		"block/loop0/dev": "7:0\n", "block/loop0/uevent": "DEVNAME=loop0\n", "block/loop0/loop/backing_file": "/srv/a b\n",
		"block/loop1/dev": "7:1\n", "block/loop1/uevent": "DEVNAME=loop1\n",
	} {
		path = filepath.Join(sys, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for link, to := range map[string]string{"dev/block/8:16": "devices/sdb", "dev/block/8:18": "devices/sdb/sdb2", "class/block/dm-0": "devices/dm-0"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(sys, link)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(filepath.Join(sys, to), filepath.Join(sys, link)); err != nil {
			t.Fatal(err)
		}
	}
	one := Block{Device: Device{8, 17}, Name: "sdb1", Partition: true}
	two := Block{Device: Device{8, 18}, Name: "sdb2", Partition: true}
	volume := Block{Device: Device{253, 0}, Name: "dm-0", Mapped: "vg-data"}
	if diff := cmp.Diff([]Block{{Device: Device{8, 16}, Name: "sdb"}, one, two, volume}, blocks(sys, Device{8, 16})); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]Block{two, volume}, blocks(sys, Device{8, 18})); diff != "" {
		t.Error(diff)
	}
	if got := blocks(sys, Device{9, 9}); got != nil {
		t.Errorf("a device that there is not: %v", got)
	}
	if diff := cmp.Diff([]Block{{Device: Device{7, 0}, Name: "loop0", Backing: "/srv/a b"}}, loops(sys)); diff != "" {
		t.Error(diff)
	}
}
