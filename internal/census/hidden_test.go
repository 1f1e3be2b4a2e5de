package census

import (
	"testing"

	"github.com/nskit/nskit/pkg/ns"
)

func TestHiddenIn(t *testing.T) {
	ring := "pos:\t0\nmnt_id:\t17\nino:\t4026532208\nSqThread:\t-1\nUserFiles:\t3\n    0: net:[4026532208]\n    2: /tmp/a\\n3: uts:[5]\nUserBufs:\t0\nPollList:\n"
	for _, tt := range []struct {
		info    string
		inode   Inode
		kind    ns.Kind
		waiting int
		some    bool
	}{
		{ring, 4026532208, ns.Net, 0, true},
		{ring, 4026532209, 0, 0, false},
		{ring, 5, 0, 0, false},
		{"pos:\t0\nino:\t9\nscm_fds: 2\n", 5, 0, 2, true},
		{"pos:\t0\nino:\t9\nscm_fds: 0\n", 5, 0, 0, false},
		{"pos:\t0\nino:\t9\n", 9, 0, 0, false},
		{"", 0, 0, 0, false},
	} {
		kind, waiting, some := hiddenIn([]byte(tt.info), tt.inode)
		if kind != tt.kind || waiting != tt.waiting || some != tt.some {
			t.Errorf("%q %d: %v %d %t", tt.info, tt.inode, kind, waiting, some)
		}
	}
}
