package table

import (
	"bufio"
	"strings"
)

// indentStep is the indentation of one level of JSON.
const indentStep = "   "

// jsonWriter writes the rows of one table.
type jsonWriter struct {
	*bufio.Writer
	columns []Column
	keys    []string
	// oneLine leaves blanks and line ends out, noWrap joins lines by commas.
	oneLine, noWrap bool
}

func (t *Table) writeJSON(w *bufio.Writer, layout Layout) {
	j := jsonWriter{Writer: w, columns: t.Columns, oneLine: layout.Format != JSON, noWrap: layout.NoWrap}
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
			j.object(row, 0)
			j.WriteByte('\n')
		}
	}
}

func (j *jsonWriter) document(t *Table) {
	j.WriteString("{\n" + indentStep)
	j.Write(AppendJSONString(nil, t.Name))
	j.WriteString(": [")
	if len(t.Rows) == 0 {
		j.WriteString("\n\n" + indentStep)
	} else {
		j.rows(t.Rows, 1)
	}
	j.WriteString("]\n}\n")
}

func (j *jsonWriter) compact(t *Table) {
	j.WriteByte('{')
	j.Write(AppendJSONString(nil, t.Name))
	j.WriteString(":[\n")
	for i, row := range t.Rows {
		if i > 0 {
			j.WriteString(",\n")
		}
		j.object(row, 0)
	}
	if len(t.Rows) > 0 {
		j.WriteByte('\n')
	}
	j.WriteString("]}\n")
}

// rows writes the inside of an array whose bracket stands at the given level.
func (j *jsonWriter) rows(rows []*Row, level int) {
	j.newline(level + 1)
	for i, row := range rows {
		if i > 0 {
			j.WriteByte(',')
		}
		j.object(row, level+1)
	}
	j.newline(level)
}

func (j *jsonWriter) object(row *Row, level int) {
	j.WriteByte('{')
	for i := range j.columns {
		if i > 0 {
			j.WriteByte(',')
		}
		j.newline(level + 1)
		j.Write(AppendJSONString(j.AvailableBuffer(), j.keys[i]))
		j.colon()
		j.value(&j.columns[i], row.Cells[i])
	}
	if len(row.Children) > 0 {
		j.WriteByte(',')
		j.newline(level + 1)
		j.WriteString(`"children"`)
		j.colon()
		j.WriteByte('[')
		j.rows(row.Children, level+1)
		j.WriteByte(']')
	}
	j.newline(level)
	j.WriteByte('}')
}

func (j *jsonWriter) value(column *Column, cell string) {
	if column.Lines && j.noWrap {
		cell = strings.ReplaceAll(cell, "\n", ",")
	}
	switch {
	case cell == "":
		j.WriteString("null")
	case column.Number:
		j.WriteString(cell)
	default:
		j.Write(AppendJSONString(j.AvailableBuffer(), cell))
	}
}

func (j *jsonWriter) colon() {
	j.WriteByte(':')
	if !j.oneLine {
		j.WriteByte(' ')
	}
}

func (j *jsonWriter) newline(level int) {
	if j.oneLine {
		return
	}
	j.WriteByte('\n')
	for range level {
		j.WriteString(indentStep)
	}
}
