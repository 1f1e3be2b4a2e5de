package lsns

import (
	"time"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/cmd/internal/table"
)

// watch reports the namespaces there are, and then whichever appear and vanish,
// until it is ended or nobody reads any more.
func watch(inv *applet.Invocation, p *plan) error {
	earlier, err := listing(p)
	if err != nil {
		return err
	}
	layout := p.layout
	if p.json {
		layout.Format = table.JSONLines
	}
	stamp := []string{p.clock(time.Now())}
	lines := events(present, earlier, namespacesOf(earlier), stamp)
	for {
		t := p.eventTable(lines, "TIME", "EVENT")
		layout.Least = t.Widths(layout)
		t.Write(inv.Stdout, layout)
		if inv.Stdout.Flush() != nil {
			return nil // Main reports it
		}
		layout.NoHeadings = layout.NoHeadings || len(lines) > 0
		time.Sleep(p.watch)
		later, err := listing(p)
		if err != nil {
			return err
		}
		lines = changes(earlier, later, []string{p.clock(time.Now())})
		earlier = later
	}
}

// listing is one look at the rows of a plan.
func listing(p *plan) ([]entry, error) {
	v, err := look(p)
	if err != nil {
		return nil, err
	}
	rows, err := v.rows()
	return v.entries(rows), err
}
