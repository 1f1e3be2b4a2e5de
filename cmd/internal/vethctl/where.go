package vethctl

import (
	"slices"
	"strconv"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/cmd/internal/filter"
	"github.com/nskit/nskit/internal/veth"
)

// where adds the option that chooses veth pairs by an expression.
func (o options) where(c *choices) {
	o.with("", "where", "expr", "only veth pairs for which the expression is true", func(text string) error {
		var err error
		if c.where, err = filter.Parse(text, func(name string) bool { _, ok := findColumn(name); return ok }); err != nil {
			return misuse(o.Name(), "--where: "+err.Error())
		}
		return nil
	})
}

// whereWants is what the expression needs to know.
func (c *call) whereWants() veth.Wants {
	var v view
	if c.chosen.where != nil {
		for _, name := range c.chosen.where.Columns() {
			column, _ := findColumn(name)
			v = append(v, column)
		}
	}
	return v.wants()
}

// matching are the pairs that the expression is true for, which has the columns'
// names from the pair as it is shown.
func (c *call) matching(pairs []veth.Pair) ([]veth.Pair, error) {
	if c.chosen.where == nil {
		return pairs, nil
	}
	var failed error
	pairs = slices.DeleteFunc(pairs, func(p veth.Pair) bool {
		match, err := c.chosen.where.Match(func(name string) filter.Value {
			column, _ := findColumn(name)
			return column.value(&p)
		})
		if err != nil {
			failed = &applet.Error{Text: "--where: " + err.Error(), Code: usageCode}
		}
		return !match
	})
	return pairs, failed
}

// value is a cell as an expression sees it.
func (c sided) value(pair *veth.Pair) filter.Value {
	text := c.of(pair, true)
	if !c.Number {
		return filter.Value{Empty: text == "", Text: text}
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return filter.Value{Type: filter.Integer, Integer: n, Empty: err != nil}
}
