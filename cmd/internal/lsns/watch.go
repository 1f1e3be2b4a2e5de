package lsns

import (
	"time"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/cmd/internal/table"
)

// watch reports the namespaces there are, and then whichever appear and vanish,
// until a condition is met, it is ended, or nobody reads any more.
func watch(inv *applet.Invocation, p *plan) error {
	earlier, err := listing(p)
	if err != nil {
		return err
	}
	layout := p.layout
	if p.json {
		layout.Format = table.JSONLines
	}
	done := already(p.until, earlier)
	news := events(present, earlier, namespacesOf(earlier))
	for {
		t := p.eventTable(lines(news, p.clock(time.Now())), "TIME", "EVENT")
		layout.Least = t.Widths(layout)
		t.Write(inv.Stdout, layout)
		if inv.Stdout.Flush() != nil || done {
			return nil // Main reports it
		}
		layout.NoHeadings = layout.NoHeadings || len(news) > 0
		time.Sleep(p.watch)
		later, err := listing(p)
		if err != nil {
			return err
		}
		news = changes(earlier, later)
		earlier, done = later, anyMet(p.until, news)
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
