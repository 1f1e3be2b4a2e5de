package veth

import (
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mdlayher/netlink"
	"github.com/nskit/nskit/internal/rtnl"
	"github.com/nskit/nskit/internal/visible"
	"golang.org/x/sys/unix"
)

// Netem is how worse than it is a link is to be for what it sends, tc-netem(8); nil leaves a value alone.
type Netem struct {
	Delay *time.Duration
	// Loss is in per cent.
	Loss *float64
	// Rate is in bits per second; 0 is no limit.
	Rate *uint64
}

// setNetem acts on a key.
func (s *Settings) setNetem(key, value string) error {
	var err error
	switch key {
	case "delay":
		s.Netem.Delay, err = parseDelay(value)
	case "loss":
		s.Netem.Loss, err = parseLoss(value)
	case "rate":
		s.Netem.Rate, err = parseRate(value)
	default:
		err = errNoKey
	}
	return err
}

// maxDelay is more than anybody simulates.
const maxDelay = time.Hour

func parseDelay(text string) (*time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 || d > maxDelay {
		return nil, badValue("must be a time of at most an hour, like 10ms")
	}
	return &d, nil
}

func parseLoss(text string) (*float64, error) {
	n, err := parseDecimal(strings.TrimSuffix(text, "%"))
	if err != nil || n > 100 {
		return nil, badValue("must be a percentage, like 0.5%")
	}
	return &n, nil
}

// rateUnits are those of tc(8) that are bits per second.
var rateUnits = [...]struct {
	name  string
	times float64
}{{"kbit", 1e3}, {"mbit", 1e6}, {"gbit", 1e9}, {"bit", 1}}

func parseRate(text string) (*uint64, error) {
	rate := uint64(0)
	if text == "0" {
		return &rate, nil
	}
	for _, unit := range rateUnits {
		digits, ok := strings.CutSuffix(strings.ToLower(text), unit.name)
		if !ok {
			continue
		}
		if n, err := parseDecimal(digits); err == nil && n*unit.times >= 8 && n*unit.times <= 1e13 {
			rate = uint64(n * unit.times)
			return &rate, nil
		}
		break
	}
	return nil, badValue("must be a rate from 8bit to 10000gbit, like 100mbit, or 0")
}

// parseDecimal reads digits and a fraction, and nothing else that a number can be.
func parseDecimal(text string) (float64, error) {
	if text == "" || strings.Trim(text, "0123456789.") != "" {
		return 0, strconv.ErrSyntax
	}
	return strconv.ParseFloat(text, 64)
}

// String is how tc(8) has it.
func (n *Netem) String() string {
	text := ""
	if n.Delay != nil {
		text += " delay " + strconv.FormatFloat(float64(*n.Delay)/1e6, 'f', -1, 64) + "ms"
	}
	if n.Loss != nil {
		text += " loss " + strconv.FormatFloat(*n.Loss, 'f', -1, 64) + "%"
	}
	if n.Rate != nil {
		text += " rate " + strconv.FormatUint(*n.Rate, 10) + "bit"
	}
	return "netem" + text
}

// tcCommand is the tc(8) command that does the same.
func (step *Step) tcCommand() string {
	name := visible.Word(step.Link.Name)
	if step.options != nil {
		return "# what tc qdisc show dev " + name + " shows of netem"
	}
	return commandIn(step.Link.NS, "tc qdisc replace dev "+name+" root "+step.Netem.String())
}

// Numbers of include/uapi/linux/pkt_sched.h and rtnetlink.h.
const (
	tcmsgLen      = 20
	rootHandle    = 0xffff_ffff // TC_H_ROOT
	ingressHandle = 0xffff_fff1 // TC_H_INGRESS, and TC_H_CLSACT; no parent is between
	qoptLen       = 24          // struct tc_netem_qopt
	netemReorder  = 3           // TCA_NETEM_REORDER
	netemCorrupt  = 4
	netemRate     = 6 // TCA_NETEM_RATE
	netemRate64   = 8
	netemLatency  = 10 // TCA_NETEM_LATENCY64, Linux 4.16
	netemLimit    = 1000
	tickShift     = 6 // PSCHED_SHIFT: a tick has 64 ns
)

// qdisc is a queueing discipline at the root of a link.
type qdisc struct {
	kind           string
	handle, parent uint32
	options        []byte
}

// netem is what makes the link worse, nil for nothing.
func (q *qdisc) netem() []byte {
	if q == nil || q.kind != "netem" || len(q.options) < qoptLen {
		return nil
	}
	return q.options
}

// qdisc asks for what is at the root of a link, nil for nothing that somebody has put there.
func (s *Session) qdisc(ns *Namespace, index int) (*qdisc, error) {
	all, err := s.qdiscs(ns, index)
	for i := range all {
		if all[i].parent == rootHandle {
			return &all[i], err
		}
	}
	return nil, err
}

