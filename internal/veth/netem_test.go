package veth

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"
	"time"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// netemOf are netem's options that some words ask for, over old ones.
func netemOf(t *testing.T, old []byte, words string) []byte {
	t.Helper()
	s, err := ParseSettings("x", strings.Fields(words))
	if err != nil {
		t.Fatal(err)
	}
	options, err := s.Netem.over(old)
	if err != nil {
		t.Fatal(err)
	}
	return options
}

func TestNetemOver(t *testing.T) {
	options := netemOf(t, nil, "delay=10ms loss=50% rate=1mbit")
	// struct tc_netem_qopt, TCA_NETEM_LATENCY64 and TCA_NETEM_RATE as Linux 6.12 took them.
	want := binary.NativeEndian.AppendUint32(nil, 10_000_000/64)
	for _, n := range []uint32{1000, 1 << 31, 0, 0, 0} {
		want = binary.NativeEndian.AppendUint32(want, n)
	}
	want = binary.NativeEndian.AppendUint16(binary.NativeEndian.AppendUint16(want, 12), netemLatency)
	want = binary.NativeEndian.AppendUint64(want, 10_000_000)
	want = binary.NativeEndian.AppendUint16(binary.NativeEndian.AppendUint16(want, 20), netemRate)
	want = append(binary.NativeEndian.AppendUint32(want, 125_000), make([]byte, 12)...)
	if !bytes.Equal(options, want) {
		t.Errorf("options\n%x, want\n%x", options, want)
	}
	// What is not named stays; when nothing is left, netem goes.
	options = netemOf(t, options, "loss=0")
	if v := readNetem(options); v != (netemValues{delay: 10 * time.Millisecond, rate: 125_000}) || binary.NativeEndian.Uint32(options[8:]) != 0 {
		t.Errorf("without loss: %x", options)
	}
	options = netemOf(t, options, "rate=100gbit delay=0")
	if v := readNetem(options); v != (netemValues{rate: 12_500_000_000}) {
		t.Errorf("fast: %x", options)
	}
	if gone := netemOf(t, options, "rate=0"); gone != nil {
		t.Errorf("nothing is left, but %x", gone)
	}
	binary.NativeEndian.PutUint32(options[20:], 7) // somebody's jitter
	if kept := netemOf(t, options, "rate=0"); kept == nil || binary.NativeEndian.Uint32(kept[20:]) != 7 {
		t.Errorf("jitter: %x", kept)
	}
	if none := netemOf(t, nil, "delay=0 loss=0%"); none != nil {
		t.Errorf("nothing at all: %x", none)
	}
}

func TestNetemWords(t *testing.T) {
	for _, word := range []string{
		"delay=5", "delay=-1ms", "delay=2h", "delay=", "loss=101", "loss=NaN", "loss=-1", "loss=1e1", "loss=0x1", "loss=", "rate=1", "rate=mbit", "rate=1e9bit",
		"rate=Infbit", "rate=99999gbit", "rate=0.1bit", "rate=1.1.1mbit",
	} {
		if s, err := ParseSettings("x", []string{word}); err == nil || KindOf(err) != Invalid {
			t.Errorf("%s: %+v, %v", word, s.Netem, err)
		}
	}
	s, err := ParseSettings("x", strings.Fields("delay=1.5ms loss=0.25 rate=1.5MBIT"))
	if err != nil || s.Netem.String() != "netem delay 1.5ms loss 0.25% rate 1500000bit" || s.empty() {
		t.Errorf("%s, %v", s.Netem.String(), err)
	}
}

// qdiscKernel has netem, or another queueing discipline, at the root of every link.
type qdiscKernel struct {
	conn
	kind    string
	options []byte
	about   netlink.HeaderType
}

func (k *qdiscKernel) Send(m netlink.Message) (netlink.Message, error) {
	k.about = m.Header.Type
	switch k.about {
	case unix.RTM_NEWQDISC:
		at := bytes.Index(m.Data, []byte("netem\x00"))
		k.kind, k.options = "netem", m.Data[at+8+4:]
	case unix.RTM_DELQDISC:
		k.kind, k.options = "", nil
	case unix.RTM_GETQDISC:
		k.about = unix.RTM_GETQDISC
		m.Header.Sequence = 1
		return m, nil
	default:
		return k.conn.Send(m)
	}
	m.Header.Sequence = 1
	return m, nil
}

func (k *qdiscKernel) Receive() ([]netlink.Message, error) {
	header := netlink.Header{Sequence: 1}
	switch k.about {
	case unix.RTM_NEWQDISC, unix.RTM_DELQDISC:
		header.Type = netlink.Error
		return []netlink.Message{{Header: header, Data: make([]byte, 4)}}, nil
	case unix.RTM_GETQDISC:
		if k.kind == "" {
			return nil, nil
		}
		body := tcHeader(qdiscLink)
		binary.NativeEndian.PutUint32(body[8:], 0x8001_0000)
		ae := netlink.NewAttributeEncoder()
		ae.String(unix.TCA_KIND, k.kind)
		ae.Bytes(unix.TCA_OPTIONS, k.options)
		attrs, err := ae.Encode()
		return []netlink.Message{{Header: header, Data: append(body, attrs...)}}, err
	}
	return k.conn.Receive()
}

// qdiscLink is the index of lo.
const qdiscLink = 1

// TestNetemUndone sets netem and has a later step fail: what was there before is there again.
func TestNetemUndone(t *testing.T) {
	a := newNetNS(t)
	was := netemOf(t, nil, "delay=10ms")
	for name, kernel := range map[string]*qdiscKernel{"none": {}, "netem": {kind: "netem", options: was}, "other": {kind: "tbf", options: make([]byte, 40)}} {
		t.Run(name, func(t *testing.T) {
			s := newSession(t)
			defer s.Close()
			s.wrap = func(c conn) conn { kernel.conn = c; return kernel }
			before := *kernel
			plan, err := s.PlanSet(endIn(t, a, "lo,loss=1,addr=10.0.0.1/24,route=10.1.0.0/16"), false) // lo is down
			if err == nil {
				err = s.Run(plan)
			}
			if err == nil || KindOf(err) == Stuck || kernel.kind != before.kind || !bytes.Equal(kernel.options, before.options) {
				t.Errorf("%v; %q %x, was %q %x", err, kernel.kind, kernel.options, before.kind, before.options)
			}
			if other := strings.Contains(err.Error(), "the queueing discipline tbf is there already"); other != (name == "other") {
				t.Error(err)
			}
			plan, err = s.PlanSet(endIn(t, a, "lo,loss=1"), false)
			if err = run(s, plan, err); (err != nil) != (name == "other") || err == nil && (kernel.kind != "netem" || len(kernel.options) == 0) {
				t.Errorf("done: %v, %q %x", err, kernel.kind, kernel.options)
			}
		})
	}
}
