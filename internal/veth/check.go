package veth

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// Limits of the kernel, from drivers/net/veth.c, net/core/dev.c and
// net/core/rtnetlink.c.
const (
	maxName   = 15
	maxAlt    = 127
	minMTU    = 68
	minMTU6   = 1280 // below it the kernel takes IPv6 off the link
	maxMTU    = 65535
	maxQueues = 4096
	maxAlias  = 255
	maxInt32  = 1<<31 - 1
	// kernelSpace is one more byte that the kernel's isspace takes for a blank,
	// wherever it stands in UTF-8.
	kernelSpace = 0xa0
)

// CheckName says why the kernel would not take name for a link, nil if it would.
// A name may hold one %d, which the kernel replaces by the first free number.
func CheckName(name string) error {
	switch {
	case name == "":
		return invalid("", "a link's name is missing")
	case len(name) > maxName:
		return invalid(name, "a link's name has at most 15 bytes, this one "+strconv.Itoa(len(name)))
	case name == ".", name == "..", name == "all", name == "default":
		return invalid(name, "the kernel keeps this name for itself")
	case strings.ContainsAny(name, "/: \t\n\v\f\r"), strings.IndexByte(name, kernelSpace) >= 0:
		return invalid(strconv.Quote(name), "a link's name has no slash, colon or blank")
	case !checkTemplate(name):
		return invalid(name, "of percent signs a link's name can have only one %d")
	}
	return nil
}

// checkLookup says why no link can have a name, or an alternative name, which may hold
// nearly anything.
func checkLookup(name string) error {
	switch {
	case name == "":
		return invalid("", "a link's name is missing")
	case len(name) > maxAlt:
		return invalid(name, "a link's name has at most 15 bytes, an alternative name 127, this one "+strconv.Itoa(len(name)))
	case strings.IndexByte(name, 0) >= 0:
		return invalid(strconv.Quote(name), "a link's name has no zero byte")
	}
	return nil
}

// checkTemplate accepts names without percent sign and those with a single %d.
func checkTemplate(name string) bool {
	_, after, found := strings.Cut(name, "%")
	return !found || strings.HasPrefix(after, "d") && !strings.Contains(after, "%")
}

// isTemplate says whether the kernel chooses the number in name.
func isTemplate(name string) bool { return strings.Contains(name, "%") }

// checkAdd says what is wrong with two endpoints that are to become a pair.
func checkAdd(a, b *End) error {
	if a.NS == b.NS && a.Name == b.Name && !isTemplate(a.Name) {
		return invalid(a.String(), "both endpoints have this name")
	}
	for _, end := range []*End{a, b} {
		if err := checkEnd(end); err != nil {
			return err
		}
	}
	return nil
}

// checkEnd says what is wrong with an endpoint that is to be created.
func checkEnd(end *End) error {
	s := &end.Settings
	switch {
	case len(s.DelAddrs) > 0 || s.Flush || s.NoMaster:
		return invalid(end.String(), "a new link has nothing to remove")
	case s.PinMAC && s.Master == "":
		return invalid(end.String(), "pin-mac goes with master=")
	case s.Admin == Down && len(s.Gateways)+len(s.Routes) > 0:
		return invalid(end.String(), "a link that is down has no routes")
	case s.Master == end.Name:
		return invalid(end.String(), "is its own master")
	}
	if err := checkAddrs(end.String(), s.Addrs); err != nil {
		return err
	}
	return checkRoutes(end.String(), s)
}

// checkMTU refuses what a veth cannot have, and IPv6 addresses on a link too
// narrow for them. Links of other kinds (lo) can have more.
func checkMTU(end *End, both uint32) error {
	mtu := end.MTU
	if mtu == 0 {
		mtu = both
	}
	if mtu > maxMTU {
		return invalid(end.String(), "a veth has an MTU of at most 65535")
	}
	if mtu == 0 || mtu >= minMTU6 || !slices.ContainsFunc(end.Addrs, func(p netip.Prefix) bool { return p.Addr().Is6() }) {
		return nil
	}
	return invalid(end.String(), "IPv6 needs an MTU of at least 1280")
}

// checkAddrs refuses an address that is given twice.
func checkAddrs(subject string, addrs []netip.Prefix) error {
	for i, addr := range addrs {
		if !addr.IsValid() {
			return invalid(subject, "not an address")
		}
		if slices.ContainsFunc(addrs[:i], func(p netip.Prefix) bool { return p.Addr() == addr.Addr() }) {
			return invalid(subject, "address "+addr.Addr().String()+" is given twice")
		}
	}
	return nil
}

// checkRoutes refuses what could not work: gateways that the endpoint would not
// reach, two default routes of a family, the same destination twice.
func checkRoutes(subject string, s *Settings) error {
	for _, gateway := range s.Gateways {
		if !gateway.IsValid() {
			return invalid(subject, "not the address of a gateway")
		}
	}
	routes := s.routes()
	for i, route := range routes {
		if !route.Dst.IsValid() {
			return invalid(subject, "the destination of a route is not a network")
		}
		if slices.ContainsFunc(routes[:i], func(r RouteSpec) bool { return r.Dst == route.Dst }) {
			return invalid(subject, "route to "+route.Dst.String()+" is given twice")
		}
		if route.Gateway.IsValid() {
			if err := checkGateway(subject, route.Gateway, s); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkGateway wants the gateway inside one of the endpoint's networks. Link-local
// IPv6 addresses are on every link.
func checkGateway(subject string, gateway netip.Addr, s *Settings) error {
	for _, addr := range s.Addrs {
		if addr.Addr() == gateway {
			return invalid(subject, "gateway "+gateway.String()+" is the endpoint's own address")
		}
	}
	inside := func(p netip.Prefix) bool { return p.Contains(gateway) }
	direct := func(r RouteSpec) bool { return !r.Gateway.IsValid() && r.Dst.Contains(gateway) }
	if gateway.Is6() && gateway.IsLinkLocalUnicast() ||
		slices.ContainsFunc(s.Addrs, inside) || slices.ContainsFunc(s.Routes, direct) {
		return nil
	}
	return invalid(subject, "gateway "+gateway.String()+" is outside every address of this endpoint; route="+
		netip.PrefixFrom(gateway, gateway.BitLen()).String()+" would put it in reach")
}

// routes are all routes asked for: the direct ones first, because the others
// may need them.
func (s *Settings) routes() []RouteSpec {
	var direct, indirect []RouteSpec
	for _, route := range s.Routes {
		if route.Gateway.IsValid() {
			indirect = append(indirect, route)
		} else {
			direct = append(direct, route)
		}
	}
	for _, gateway := range s.Gateways {
		indirect = append(indirect, RouteSpec{Dst: netip.PrefixFrom(anyAddr(gateway), 0), Gateway: gateway})
	}
	return append(direct, indirect...)
}

// anyAddr is the unspecified address of the same family.
func anyAddr(addr netip.Addr) netip.Addr {
	if addr.Is4() {
		return netip.IPv4Unspecified()
	}
	return netip.IPv6Unspecified()
}
