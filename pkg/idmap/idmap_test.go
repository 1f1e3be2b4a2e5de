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
		text, name string
		uid        uint32
		want       string
	}{
		{file, "jo", 1000, "[{0 300000 65536} {65536 100000 65536}]"},
		{file, "jo", 1001, "[{0 100000 65536}]"},
		{file, "broken", 5, "[]"},
		{file, "nobody", 65534, "[]"},
		// As newuidmap 4.13 takes them or not.
		{"jo: 100000:10\n", "jo", 1, "[{0 100000 10}]"},
		{"jo:100000: \t10\n", "jo", 1, "[{0 100000 10}]"},
		{"jo:100000:10 \n", "jo", 1, "[]"},
		{"jo:100000:10\r\n", "jo", 1, "[]"},
		{"jo:100000 :10\n", "jo", 1, "[]"},
		{" jo:100000:10\n", "jo", 1, "[]"},
		{"jo :100000:10\n", "jo", 1, "[]"},
		{"#jo:100000:10\n", "jo", 1, "[]"},
		{"01:100000:10\n", "jo", 1, "[]"},
		{"jo:0x186a0:10\n", "jo", 1, "[{0 100000 10}]"},
		{"jo:0303240:10\n", "jo", 1, "[{0 100000 10}]"},
		{"jo:+100000:10\n", "jo", 1, "[{0 100000 10}]"},
		{"jo:1_0:10\njo:0b1:10\njo:0o1:10\njo:-5:10\njo:++5:10\n", "jo", 1, "[]"},
		{"jo:100000:10:x\njo:200000:10\n", "jo", 1, "[{0 200000 10}]"},
		{"jo:100000:10", "jo", 1, "[{0 100000 10}]"},
		{"jo::10\njo:100000:\njo:100000\n", "jo", 1, "[]"},
		{"jo:100000:0\njo:100000:10\n", "jo", 1, "[{0 100000 10}]"},
		{"jo:4294967290:10\n", "jo", 1, "[{0 4294967290 5}]"},
		{"jo:100000:99999999999\n", "jo", 1, "[{0 100000 4294867295}]"},
		{"jo:4294967295:1\njo:99999999999:1\n", "jo", 1, "[]"},
		// Several lines of one user.
		{"jo:300:10\n1:100:20\nko:1:1\njo:500:5\n", "jo", 1, "[{0 300 10} {10 100 20} {30 500 5}]"},
		{"jo:100:10\njo:110:10\njo:120:1\n", "jo", 1, "[{0 100 21}]"},
		{"jo:100:10\n1:100:10\n", "jo", 1, "[{0 100 10}]"},
		{"jo:100:10\n1:90:30\n", "jo", 1, "[{0 100 10} {10 90 10} {20 110 10}]"},
		{"jo:100:10\n1:105:10\n", "jo", 1, "[{0 100 15}]"},
	} {
		if got := fmt.Sprint(SubIDs(tt.text, tt.name, tt.uid)); got != tt.want {
			t.Errorf("%q, %s: %s, want %s", tt.text, tt.name, got, tt.want)
		}
	}
}

// TestCombineSeveral keeps ranges that follow each other inside apart when one
// makes room.
func TestCombineSeveral(t *testing.T) {
	blocks := func(grow bool) []Block {
		return []Block{{Range{0, 1000, 10}, grow}, {Range{10, 2000, 10}, grow}, {Range{20, 3000, 10}, grow}, {Range{40, 4000, 10}, grow}}
	}
	for _, tt := range []struct {
		inner, outer uint64
		want         string
	}{
		{0, 7, "[{0 7 1} {1 1000 10} {11 2000 10} {21 3000 10} {40 4000 10}]"},
		{5, 7, "[{5 7 1} {0 1000 5} {6 1005 5} {11 2000 10} {21 3000 10} {40 4000 10}]"},
		{10, 7, "[{10 7 1} {0 1000 10} {11 2000 10} {21 3000 10} {40 4000 10}]"},
		{15, 7, "[{15 7 1} {0 1000 10} {10 2000 5} {16 2005 5} {21 3000 10} {40 4000 10}]"},
		{0, 1003, "[{0 1003 1} {1 1000 3} {4 1004 6} {10 2000 10} {20 3000 10} {40 4000 10}]"},
		{99, 7, "[{99 7 1} {0 1000 10} {10 2000 10} {20 3000 10} {40 4000 10}]"},
	} {
		m := Combine(&Range{tt.inner, tt.outer, 1}, blocks(true))
		if got := fmt.Sprint([]Range(m)); got != tt.want {
			t.Errorf("%d:%d: %s, want %s", tt.inner, tt.outer, got, tt.want)
		}
		for i, a := range m {
			for _, b := range m[:i] {
				if a.Inner < b.Inner+b.Count && b.Inner < a.Inner+a.Count || a.Outer < b.Outer+b.Count && b.Outer < a.Outer+a.Count {
					t.Errorf("%d:%d: %v and %v overlap", tt.inner, tt.outer, a, b)
				}
			}
		}
	}
}

func TestGetsubids(t *testing.T) {
	if got := fmt.Sprint(Getsubids("0: jo 100000 65536\n1: jo 5 5\n")); got != "[{0 100000 65536} {65536 5 5}]" {
		t.Error(got)
	}
	if found := Getsubids("Error fetching ranges\n"); len(found) != 0 {
		t.Error("an error was taken for a range", found)
	}
}
