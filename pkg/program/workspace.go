package program

import "unsafe"

// Workspace is the memory that a Program is built in. As long as the Program
// fits, building it allocates nothing, which lets it be done where there is no
// allocator: before the Go runtime starts. A larger Program is built as well,
// with memory from the heap.
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
		routes [48]Route
		hints  [24]Hint
		text   [1024]byte
		args   [168]Arg
		steps  [72]Step
	}
	third struct {
		list   [448]*Step
		labels [192]Label
		routes [168]Route
		hints  [72]Hint
		text   [14 << 10]byte
		args   [1040]Arg
		steps  [336]Step
	}
}

// room is memory for elements of one type, in the order in which it is used.
type room[T any] struct{ second, third []T }

// next is the memory that follows, nil if there is none.
func (r *room[T]) next() []T {
	n := r.second
	r.second, r.third = r.third, nil
	return n
}

// pool hands out elements that keep their place.
type pool[T any] struct {
	free []T
	more room[T]
}

//go:noinline
func (p *pool[T]) take() *T {
	if len(p.free) == 0 {
		p.free = p.more.next()
	}
	if len(p.free) == 0 {
		p.free = make([]T, 64)
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
		if next := s.more.next(); next != nil { // lists stay where they are
			s.all = next
		}
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
	for cap(t.buffer)-len(t.buffer) < n {
		next := t.more.next()
		if next == nil {
			return
		}
		t.buffer = next
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
