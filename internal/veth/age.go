package veth

import (
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// How long something has been there. The kernel notes it neither of a link nor of a network
// namespace, but of things that cannot be older: the addresses of a link, and
// the inode of a namespace, which stays while a mount or a descriptor holds it.

// Held says what keeps the namespace alive besides processes, in the words of
// [census.Holder]: mounts first. The paths are as they are.
func (p *Place) Held() []string {
	var all []string
	if p.space == nil {
		return nil
	}
	for _, path := range p.space.Mounts {
		if slices.Contains(p.space.Covered, path) {
			path += " (covered)"
		}
		all = append(all, "mount "+path)
	}
	for _, h := range p.space.Holders {
		all = append(all, h.String())
	}
	return all
}

// namespaceAge is how long a namespace has been there at least.
func (s *Session) namespaceAge(ns *Namespace) time.Duration {
	var st unix.Stat_t
	if unix.Fstat(ns.fd, &st) != nil {
		return 0
	}
	return max(0, time.Since(time.Unix(st.Mtim.Unix())))
}

// fillAges finds out the ages of both sides and of their namespaces. Both endpoints of
// a pair are made at once.
func (s *Session) fillAges(pairs []Pair) {
	links := map[*Namespace]map[int]time.Duration{}
	for i := range pairs {
		var oldest time.Duration
		for _, side := range []*Side{&pairs[i].A, pairs[i].B} {
			if side == nil || side.NS == nil {
				continue
			}
			if links[side.NS] == nil {
				links[side.NS] = s.linkAges(side.NS)
			}
			side.NSAge = s.namespaceAge(side.NS)
			oldest = max(oldest, links[side.NS][side.Index])
		}
		pairs[i].A.Age = oldest
		if pairs[i].B != nil {
			pairs[i].B.Age = oldest
		}
	}
}

// firstTimeNS is the inode of the first time namespace, include/uapi/linux/nsfs.h: in others
// the time since boot is not the kernel's.
const firstTimeNS = 0xefff_fffa

// linkAges are how long the links of a namespace have been there at least, by their indexes:
// since their oldest address was added.
func (s *Session) linkAges(ns *Namespace) map[int]time.Duration {
	ages := map[int]time.Duration{}
	var st unix.Stat_t
	var now unix.Timespec
	if unix.Stat("/proc/self/ns/time", &st) == nil && st.Ino != firstTimeNS || unix.ClockGettime(unix.CLOCK_MONOTONIC, &now) != nil {
		return ages
	}
	hundredths := uint32(now.Nano() / 1e7) // as much as the kernel tells, which begins again after 497 days
	byLink, err := s.addrs(ns)
	if err != nil {
		return ages
	}
	for index, addrs := range byLink {
		for _, addr := range addrs {
			if age := int32(hundredths - addr.created); age > 0 && addr.created != 0 { // else made since the clock was read
				ages[index] = max(ages[index], time.Duration(age)*10*time.Millisecond)
			}
		}
	}
	return ages
}
