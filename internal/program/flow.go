//go:build linux

package program

// flow is where each step of a Program may lead, for a listing: which steps are
// made at all where nothing fails, and under which conditions.
type flow struct {
	p *Program
	// ways are where the outcomes of each step lead, as far as they matter: a
	// failure that is reported is no way on.
	ways [][]way
	// live marks the steps from which the Program can come to a regular end, and
	// that can be come to.
	live []bool
	// forks are where the other process of a fork begins.
	forks []int
	// after has for each step those that every way from it to the end passes.
	after []steps
}

// way is where some outcomes of a step lead; the step behind the last is the end.
type way struct {
	to      int
	results outcomes
}

// outcomes are results of a step that lead the same way.
type outcomes struct {
	positive, zero, negative bool
	errnos                   []Route
}

// steps is a set of steps.
type steps []uint64

func (s steps) has(i int) bool { return s[i/64]&(1<<(i%64)) != 0 }

func (s steps) add(i int) { s[i/64] |= 1 << (i % 64) }

func newFlow(p *Program) *flow {
	f := &flow{p: p, ways: make([][]way, len(p.Steps)), live: make([]bool, len(p.Steps))}
	for i := range p.Steps {
		f.ways[i] = f.waysFrom(i)
	}
	reached := f.reach(append(f.forks, 0))
	ending := f.endings(true)
	if len(ending) > 0 && !ending[0] { // it is all about a failure
		ending = f.endings(false)
	}
	for i := range f.live {
		f.live[i] = reached[i] && ending[i]
	}
	f.postdominate()
	return f
}

// valid reports whether i is a step.
func (f *flow) valid(i int) bool { return i >= 0 && i < len(f.p.Steps) && f.p.Steps[i] != nil }

// waysFrom are the ways from one step.
func (f *flow) waysFrom(i int) []way {
	s := f.p.Steps[i]
	switch {
	case s == nil, s.Op == SysExitGroup, s.failsAlways():
		return nil
	}
	var all []way
	add := func(l *Label, with func(*outcomes)) {
		to := i + 1
		if l != nil {
			to = l.Step
		}
		for n := range all {
			if all[n].to == to {
				with(&all[n].results)
				return
			}
		}
		all = append(all, way{to: to})
		with(&all[len(all)-1].results)
	}
	only, constant := s.jump()
	switch {
	case s.Op == SysClone || s.Op == SysClone3: // the other process has sections of its own
		return f.waysFromFork(i, s)
	case constant:
		add(only.label, func(o *outcomes) { o.zero = true })
		return all
	case s.Op == SysExecve || s.Op == SysExecveat: // success is the end
	default:
		if s.yields() {
			add(s.Positive, func(o *outcomes) { o.positive = true })
		}
		add(s.Zero, func(o *outcomes) { o.zero = true })
	}
	if !s.Reports() {
		add(s.Negative, func(o *outcomes) { o.negative = true })
	}
	for _, r := range s.Errors {
		if !r.Again {
			add(r.To, func(o *outcomes) { o.errnos = append(o.errnos, r) })
		}
	}
	return all
}

// waysFromFork goes on with one of the processes: the one that comes next in the
// listing, unless it goes on elsewhere without a child as well, or what comes next is
// another way to a child.
//
//go:noinline
func (f *flow) waysFromFork(i int, s *Step) []way {
	if s.Negative != nil && s.Negative == s.Positive {
		f.forks = append(f.forks, i+1)
		return []way{{to: s.Negative.Step}}
	}
	for _, l := range []*Label{s.Positive, s.Zero} {
		if l != nil {
			f.forks = append(f.forks, l.Step)
		}
	}
	if s.Zero != nil && s.Negative == nil && !s.Reports() {
		return []way{{to: i + 1, results: outcomes{negative: true}}, {to: s.Zero.Step, results: outcomes{zero: true}}}
	}
	return []way{{to: i + 1}}
}

// failsAlways says that a step only reports a failure that was met before.
func (s *Step) failsAlways() bool { return s.Op.Local && !s.Fail.none() }

// reach marks what can be come to from some steps.
func (f *flow) reach(todo []int) []bool {
	reached := make([]bool, len(f.p.Steps))
	for len(todo) > 0 {
		i := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if !f.valid(i) || reached[i] {
			continue
		}
		reached[i] = true
		for _, w := range f.ways[i] {
			todo = append(todo, w.to)
		}
	}
	return reached
}

