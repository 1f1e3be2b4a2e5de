package table

// art is the four pieces that branches are drawn with, two cells each.
type art struct{ middle, last, bar, gap string }

func artOf(utf8OK bool) art {
	if utf8OK {
		return art{"├─", "└─", "│ ", "  "}
	}
	return art{"|-", "`-", "| ", "  "}
}

// walk visits the rows in the order they are written: before is what is drawn
// in the tree column before a row, below what is drawn under it as long as its
// other columns have lines. Both are empty in a table without a tree column.
func (t *Table) walk(a art, visit func(row *Row, before, below string)) {
	if t.treeColumn() < 0 {
		a = art{}
	}
	for _, row := range t.Rows {
		visit(row, "", a.under(row))
		a.walk(row.Children, "", visit)
	}
}

func (a art) walk(rows []*Row, trunk string, visit func(row *Row, before, below string)) {
	for i, row := range rows {
		branch, next := a.middle, a.bar
		if i == len(rows)-1 {
			branch, next = a.last, a.gap
		}
		visit(row, trunk+branch, trunk+next+a.under(row))
		a.walk(row.Children, trunk+next, visit)
	}
}

// under is the beginning of the branch to a row's own children.
func (a art) under(row *Row) string {
	if len(row.Children) == 0 {
		return ""
	}
	return a.bar
}
