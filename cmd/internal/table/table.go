// Package table lays rows out as aligned columns, as a tree inside one of the
// columns, as raw words for scripts, or as JSON, byte for byte in the layout of
// util-linux's tools. It is handed finished text cells and writes them; where
// the cells come from is its caller's business.
//
// Cells may hold anything a stranger can put into a command line or a path:
// control characters, escape sequences and invalid UTF-8 come out as \xHH (in
// JSON as \u00HH and U+FFFD), so that no row is broken and no terminal obeys.
//
// A [Table] is columns and rows; a [Layout] says how they are written:
//
//	t := table.Table{
//		Name:    "links",
//		Columns: []table.Column{{Name: "IFINDEX", Right: true, Number: true}, {Name: "NAME"}},
//		Rows:    []*table.Row{{Cells: []string{"2", "ve1"}}},
//	}
//	t.Write(stdout, table.Layout{Format: table.Text})
//
// Objects that are no rows of cells are written with a [JSONWriter].
package table

import "bufio"

// Column describes one column.
type Column struct {
	// Name is the header; in lower case it is the JSON key.
	Name string
	// Hint is the width in cells that the column has on a terminal with room for it,
	// and elsewhere its least width where the data is wider than the header; 0 for none.
	Hint int
	// Right aligns the header and cells to the right.
	Right bool
	// Number makes the JSON value a number; the cells must be JSON numbers.
	Number bool
	// Shrink lets the column be cut where Layout.Width is not enough.
	Shrink bool
	// Lines gives each line of a cell a line of its own in [Text], and keeps the
	// line ends in JSON. In [Raw], and everywhere with Layout.NoWrap, the lines
	// are joined by commas.
	Lines bool
	// Tree draws the branches that lead to a row before its cell, and makes the
	// column left-aligned. It is one column of a table, which may be there twice.
	Tree bool
	// Style is how the cells look with Layout.Color: the parameters of an SGR
	// sequence, such as "1;32"; "" for plain.
	Style string
}

// Row is one row and the rows below it. Without a Tree column the rows below
// follow it as if they stood beside it, except in JSON.
type Row struct {
	// Cells are the texts, one for each column of the table.
	Cells []string
	// Children are the rows below this one.
	Children []*Row
	// Style overrides the Style of every column; "" for none.
	Style string
}

// Table is what there is to show.
type Table struct {
	// Name is the key of the array of rows in JSON.
	Name    string
	Columns []Column
	Rows    []*Row
}

// Format is a way of writing a table.
type Format uint8

const (
	// Text is columns aligned with blanks. Nothing at all is written for a
	// table without rows, not even its header.
	Text Format = iota
	// Raw is cells separated by one blank each; blanks inside a cell, and
	// whatever is not printable ASCII, are \xHH. An empty cell is empty.
	Raw
	// JSON is one object with the array of rows, indented by three blanks.
	JSON
	// JSONCompact is the same with one line for each top row.
	JSONCompact
	// JSONLines is one object a line for each top row, without an array.
	JSONLines
)

// Layout says how to write a table. The zero value is aligned columns in
// ASCII, as wide as they need to be.
type Layout struct {
	Format Format
	// NoHeadings leaves the header out.
	NoHeadings bool
	// NoWrap joins the lines of a cell with commas.
	NoWrap bool
	// Width is the terminal's, for hints and Shrink columns; 0 for no terminal.
	Width int
	// NoTruncate cuts nothing.
	NoTruncate bool
	// Least are the least widths of the columns, for a table that goes on where
	// another one ended; nil for none. See [Table.Widths].
	Least []int
	// UTF8 lets printable characters outside ASCII through and draws branches
	// with line-drawing characters. JSON is UTF-8 always.
	UTF8 bool
	// Color uses the styles of columns and rows.
	Color bool
}

// Write writes the table. Errors stay in w, as [bufio.Writer] keeps them.
func (t *Table) Write(w *bufio.Writer, layout Layout) {
	switch layout.Format {
	case Text:
		t.writeText(w, layout)
	case Raw:
		t.writeRaw(w, layout)
	default:
		t.writeJSON(w, layout)
	}
}

// treeColumn is the index of the column that has the branches, or -1.
func (t *Table) treeColumn() int {
	for i := range t.Columns {
		if t.Columns[i].Tree {
			return i
		}
	}
	return -1
}
