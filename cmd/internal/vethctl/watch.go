package vethctl

import (
	"time"

	"github.com/nskit/nskit/internal/veth"
)

// watch adds the option that shows the same again and again.
func (o options) watch(c *choices) {
	o.duration(&c.watch, "watch", "show them again each second, or each <time>")
	o.Lookup("watch").NoOptDefVal = "1"
}

// watchStats shows the counters until the link is gone or a signal comes. Between two looks
// nothing is open: it would keep alive a namespace that all others have left.
func (c *call) watchStats() error {
	for headings := c.chosen.noHeadings; ; headings = true {
		c.chosen.noHeadings = headings
		pair, err := c.statsOnce()
		if err != nil {
			return err
		}
		c.inv.Stdout.Flush()
		if place := pair.A.Place; place != nil {
			c.pinned = place.Inode
		}
		c.session.Close()
		if c.stop.noting {
			if c.stop.interrupted(c.chosen.watch) {
				return errStopped
			}
		} else {
			time.Sleep(c.chosen.watch)
		}
		if err := c.open(); err != nil {
			return err
		}
	}
}

// pin makes a number stand for the namespace that it stood for at first.
func (c *call) pin(end *veth.End) {
	if kind := end.NS.Kind; c.pinned != 0 && (kind == veth.ByPID || kind == veth.Digits) {
		end.NS.Inode = c.pinned
	}
}
