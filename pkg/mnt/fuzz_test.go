package mnt_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/nskit/nskit/pkg/mnt"
)

// FuzzMounts reads the texts of mounts. What is accepted has a destination, and
// a bind is read the same when its paths are written with every byte escaped.
func FuzzMounts(f *testing.F) {
	for _, seed := range []string{"/a:/b:rec,ro", `/a\:x:/b\\y`, "dst:size=1m", "text:more:/etc/x", "a/../../b", `\`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if m, err := mnt.ParseBind(text); err == nil {
			again, err := mnt.ParseBind(escaped(m.Source) + ":" + escaped(m.Target))
			if m.Source == "" || m.Target == "" || err != nil || again.Source != m.Source || again.Target != m.Target {
				t.Errorf("%q: %+v, again %+v, %v", text, m, again, err)
			}
			m.MountFlags()
		}
		if m, err := mnt.ParseTmpfs(text); err == nil && m.Target == "" && !strings.HasPrefix(text, "\\") {
			t.Errorf("%q: %+v", text, m)
		}
		if m, err := mnt.ParseFile(text); err == nil && (m.Target == "" || !strings.HasSuffix(m.Data, "\n") || strings.HasSuffix(m.Data, "\n\n")) {
			t.Errorf("%q: %+v", text, m)
		}
		components := mnt.Components(nil, text)
		if slices.ContainsFunc(components, func(name string) bool {
			return name == "" || name == "." || name == ".." || strings.Contains(name, "/")
		}) || !slices.Equal(components, mnt.Components(nil, strings.Join(components, "/"))) {
			t.Errorf("%q: %q", text, components)
		}
		if p, ok := mnt.ParsePropagation(text); ok && string(p) != text {
			t.Errorf("%q: propagation %q", text, p)
		}
	})
}

func escaped(path string) string {
	var b strings.Builder
	for i := range len(path) {
		b.WriteString("\\" + path[i:i+1])
	}
	return b.String()
}
