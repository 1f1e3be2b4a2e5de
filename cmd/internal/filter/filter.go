// Package filter is the language of lsns --filter and vethctl --where: expressions over the columns
// of a table that are true for the rows to show, as in
//
//	TYPE == "net" and NPROCS > 2
//
// It follows util-linux's scols-filter(5) as it is, not as it reads: "and" and
// "or" have the same precedence and go from left to right, and "!" binds as
// tightly as a comparison does, so that !A == B means (!A) == B.
//
//	expression := comparison { ("and" | "or") comparison }
//	comparison := unary { ("==" | "!=" | "<" | "<=" | ">" | ">=") unary | ("=~" | "!~") string }
//	unary      := "!" unary | "(" expression ")" | column | literal
package filter

// Type is the type of a column or literal.
type Type uint8

const (
	// String is text, compared byte for byte.
	String Type = iota
	// Integer is a whole number of 64 bits.
	Integer
	// Float is a number with a fraction.
	Float
	// Boolean is true or false.
	Boolean
)

// Value is a cell, a literal or a result.
type Value struct {
	Type Type
	// Empty marks a cell without content.
	Empty   bool
	Text    string
	Integer int64
	Float   float64
	Boolean bool
}

// Filter is a parsed expression.
type Filter struct {
	root    *node
	columns []string
}

// Columns are the names of the columns in the expression, in capitals, each once.
func (f *Filter) Columns() []string { return f.columns }

// SyntaxError says what is wrong with an expression.
type SyntaxError struct {
	Expression, Reason string
}

func (e *SyntaxError) Error() string {
	return "failed to parse \"" + e.Expression + "\": " + e.Reason
}

// UnknownColumnError is a name in an expression that no column has.
type UnknownColumnError struct{ Name string }

func (e *UnknownColumnError) Error() string { return "unknown column: " + e.Name }

// op is what a node does.
type op uint8

const (
	opLiteral op = iota
	opColumn
	opNot
	opAnd
	opOr
	opEqual
	opUnequal
	opLess
	opLessEqual
	opGreater
	opGreaterEqual
	opMatch
	opNoMatch
)

// node is one operation and its operands.
type node struct {
	op          op
	left, right *node
	value       Value  // of a literal
	column      string // of a column
	pattern     expression
}
