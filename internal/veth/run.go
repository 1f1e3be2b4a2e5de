package veth

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"unsafe"

	"github.com/mdlayher/netlink"
	"github.com/nskit/nskit/internal/rtnl"
	"golang.org/x/sys/unix"
)

// errLost is the answer to [OpLost].
var errLost = errors.New("it was deleted")

// Run does the steps of a plan. If one fails, those before it are rolled back
// in reverse, and the error says why; its kind is Stuck when something could
// not be rolled back. A plan is run once: what its handles know of the links is
// then of those that it has made.
func (s *Session) Run(plan *Plan) error {
	if plan == nil {
		return invalid("", "there is no plan")
	}
	mark, lost, finished := s.Mark(), len(s.lost), false
	defer func() {
		if !finished { // a panic
			s.Rollback(mark)
		}
	}()
	err := s.steps(plan)
	if err != nil {
		if left := s.Rollback(mark); left != nil {
			err = &Error{Kind: Stuck, What: err.Error() + "; " + left.Error()}
		}
		s.lost = s.lost[:lost] // what could not be given back is in the error
	}
	finished = true
	return err
}

// steps does the steps of a plan up to the first that fails.
func (s *Session) steps(plan *Plan) error {
	steps, undo := plan.Steps, plan.Undo
	for len(steps) > 0 {
		if s.interrupted(0) {
			return s.errInterrupted()
		}
		step := &steps[0]
		steps = steps[1:]
		done, err := s.do(step)
		if step.IfBusy != nil && errors.Is(err, unix.EBUSY) {
			steps = slices.Concat(step.IfBusy, steps)
			continue
		}
		if done {
			s.journal = append(s.journal, undo, step.Undo)
			undo = nil
			s.lose(step)
		}
		if err != nil {
			return s.explain(step, err, plan)
		}
	}
	if !plan.Final && s.interrupted(0) {
		return s.errInterrupted()
	}
	return nil
}

// Mark is the point up to which a later [Session.Rollback] rolls back.
func (s *Session) Mark() int { return len(s.journal) }

// Forget gives up the way back from all that was done so far.
func (s *Session) Forget() { s.journal = nil }

// Rollback rolls back, latest first, what was done since the mark. It goes on
// when something cannot be rolled back; the error, of kind Stuck, names all that
// was left as it is. A mark that a Rollback or Forget has overtaken is Invalid.
func (s *Session) Rollback(mark int) error {
	if mark < 0 || mark > len(s.journal) {
		return invalid("", "there is no such mark to go back to (any more)")
	}
	type failure struct {
		step *Step
		err  error
	}
	var failed []failure
	lost := s.Lost() // of moves that were done
	for i := len(s.journal) - 1; i >= mark; i-- {
		for j := range s.journal[i] {
			step := &s.journal[i][j]
			if err := s.takeBack(step); err != nil {
				failed = append(failed, failure{step, err})
			}
		}
	}
	var left []string
	for _, f := range failed {
		// What a route needs may have come back after it.
		if !f.step.Tolerant || s.takeBack(f.step) != nil {
			left = append(left, s.explain(f.step, f.err, nil).Error())
		}
	}
	s.journal = s.journal[:mark]
	left = append(left, s.Lost()...)
	s.lost = lost
	if left == nil {
		return nil
	}
	return &Error{Kind: Stuck, What: "cannot roll back: " + strings.Join(left, "; ")}
}

// takeBack carries out a step of a rollback. A link that is gone has nothing to roll back.
func (s *Session) takeBack(step *Step) error {
	_, err := s.do(step)
	if err == nil {
		s.lose(step)
	}
	if step.Op != OpPair && gone(err) {
		return nil
	}
	return err
}

// do carries out one step. It reports whether anything was changed, which may
// be so even when it failed.
func (s *Session) do(step *Step) (changed bool, err error) {
	if step.Op == OpLost {
		return false, errLost
	}
	if why := step.wrong(); why != "" {
		return false, invalid("", why)
	}
	if step.Op != OpPair && step.Op != OpBridge {
		if err := s.locate(step.Link); err != nil {
			return false, tolerate(step, err)
		}
	}
	switch step.Op {
	case OpPair:
		return s.doPair(step)
	case OpBridge:
		return s.doBridge(step)
	case OpMove:
		return s.doMove(step)
	case OpAddAddr:
		return s.doAddAddr(step)
	case OpSysctls:
		return true, s.doSysctls(step)
	case OpRestore:
		return s.doRestore(step)
	case OpLinkLocal:
		return false, s.doLinkLocal(step)
	case OpPin:
		return s.doPin(step)
	case OpSet:
		return s.doSet(step)
	case OpFeatures:
		return s.doFeatures(step)
	case OpIsolated:
		return s.doIsolated(step)
	case OpNetem:
		return s.doNetem(step)
	case OpDelete:
		if step.Orphan != nil {
			return s.doOrphan(step)
		}
	}
	m, err := step.encode()
	_, err = s.ask(step.Link.NS, m, err)
	if err != nil {
		return s.perhapsDone(step, err), tolerate(step, err)
	}
	return true, nil
}

