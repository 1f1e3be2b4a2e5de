package table

import (
	"bufio"
	"strings"
)

// indentStep is the indentation of one level of JSON.
const indentStep = "   "

// JSONWriter writes JSON as util-linux's tools lay it out: a member a line, objects of
// an array one behind the other. What an object or array holds is
// written by the function that it is given:
//
//	j := table.NewJSON(stdout)
//	j.Array("", func() {
//		for _, link := range links {
//			j.Object("", func() { j.Text("name", link.Name) })
//		}
//	})
//	j.End()
//
// The key is "" for an element of an array, and for the whole.
type JSONWriter struct {
	*bufio.Writer
	// oneLine leaves blanks and line ends out.
	oneLine bool
	// level counts the brackets that are open.
	level int
	// last is the kind of the innermost bracket's last value, 0 before the first.
	last byte
}

// NewJSON returns a writer of one value.
func NewJSON(w *bufio.Writer) *JSONWriter { return &JSONWriter{Writer: w} }

// NewJSONLine is NewJSON of a value on one line.
func NewJSONLine(w *bufio.Writer) *JSONWriter { return &JSONWriter{Writer: w, oneLine: true} }

// End ends the value with a line end.
func (j *JSONWriter) End() { j.WriteByte('\n') }

// Object writes an object.
func (j *JSONWriter) Object(key string, members func()) { j.nest(key, '{', '}', members) }

// Array writes an array.
func (j *JSONWriter) Array(key string, elements func()) { j.nest(key, '[', ']', elements) }

// Text writes a string.
func (j *JSONWriter) Text(key, value string) {
	j.next(key, '"')
	j.Write(AppendJSONString(j.AvailableBuffer(), value))
}

// Bare writes a value that needs no quotes: a number, true, false or null.
func (j *JSONWriter) Bare(key, value string) {
	j.next(key, '0')
	j.WriteString(value)
}

func (j *JSONWriter) nest(key string, opening, closing byte, fill func()) {
	j.next(key, opening)
	j.WriteByte(opening)
	j.level++
	j.last = 0
	fill()
	j.level--
	if j.last != 0 {
		j.newline()
	}
	j.WriteByte(closing)
	j.last = opening
}

// next writes what stands between the value before and this one, and the key.
func (j *JSONWriter) next(key string, kind byte) {
	if j.last != 0 {
		j.WriteByte(',')
	}
	if joined := key == "" && kind == '{' && j.last == '{'; j.level > 0 && !joined {
		j.newline()
	}
	j.last = kind
	if key != "" {
		j.Write(AppendJSONString(j.AvailableBuffer(), key))
		j.WriteByte(':')
		if !j.oneLine {
			j.WriteByte(' ')
		}
	}
}

func (j *JSONWriter) newline() {
	if j.oneLine {
		return
	}
	j.WriteByte('\n')
	for range j.level {
		j.WriteString(indentStep)
	}
}

// jsonTable writes the rows of a table.
type jsonTable struct {
	*JSONWriter
	columns []Column
	keys    []string
	// noWrap joins lines by commas.
	noWrap bool
}

func (t *Table) writeJSON(w *bufio.Writer, layout Layout) {
	j := jsonTable{JSONWriter: &JSONWriter{Writer: w, oneLine: layout.Format != JSON}, columns: t.Columns, noWrap: layout.NoWrap}
	for i := range t.Columns {
		j.keys = append(j.keys, strings.ToLower(t.Columns[i].Name))
	}
	switch layout.Format {
	case JSON:
		j.document(t)
	case JSONCompact:
		j.compact(t)
	default:
		for _, row := range t.Rows {
			j.last = 0
			j.row(row)
			j.End()
		}
	}
}

func (j *jsonTable) document(t *Table) {
	j.Object("", func() {
		j.Array(t.Name, func() {
			j.rows(t.Rows)
			if len(t.Rows) == 0 { // an empty line, as util-linux has it
				j.WriteByte('\n')
				j.last = '{'
			}
		})
	})
	j.End()
}

func (j *jsonTable) compact(t *Table) {
	j.WriteByte('{')
	j.Write(AppendJSONString(nil, t.Name))
	j.WriteString(":[\n")
	for i, row := range t.Rows {
		if i > 0 {
			j.WriteString(",\n")
		}
		j.last = 0
		j.row(row)
	}
	if len(t.Rows) > 0 {
		j.WriteByte('\n')
	}
	j.WriteString("]}\n")
}

func (j *jsonTable) rows(rows []*Row) {
	for _, row := range rows {
		j.row(row)
	}
}

func (j *jsonTable) row(row *Row) {
	j.Object("", func() {
		for i := range j.columns {
			j.cell(j.keys[i], &j.columns[i], row.Cells[i])
		}
		if len(row.Children) > 0 {
			j.Array("children", func() { j.rows(row.Children) })
		}
	})
}

func (j *jsonTable) cell(key string, column *Column, cell string) {
	if column.Lines && j.noWrap {
		cell = strings.ReplaceAll(cell, "\n", ",")
	}
	switch {
	case cell == "":
		j.Bare(key, "null")
	case column.Number:
		j.Bare(key, cell)
	default:
		j.Text(key, cell)
	}
}
