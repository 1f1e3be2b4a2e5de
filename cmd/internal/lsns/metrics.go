package lsns

import (
	"bufio"
	"strconv"
	"strings"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/internal/fleet"
)

// metrics prints what there is to count once. It fails when /proc cannot be read; a
// collector that fails otherwise says so in its own series.
func metrics(inv *applet.Invocation) error {
	host := &fleet.Host{}
	families := fleet.Collect(host, fleet.Collectors())
	if _, err := host.Census(); err != nil {
		return err
	}
	families = append(families, fleet.Family{Name: "nskit_build_info", Help: "The version of nskit.",
		Samples: []fleet.Sample{{Labels: []fleet.Label{{Name: "version", Value: inv.Version}}, Value: 1}}})
	writeMetrics(inv.Stdout, families)
	return nil
}

// writeMetrics writes families as OpenMetrics text, which is Prometheus's own format, too:
// https://prometheus.io/docs/specs/om/open_metrics_spec/.
func writeMetrics(w *bufio.Writer, families []fleet.Family) {
	for i := range families {
		f := &families[i]
		w.WriteString("# HELP " + f.Name + " " + escaped(f.Help) + "\n")
		w.WriteString("# TYPE " + f.Name + " gauge\n")
		for _, sample := range f.Samples {
			w.WriteString(f.Name)
			for j, label := range sample.Labels {
				w.WriteByte("{,"[min(j, 1)])
				w.WriteString(label.Name + `="` + strings.ReplaceAll(escaped(label.Value), `"`, `\"`) + `"`)
			}
			if len(sample.Labels) > 0 {
				w.WriteByte('}')
			}
			w.WriteByte(' ')
			w.WriteString(strconv.FormatFloat(sample.Value, 'g', -1, 64))
			w.WriteByte('\n')
		}
	}
	w.WriteString("# EOF\n")
}

// escaped is a text in a line of help; quotes are escaped in the value of a label only.
func escaped(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(text, `\`, `\\`), "\n", `\n`)
}
