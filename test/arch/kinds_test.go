package arch

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// ninth are the lines that a new kind of namespace takes in pkg/ns, each behind an
// old one.
var ninth = [][2]string{
	{"\tTime\n", "\tNinth\n"},
	{"0x00000080},\n", "\tNinth: {\"ninth\", \"ninth_for_children\", 1 << 40},\n"},
}

// ninthTest is what must hold of it.
const ninthTest = `package ns

import "testing"

func TestNinth(t *testing.T) {
	k, ok := Parse("ninth")
	s := SetOf(User).With(k)
	all := Kinds()
	if !ok || k != Ninth || all[len(all)-1] != Ninth || !s.Has(Ninth) || s.List()[1] != Ninth || s.Flags()&(1<<40) == 0 ||
		s.Without(Ninth) != SetOf(User) || len(all) != 9 {
		t.Errorf("%v %v %v %v %#x", k, ok, all, s.List(), s.Flags())
	}
}
`

// TestNinthKind adds a kind to a copy of pkg/ns and tests what goes through the kinds
// with it: a set that is too small, or a list that is written a second time, would
// let it vanish.
func TestNinthKind(t *testing.T) {
	dir := t.TempDir()
	text, err := os.ReadFile("../../pkg/ns/ns.go")
	if err != nil {
		t.Fatal(err)
	}
	source := string(text)
	for _, line := range ninth {
		if strings.Count(source, line[0]) != 1 {
			t.Fatalf("pkg/ns has not one line %q", line[0])
		}
		source = strings.Replace(source, line[0], line[0]+line[1], 1)
	}
	replaced := map[string]string{}
	for name, text := range map[string]string{"ns.go": source, "ninth_test.go": ninthTest} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		original, err := filepath.Abs("../../pkg/ns/" + name)
		if err != nil {
			t.Fatal(err)
		}
		replaced[original] = path
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replaced})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dir+"/overlay.json", overlay, 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "go", "test", "-timeout", "10m", "-skip", "TestHandleOfOurOwn", "-overlay", dir+"/overlay.json", // the kernel has no such kind
		"./pkg/ns", "./internal/census", "./cmd/internal/lsns", "./cmd/internal/nsenter")
	cmd.Dir = "../.."
	if output, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, output)
	}
}
