package vethctl

import (
	"bufio"
	"fmt"
	"strconv"
	"strings"

	"github.com/nskit/nskit/cmd/internal/table"
	"github.com/nskit/nskit/internal/veth"
	"github.com/nskit/nskit/internal/visible"
)

// listGraph draws the connections between namespaces.
func (c *call) listGraph() error {
	pairs, err := c.pairs(veth.Wants{Addrs: true, Masters: true})
	if err != nil {
		return err
	}
	if c.chosen.graph == "dot" {
		writeDot(c.inv.Stdout, pairs)
		return nil
	}
	c.print(picture(pairs))
	return nil
}

// picture is a tree of namespaces with their endpoints; each pair is in it twice.
func picture(pairs []veth.Pair) *table.Table {
	t := &table.Table{Name: "namespaces", Columns: []table.Column{
		{Name: "NETNS", Tree: true}, {Name: "STATE"}, {Name: "MASTER"}, {Name: "ADDRS", Lines: true}, {Name: "PEER"},
	}}
	rows := map[string]*table.Row{}
	for i := range pairs {
		p := &pairs[i]
		plug(t, rows, &p.A, p.B)
		if p.B != nil && p.B.Name != "" {
			plug(t, rows, p.B, &p.A)
		}
	}
	return t
}

// plug adds an endpoint below its namespace.
func plug(t *table.Table, rows map[string]*table.Row, side, other *veth.Side) {
	where := side.Where()
	if rows[where] == nil {
		rows[where] = &table.Row{Cells: []string{where, "", "", "", ""}}
		t.Rows = append(t.Rows, rows[where])
	}
	to := ""
	if other != nil {
		to = address(other)
	}
	rows[where].Children = append(rows[where].Children, &table.Row{Cells: []string{side.Name, state(side), master(side), addrs(side), to}})
}

// address writes a side as an endpoint.
func address(s *veth.Side) string {
	switch {
	case s.Name == "":
		return s.Where() + ":#" + strconv.Itoa(s.Index)
	case s.Place != nil && s.Place.Own:
		return s.Name
	}
	return s.Where() + ":" + s.Name
}

// writeDot writes a graph in the language of graphviz: a box for each
// namespace, a node for each endpoint, an edge for each pair.
func writeDot(w *bufio.Writer, pairs []veth.Pair) {
	fmt.Fprintln(w, "graph pairs {\n  node [shape=box];")
	var order []string
	boxes := map[string][]*veth.Side{}
	for i := range pairs {
		for _, side := range []*veth.Side{&pairs[i].A, pairs[i].B} {
			if side == nil {
				continue
			}
			where := side.Where()
			if boxes[where] == nil {
				order = append(order, where)
			}
			boxes[where] = append(boxes[where], side)
		}
	}
	for i, where := range order {
		writeBox(w, i, where, boxes[where])
	}
	for i := range pairs {
		if pairs[i].B != nil {
			fmt.Fprintf(w, "  %s -- %s;\n", dotQuote(address(&pairs[i].A)), dotQuote(address(pairs[i].B)))
		}
	}
	fmt.Fprintln(w, "}")
}

// writeBox writes one namespace with its endpoints and the bridges they are in.
func writeBox(w *bufio.Writer, number int, where string, sides []*veth.Side) {
	fmt.Fprintf(w, "  subgraph cluster_%d {\n    label=%s;\n", number, dotQuote(where))
	for _, side := range sides {
		node := dotQuote(address(side))
		label := strings.Join(append([]string{side.Name}, strings.Fields(addrs(side))...), "\n")
		fmt.Fprintf(w, "    %s [label=%s];\n", node, dotQuote(label))
		if bridge := master(side); bridge != "" {
			id := dotQuote(where + ":" + bridge + " (bridge)")
			fmt.Fprintf(w, "    %s [label=%s, shape=ellipse];\n    %s -- %s [style=dashed];\n", id, dotQuote(bridge), id, node)
		}
	}
	fmt.Fprintln(w, "  }")
}

// dotQuote writes a quoted string of the dot language.
func dotQuote(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = strings.ReplaceAll(strings.ReplaceAll(visible.Text(line), `\`, `\\`), `"`, `\"`)
	}
	return `"` + strings.Join(lines, `\n`) + `"`
}