// qdiscs are those of a link that somebody has put there, at the root or for what comes in.
func (s *Session) qdiscs(ns *Namespace, index int) (all []qdisc, err error) {
	m := netlink.Message{Header: netlink.Header{Type: unix.RTM_GETQDISC}, Data: tcHeader(0)}
	replies, err := s.list(ns, m, nil)
	if err != nil {
		return nil, err
	}
	for i := range replies {
		b := replies[i].Data
		if len(b) < tcmsgLen {
			return nil, rtnl.ErrMalformed
		}
		q := qdisc{handle: binary.NativeEndian.Uint32(b[8:]), parent: binary.NativeEndian.Uint32(b[12:])}
		if int(int32(binary.NativeEndian.Uint32(b[4:]))) != index || q.parent < ingressHandle || q.handle == 0 {
			continue
		}
		err := rtnl.EachAttribute(b[tcmsgLen:], func(ad *netlink.AttributeDecoder) {
			switch ad.Type() {
			case unix.TCA_KIND:
				q.kind = ad.String()
			case unix.TCA_OPTIONS:
				q.options = append([]byte(nil), ad.Bytes()...)
			}
		})
		if err != nil {
			return nil, err
		}
		all = append(all, q)
	}
	return all, nil
}

func (s *Session) readQdiscs(st *State) error {
	all, err := s.qdiscs(st.NS, st.Index)
	for i := range all {
		if options := all[i].netem(); options != nil {
			st.netem = options
		} else {
			st.unkept = append(st.unkept, "qdisc "+all[i].kind)
		}
	}
	return unlessRefused(err)
}

// tcHeader is a struct tcmsg for the root of a link.
func tcHeader(index int) []byte {
	b := make([]byte, tcmsgLen)
	binary.NativeEndian.PutUint32(b[4:], uint32(index))
	if index != 0 {
		binary.NativeEndian.PutUint32(b[12:], rootHandle)
	}
	return b
}

// encodeNetem puts netem at the root of a link, or changes it; without options it takes it away.
func encodeNetem(index int, options []byte) (netlink.Message, error) {
	if options == nil {
		return netlink.Message{Header: netlink.Header{Type: unix.RTM_DELQDISC}, Data: tcHeader(index)}, nil
	}
	return rtnl.Message(unix.RTM_NEWQDISC, netlink.Create|netlink.Replace, tcHeader(index), func(ae *netlink.AttributeEncoder) {
		ae.String(unix.TCA_KIND, "netem")
		ae.Bytes(unix.TCA_OPTIONS, options)
	})
}

// over are netem's options with the values that n names, the others as they were; nil
// where nothing is left of them.
func (n *Netem) over(old []byte) ([]byte, error) {
	options := make([]byte, qoptLen)
	binary.NativeEndian.PutUint32(options[4:], netemLimit)
	copy(options, old)
	options = options[:qoptLen:qoptLen]
	v := readNetem(old)
	if n.Delay != nil {
		v.delay = *n.Delay
	}
	if n.Rate != nil {
		v.rate = *n.Rate / 8
	}
	if n.Loss != nil {
		binary.NativeEndian.PutUint32(options[8:], uint32(math.Round(*n.Loss/100*math.MaxUint32)))
	}
	binary.NativeEndian.PutUint32(options, uint32(min(v.delay>>tickShift, math.MaxUint32)))
	more, err := rtnl.Attributes(func(ae *netlink.AttributeEncoder) {
		ae.Int64(netemLatency, int64(v.delay))
		limit := make([]byte, 16) // struct tc_netem_rate
		binary.NativeEndian.PutUint32(limit, uint32(min(v.rate, math.MaxUint32)))
		if v.rate >= math.MaxUint32 {
			ae.Uint64(netemRate64, v.rate)
		}
		ae.Bytes(netemRate, limit)
	})
	set := func(b byte) bool { return b != 0 }
	if v == (netemValues{}) && !slices.ContainsFunc(options[8:], set) { // loss, gap, duplicate, jitter
		return nil, err
	}
	return append(options, more...), err
}

// netemValues are what is read of netem's options.
type netemValues struct {
	delay time.Duration
	rate  uint64 // in bytes per second
	more  bool   // it reorders or corrupts, too
}

func readNetem(options []byte) (v netemValues) {
	if options == nil {
		return v
	}
	v.delay = time.Duration(binary.NativeEndian.Uint32(options)) << tickShift
	_ = rtnl.EachAttribute(options[qoptLen:], func(ad *netlink.AttributeDecoder) {
		switch kind, b := ad.Type(), ad.Bytes(); {
		case kind == netemLatency && len(b) == 8:
			v.delay = time.Duration(binary.NativeEndian.Uint64(b))
		case kind == netemRate && len(b) >= 4 && v.rate == 0:
			v.rate = uint64(binary.NativeEndian.Uint32(b))
		case kind == netemRate64 && len(b) == 8:
			v.rate = binary.NativeEndian.Uint64(b)
		case (kind == netemReorder || kind == netemCorrupt) && len(b) >= 4 && binary.NativeEndian.Uint32(b) != 0:
			v.more = true
		}
	})
	return v
}

// doNetem makes a link worse, or as good as it was.
func (s *Session) doNetem(step *Step) (bool, error) {
	h := step.Link
	now, err := s.qdisc(h.NS, h.Index)
	if err != nil {
		return false, err
	}
	options := step.options
	if step.Netem != (Netem{}) {
		if now != nil && now.netem() == nil {
			return false, errors.New("the queueing discipline " + now.kind + " is there already")
		}
		if options, err = step.Netem.over(now.netem()); err != nil {
			return false, err
		}
	}
	if options == nil && now.netem() == nil {
		return false, nil
	}
	m, err := encodeNetem(h.Index, options)
	_, err = s.ask(h.NS, m, err)
	return !rtnl.ByKernel(err), err
}
