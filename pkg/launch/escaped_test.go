//go:build linux

package launch

import "testing"

func TestEscaped(t *testing.T) {
	for path, want := range map[string]string{"": "", "/a b": "/a b", `/a,b:\c`: `/a\,b\:\\c`} {
		if got := escaped(path); got != want {
			t.Errorf("%q: %q, want %q", path, got, want)
		}
	}
}
