package idmap

import "testing"

// TestCombineHuge makes sure that ranges that no kernel would take cost nothing.
func TestCombineHuge(t *testing.T) {
	for _, count := range []uint64{1 << 33, 1 << 40, 1<<64 - 1} {
		m := Combine(&Range{Inner: 5, Outer: 7, Count: 1}, []Block{{Range: Range{Count: count}}})
		if len(m) > 4 {
			t.Fatalf("%d ranges", len(m))
		}
	}
}
