// Package sha256 has SHA-256 (FIPS 180-4) for programs in which the size counts:
// crypto/sha256 brings all of Go's FIPS 140 module along, with its tests at every start
// of the Go runtime. It is no faster or safer than that, and for public data alone.
package sha256

import (
	"encoding/binary"
	"math/bits"
)

// Size is the length of a sum in bytes.
const Size = 32

// blockSize is how much is worked on at a time.
const blockSize = 64

// Hash is a sum of what is written to it; the zero value is not one, [New] makes it.
type Hash struct {
	state  [8]uint32
	block  [blockSize]byte
	length uint64
}

// New is the sum of nothing yet.
func New() *Hash {
	return &Hash{state: [8]uint32{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19}}
}

// Write adds bytes; it never fails.
func (h *Hash) Write(b []byte) (int, error) {
	n := len(b)
	for len(b) > 0 {
		copied := copy(h.block[h.length%blockSize:], b)
		b, h.length = b[copied:], h.length+uint64(copied)
		if h.length%blockSize == 0 {
			h.add()
		}
	}
	return n, nil
}

// Sum appends the sum of what was written to b. More may be written afterwards.
func (h *Hash) Sum(b []byte) []byte {
	last, length := *h, h.length
	padding := make([]byte, 1+(119-length%blockSize)%blockSize, 2*blockSize)
	padding[0] = 0x80
	last.Write(binary.BigEndian.AppendUint64(padding, 8*length))
	for _, word := range last.state {
		b = binary.BigEndian.AppendUint32(b, word)
	}
	return b
}

// add works on the block, which is whole.
func (h *Hash) add() {
	var w [64]uint32
	for i := range 16 {
		w[i] = binary.BigEndian.Uint32(h.block[4*i:])
	}
	for i := 16; i < len(w); i++ {
		x, y := w[i-15], w[i-2]
		w[i] = w[i-16] + w[i-7] + (turn(x, 7) ^ turn(x, 18) ^ x>>3) + (turn(y, 17) ^ turn(y, 19) ^ y>>10)
	}
	a, b, c, d, e, f, g, last := h.state[0], h.state[1], h.state[2], h.state[3], h.state[4], h.state[5], h.state[6], h.state[7]
	for i := range w {
		t := last + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + (e&f ^ ^e&g) + constants[i] + w[i]
		u := (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + (a&b ^ a&c ^ b&c)
		a, b, c, d, e, f, g, last = t+u, a, b, c, d+t, e, f, g
	}
	for i, n := range [...]uint32{a, b, c, d, e, f, g, last} {
		h.state[i] += n
	}
}

// turn rotates to the right.
func turn(x uint32, n int) uint32 { return bits.RotateLeft32(x, -n) }

// constants are the first bits of the fractions of the cube roots of the first primes.
var constants = [64]uint32{
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
	0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
	0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
}
