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
	"context"
	"time"

	"github.com/nskit/nskit/internal/census"
	"github.com/nskit/nskit/internal/veth"
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
	// Collect returns what it found. An error says that families are missing; those that
	// come with it are right.
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

// Host is one look at a host, for one goroutine. The zero value is that of /proc.
type Host struct {
	// Proc is the directory to read, "" for /proc. Links are those of the running
	// system whatever it is.
	Proc string
	// Context, if it is not nil, ends the reading.
	Context context.Context
	// Ask is what to find out of each namespace besides what is counted.
	Ask census.Ask
	// Known, if it is not nil, is what the look before has left; for one look at a time.
	Known census.Memory

	snapshot *census.Snapshot
	err      error
	survey   *veth.Survey
	linksErr error
	rights   *rights
}

// Names are those of all families that [Collect] can return.
func Names() []string {
	return []string{
		"nskit_namespaces", "nskit_namespaces_unpopulated",
		"nskit_link_ends", "nskit_bridge_ports_max", "nskit_bridge_ports_limit",
		"nskit_namespaces_owned_max", "nskit_namespaces_limit",
		"nskit_mount_namespace_mounts_max", "nskit_mounts_limit",
		"nskit_unreadable_processes", "nskit_pid_namespaces_stuck", "nskit_zombie_processes",
		"nskit_collector_duration_seconds", "nskit_collector_success",
	}
}

// Outcome is what a collector came to.
type Outcome struct {
	Collector string
	Families  []Family
	// Err says why families are missing.
	Err      error
	Duration time.Duration
}

// Run has one collector do its work.
func (c Collector) Run(host *Host) Outcome {
	start := time.Now()
	families, err := c.Collect(host)
	return Outcome{c.Name, families, err, time.Since(start)}
}

// Collect runs collectors one after the other. The last two families say of each how long it took, and
// whether it found out all that it should: one that failed does not keep the others from it.
func Collect(host *Host, collectors []Collector) []Family {
	outcomes := make([]Outcome, 0, len(collectors))
	for _, c := range collectors {
		outcomes = append(outcomes, c.Run(host))
	}
	return Families(outcomes)
}

// Families are those of all outcomes, and two that say of each collector how long it took and
// whether it succeeded.
func Families(outcomes []Outcome) []Family {
	var all []Family
	duration := Family{Name: "nskit_collector_duration_seconds", Help: "Time that a collector took."}
	success := Family{Name: "nskit_collector_success", Help: "Whether a collector succeeded."}
	for i := range outcomes {
		o := &outcomes[i]
		all = append(all, o.Families...)
		label := []Label{{"collector", o.Collector}}
		duration.Samples = append(duration.Samples, Sample{label, o.Duration.Seconds()})
		worked := Sample{label, 1}
		if o.Err != nil {
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
	if h.snapshot, h.err = census.Take(census.Options{Proc: h.Proc, Want: wanted, Context: h.Context, Known: h.Known}); h.err != nil {
		return nil, h.err
	}
	// Where the kernel does not tell, "child" and "owned" are "unknown".
	relate := func(s *census.Snapshot, ask census.Ask) error { return s.Relate(ask, nil) }
	if h.Known != nil {
		relate = h.Known.Relate
	}
	_ = relate(h.snapshot, census.Parents|census.Owners|census.OwnerUIDs|census.Ancestors|h.Ask)
	h.snapshot.HoldByRelation()
	return h.snapshot, nil
}

// Links are the pairs and bridges of the running system, asked for when they are needed first.
func (h *Host) Links() (*veth.Survey, error) {
	if h.survey != nil || h.linksErr != nil {
		return h.survey, h.linksErr
	}
	var session *veth.Session
	if session, h.linksErr = veth.Open(veth.Options{Context: h.Context, Census: h.Census}); h.linksErr != nil {
		return nil, h.linksErr
	}
	defer session.Close()
	var found veth.Survey
	if found, h.linksErr = session.Survey(veth.Wants{}); h.linksErr != nil {
		return nil, h.linksErr
	}
	h.survey = &found
	return h.survey, nil
}

// single is a family of one number without labels.
func single(name, help string, value int) Family {
	return Family{name, help, []Sample{{Value: float64(value)}}}
}

func (f *Family) add(value int, labels ...Label) {
	f.Samples = append(f.Samples, Sample{labels, float64(value)})
}
