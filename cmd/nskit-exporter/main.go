// Command nskit-exporter serves numbers of a host's namespaces to Prometheus.
package main

import (
	"os"

	"github.com/nskit/nskit/cmd/internal/exporter"
)

func main() { os.Exit(exporter.Main(os.Args[1:], os.Stdout, os.Stderr)) }
