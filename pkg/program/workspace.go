package program

import "unsafe"

// Workspace is the memory that a Program is built in. As long as the Program
// fits, building it allocates nothing, which lets it be done where there is no
// allocator: before the Go runtime starts. A larger Program is built as well,
// with memory from the heap.
type Workspace struct {
	builder Builder
	steps   [512]Step
	list    [512]*Step
	labels  [256]Label
	args    [1280]Arg
	routes  [256]Route
	hints   [96]Hint
	text    [16 << 10]byte
}

// pool hands out elements that keep their place.
type pool[T any] struct{ free []T }

func (p *pool[T]) take() *T {
	if len(p.free) == 0 {
		p.free = make([]T, 64)
	}
	t := &p.free[0]
	p.free = p.free[1:]
	return t
}

// shelf holds many short lists one behind the other.
type shelf[T any] struct{ all []T }

// add appends to a list that lies on the shelf, moving it to the end first if
// others have come behind it.
func (s *shelf[T]) add(list []T, t T) []T {
	n := len(list)
	if n > 0 && (len(s.all) < n || &s.all[len(s.all)-n] != &list[0]) {
		s.all = append(s.all, list...)
	}
	s.all = append(s.all, t)
	start := len(s.all) - n - 1
	return s.all[start : start+n+1 : start+n+1]
}

// texts is memory for strings that are put together.
type texts struct{ buffer []byte }

// join is the concatenation of parts.
func (t *texts) join(parts []string) string {
	if len(parts) == 1 {
		return parts[0]
	}
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
