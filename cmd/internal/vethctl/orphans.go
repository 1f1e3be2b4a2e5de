package vethctl

import (
	"fmt"
	"strings"
	"time"

	"github.com/nskit/nskit/cmd/internal/values"
	"github.com/nskit/nskit/internal/veth"
	"github.com/nskit/nskit/internal/visible"
)

// orphans adds the option that chooses the pairs whose peer nobody uses.
func (o options) orphans(c *choices, help string) { o.BoolVar(&c.orphans, "orphans", false, help) }

// orphanWants is what JSON shows of orphans besides.
func orphanWants(orphans bool) veth.Wants { return veth.Wants{Holders: orphans, Ages: orphans} }

// held writes what is known of a namespace that has no process, perhaps.
func (o object) held(s *veth.Side) {
	o.number("processes", uint64(s.Place.Processes))
	o.Array("holders", func() {
		for _, holder := range s.Place.Held() {
			o.Text("", holder)
		}
	})
	o.Bare("age", seconds(s.NSAge))
}

func processes(s *veth.Side) string {
	if s.Place == nil {
		return ""
	}
	return number(uint64(s.Place.Processes))
}

func holders(s *veth.Side) string {
	if s.Place == nil {
		return ""
	}
	held := s.Place.Held()
	for i := range held {
		held[i] = strings.ReplaceAll(held[i], "\n", `\n`) // each is a line of the cell
	}
	return strings.Join(held, "\n")
}

// age is a time for people, as ps writes it, "" for one that is not known.
func age(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return values.Elapsed(int(d / time.Second))
}

func seconds(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return number(uint64(d / time.Second))
}

// delOrphans removes the pairs that list --orphans shows.
func (c *call) delOrphans() error {
	pairs, err := c.pairs(veth.Wants{})
	if err != nil {
		return err
	}
	plan, err := c.session.PlanDeleteOrphans(pairs)
	if err == nil && c.chosen.atomic && len(plan.Steps) > 0 {
		return errFinal(plan.Ends[0].String())
	}
	err = c.carryOut(plan, err)
	for _, kept := range c.session.Kept() {
		fmt.Fprintln(c.inv.Stdout, "kept: "+visible.Text(kept))
	}
	return err
}
