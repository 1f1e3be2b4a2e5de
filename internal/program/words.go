//go:build linux

package program

import (
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// yields says that a step that succeeds may have a result other than 0.
//
//go:noinline
func (s *Step) yields() bool {
	if s.Op.Local {
		return true
	}
	switch s.Op {
	case SysOpenat, SysOpenat2, SysOpenTree, SysFsopen, SysFsmount, SysSocket, SysPidfdOpen, SysPidfdGetfd, SysOpenByHandleAt, SysDup3,
		SysClone, SysClone3, SysWait4, SysGetpid, SysRead, SysWrite, SysReadlinkat, SysGetcwd, SysPpoll, SysSigtimedwait, SysUmask, SysIoctl, SysFcntl, SysPrctl, SysMemfdCreate, SysSendfile:
		return true
	}
	return false
}

// conditionsOf says when a step is carried out, as far as the steps between from
// and it decide that, "" for always. last is the call before it.
func (f *flow) conditionsOf(from, x, last int) string {
	var parts []string
	for range 2 { // what is further out stands beside an earlier step
		list := f.conditions(from, x)
		if len(list) == 0 {
			break
		}
		var either []string
		for _, c := range list {
			words := f.words(c)
			if c.step == last {
				words = strings.Replace(words, f.p.Steps[last].Op.Name, "that", 1)
			}
			if words != "" && !slices.Contains(either, words) {
				either = append(either, words)
			}
		}
		if len(either) > 0 {
			parts = append(parts, strings.Join(either, " or "))
		}
		x = list[0].step
	}
	slices.Reverse(parts)
	if len(parts) == 0 {
		return ""
	}
	return "if " + strings.Join(parts, ", and ")
}

// words names the outcome that a condition asks for.
func (f *flow) words(c condition) string {
	s, o := f.p.Steps[c.step], c.way.results
	if s.Op.Local {
		return f.p.compare(s, o)
	}
	name := s.Op.Name
	switch {
	case o.positive && o.zero && !o.negative && len(o.errnos) == 0:
		return name + " succeeds"
	case o.zero && !o.negative && len(o.errnos) == 0 && !s.yields():
		return name + " succeeds"
	case !o.positive && !o.zero && o.negative:
		return name + " fails"
	case !o.positive && !o.zero && o.refused():
		return name + " is refused"
	case !o.positive && !o.zero:
		return name + " fails with " + o.names()
	case o.zero && !o.positive && !o.negative && len(o.errnos) == 0:
		return name + " yields 0"
	case o.positive && !o.zero && !o.negative && len(o.errnos) == 0:
		return name + " yields more than 0"
	case o.positive && !o.zero:
		return name + " does not yield 0"
	case o.zero && !o.positive && s.yields():
		return name + " yields nothing"
	case o.negative:
		return "" // whatever it yields
	}
	return name + " succeeds, or fails with " + o.names()
}

// refused says that the errors are those of a kernel or a filter without the call.
func (o outcomes) refused() bool {
	seen := 0
	for _, r := range o.errnos {
		switch r.Errno {
		case unix.ENOSYS, unix.EPERM, unix.EACCES:
			seen++
		}
	}
	return seen == 3 && len(o.errnos) == 3
}

// names are the error numbers of outcomes.
func (o outcomes) names() string {
	var names []string
	for _, r := range o.errnos {
		names = append(names, unix.ErrnoName(r.Errno))
	}
	return strings.Join(names, ", ")
}

// compare names the outcome of an operation on variables.
func (p *Program) compare(s *Step, o outcomes) string {
	x, y := p.arg(s.Args[0]), ""
	if len(s.Args) > 1 {
		y = p.arg(s.Args[1])
	}
	signs := [...]bool{o.positive, o.zero, o.negative}
	switch s.Op.Number {
	case OpSub.Number:
		return x + relations[index(signs)] + y
	case OpAnd.Number:
		if strings.Count(y, "|") > 1 {
			y = "anything"
		}
		if o.zero {
			if y == "anything" {
				return "nothing is in " + x
			}
			return "no " + strings.TrimPrefix(y, "a ") + " is in " + x
		}
		return y + " is in " + x
	case OpMove.Number:
	default:
		x += " " + s.Op.Name + " " + y
	}
	switch relation := relations[index(signs)]; {
	case o.zero && o.positive:
		return x + " is not an error"
	case o.negative && !o.zero && !o.positive:
		return x + " is an error"
	default:
		return x + relation + "0"
	}
}

// index numbers the sets of signs.
func index(signs [3]bool) int {
	n := 0
	for i, set := range signs {
		if set {
			n |= 1 << i
		}
	}
	return n
}

// relations are the words for the signs of a difference: positive 1, zero 2, negative 4.
var relations = [8]string{1: " is above ", 2: " is ", 3: " is not below ", 4: " is below ", 5: " is not ", 6: " is not above ", 7: " is whatever, "}
