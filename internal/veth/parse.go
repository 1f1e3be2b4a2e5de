package veth

import (
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// AutoName asks the kernel for the first free name of the form vethN.
const AutoName = "veth%d"

// ParseEnd reads [NS:]NAME[,key=value...] for a link that is to be made; "\," is a
// comma in a name or path. The error is an [Error] of kind Invalid.
func ParseEnd(text string) (End, error) {
	head, keys, hasKeys := cutEnd(text)
	end, err := ParseLink(head)
	if err == nil {
		err = CheckName(end.Name)
	}
	if err != nil || !hasKeys {
		return end, err
	}
	end.Settings, err = ParseSettings(end.String(), strings.Split(keys, ","))
	return end, err
}

// cutEnd is strings.Cut at the first comma without a backslash before it.
func cutEnd(text string) (head, keys string, found bool) {
	for at := 0; at < len(text); at++ {
		switch {
		case strings.HasPrefix(text[at:], `\,`):
			at++
		case text[at] == ',':
			return strings.ReplaceAll(text[:at], `\,`, ","), text[at+1:], true
		}
	}
	return strings.ReplaceAll(text, `\,`, ","), "", false
}

// ParseLink reads [NS:]NAME, of a link that is there by its name or one of its
// alternative names.
func ParseLink(text string) (End, error) {
	var end End
	colon := strings.LastIndexByte(text, ':')
	if colon >= 0 {
		ns, err := ParseNS(text[:colon])
		if err != nil {
			return End{}, invalid(text, err.Error())
		}
		end.NS = ns
	}
	end.Name = text[colon+1:]
	if end.Name == "auto" {
		end.Name = AutoName
	}
	if err := checkLookup(end.Name); err != nil {
		return End{}, err
	}
	return end, nil
}

// ParseTarget reads NS[:NEWNAME], the place that a link is moved to. A path with
// a colon in it needs the new name behind it.
func ParseTarget(text string) (NS, string, error) {
	ns, err := ParseNS(text)
	if err == nil && (ns.Kind != ByPath || !strings.Contains(ns.Text, ":")) {
		return ns, "", nil
	}
	end, err := ParseLink(text)
	if err == nil {
		err = CheckName(end.Name)
	}
	return end.NS, end.Name, err
}

// ParseSettings reads key=value words; subject is the endpoint for the messages.
func ParseSettings(subject string, words []string) (Settings, error) {
	var s Settings
	for _, word := range words {
		key, value, hasValue := strings.Cut(word, "=")
		if err := s.set(key, value, hasValue); err != nil {
			return Settings{}, invalid(subject, "'"+word+"': "+err.Error())
		}
	}
	return s, nil
}

// badValue is a fault in one key, without the subject.
type badValue string

func (b badValue) Error() string { return string(b) }

// errNoKey is what a word is refused with that has no such meaning.
const errNoKey = badValue("no such key")

// set acts on one key.
func (s *Settings) set(key, value string, hasValue bool) error {
	if !hasValue && s.setFlag(key) {
		return nil
	}
	err := s.setValue(key, value)
	switch {
	case err == errNoKey && new(Settings).setFlag(key):
		return badValue(key + " takes no value")
	case err != errNoKey && !hasValue:
		return badValue(key + "= needs a value")
	}
	return err
}

// setFlag acts on a key without a value, and says whether there is one.
func (s *Settings) setFlag(key string) bool {
	switch key {
	case "up":
		s.Admin = Up
	case "down":
		s.Admin = Down
	case "nomaster":
		s.NoMaster, s.Master = true, ""
	case "pin-mac":
		s.PinMAC = true
	case "noaddr":
		s.Flush = true
	case "isolated":
		on := true
		s.Isolated = &on
	default:
		return false
	}
	return true
}

// setValue acts on a key with a value.
func (s *Settings) setValue(key, value string) error {
	for _, set := range [...]func(string, string) error{s.setNetwork, s.setLink, s.setNetem, s.setFeature} {
		if err := set(key, value); err != errNoKey {
			return err
		}
	}
	return errNoKey
}

func parseOnOff(text string) (bool, error) {
	if text != "on" && text != "off" {
		return false, badValue("must be on or off")
	}
	return text == "on", nil
}

// setNetwork acts on a key about addresses or routes.
func (s *Settings) setNetwork(key, value string) error {
	var err error
	switch key {
	case "addr":
		s.Addrs, err = appendParsed(s.Addrs, value, parseAddr)
	case "noaddr":
		s.DelAddrs, err = appendParsed(s.DelAddrs, value, parseAddr)
	case "gw":
		s.Gateways, err = appendParsed(s.Gateways, value, parseGateway)
	case "route":
		s.Routes, err = appendParsed(s.Routes, value, parseRoute)
	case "dad":
		s.DAD, err = parseOnOff(value)
	default:
		err = errNoKey
	}
	return err
}

// setLink acts on a key about the link itself.
func (s *Settings) setLink(key, value string) error {
	var err error
	switch key {
	case "mac":
		s.MAC, err = parseMAC(value)
	case "mtu":
		s.MTU, err = parseNumber(value, minMTU, maxInt32)
	case "txqlen":
		s.TxQLen, err = parseOptional(value, maxInt32)
	case "queues":
		s.Queues, err = parseNumber(value, 1, maxQueues)
	case "group":
		s.Group, err = parseOptional(value, maxInt32)
	case "master":
		s.Master, s.NoMaster = value, false
		err = checkLookup(value)
	case "alias":
		s.Alias = &value
		if len(value) > maxAlias {
			err = badValue("an alias has at most 255 bytes")
		}
	case "isolated":
		var on bool
		on, err = parseOnOff(value)
		s.Isolated = &on
	default:
		err = errNoKey
	}
	return err
}

// appendParsed adds what parse makes of text to list.
func appendParsed[T any](list []T, text string, parse func(string) (T, error)) ([]T, error) {
	value, err := parse(text)
	if err != nil {
		return list, err
	}
	return append(list, value), nil
}

func parseNumber(text string, low, high uint64) (uint32, error) {
	n, err := strconv.ParseUint(text, 10, 32)
	if err != nil || n < low || n > high {
		return 0, badValue("must be a number from " + strconv.FormatUint(low, 10) + " to " + strconv.FormatUint(high, 10))
	}
	return uint32(n), nil
}

func parseOptional(text string, high uint64) (*uint32, error) {
	n, err := parseNumber(text, 0, high)
	return &n, err
}

// parseAddr reads ADDRESS[/LENGTH]; without a length it is the address alone.
func parseAddr(text string) (netip.Prefix, error) {
	prefix, err := netip.ParsePrefix(text)
	if err != nil {
		addr, err := netip.ParseAddr(text)
		if err != nil || addr.Zone() != "" {
			return netip.Prefix{}, badValue("no such address")
		}
		prefix = netip.PrefixFrom(addr, addr.BitLen())
	}
	addr := prefix.Addr()
	if addr.IsUnspecified() || addr.IsMulticast() || addr.Is4In6() || isBroadcast(addr) {
		return netip.Prefix{}, badValue("not an address that a link can have")
	}
	return prefix, nil
}

// isBroadcast knows the one IPv4 address besides multicast that no host has.
func isBroadcast(addr netip.Addr) bool {
	return addr == netip.AddrFrom4([4]byte{255, 255, 255, 255})
}

func parseGateway(text string) (netip.Addr, error) {
	addr, err := netip.ParseAddr(text)
	if err != nil || addr.Zone() != "" || addr.IsUnspecified() || addr.IsMulticast() || addr.Is4In6() || isBroadcast(addr) {
		return netip.Addr{}, badValue("no such gateway")
	}
	return addr, nil
}

// parseRoute reads DESTINATION[/LENGTH][@GATEWAY].
func parseRoute(text string) (RouteSpec, error) {
	dst, gateway, hasGateway := strings.Cut(text, "@")
	prefix, err := netip.ParsePrefix(dst)
	if addr, aerr := netip.ParseAddr(dst); aerr == nil {
		prefix, err = netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	if err != nil || prefix.Addr().Zone() != "" || prefix.Addr().Is4In6() {
		return RouteSpec{}, badValue("no such destination")
	}
	if prefix != prefix.Masked() {
		return RouteSpec{}, badValue("the destination has bits behind its length; " + prefix.Masked().String() + " has not")
	}
	route := RouteSpec{Dst: prefix}
	if hasGateway {
		if route.Gateway, err = parseGateway(gateway); err != nil {
			return RouteSpec{}, err
		}
		if route.Gateway.Is4() != prefix.Addr().Is4() {
			return RouteSpec{}, badValue("destination and gateway are of different families")
		}
	}
	return route, nil
}

func parseMAC(text string) (MAC, error) {
	addr, err := net.ParseMAC(text)
	if err != nil || len(addr) != len(MAC{}) {
		return MAC{}, badValue("no such Ethernet address")
	}
	mac := MAC(addr)
	if mac == (MAC{}) || mac[0]&1 != 0 {
		return MAC{}, badValue("not an address that a link can have (zero, multicast or broadcast)")
	}
	return mac, nil
}

// String writes the address as six bytes with colons.
func (m MAC) String() string { return net.HardwareAddr(m[:]).String() }
