package table

import (
	"bufio"
	"strings"
)

// line is one row made ready: for each column its lines, safe and complete.
type line struct {
	cells [][]string
	// more is the branch drawn in the tree column below the row's last line of
	// its own, while another column still has lines.
	more  string
	style string
}

func (t *Table) writeText(w *bufio.Writer, layout Layout) {
	if len(t.Rows) == 0 {
		return
	}
	var lines []line
	t.walk(artOf(layout.UTF8), func(row *Row, before, below string) {
		lines = append(lines, t.line(row, before, below, layout))
	})
	widths := t.widths(lines, layout)
	if !layout.NoHeadings {
		t.writeLine(w, t.headings(), widths, layout)
	}
	for _, l := range lines {
		t.writeLine(w, l, widths, layout)
	}
}

func (t *Table) headings() line {
	var l line
	for i := range t.Columns {
		l.cells = append(l.cells, []string{t.Columns[i].Name})
	}
	return l
}

// line makes the cells of a row safe and puts the branches before them.
func (t *Table) line(row *Row, before, below string, layout Layout) line {
	l := line{more: below, style: row.Style, cells: make([][]string, len(t.Columns))}
	for i := range t.Columns {
		parts := []string{row.Cells[i]}
		if t.Columns[i].Lines && strings.Contains(row.Cells[i], "\n") {
			parts = strings.Split(row.Cells[i], "\n")
			if layout.NoWrap {
				parts = []string{strings.Join(parts, ",")}
			}
		}
		for j := range parts {
			parts[j] = string(appendText(nil, parts[j], layout.UTF8))
		}
		if t.Columns[i].Tree {
			parts[0] = before + parts[0]
		}
		l.cells[i] = parts
	}
	return l
}

// widths decides how wide each column is.
func (t *Table) widths(lines []line, layout Layout) []int {
	widths := make([]int, len(t.Columns))
	for i := range t.Columns {
		data := 0
		for _, l := range lines {
			for _, part := range l.cells[i] {
				data = max(data, width(part))
			}
		}
		widths[i] = t.Columns[i].width(data, layout.NoHeadings)
	}
	if layout.Width > 0 {
		t.shrink(widths, layout)
	}
	return widths
}

// width is the width of a column whose widest cell is data.
func (c *Column) width(data int, noHeadings bool) int {
	heading := width(c.Name)
	if noHeadings {
		heading = 0
	}
	switch {
	case data <= max(heading, 1):
		return max(heading, 1)
	case data < c.Hint && heading < c.Hint:
		return c.Hint
	}
	return data
}

// shrink narrows the Shrink columns, first to last, as far as the terminal asks
// for and their headings allow.
func (t *Table) shrink(widths []int, layout Layout) {
	excess := len(widths) - 1 - layout.Width
	for _, w := range widths {
		excess += w
	}
	for i := range t.Columns {
		if !t.Columns[i].Shrink || excess <= 0 {
			continue
		}
		least := width(t.Columns[i].Name)
		if layout.NoHeadings {
			least = 1
		}
		narrowed := max(widths[i]-excess, min(least, widths[i]))
		excess -= widths[i] - narrowed
		widths[i] = narrowed
	}
}

// writeLine writes a row: one line of output, more where cells have lines.
func (t *Table) writeLine(w *bufio.Writer, l line, widths []int, layout Layout) {
	height := 1
	for _, cell := range l.cells {
		height = max(height, len(cell))
	}
	for n := range height {
		for i := range t.Columns {
			text := ""
			switch {
			case n < len(l.cells[i]):
				text = l.cells[i][n]
			case t.Columns[i].Tree:
				text = strings.TrimRight(l.more, " ")
			}
			if i > 0 {
				w.WriteByte(' ')
			}
			t.writeCell(w, i, text, widths[i], styleOf(t.Columns[i].Style, l.style, layout.Color))
		}
		w.WriteByte('\n')
	}
}

func (t *Table) writeCell(w *bufio.Writer, i int, text string, room int, style string) {
	column := &t.Columns[i]
	if column.Shrink {
		text = cut(text, room)
	}
	pad := max(room-width(text), 0)
	right := column.Right && !column.Tree
	last := i == len(t.Columns)-1
	if right && !(last && text == "") {
		writeBlanks(w, pad)
	}
	if style != "" && text != "" {
		text = "\x1b[" + style + "m" + text + "\x1b[m"
	}
	w.WriteString(text)
	if !right && !last {
		writeBlanks(w, pad)
	}
}

func writeBlanks(w *bufio.Writer, n int) {
	for range n {
		w.WriteByte(' ')
	}
}

func styleOf(column, row string, color bool) string {
	switch {
	case !color:
		return ""
	case row != "":
		return row
	}
	return column
}

func (t *Table) writeRaw(w *bufio.Writer, layout Layout) {
	if len(t.Rows) == 0 {
		return
	}
	if !layout.NoHeadings {
		for i := range t.Columns {
			writeRawCell(w, i, t.Columns[i].Name)
		}
		w.WriteByte('\n')
	}
	t.walk(artOf(layout.UTF8), func(row *Row, before, _ string) {
		for i := range t.Columns {
			cell := row.Cells[i]
			if t.Columns[i].Lines {
				cell = strings.ReplaceAll(cell, "\n", ",")
			}
			if t.Columns[i].Tree {
				cell = before + cell
			}
			writeRawCell(w, i, cell)
		}
		w.WriteByte('\n')
	})
}

func writeRawCell(w *bufio.Writer, i int, cell string) {
	if i > 0 {
		w.WriteByte(' ')
	}
	w.Write(appendRaw(w.AvailableBuffer(), cell))
}
