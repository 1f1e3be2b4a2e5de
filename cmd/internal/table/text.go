package table

import (
	"bufio"
	"strings"
)

// line is one row made ready: its cells are safe and complete.
type line struct {
	cells []string
	// further are the second and later lines of each cell, nil when no cell has any.
	further [][]string
	// more is the branch drawn in the tree column below the row's last line of
	// its own, while another column still has lines.
	more  string
	style string
}

// writeText makes each row ready twice, to measure and to write it: what all of
// them together would take is more than the time is worth.
func (t *Table) writeText(w *bufio.Writer, layout Layout) {
	if len(t.Rows) == 0 {
		return
	}
	widths := t.Widths(layout)
	if !layout.NoHeadings {
		t.writeLine(w, t.headings(), widths, layout)
	}
	t.eachLine(layout, func(l *line) { t.writeLine(w, l, widths, layout) })
}

// eachLine makes the rows ready one after the other.
func (t *Table) eachLine(layout Layout, visit func(*line)) {
	l := line{cells: make([]string, len(t.Columns))}
	t.walk(artOf(layout.UTF8), func(row *Row, before, below string) {
		l.more, l.style, l.further = below, row.Style, nil
		t.fill(&l, row, before, layout)
		visit(&l)
	})
}

func (t *Table) headings() *line {
	l := &line{cells: make([]string, len(t.Columns))}
	for i := range t.Columns {
		l.cells[i] = t.Columns[i].Name
	}
	return l
}

// fill makes the cells of a row safe and puts the branches before them.
func (t *Table) fill(l *line, row *Row, before string, layout Layout) {
	for i := range t.Columns {
		first, rest, more := row.Cells[i], "", false
		if t.Columns[i].Lines && layout.NoWrap {
			first = strings.ReplaceAll(first, "\n", ",")
		} else if t.Columns[i].Lines {
			first, rest, more = strings.Cut(first, "\n")
		}
		l.cells[i] = safeText(first, layout.UTF8)
		if t.Columns[i].Tree && before != "" {
			l.cells[i] = before + l.cells[i]
		}
		if more {
			l.addLines(i, strings.Split(rest, "\n"), layout.UTF8)
		}
	}
}

// addLines adds the second and later lines of a cell.
func (l *line) addLines(column int, lines []string, utf8OK bool) {
	if l.further == nil {
		l.further = make([][]string, len(l.cells))
	}
	for i := range lines {
		lines[i] = safeText(lines[i], utf8OK)
	}
	l.further[column] = lines
}

// height is how many lines of output the row takes.
func (l *line) height() int {
	height := 1
	for _, lines := range l.further {
		height = max(height, 1+len(lines))
	}
	return height
}

// text is the n-th line of a cell; below the last one of the tree column the
// branches go on.
func (l *line) text(column, n int, tree bool) string {
	switch {
	case n == 0:
		return l.cells[column]
	case n <= len(l.further[column]):
		return l.further[column][n-1]
	case tree:
		return l.more
	}
	return ""
}

// Widths returns the width of each column in [Text].
func (t *Table) Widths(layout Layout) []int {
	widths := make([]int, len(t.Columns))
	t.eachLine(layout, func(l *line) {
		for i := range t.Columns {
			for n := range l.height() {
				widths[i] = max(widths[i], width(l.text(i, n, false)))
			}
		}
	})
	for i := range t.Columns {
		widths[i] = t.Columns[i].width(widths[i], layout.NoHeadings)
		if i < len(layout.Least) {
			widths[i] = max(widths[i], layout.Least[i])
		}
	}
	if layout.Width > 0 {
		excess := t.widen(widths, layout)
		if !layout.NoTruncate {
			t.shrink(widths, excess, layout)
		}
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
		return max(heading, data)
	case data < c.Hint && heading < c.Hint:
		return c.Hint
	}
	return data
}

// widen gives the columns the widths of their hints as far as the terminal has
// room: what is too much is taken back cell by cell, each from the column that
// has got the most. It returns how much is too wide all the same.
func (t *Table) widen(widths []int, layout Layout) (excess int) {
	excess = len(widths) - 1 - layout.Width
	extra := make([]int, len(widths))
	for i := range t.Columns {
		extra[i] = max(t.Columns[i].Hint-widths[i], 0)
		widths[i] += extra[i]
		excess += widths[i]
	}
	for ; excess > 0; excess-- {
		most := 0
		for i := range extra {
			if extra[i] > extra[most] {
				most = i
			}
		}
		if extra[most] == 0 {
			break
		}
		extra[most]--
		widths[most]--
	}
	return excess
}

// shrink narrows the Shrink columns, first to last, by what is too much, as far as
// their headers allow.
func (t *Table) shrink(widths []int, excess int, layout Layout) {
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
func (t *Table) writeLine(w *bufio.Writer, l *line, widths []int, layout Layout) {
	for n := range l.height() {
		for i := range t.Columns {
			if i > 0 {
				w.WriteByte(' ')
			}
			style := styleOf(t.Columns[i].Style, l.style, layout.Color)
			t.writeCell(w, i, l.text(i, n, t.Columns[i].Tree), widths[i], style)
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
