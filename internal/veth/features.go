package veth

import (
	"errors"
	"slices"
	"strings"

	"github.com/mdlayher/netlink"
	"github.com/nskit/nskit/internal/order"
	"github.com/nskit/nskit/internal/rtnl"
	"golang.org/x/sys/unix"
)

// Feature is a group of what a link does for its sender or receiver, under the short name of
// ethtool(8): "tso".
type Feature struct {
	Name string
	On   bool
}

// featureGroups are the kernel's names for each short one (net/ethtool/common.c); it
// knows some only since later versions. The last are single ones, which take the others back.
var featureGroups = [...]struct{ short, long string }{
	{"rx", "rx-checksum"},
	{"tx", "tx-checksum-ipv4 tx-checksum-ip-generic tx-checksum-ipv6 tx-checksum-fcoe-crc tx-checksum-sctp"},
	{"sg", "tx-scatter-gather tx-scatter-gather-fraglist"},
	{"tso", "tx-tcp-segmentation tx-tcp-ecn-segmentation tx-tcp-mangleid-segmentation tx-tcp6-segmentation tx-tcp-accecn-segmentation"},
	{"gso", "tx-generic-segmentation"},
	{"gro", "rx-gro"},
	{"lro", "rx-lro"},
	{"rxvlan", "rx-vlan-hw-parse"},
	{"txvlan", "tx-vlan-hw-insert"},
}

// bits are the kernel's names of a feature, which a single one is itself.
func (f *Feature) bits() []string {
	for i := range featureGroups {
		if featureGroups[i].short == f.Name {
			return strings.Fields(featureGroups[i].long)
		}
	}
	return []string{f.Name}
}

