package idmap

import (
	"fmt"
	"strings"
	"testing"
)

func TestCombine(t *testing.T) {
	for _, tt := range []struct {
		single string // inner:outer, "" for none
		block  Block
		want   string
	}{
		{"", Block{Range: Range{0, 100000, 10}}, "0 100000 10"},
		{"0:0", Block{Range: Range{0, 100000, 10}}, "0 0 1/1 100000 9"},
		{"0:0", Block{Range: Range{1, 100000, 10}}, "0 0 1/1 100000 10"},
		{"5:0", Block{Range: Range{0, 100000, 10}}, "5 0 1/0 100000 5/6 100005 4"},
		{"5:0", Block{Range: Range{0, 0, 10}}, "5 0 1/0 1 5/6 6 4"},
		{"10:0", Block{Range: Range{0, 100000, 10}}, "10 0 1/0 100000 9"},
		{"11:0", Block{Range: Range{0, 100000, 10}}, "11 0 1/0 100000 10"},
		{"3:0", Block{Range: Range{4, 100000, 10}}, "3 0 1/4 100000 10"},
		{"", Block{Range{0, 100000, 65536}, true}, "0 100000 65536"},
		{"0:1000", Block{Range{0, 100000, 65536}, true}, "0 1000 1/1 100000 65536"},
		{"1000:1000", Block{Range{0, 100000, 65536}, true}, "1000 1000 1/0 100000 1000/1001 101000 64536"},
		{"0:1000", Block{Range{100000, 100000, 65536}, true}, "0 1000 1/100000 100000 65536"},
		{"0:1000", Block{Range: Range{0, 100000, 65536}}, "0 1000 1/1 100000 65535"},
		{"0:0", Block{Range: Range{0, 0, 1}}, "0 0 1"},
		{"0:1000", Block{Range: Range{0, 5, 0}}, "0 1000 1/0 5 0"},
		{"7:5", Block{Range: Range{0, 5, 0}}, "7 5 1/0 5 0"},
		{"7:100003", Block{Range: Range{0, 100000, 10}}, "7 100003 1/0 100000 3/3 100004 4/8 100008 2"},
	} {
		t.Run(fmt.Sprint(tt.single, tt.block), func(t *testing.T) {
			var single *Range
			if tt.single != "" {
				single = &Range{Count: 1}
				fmt.Sscanf(tt.single, "%d:%d", &single.Inner, &single.Outer)
			}
			got := strings.ReplaceAll(strings.TrimSpace(Combine(single, []Block{tt.block}).Text()), "\n", "/")
			if got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestCombineMapsNothingTwice(t *testing.T) {
	for inner := range uint64(14) {
		for outer := range uint64(14) {
			for _, grows := range []bool{false, true} {
				m := Combine(&Range{inner, outer, 1}, []Block{{Range{2, 3, 8}, grows}})
				ins, outs := map[uint64]bool{}, map[uint64]bool{}
				for _, r := range m {
					for i := range r.Count {
						if ins[r.Inner+i] || outs[r.Outer+i] {
							t.Fatalf("%d:%d maps an ID twice: %v", inner, outer, m)
						}
						ins[r.Inner+i], outs[r.Outer+i] = true, true
					}
				}
			}
		}
	}
}

func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		"0:100000:10": "0 100000 10", "100000,0,10": "0 100000 10",
		"": "", "auto": "", "0:1": "", "a:b:c": "", "0:-1:1": "", "0:1:2:3": "", "0:4294967296:1": "",
	} {
		got := ""
		if r, ok := Parse(text); ok {
			got = fmt.Sprint(r.Inner, " ", r.Outer, " ", r.Count)
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestIdentity(t *testing.T) {
	blocks, err := Identity("         0     100000      65536\n     70000          5          1\n")
	if got := Combine(nil, blocks).Text(); err != nil || got != "0 0 65536\n70000 70000 1\n" {
		t.Errorf("%q, %v", got, err)
	}
	for _, text := range []string{"1 2\n", "a b c\n"} {
		if _, err := Identity(text); err == nil {
			t.Errorf("%q was taken for a map", text)
		}
	}
}

func TestSubIDs(t *testing.T) {
	const file = "# comment\nother:1:2\nbroken:x:y\n1000:300000:65536\njo:100000:65536\n"
	for _, tt := range []struct {
		name string
		uid  uint32
		want string
	}{
		{"jo", 1000, "{0 300000 65536} true"},
		{"jo", 1001, "{0 100000 65536} true"},
		{"broken", 5, "{0 0 0} false"},
		{"nobody", 65534, "{0 0 0} false"},
	} {
		r, ok := SubIDs(file, tt.name, tt.uid)
		if got := fmt.Sprint(r, ok); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestGetsubids(t *testing.T) {
	if r, ok := Getsubids("0: jo 100000 65536\n1: jo 5 5\n"); r != (Range{Outer: 100000, Count: 65536}) || !ok {
		t.Error(r, ok)
	}
	if _, ok := Getsubids("Error fetching ranges\n"); ok {
		t.Error("an error was taken for a range")
	}
}
