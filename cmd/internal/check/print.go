package check

import (
	"bufio"
	"strconv"

	"github.com/nskit/nskit/cmd/internal/table"
)

// report is all that was found.
type report struct {
	who                string
	results            []result
	settings, runtimes []setting
}

// print writes the report for a person or a program.
func (r *report) print(w *bufio.Writer, o *options) {
	if o.json {
		r.printJSON(w)
		return
	}
	r.printText(w, o)
}

func (r *report) printText(w *bufio.Writer, o *options) {
	layout := table.Layout{NoHeadings: o.noHeadings}
	allowed := table.Table{Columns: []table.Column{{Name: "ALLOWED"}, {Name: "WHAT"}, {Name: "COMMAND"}, {Name: "WHY"}}}
	for i := range r.results {
		one := &r.results[i]
		allowed.Rows = append(allowed.Rows, &table.Row{Cells: []string{yesNo(one.allowed), one.what, one.command(), one.why}})
	}
	_, _ = w.WriteString(r.who + ":\n\n") // errors stay in w
	allowed.Write(w, layout)
	printSettings(w, layout, "SETTING", r.settings)
	if len(r.runtimes) > 0 {
		printSettings(w, layout, "CONTAINERS OF", r.runtimes)
	}
}

func printSettings(w *bufio.Writer, layout table.Layout, heading string, all []setting) {
	_ = w.WriteByte('\n')
	t := table.Table{Columns: []table.Column{{Name: heading}, {Name: "VALUE"}}}
	for _, s := range all {
		t.Rows = append(t.Rows, &table.Row{Cells: []string{s.name, s.value}})
	}
	t.Write(w, layout)
}

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}

func (r *report) printJSON(w *bufio.Writer) {
	j := table.NewJSON(w)
	j.Object("", func() {
		j.Text("caller", r.who)
		j.Array("check", func() {
			for i := range r.results {
				one := &r.results[i]
				j.Object("", func() {
					j.Text("what", one.what)
					j.Bare("allowed", strconv.FormatBool(one.allowed))
					j.Text("command", one.command())
					j.Text("why", one.why)
				})
			}
		})
		listJSON(j, "settings", r.settings)
		listJSON(j, "containers", r.runtimes)
	})
	j.End()
}

// listJSON writes settings as one object.
func listJSON(j *table.JSONWriter, key string, all []setting) {
	j.Object(key, func() {
		for _, s := range all {
			j.Text(s.name, s.value)
		}
	})
}
