package sha256

import (
	"bytes"
	"crypto/sha256"
	"testing"
)

// TestSameAsGo compares with Go's own, for lengths around those of blocks, written in pieces.
func TestSameAsGo(t *testing.T) {
	data := make([]byte, 400)
	for i := range data {
		data[i] = byte(i*7 + i>>3)
	}
	for length := range data {
		want := sha256.Sum256(data[:length])
		for _, piece := range []int{1, 7, 64, 65, 400} {
			h := New()
			for b := data[:length]; len(b) > 0; b = b[min(piece, len(b)):] {
				h.Write(b[:min(piece, len(b))])
				h.Sum(nil) // which changes nothing
			}
			if got := h.Sum([]byte("x")); !bytes.Equal(got[1:], want[:]) || got[0] != 'x' {
				t.Fatalf("%d bytes in pieces of %d: %x, want %x", length, piece, got, want)
			}
		}
	}
}

func BenchmarkWrite(b *testing.B) {
	h, data := New(), make([]byte, 1<<20)
	b.SetBytes(int64(len(data)))
	for range b.N {
		h.Write(data)
	}
}