func (f *Feature) String() string {
	return f.Name + " " + onOff(f.On)
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

func featureWords(features []Feature) string {
	words := make([]string, len(features))
	for i := range features {
		words[i] = features[i].String()
	}
	return strings.Join(words, " ")
}

// setFeature acts on a key that is a feature.
func (s *Settings) setFeature(key, value string) error {
	if !slices.ContainsFunc(featureGroups[:], func(g struct{ short, long string }) bool { return g.short == key }) {
		return errNoKey
	}
	on, err := parseOnOff(value)
	s.Features = slices.DeleteFunc(s.Features, func(f Feature) bool { return f.Name == key })
	s.Features = append(s.Features, Feature{key, on})
	return err
}

// featureSteps switch features; back says that they are as they were before.
func featureSteps(link *Handle, features []Feature, back bool) []Step {
	if len(features) == 0 {
		return nil
	}
	return []Step{{Op: OpFeatures, Link: link, Features: features, back: back}}
}

// featureState is what the kernel says of a link's features, by its names.
type featureState struct {
	// hardware can be switched and has all features as keys.
	hardware map[string]bool
	// wanted are switched on, active do something.
	wanted, active, fixed map[string]bool
}

// doFeatures switches features, and looks whether the kernel has done so: it takes without a word
// what it does not do.
func (s *Session) doFeatures(step *Step) (bool, error) {
	before, err := s.features(step.Link)
	if err != nil {
		return false, err
	}
	change := map[string]bool{}
	for i := range step.Features {
		if err := before.choose(&step.Features[i], change); err != nil {
			return false, err
		}
	}
	if len(change) == 0 {
		return false, nil
	}
	m, err := s.encodeFeatures(step.Link, change)
	if _, err = s.askGeneric(step.Link.NS, m, err); err != nil {
		return !rtnl.ByKernel(err), err
	}
	after, err := s.features(step.Link)
	if err != nil || step.back {
		return true, err
	}
	for i := range step.Features {
		if f := &step.Features[i]; !after.has(f) {
			return true, errors.New("the kernel leaves " + f.Name + " as it is (tso needs sg and tx)")
		}
	}
	return true, nil
}

// readFeatures notes which features that can be switched are wanted.
func (s *Session) readFeatures(st *State) error {
	now, err := s.features(st.Handle)
	if err != nil {
		return unlessRefused(err)
	}
	for _, name := range order.Keys(now.hardware) {
		if now.hardware[name] && !now.fixed[name] {
			st.Features = append(st.Features, Feature{name, now.wanted[name]})
		}
	}
	return nil
}

// errNoEthtool is what features are refused with by kernels that lack them.
var errNoEthtool = errors.New("this kernel has no netlink family for ethtool (CONFIG_ETHTOOL_NETLINK, Linux 5.6)")

// choose notes what there is to switch for a feature.
func (st *featureState) choose(f *Feature, change map[string]bool) error {
	known := false
	for _, name := range f.bits() {
		if _, there := st.hardware[name]; !there {
			continue
		}
		switch {
		case st.hardware[name] && !st.fixed[name]:
			known = true
			if st.wanted[name] != f.On || st.active[name] != f.On {
				change[name] = f.On
			}
		case st.active[name] == f.On:
			known = true
		}
	}
	if !known {
		return errors.New("this link has no " + f.Name + " that could be switched")
	}
	return nil
}

// has says whether what can be switched of a feature is as it asks for.
func (st *featureState) has(f *Feature) bool {
	for _, name := range f.bits() {
		if st.hardware[name] && !st.fixed[name] && st.active[name] != f.On {
			return false
		}
	}
	return true
}

// features asks for the features of a link.
func (s *Session) features(h *Handle) (*featureState, error) {
	family, err := s.ethtool(h.NS)
	if err != nil {
		return nil, err
	}
	m, err := rtnl.Generic(family, unix.ETHTOOL_MSG_FEATURES_GET, func(ae *netlink.AttributeEncoder) { putDevice(ae, h) })
	replies, err := s.askGeneric(h.NS, m, err)
	if err != nil {
		return nil, err
	}
	if len(replies) != 1 {
		return nil, rtnl.ErrForeign
	}
	st := &featureState{}
	err = rtnl.EachGenericAttribute(replies[0].Data, func(ad *netlink.AttributeDecoder) {
		switch ad.Type() {
		case unix.ETHTOOL_A_FEATURES_HW:
			st.hardware = bitset(ad)
		case unix.ETHTOOL_A_FEATURES_WANTED:
			st.wanted = bitset(ad)
		case unix.ETHTOOL_A_FEATURES_ACTIVE:
			st.active = bitset(ad)
		case unix.ETHTOOL_A_FEATURES_NOCHANGE:
			st.fixed = bitset(ad)
		}
	})
	return st, err
}

// bitset reads names and whether each is set. In a list without a mask all are.
func bitset(ad *netlink.AttributeDecoder) map[string]bool {
	set, whole := map[string]bool{}, false
	ad.Nested(func(set1 *netlink.AttributeDecoder) error {
		for set1.Next() {
			switch set1.Type() {
			case unix.ETHTOOL_A_BITSET_NOMASK:
				whole = true
			case unix.ETHTOOL_A_BITSET_BITS:
				set1.Nested(func(bits *netlink.AttributeDecoder) error {
					for bits.Next() {
						bits.Nested(func(bit *netlink.AttributeDecoder) error {
							name, on := "", whole
							for bit.Next() {
								switch bit.Type() {
								case unix.ETHTOOL_A_BITSET_BIT_NAME:
									name = bit.String()
								case unix.ETHTOOL_A_BITSET_BIT_VALUE:
									on = true
								}
							}
							set[name] = on
							return nil
						})
					}
					return nil
				})
			}
		}
		return nil
	})
	return set
}

// encodeFeatures switches the named features.
func (s *Session) encodeFeatures(h *Handle, change map[string]bool) (netlink.Message, error) {
	family, err := s.ethtool(h.NS)
	if err != nil {
		return netlink.Message{}, err
	}
	return rtnl.Generic(family, unix.ETHTOOL_MSG_FEATURES_SET, func(ae *netlink.AttributeEncoder) {
		putDevice(ae, h)
		ae.Nested(unix.ETHTOOL_A_FEATURES_WANTED, func(set *netlink.AttributeEncoder) error {
			set.Nested(unix.ETHTOOL_A_BITSET_BITS, func(bits *netlink.AttributeEncoder) error {
				for _, name := range order.Keys(change) {
					bits.Nested(unix.ETHTOOL_A_BITSET_BITS_BIT, func(bit *netlink.AttributeEncoder) error {
						bit.String(unix.ETHTOOL_A_BITSET_BIT_NAME, name)
						bit.Flag(unix.ETHTOOL_A_BITSET_BIT_VALUE, change[name])
						return nil
					})
				}
				return nil
			})
			return nil
		})
	})
}

// putDevice writes which link a request of ethtool's family is about.
func putDevice(ae *netlink.AttributeEncoder, h *Handle) {
	ae.Nested(unix.ETHTOOL_A_FEATURES_HEADER, func(header *netlink.AttributeEncoder) error {
		header.Uint32(unix.ETHTOOL_A_HEADER_DEV_INDEX, uint32(h.Index))
		return nil
	})
}

// ethtool is the number of the family, asked for once.
func (s *Session) ethtool(ns *Namespace) (uint16, error) {
	if s.ethtoolFamily != 0 {
		return s.ethtoolFamily, nil
	}
	c, err := s.conn(door{ns, unix.NETLINK_GENERIC})
	if err != nil {
		return 0, err
	}
	family, err := rtnl.Family(c, unix.ETHTOOL_GENL_NAME)
	if errors.Is(err, unix.ENOENT) {
		err = errNoEthtool
	}
	s.ethtoolFamily = family
	return family, err
}

// askGeneric sends one request to a family of generic netlink.
func (s *Session) askGeneric(ns *Namespace, m netlink.Message, err error) ([]netlink.Message, error) {
	return s.send(rtnl.Ask, door{ns, unix.NETLINK_GENERIC}, m, err)
}
