package idmap

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// pair is one ID inside and what it is outside.
type pair struct{ inner, outer uint64 }

// naive is Combine for one block, ID by ID: the block's inner and outer IDs are
// written down without those of the single one, and paired.
func naive(single *Range, b Block) []pair {
	if single == nil || b.Count == 0 {
		return count(b.Count, b.Inner, b.Outer)
	}
	inHit := single.Inner >= b.Inner && single.Inner <= b.Inner+b.Count
	outHit := single.Outer >= b.Outer && single.Outer <= b.Outer+b.Count
	n := b.Count
	if outHit || inHit && !b.Grows {
		n--
	}
	pairs := []pair{{single.Inner, single.Outer}}
	in, out := b.Inner, b.Outer
	for range n {
		if in == single.Inner {
			in++
		}
		if out == single.Outer {
			out++
		}
		pairs = append(pairs, pair{in, out})
		in, out = in+1, out+1
	}
	return pairs
}

func count(n, inner, outer uint64) []pair {
	var pairs []pair
	for i := range n {
		pairs = append(pairs, pair{inner + i, outer + i})
	}
	return pairs
}

// FuzzCombine compares with the naive way, which can only be gone for small
// numbers, and holds for all of them that no ID is mapped twice and none is
// made up.
func FuzzCombine(f *testing.F) {
	f.Add(uint32(0), uint32(1000), uint32(0), uint32(100000), uint32(65536), true)
	f.Add(uint32(7), uint32(9), uint32(0), uint32(3), uint32(20), false)
	f.Add(uint32(0), uint32(5), uint32(0), uint32(5), uint32(0), false)
	f.Add(uint32(1<<32-1), uint32(1<<32-2), uint32(1), uint32(0), uint32(1<<32-1), true)
	f.Fuzz(func(t *testing.T, singleInner, singleOuter, inner, outer, n uint32, grows bool) {
		single := Range{uint64(singleInner), uint64(singleOuter), 1}
		block := Block{Range{uint64(inner), uint64(outer), uint64(n)}, grows}
		m := Combine(&single, []Block{block})
		checkDisjoint(t, m)
		if total := total(m); total > 1+block.Count || total < block.Count {
			t.Errorf("%d IDs of %v and %v: %v", total, single, block, m)
		}
		small := Block{Range{uint64(inner % 64), uint64(outer % 64), uint64(n % 64)}, grows}
		single = Range{uint64(singleInner % 130), uint64(singleOuter % 130), 1}
		got, want := expand(Combine(&single, []Block{small})), naive(&single, small)
		if small.Count == 0 {
			want = append([]pair{{single.Inner, single.Outer}}, want...)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%v and %v: %v, want %v", single, small, got, want)
		}
		if got := expand(Combine(nil, []Block{small})); !slices.Equal(got, naive(nil, small)) {
			t.Errorf("%v alone: %v", small, got)
		}
	})
}

func total(m Map) uint64 {
	sum := uint64(0)
	for _, r := range m {
		sum += r.Count
	}
	return sum
}

// checkDisjoint wants no ID, inner or outer, to be mapped twice.
func checkDisjoint(t *testing.T, m Map) {
	for i, a := range m {
		for _, b := range m[:i] {
			if a.Inner < b.Inner+b.Count && b.Inner < a.Inner+a.Count || a.Outer < b.Outer+b.Count && b.Outer < a.Outer+a.Count {
				t.Errorf("%v and %v overlap in %v", a, b, m)
			}
		}
	}
}

func expand(m Map) []pair {
	var pairs []pair
	for _, r := range m {
		pairs = append(pairs, count(r.Count, r.Inner, r.Outer)...)
	}
	return pairs
}

// FuzzParse wants a range to be read from its own text again, in both forms.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"0:100000:10", "100000,0,10", "0:1:2:3", "a:b:c", "4294967295:0:1", "::"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, ok := Parse(text)
		if !ok {
			return
		}
		for _, again := range []string{fmt.Sprintf("%d:%d:%d", r.Inner, r.Outer, r.Count), fmt.Sprintf("%d,%d,%d", r.Outer, r.Inner, r.Count)} {
			if got, ok := Parse(again); !ok || got != r || max(r.Inner, r.Outer, r.Count) > 1<<32-1 {
				t.Errorf("%q is %v, and %q is %v", text, r, again, got)
			}
		}
		if lines := strings.Count(Map{r}.Text(), "\n"); lines != 1 || len(Map{r}.Args()) != 3 {
			t.Errorf("%d lines for %v", lines, r)
		}
	})
}

func FuzzIdentity(f *testing.F) {
	f.Add("0 0 4294967295\n")
	f.Add("         0     100000      65536\n     70000          5          1\n")
	f.Fuzz(func(t *testing.T, text string) {
		blocks, err := Identity(text)
		if err != nil && blocks != nil {
			t.Errorf("%q: both %v and %v", text, blocks, err)
		}
		for _, b := range blocks {
			if b.Inner != b.Outer || max(b.Inner, b.Count) > 1<<32-1 {
				t.Errorf("%q: %v", text, b)
			}
		}
	})
}

// FuzzSubIDs wants what is found to stand in lines of that user's, no ID twice, none
// that cannot be mapped, and both kinds of text to be read without a panic.
func FuzzSubIDs(f *testing.F) {
	f.Add("jo:100000:65536\n", "jo", uint32(1000))
	f.Add("0: jo 100000 65536\n1000:1:2", "jo", uint32(1000))
	f.Add("jo:5:10\n1000:1:20\njo:15:1\n", "jo", uint32(1000))
	f.Fuzz(func(t *testing.T, text, name string, uid uint32) {
		found := SubIDs(text, name, uid)
		number := strconv.FormatUint(uint64(uid), 10)
		if len(found) > 0 && !strings.Contains(text, name+":") && !strings.Contains(text, number+":") {
			t.Errorf("%q for %q or %s: %v", text, name, number, found)
		}
		for _, all := range [][]Range{found, Getsubids(text)} {
			inner := uint64(0)
			for i, r := range all {
				if r.Inner != inner || r.Count == 0 || r.Outer+r.Count > 1<<32-1 {
					t.Errorf("%q: %v", text, all)
				}
				inner += r.Count
				for _, before := range all[:i] {
					if r.Outer < before.Outer+before.Count && before.Outer < r.Outer+r.Count {
						t.Errorf("%q: an ID twice in %v", text, all)
					}
				}
			}
		}
	})
}