// perhapsDone says whether a request that failed may have changed something,
// its answer being lost. What rolls such a step back finds nothing to do if not.
func (s *Session) perhapsDone(step *Step, err error) bool {
	if rtnl.ByKernel(err) || step.Op != OpDelete {
		return !rtnl.ByKernel(err)
	}
	_, err = s.getLink(step.Link.NS, step.Link.Index, "")
	return gone(err)
}

// encode is the request of the steps that need nothing but a request.
func (step *Step) encode() (netlink.Message, error) {
	const make = netlink.Create | netlink.Excl
	index := step.Link.Index
	switch step.Op {
	case OpDelAddr:
		return encodeAddr(unix.RTM_DELADDR, 0, &step.Addr, index)
	case OpAddNeighbour:
		return encodeNeighbour(&step.Neighbour, index)
	case OpAddRoute:
		return encodeRoute(unix.RTM_NEWROUTE, make, &step.Route, index)
	case OpDelRoute:
		return encodeRoute(unix.RTM_DELROUTE, 0, &step.Route, index)
	}
	return encodeDelete(index), nil
}

// tolerate forgives a tolerant step that its work is done already.
func tolerate(step *Step, err error) error {
	if !step.Tolerant {
		return err
	}
	switch step.Op {
	case OpAddAddr, OpAddRoute, OpAddNeighbour:
		if errors.Is(err, unix.EEXIST) {
			return nil
		}
	default:
		if gone(err) || errors.Is(err, unix.EADDRNOTAVAIL) || KindOf(err) == NotFound {
			return nil
		}
	}
	return err
}

// locate fills in the index of a link that is known by its name only. An index,
// once known, is never replaced: the name may be somebody else's by then.
func (s *Session) locate(h *Handle) error {
	if h.Index != 0 {
		return nil
	}
	link, err := s.getLink(h.NS, 0, h.Name)
	if err != nil {
		return err
	}
	h.Index = link.Index
	return nil
}

// doPair makes a pair and learns its indexes.
func (s *Session) doPair(step *Step) (bool, error) {
	a, b := step.Link, step.Peer
	for _, attrs := range []*Attrs{&step.Attrs, &step.PeerAttrs} {
		if attrs.Master != nil {
			if err := s.locate(attrs.Master); err != nil {
				return false, err
			}
		}
		if step.Kind.ownMAC() {
			if err := ensureMAC(attrs); err != nil {
				return false, err
			}
		}
	}
	before, err := s.before(step)
	if err != nil {
		return false, err
	}
	m, err := encodePair(step)
	replies, err := s.ask(a.NS, m, err)
	if err != nil {
		return s.pairMade(step, before, err), err
	}
	link, err := onlyLink(replies)
	if err != nil { // kernels before 6.2 send no echo
		link, err = s.findMade(a, step.Attrs.MAC)
	}
	if err != nil {
		return true, err
	}
	a.Index, a.Name, a.Made = link.Index, link.Name, true
	b.Index, b.Made = link.PeerIndex, true
	if isTemplate(b.Name) || b.Index == 0 {
		err = s.learnPeer(b, step.PeerAttrs.MAC)
	}
	s.keep(a)
	s.keep(b)
	return true, err
}

// madeAnyway says whether a link is there although its request failed: the
// answer may have been lost. By its address it is told from somebody else's.
func (s *Session) madeAnyway(h *Handle, mac MAC, err error) bool {
	if rtnl.ByKernel(err) {
		return false
	}
	link, err := s.findMade(h, mac)
	if err != nil || string(link.MAC) != string(mac[:]) {
		return false
	}
	h.Index, h.Made = link.Index, true
	return true
}

// ensureMAC gives a new link a random address of our own choice: one that the
// kernel chose itself is taken for changeable by udev's MACAddressPolicy.
func ensureMAC(attrs *Attrs) error {
	if attrs.MAC != (MAC{}) {
		return nil
	}
	// Not by way of the vDSO, whose first use costs more than this one call.
	if _, _, errno := syscall.RawSyscall(unix.SYS_GETRANDOM, uintptr(unsafe.Pointer(&attrs.MAC)), uintptr(len(attrs.MAC)), 0); errno != 0 {
		return errno
	}
	attrs.MAC[0] = attrs.MAC[0]&^1 | 2 // unicast, locally administered
	return nil
}

// learnPeer fills in the second endpoint's name and index.
func (s *Session) learnPeer(b *Handle, mac MAC) error {
	if b.Index == 0 {
		link, err := s.findMade(b, mac)
		b.Index, b.Name = link.Index, link.Name
		return err
	}
	link, err := s.getLink(b.NS, b.Index, "")
	b.Name = link.Name
	return err
}

// findMade finds a link that was just made: by name, or where the kernel chose
// the name, by its address.
func (s *Session) findMade(h *Handle, mac MAC) (Link, error) {
	if !isTemplate(h.Name) {
		return s.getLink(h.NS, 0, h.Name)
	}
	links, err := s.pairs(h.NS)
	if err != nil {
		return Link{}, err
	}
	for _, link := range links {
		if string(link.MAC) == string(mac[:]) {
			return link, nil
		}
	}
	return Link{}, unix.ENODEV
}

