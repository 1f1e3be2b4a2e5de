package lsns

import (
	"testing"

	"github.com/nskit/nskit/internal/census"
	"github.com/nskit/nskit/pkg/ns"
)

func TestConditions(t *testing.T) {
	of := func(event string, inode census.Inode, kind ns.Kind) []change {
		return []change{{event, entry{Namespace: census.Namespace{Inode: inode, Kind: kind}}}}
	}
	for _, test := range []struct {
		text string
		news []change
		want bool
	}{
		{"appeared", of(appeared, 1, ns.Net), true},
		{"appears:net", of(appeared, 1, ns.Net), true},
		{"appear:net", of(appeared, 1, ns.UTS), false},
		{"appeared:net", of(vanished, 1, ns.Net), false},
		{"vanishes:user", of(vanished, 1, ns.User), true},
		{"vanished:7", of(vanished, 7, ns.User), true},
		{"vanished:7", of(vanished, 8, ns.User), false},
		{"vanished:4294967295", nil, false},
		{"appeared:net,vanish", of(vanished, 8, ns.User), true},
		{"appeared:net,vanished:uts", nil, false},
	} {
		conditions, err := parseConditions(test.text)
		if err != nil || anyMet(conditions, test.news) != test.want {
			t.Errorf("%s: %v with %v", test.text, err, test.news)
		}
	}
	for _, text := range []string{"", "net", "appeared:", "appeared:0", "appeared:-1", "appeared:4294967296", "appeared:net:uts", "appeared,", "present", "Appeared"} {
		if conditions, err := parseConditions(text); err == nil {
			t.Errorf("%q: %+v", text, conditions)
		}
	}
}

func TestAlready(t *testing.T) {
	there := []entry{{Namespace: census.Namespace{Inode: 7}}}
	for text, want := range map[string]bool{"vanished:7": false, "vanished:8": true, "appeared:8": false, "vanished": false, "vanished:net": false, "appeared,vanished:8": true} {
		conditions, err := parseConditions(text)
		if err != nil || already(conditions, there) != want {
			t.Errorf("%s: %v", text, err)
		}
	}
}