// endings marks what can come to a regular end: a program is executed, the
// process ends or kills. With silent an exit behind a message is none.
func (f *flow) endings(silent bool) []bool {
	ending := make([]bool, len(f.p.Steps))
	for changed := true; changed; {
		changed = false
		for i := len(f.p.Steps) - 1; i >= 0; i-- {
			if s := f.p.Steps[i]; s == nil || ending[i] || s.failsAlways() {
				continue
			}
			if f.endsAt(i, silent) || f.leads(i, ending) {
				ending[i], changed = true, true
			}
		}
	}
	return ending
}

func (f *flow) endsAt(i int, silent bool) bool {
	s := f.p.Steps[i]
	switch s.Op {
	case SysExecve, SysExecveat, SysKill:
		return true
	case SysExitGroup:
		return !silent || !f.afterMessage(i)
	}
	return false
}

// afterMessage says that an exit follows a message on descriptor 2 or a failure.
//
//go:noinline
func (f *flow) afterMessage(i int) bool {
	if i == 0 || f.p.Steps[i-1] == nil {
		return false
	}
	before := f.p.Steps[i-1]
	return before.failsAlways() || before.Op == SysWrite && len(before.Args) > 0 && before.Args[0].Kind() == KindInt && before.Args[0].value == 2
}

//go:noinline
func (f *flow) leads(i int, ending []bool) bool {
	for _, w := range f.ways[i] {
		if f.valid(w.to) && ending[w.to] {
			return true
		}
	}
	return false
}

// postdominate fills in after. The end is the step behind the last.
func (f *flow) postdominate() {
	n := len(f.p.Steps) + 1
	f.after = make([]steps, n)
	for i := range f.after {
		f.after[i] = make(steps, n/64+1)
		for j := range f.after[i] {
			f.after[i][j] = ^uint64(0)
		}
	}
	clear(f.after[n-1])
	f.after[n-1].add(n - 1)
	for changed := true; changed; {
		changed = false
		for i := n - 2; i >= 0; i-- {
			if f.live[i] && f.meet(i) {
				changed = true
			}
		}
	}
}

// meet computes after of one step anew from those of the steps behind it.
func (f *flow) meet(i int) bool {
	set := make(steps, len(f.after[i]))
	first := true
	for _, to := range f.next(i) {
		for j := range set {
			if first {
				set[j] = f.after[to][j]
			} else {
				set[j] &= f.after[to][j]
			}
		}
		first = false
	}
	set.add(i)
	changed := false
	for j := range set {
		changed = changed || set[j] != f.after[i][j]
	}
	f.after[i] = set
	return changed
}

// next are the live steps behind a step, the end where it may end.
func (f *flow) next(i int) []int {
	var list, exits []int
	for _, w := range f.ways[i] {
		switch {
		case !f.valid(w.to) || !f.live[w.to]:
		case f.gaveUp(w.to):
			exits = append(exits, w.to)
		default:
			list = append(list, w.to)
		}
	}
	if len(list) == 0 {
		list = exits
	}
	if len(list) == 0 || f.p.Steps[i].Op == SysExecve || f.p.Steps[i].Op == SysExecveat {
		list = append(list, len(f.p.Steps))
	}
	return list
}

// gaveUp says that from the i-th step on the process only ends with a failure: what
// is done otherwise goes without saying.
func (f *flow) gaveUp(i int) bool {
	for range f.p.Steps {
		s := f.p.Steps[i]
		switch {
		case s.Op == SysExitGroup:
			return len(s.Args) == 0 || s.Args[0].Kind() != KindInt || s.Args[0].value != 0
		case !s.Op.Local || len(f.ways[i]) == 0:
			return false
		}
		first := f.ways[i][0].to
		for _, w := range f.ways[i] {
			if f.valid(w.to) && f.p.Steps[w.to].Op == SysExitGroup {
				first = w.to
			}
		}
		if !f.valid(first) {
			return false
		}
		i = first
	}
	return false
}

// condition is a step whose outcome decides whether another is carried out.
type condition struct {
	step int
	way  way
}

// conditions are those that a step directly depends on and that stand before it,
// but not before the step from on.
func (f *flow) conditions(from, x int) []condition {
	var list []condition
	for i := from; i < x; i++ {
		if !f.live[i] || f.after[i].has(x) {
			continue
		}
		for _, w := range f.ways[i] {
			if f.valid(w.to) && f.live[w.to] && f.after[w.to].has(x) {
				list = append(list, condition{i, w})
			}
		}
	}
	return list
}

// backs are the labels before a step or at it that the step leads back to.
//
//go:noinline
func (f *flow) backs(i int) []way {
	var list []way
	for _, w := range f.ways[i] {
		if w.to <= i && f.live[w.to] {
			list = append(list, w)
		}
	}
	return list
}
