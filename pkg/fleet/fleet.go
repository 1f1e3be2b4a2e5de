// Package fleet counts what matters on a host with many namespaces, for tools that
// watch many hosts: namespaces that no process is in and what holds them, endpoints of veth pairs
// whose peer is gone, limits and how near they are, PID namespaces that cannot end.
//
// [Collect] asks each of some [Collectors] once and returns [Family] values: named
// numbers with labels, in the words of Prometheus and without any library of it.
// Labels have few values and never a PID, an inode or a name, so that a host has as
// many series when it is busy as when it is not.
//
// Nothing is kept from one time to the next: what needs a memory, such as the age of a
// leak, is the caller's. To look at single namespaces use package census, and
// package veth for single links.
package fleet

import (
	"time"

	"github.com/nskit/nskit/pkg/census"
)

// Label is the name of a label and its value.
type Label struct{ Name, Value string }

// Sample is one number.
type Sample struct {
	Labels []Label
	Value  float64
}

// Family is a metric: all numbers of one name. All of this package are gauges.
type Family struct {
	// Name begins with nskit_; Help is one line.
	Name, Help string
	Samples    []Sample
}

// Collector finds out some of the families.
type Collector struct {
	Name string
	// Collect returns what it found, also beside an error.
	Collect func(*Host) ([]Family, error)
}

// Collectors are all there are. They share what a [Host] has read.
func Collectors() []Collector {
	return []Collector{
		{"namespaces", collectNamespaces},
		{"links", collectLinks},
		{"limits", collectLimits},
		{"mounts", collectMounts},
		{"processes", collectProcesses},
	}
}

// Host is one look at a host. The zero value is that of /proc.
type Host struct {
	// Proc is the directory to read, "" for /proc. Links are those of the running
	// system whatever it is.
	Proc string

	snapshot *census.Snapshot
	err      error
}

// Collect runs collectors one after the other. The last two families say of each how long it took, and
// whether it found out all that it should: one that failed does not keep the others from it.
func Collect(host *Host, collectors []Collector) []Family {
	var all []Family
	duration := Family{Name: "nskit_collector_duration_seconds", Help: "Time that a collector took."}
	success := Family{Name: "nskit_collector_success", Help: "Whether a collector succeeded."}
	for _, c := range collectors {
		start := time.Now()
		families, err := c.Collect(host)
		all = append(all, families...)
		label := []Label{{"collector", c.Name}}
		duration.Samples = append(duration.Samples, Sample{label, time.Since(start).Seconds()})
		worked := Sample{label, 1}
		if err != nil {
			worked.Value = 0
		}
		success.Samples = append(success.Samples, worked)
	}
	return append(all, duration, success)
}

// wanted is all that can keep a namespace alive.
const wanted = census.Descriptors | census.Sockets | census.Mounts | census.OnlyMounts | census.ForChildren | census.Threads | census.Listed

// Census is the snapshot that the collectors share, with holders and relations.
// It is taken when it is needed first.
func (h *Host) Census() (*census.Snapshot, error) {
	if h.snapshot != nil || h.err != nil {
		return h.snapshot, h.err
	}
	if h.snapshot, h.err = census.Take(census.Options{Proc: h.Proc, Want: wanted}); h.err != nil {
		return nil, h.err
	}
	// Where the kernel does not tell, "child" and "owned" are "unknown".
	_ = h.snapshot.Relate(census.Parents|census.Owners|census.OwnerUIDs|census.Ancestors, nil)
	h.snapshot.HoldByRelation()
	return h.snapshot, nil
}

// single is a family of one number without labels.
func single(name, help string, value int) Family {
	return Family{name, help, []Sample{{Value: float64(value)}}}
}

func (f *Family) add(value int, labels ...Label) {
	f.Samples = append(f.Samples, Sample{labels, float64(value)})
}
