package exporter

import (
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"net/http"
	"os"
	"time"

	"github.com/nskit/nskit/internal/visible"
	"github.com/prometheus/common/version"
)

//go:embed page.html
var pageText string

//go:embed page.css
var pageStyle string

// landing is what the page shows. Texts in it were written by others: the template escapes them, and
// what cannot be printed is \xHH.
type landing struct {
	Host, Version, MetricsPath, HealthPath string
	Style                                  template.CSS
	Failures                               []failure
	// Leaks and Drawing are nil where the collector did not find out.
	Leaks   *leakTable
	Drawing *drawing
}

// failure is a collector that failed.
type failure struct{ Collector, Why string }

// landingOf decides what to show of a scan.
func landingOf(f found, host, metricsPath string) *landing {
	names := &procNames{}
	l := &landing{Host: visible.Text(host), Version: version.Version, MetricsPath: metricsPath, HealthPath: healthPath, Style: template.CSS(pageStyle)}
	for i := range f.outcomes {
		o := &f.outcomes[i]
		switch {
		case o.Err != nil:
			l.Failures = append(l.Failures, failure{o.Collector, visible.Text(o.Err.Error())})
		case f.host == nil:
		case o.Collector == "namespaces" && f.remembered != nil:
			if snapshot, err := f.host.Census(); err == nil {
				l.Leaks = leaksOf(snapshot, f.remembered.ages, names)
			}
		case o.Collector == "links":
			if survey, err := f.host.Links(); err == nil {
				l.Drawing = draw(survey, names.container)
			}
		}
	}
	return l
}

// parsePage parses the template once, when the server is made.
func parsePage() *template.Template { return template.Must(template.New("page").Parse(pageText)) }

// pagePolicy lets the browser load nothing, run nothing, and use this one style.
func pagePolicy() string {
	sum := sha256.Sum256([]byte(pageStyle))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}

// page answers with the landing page.
func (s *server) page(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), s.limit)
	defer cancel()
	host, err := os.Hostname()
	if err != nil {
		host = "this host"
	}
	var text bytes.Buffer
	if err := s.template.Execute(&text, landingOf(s.scanner.get(ctx), host, s.metricsPath)); err != nil {
		s.log.Error("Cannot make the landing page", "err", err)
		http.Error(w, "the page cannot be made: the log says why", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", pagePolicy())
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = text.WriteTo(w)
}

// ageText is a time as people say it.
func ageText(seconds int64) string {
	switch d := time.Duration(seconds) * time.Second; {
	case d < time.Minute:
		return d.String()
	case d < time.Hour:
		return itoa(int(d.Minutes())) + " min"
	case d < 48*time.Hour:
		return itoa(int(d.Hours())) + " h"
	default:
		return itoa(int(d.Hours()/24)) + " d"
	}
}
