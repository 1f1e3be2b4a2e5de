package table

import (
	"fmt"
	"strings"
)

// Of is a column whose cells are made of rows of one type: how it looks, what
// has to be found out for it, where its cells come from.
type Of[Row, Needs any] struct {
	Column
	Help  string
	Needs Needs
	// Cell is the text of a row, "" for nothing; nil for a column that others fill.
	Cell func(Row) string
	// Plain is what programs get instead, nil for the same.
	Plain func(Row) string
}

// Text is the cell of a row, for a program or a person.
func (c *Of[Row, Needs]) Text(row Row, program bool) string {
	switch {
	case program && c.Plain != nil:
		return c.Plain(row)
	case c.Cell != nil:
		return c.Cell(row)
	}
	return ""
}

// Set is all columns that an applet has for rows of one type. A package variable of it
// should be such that the compiler fills it in: every start would pay for more.
type Set[Row, Needs any] []Of[Row, Needs]

// Find returns the column with a name in any case, nil for none.
func (s Set[Row, Needs]) Find(name string) *Of[Row, Needs] {
	for i := range s {
		if strings.EqualFold(s[i].Name, name) {
			return &s[i]
		}
	}
	return nil
}

// Names are the columns' names in their order.
func (s Set[Row, Needs]) Names() []string {
	names := make([]string, len(s))
	for i := range s {
		names[i] = s[i].Name
	}
	return names
}

// Notes are a line for each column, for --help: its name in a field of the given
// width, and what it is.
func (s Set[Row, Needs]) Notes(width int) string {
	var b strings.Builder
	for i := range s {
		fmt.Fprintf(&b, "%*s  %s\n", width, s[i].Name, s[i].Help)
	}
	return b.String()
}

// UnknownColumnError is an element of a list that is no column.
type UnknownColumnError struct {
	// Name is the element, with the comma behind it at the end of a list, and
	// Rest the list from there on.
	Name, Rest string
}

func (e *UnknownColumnError) Error() string { return "unknown column: " + e.Name }

// Choose reads a list of columns, separated by commas, each by what find knows
// under its name. The error is an [*UnknownColumnError].
func Choose[C any](list string, find func(name string) (C, bool)) ([]C, error) {
	var chosen []C
	for rest, more := list, true; more; {
		element := rest
		var name string
		name, rest, more = strings.Cut(rest, ",")
		c, ok := find(name)
		switch {
		case !ok:
			return nil, &UnknownColumnError{name, element}
		case more && rest == "":
			return nil, &UnknownColumnError{element, element}
		}
		chosen = append(chosen, c)
	}
	return chosen, nil
}
