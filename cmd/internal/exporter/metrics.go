package exporter

import (
	"strings"

	"github.com/nskit/nskit/internal/fleet"
	"github.com/nskit/nskit/pkg/ns"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/version"
)

// families are all metrics of a scan. What a failed collector would have said is missing.
func families(f found, stateWorks, stateAsked bool) []fleet.Family {
	all := fleet.Families(f.outcomes)
	if f.remembered != nil {
		all = append(all, f.remembered.families(f.exact)...)
	}
	if stateAsked {
		works := fleet.Sample{}
		if stateWorks {
			works.Value = 1
		}
		all = append(all, fleet.Family{Name: "nskit_state_file_success", Help: "Whether the state file could be written.", Samples: []fleet.Sample{works}})
	}
	return append(all, fleet.Family{Name: "nskit_build_info", Help: "The version of nskit.",
		Samples: []fleet.Sample{{Labels: []fleet.Label{{Name: "version", Value: version.Version}}, Value: 1}}})
}

// The names of the counters that the memory has, or the collector of births.
const (
	createdTotal   = "nskit_namespaces_created_total"
	destroyedTotal = "nskit_namespaces_destroyed_total"
)

// families are what the memory adds: ages alone if namespaces are counted exactly.
func (r *remembered) families(exact bool) []fleet.Family {
	all := []fleet.Family{byKind("nskit_namespaces_unpopulated_oldest_seconds",
		"For how long a namespace has been seen without a process, where that is longest; 0 without such a one.", &r.oldest)}
	if exact {
		return all
	}
	return append(all,
		byKind(createdTotal, "Namespaces that were seen first in a scan; those that come and go between two scans are not counted.", &r.created),
		byKind(destroyedTotal, "Namespaces that a scan saw and the next one did not; those that come and go between two scans are not counted.", &r.destroyed))
}

// byKind is a family with a sample for each kind of namespace.
func byKind[N int64 | uint64](name, help string, values *[ns.KindCount]N) fleet.Family {
	f := fleet.Family{Name: name, Help: help}
	for _, kind := range ns.Kinds() {
		f.Samples = append(f.Samples, fleet.Sample{Labels: []fleet.Label{{Name: "type", Value: kind.String()}}, Value: float64(values[kind])})
	}
	return f
}

// metrics hands families to a registry, each sample as it is.
type metrics []fleet.Family

// Describe says nothing beforehand: what there is depends on the scan.
func (metrics) Describe(chan<- *prometheus.Desc) {}

// Collect sends all samples.
func (m metrics) Collect(out chan<- prometheus.Metric) {
	for i := range m {
		family := &m[i]
		kind := prometheus.GaugeValue
		if strings.HasSuffix(family.Name, "_total") {
			kind = prometheus.CounterValue
		}
		for _, sample := range family.Samples {
			names, values := make([]string, len(sample.Labels)), make([]string, len(sample.Labels))
			for j, label := range sample.Labels {
				names[j], values[j] = label.Name, label.Value
			}
			out <- prometheus.MustNewConstMetric(prometheus.NewDesc(family.Name, family.Help, names, nil), kind, sample.Value, values...)
		}
	}
}
