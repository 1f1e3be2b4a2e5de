package veth

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// extras are what the acts below change and a picture does not show.
func extras(t *testing.T, ref NS) map[string]map[string]bool {
	t.Helper()
	s := newSession(t)
	defer s.Close()
	st, err := s.Look(endIn(t, ref, "old0"))
	if err != nil {
		t.Fatal(err)
	}
	f, err := s.features(st.Handle)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]map[string]bool{"wanted": f.wanted, "active": f.active, "isolated": {"on": *st.Isolated}}
}

// TestExtraFaults makes each request fail that switches features and isolates a
// port: everything is as it was. Then it looks at what is switched.
func TestExtraFaults(t *testing.T) {
	for when, afterwards := range map[string]bool{"unsent": false, "done": true} {
		t.Run(when, func(t *testing.T) {
			a, b := newNetNS(t), newNetNS(t)
			lay(t, a, b)
			act := func(s *Session) error {
				plan, err := s.PlanSet(endIn(t, a, "old0,mtu=1400,tso=off,gro=on,isolated,tx=off"), false)
				return run(s, plan, err)
			}
			before, links := extras(t, a), picture(t, a, b)
			for n := 1; !t.Failed() && faulty(t, act, n, afterwards); n++ {
				if diff := cmp.Diff(before, extras(t, a)) + cmp.Diff(links, picture(t, a, b)); diff != "" {
					t.Errorf("after fault %d:\n%s", n, diff)
				}
			}
			now := extras(t, a)
			if now["active"]["tx-tcp-segmentation"] || now["active"]["tx-checksum-ip-generic"] || !now["active"]["rx-gro"] || !now["isolated"]["on"] {
				t.Errorf("done: %v", now)
			}
			s := newSession(t)
			defer s.Close()
			for _, text := range []string{"tx=on,isolated=off,lro=on", "isolated=off,tso=on,addr=10.5.0.1/24", "isolated=off,addr=10.5.0.1/24", "nomaster,addr=10.5.0.1/24"} {
				plan, err := s.PlanSet(endIn(t, a, "old0,"+text), false)
				if err := run(s, plan, err); err == nil || KindOf(err) == Stuck {
					t.Errorf("%s: %v", text, err)
				}
				if diff := cmp.Diff(now, extras(t, a)); diff != "" {
					t.Errorf("%s:\n%s", text, diff)
				}
			}
		})
	}
}

func TestExtraSettings(t *testing.T) {
	s, err := ParseSettings("x", strings.Split("tso=off tso=on rx=off isolated", " "))
	if err != nil || featureWords(s.Features) != "tso on rx off" || s.Isolated == nil || !*s.Isolated || s.empty() {
		t.Errorf("%+v, %v", s, err)
	}
	for word, want := range map[string]string{
		"tso": "tso= needs a value", "tso=yes": "must be on or off", "isolated=1": "must be on or off", "ufo=on": "no such key",
	} {
		if _, err := ParseSettings("x", []string{word}); err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%s: %v", word, err)
		}
	}
}
