package launchopt

import (
	"testing"

	"github.com/nskit/nskit/internal/userdb"
)

func TestProposeSubIDs(t *testing.T) {
	const all = "         0          0 4294967295\n"
	jo := userdb.User{Name: "jo", UID: 1000}
	for _, tt := range []struct{ uids, gids, own, want string }{
		{"", "", all, "usermod --add-subuids 100000-165535 --add-subgids 100000-165535 jo"},
		{"ann:100000:65536\n", "", all, "usermod --add-subuids 165536-231071 --add-subgids 165536-231071 jo"},
		{"ann:100000:65536\nbob:300000:65536\n", "ann:165536:65536\n", all, "usermod --add-subuids 231072-296607 --add-subgids 231072-296607 jo"},
		{"bob:120000:10\nann:1:5\n", "", all, "usermod --add-subuids 120010-185545 --add-subgids 120010-185545 jo"},
		{"jo:100000:65536\n", "", all, "usermod --add-subgids 165536-231071 jo"},
		{"", "1000:100000:65536\n", all, "usermod --add-subuids 165536-231071 jo"},
		{"ann:0:4294967295\n", "", all, ""},
		// A container of a user: 100000 is nothing there.
		{"", "", "0 1000 1\n1 100000 65536\n", ""},
		{"", "", "0 100000 1000000\n", "usermod --add-subuids 100000-165535 --add-subgids 100000-165535 jo"},
		{"ann:100000:65536\n", "", "0 100000 200000\n", ""},
		{"", "", "", ""},
	} {
		if tt.want != "" {
			tt.want = "root can give you a range that is free: " + tt.want
		}
		if got := proposeSubIDs(jo, tt.uids, tt.gids, tt.own); got != tt.want {
			t.Errorf("%q, %q, %q: %q, want %q", tt.uids, tt.gids, tt.own, got, tt.want)
		}
	}
}