// doBridge makes a bridge, or finds the one that is there.
func (s *Session) doBridge(step *Step) (bool, error) {
	if err := ensureMAC(&step.Attrs); err != nil {
		return false, err
	}
	m, err := encodeBridge(step.Link, &step.Attrs)
	replies, err := s.ask(step.Link.NS, m, err)
	made := err == nil
	if err != nil && !errors.Is(err, unix.EEXIST) {
		return s.madeAnyway(step.Link, step.Attrs.MAC, err), err
	}
	link, err := onlyLink(replies)
	if err != nil {
		link, err = s.getLink(step.Link.NS, 0, step.Link.Name)
	}
	if err == nil && link.Kind != "bridge" {
		err = &Error{Kind: Exists, Subject: step.Link.String(), What: "exists and is not a bridge"}
	}
	step.Link.Index, step.Link.Made = link.Index, made
	return made, err
}

// doSet changes attributes of a link.
func (s *Session) doSet(step *Step) (bool, error) {
	if step.Attrs.Master != nil {
		if err := s.locate(step.Attrs.Master); err != nil {
			return false, err
		}
	}
	m, err := encodeSet(step.Link.Index, &step.Attrs)
	if _, err = s.ask(step.Link.NS, m, err); errors.Is(err, unix.EBUSY) && s.isNamed(step.Link, step.Attrs.Name) {
		err = nil // before Linux 6.2 a link that is up is refused even the name it has
	}
	if err != nil {
		// Of a request with several attributes some may have been taken.
		return !step.Link.Made && !s.powerless(step.Link, err), err
	}
	if step.Attrs.Name != "" {
		step.Link.Name = step.Attrs.Name
	}
	return true, nil
}

// lose notes what a step that was done has lost.
func (s *Session) lose(step *Step) {
	for _, what := range step.lost {
		s.lost = append(s.lost, step.Link.String()+": "+what)
	}
	for _, what := range step.peerLost {
		s.lost = append(s.lost, step.Peer.String()+": "+what)
	}
}

// isNamed says whether a link has a name already.
func (s *Session) isNamed(h *Handle, name string) bool {
	link, err := s.getLink(h.NS, h.Index, "")
	return err == nil && link.Name == name
}

// powerless says whether a change was refused because the caller may change
// nothing: then it may not do either what changes nothing. A driver can refuse
// one attribute with the same error number.
func (s *Session) powerless(h *Handle, refusal error) bool {
	if !rtnl.ByKernel(refusal) || !errors.Is(refusal, unix.EPERM) {
		return false
	}
	m, err := encodeSet(h.Index, &Attrs{})
	_, err = s.ask(h.NS, m, err)
	return errors.Is(err, unix.EPERM)
}

// doPin gives a link the address that it has, which the kernel then keeps.
func (s *Session) doPin(step *Step) (bool, error) {
	link, err := s.getLink(step.Link.NS, step.Link.Index, "")
	if err != nil {
		return false, err
	}
	if len(link.MAC) != len(MAC{}) {
		return false, errors.New("the master has no Ethernet address")
	}
	m, err := encodeSet(step.Link.Index, &Attrs{MAC: MAC(link.MAC)})
	_, err = s.ask(step.Link.NS, m, err)
	return err == nil, err
}

// doMove moves a link and learns its new index. The request is not atomic: when
// the new name is refused, the link may have moved under its old one.
func (s *Session) doMove(step *Step) (bool, error) {
	h, from := step.Link, step.Link.NS
	name := step.NewName
	if name == "" {
		name = h.Name
	}
	name, err := s.freeName(step.To, name)
	if err != nil {
		return false, err
	}
	m, err := encodeMove(h.Index, step.To.fd, name)
	_, refusal := s.ask(from, m, err)
	if refusal != nil {
		if _, err := s.getLink(from, h.Index, ""); !gone(err) {
			return false, refusal
		}
		if rtnl.ByKernel(refusal) {
			old := h.Name
			refusal = refused(step.To.describe(old), "has moved here, but cannot be named "+name, refusal)
			name = old
		}
	}
	link, err := s.getLink(step.To, 0, name)
	if refusal == nil {
		refusal = err
	}
	h.NS, h.Index, h.Name = step.To, link.Index, name
	s.keep(h)
	return true, refusal
}

// freeName is the name itself, or the first that a template stands for and no
// link has. The kernel is not left the choice, since by its name a link that was
// moved is found again.
func (s *Session) freeName(ns *Namespace, name string) (string, error) {
	if !isTemplate(name) {
		return name, nil
	}
	for n := 0; ; n++ {
		free := strings.Replace(name, "%d", strconv.Itoa(n), 1)
		if err := CheckName(free); err != nil {
			return "", err
		}
		if _, err := s.getLink(ns, 0, free); gone(err) {
			return free, nil
		} else if err != nil {
			return "", err
		}
	}
}
