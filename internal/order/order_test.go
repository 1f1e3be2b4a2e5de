package order

import (
	"cmp"
	"slices"
	"testing"
)

type row struct {
	key  int
	text string
}

func TestSort(t *testing.T) {
	all := []row{{3, "c"}, {1, "a"}, {3, "d"}, {2, "b"}, {1, "A"}}
	Sort(all, func(a, b *row) int { return cmp.Compare(a.key, b.key) })
	if want := []row{{1, "a"}, {1, "A"}, {2, "b"}, {3, "c"}, {3, "d"}}; !slices.Equal(all, want) {
		t.Errorf("%v, want %v", all, want)
	}
	for wanted, text := range map[int]string{0: "", 1: "a", 2: "b", 3: "c", 4: ""} {
		found := Find(all, func(r *row) int { return cmp.Compare(wanted, r.key) })
		if (found == nil) != (text == "") || found != nil && found.text != text {
			t.Errorf("Find of %d: %v", wanted, found)
		}
	}
}

func TestStrings(t *testing.T) {
	words := []string{"b", "", "B", "a", "b"}
	Strings(words)
	if want := []string{"", "B", "a", "b", "b"}; !slices.Equal(words, want) {
		t.Errorf("%q, want %q", words, want)
	}
}

func TestKeys(t *testing.T) {
	if got, want := Keys(map[string]int{"b": 1, "": 2, "a": 3}), []string{"", "a", "b"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
