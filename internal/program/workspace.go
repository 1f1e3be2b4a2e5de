//go:build linux

package program

import (
	"unsafe"

	"github.com/nskit/nskit/internal/prestart"
)

// Workspace is the memory that a Program is built in. As long as the Program
// fits, building it allocates nothing; a larger one is built with more, which can be had
// where there is no allocator, too: before the Go runtime starts.
type Workspace struct {
	builder Builder
	// A Program without a fork fits into the first, most others into the second. What is
	// written lies side by side: each page costs a page fault.
	first struct {
		list   [48]*Step
		labels [24]Label
		routes [40]Route
		hints  [16]Hint
		text   [512]byte
		args   [72]Arg
		steps  [40]Step
	}
	second struct {
		list   [128]*Step
		labels [40]Label
		routes [120]Route
		hints  [24]Hint
		text   [1024]byte
		args   [168]Arg
		steps  [72]Step
	}
}

// furtherRoom is for how many elements there is room beyond, each time.
const furtherRoom = 128

// room is memory for elements of one type behind the first, used once.
type room[T any] []T

// next is the memory that follows, for n elements or more.
func (r *room[T]) next(n int) []T {
	next := *r
	*r = nil
	if cap(next) < n {
		next = prestart.Room[T](max(3*n, furtherRoom))
	}
	return next
}

// pool hands out elements that keep their place.
type pool[T any] struct {
	free []T
	more room[T]
}

//go:noinline
func (p *pool[T]) take() *T {
	if len(p.free) == 0 {
		next := p.more.next(1)
		p.free = next[:cap(next)]
	}
	t := &p.free[0]
	p.free = p.free[1:]
	return t
}

// shelf holds many short lists one behind the other.
type shelf[T any] struct {
	all  []T
	more room[T]
}

// add appends to a list that lies on the shelf, moving it to the end first if
// others have come behind it.
//
//go:noinline
func (s *shelf[T]) add(list []T, t T) []T {
	n := len(list)
	if cap(s.all)-len(s.all) <= n {
		s.all = s.more.next(n + 1) // lists stay where they are
	}
	if n > 0 && (len(s.all) < n || &s.all[len(s.all)-n] != &list[0]) {
		s.all = append(s.all, list...)
	}
	s.all = append(s.all, t)
	start := len(s.all) - n - 1
	return s.all[start : start+n+1 : start+n+1]
}

// texts is memory for strings that are put together.
type texts struct {
	buffer []byte
	more   room[byte]
}

// reserve sees to it that a text of n bytes lies in one piece.
func (t *texts) reserve(n int) {
	if cap(t.buffer)-len(t.buffer) < n {
		t.buffer = t.more.next(n)
	}
}

// join is the concatenation of parts.
func (t *texts) join(parts []string) string {
	if len(parts) == 1 {
		return parts[0]
	}
	length := 0
	for _, part := range parts {
		length += len(part)
	}
	t.reserve(length)
	start := len(t.buffer)
	for _, part := range parts {
		t.buffer = append(t.buffer, part...)
	}
	return t.since(start)
}

// since is what was appended from start on; it is never written again.
func (t *texts) since(start int) string {
	return unsafe.String(unsafe.SliceData(t.buffer[start:]), len(t.buffer)-start)
}
