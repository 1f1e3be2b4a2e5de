package exporter

import (
	"fmt"
	"net/http"
)

// page is the landing page.
func (s *server) page(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprintf(w, "<!DOCTYPE html><title>%s</title><h1>%s</h1><p><a href=%q>Metrics</a>\n", program, program, s.metricsPath)
}
