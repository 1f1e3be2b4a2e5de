package census

import "strconv"

// path is a zero-terminated path below the directory of a process or thread.
type path struct {
	text   [96]byte
	prefix int
}

func (p *path) start(pid int) {
	p.prefix = len(strconv.AppendInt(p.text[:0], int64(pid), 10))
}

// startThread begins with the directory of a thread, start's for tid 0.
func (p *path) startThread(pid, tid int) {
	p.start(pid)
	if tid != 0 {
		p.prefix += copy(p.text[p.prefix:], "/task/")
		p.prefix = len(strconv.AppendInt(p.text[:p.prefix], int64(tid), 10))
	}
}

// with returns the path of dir and name below the directory.
func (p *path) with(dir, name string) *byte {
	end := p.prefix + copy(p.text[p.prefix:], dir)
	end += copy(p.text[end:], name)
	p.text[end] = 0
	return &p.text[0]
}

// withBytes is with for a name that is not a string.
func (p *path) withBytes(dir string, name []byte) *byte {
	end := p.prefix + copy(p.text[p.prefix:], dir)
	end += copy(p.text[end:], name)
	p.text[end] = 0
	return &p.text[0]
}
