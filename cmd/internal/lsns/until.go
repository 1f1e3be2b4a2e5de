package lsns

import (
	"strings"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/internal/census"
	"github.com/nskit/nskit/pkg/ns"
)

// condition is one of those that --for waits for: a namespace has appeared or
// vanished, any, one of a kind, or a certain one.
type condition struct {
	event string
	kinds ns.Set       // none for any
	inode census.Inode // 0 for any
}

// eventWords are the words for the events, each as people may say it.
var eventWords = [...]struct{ word, event string }{
	{appeared, appeared}, {"appears", appeared}, {"appear", appeared},
	{vanished, vanished}, {"vanishes", vanished}, {"vanish", vanished},
}

// parseCondition reads EVENT[:TYPE] or EVENT:INODE.
func parseCondition(text string) (condition, bool) {
	word, what, narrowed := strings.Cut(text, ":")
	var c condition
	for i := range eventWords {
		if eventWords[i].word == word {
			c.event = eventWords[i].event
		}
	}
	if c.event == "" || !narrowed {
		return c, c.event != ""
	}
	if kind, ok := ns.Parse(what); ok {
		c.kinds = ns.SetOf(kind)
		return c, true
	}
	n, err := parseNumber(what)
	c.inode = census.Inode(n)
	return c, err == nil && n > 0 && n <= 1<<32-1
}

// parseConditions reads conditions separated by commas, of which one is enough.
func parseConditions(text string) ([]condition, error) {
	var all []condition
	for _, part := range strings.Split(text, ",") {
		c, ok := parseCondition(part)
		if !ok {
			return nil, applet.Fail("invalid condition: '", part, "'")
		}
		all = append(all, c)
	}
	return all, nil
}

// possible tells whether what is watched can meet the condition.
func (c *condition) possible(kinds ns.Set) bool {
	return c.kinds == 0 || kinds == 0 || c.kinds&kinds != 0
}

// met tells whether an event meets the condition.
func (c *condition) met(event string, space *census.Namespace) bool {
	return c.event == event && (c.kinds == 0 || c.kinds.Has(space.Kind)) && (c.inode == 0 || c.inode == space.Inode)
}

// already tells whether a condition is met before anything happens: what is to
// vanish is not there.
func already(conditions []condition, present []entry) bool {
	for i := range conditions {
		c := &conditions[i]
		if c.event != vanished || c.inode == 0 {
			continue
		}
		there := false
		for j := range present {
			there = there || present[j].Inode == c.inode
		}
		if !there {
			return true
		}
	}
	return false
}

// anyMet tells whether one of the conditions is met by what has changed.
func anyMet(conditions []condition, all []change) bool {
	for i := range conditions {
		for j := range all {
			if conditions[i].met(all[j].event, &all[j].Namespace) {
				return true
			}
		}
	}
	return false
}
