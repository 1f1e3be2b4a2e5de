package values

import "testing"

func TestCapabilities(t *testing.T) {
	for list, want := range map[string]uint64{
		"chown": 1, "CAP_CHOWN": 1, "cap_Net_Admin,0": 1<<12 | 1, "checkpoint_restore": 1 << 40, "all": AllCapabilities, "63": 1 << 63, "40,kill": 1<<40 | 1<<5,
	} {
		if got, err := Capabilities(list); err != nil || got != want {
			t.Errorf("%s: %#x, %v; want %#x", list, got, err, want)
		}
	}
	for _, list := range []string{"", "chown,", "cap_", "nothing", "64", "-1", "+1", " 1", "CAP_ALL"} {
		if got, err := Capabilities(list); err == nil {
			t.Errorf("%q: %#x", list, got)
		}
	}
}
