package filter

import (
	"cmp"
	"errors"
	"strconv"
	"strings"
)

// ErrType is a comparison of a cell with something of a type that the cell's
// content has no meaning in, such as TYPE == 5.
var ErrType = errors.New("values of different types")

// Match tells whether the expression is true of a row; cell returns the cell of
// a column by its name in capitals. The error is [ErrType] or nil.
func (f *Filter) Match(cell func(name string) Value) (bool, error) {
	v, err := (&evaluation{cell}).of(f.root)
	return err == nil && truth(v), err
}

// evaluation is the evaluation of an expression for one row.
type evaluation struct{ cell func(name string) Value }

func (e *evaluation) of(n *node) (Value, error) {
	switch n.op {
	case opLiteral:
		return n.value, nil
	case opColumn:
		return e.cell(n.column), nil
	}
	left, err := e.of(n.left)
	if err != nil {
		return Value{}, err
	}
	switch n.op {
	case opNot:
		return boolean(!truth(left)), nil
	case opMatch, opNoMatch:
		return boolean(n.pattern.Match(text(left)) == (n.op == opMatch)), nil
	}
	right, err := e.of(n.right)
	if err != nil {
		return Value{}, err
	}
	switch n.op {
	case opAnd:
		return boolean(truth(left) && truth(right)), nil
	case opOr:
		return boolean(truth(left) || truth(right)), nil
	}
	return compare(n, left, right)
}

// compare compares two values in the type that commonType says.
func compare(n *node, left, right Value) (Value, error) {
	if blank(left) || blank(right) {
		return boolean(false), nil
	}
	target := commonType(n, left, right)
	if target != String && (left.Empty || right.Empty) {
		return boolean(false), nil
	}
	left, ok1 := cast(left, target)
	right, ok2 := cast(right, target)
	if !ok1 || !ok2 {
		return Value{}, ErrType
	}
	return boolean(holds(n.op, order(left, right))), nil
}

// blank tells a number that is not there: it compares with nothing.
func blank(v Value) bool { return v.Empty && v.Type != String }

// commonType is the type to compare in: a literal's where there is one, else
// the left one's; a fraction is never cut off.
func commonType(n *node, left, right Value) Type {
	literalLeft, literalRight := n.left.op == opLiteral, n.right.op == opLiteral
	chosen, other := left.Type, right.Type
	if literalRight && !literalLeft {
		chosen, other = right.Type, left.Type
	}
	if chosen == Integer && other == Float {
		return Float
	}
	return chosen
}

// order is negative, zero or positive as left is less than, equal to or greater
// than right, which has the same type.
func order(left, right Value) int {
	switch left.Type {
	case Integer:
		return cmp.Compare(left.Integer, right.Integer)
	case Float:
		return cmp.Compare(left.Float, right.Float)
	case Boolean:
		return cmp.Compare(asInteger(left.Boolean), asInteger(right.Boolean))
	}
	return strings.Compare(left.Text, right.Text)
}

func holds(operator op, order int) bool {
	switch operator {
	case opEqual:
		return order == 0
	case opUnequal:
		return order != 0
	case opLess:
		return order < 0
	case opLessEqual:
		return order <= 0
	case opGreater:
		return order > 0
	}
	return order >= 0
}

// cast gives a value another type; false where its content does not allow it.
func cast(v Value, to Type) (Value, bool) {
	if v.Type == to {
		return v, true
	}
	switch to {
	case String:
		return Value{Text: text(v)}, true
	case Boolean:
		return boolean(truth(v)), true
	case Float:
		f, err := strconv.ParseFloat(text(v), 64)
		return Value{Type: Float, Float: f}, err == nil
	}
	if v.Type == Boolean {
		return Value{Type: Integer, Integer: asInteger(v.Boolean)}, true
	}
	if v.Type == Float {
		return Value{Type: Integer, Integer: int64(v.Float)}, true
	}
	n, err := strconv.ParseInt(v.Text, 10, 64)
	return Value{Type: Integer, Integer: n}, err == nil
}

// text writes a value as its cell shows it.
func text(v Value) string {
	switch {
	case v.Empty:
		return ""
	case v.Type == Integer:
		return strconv.FormatInt(v.Integer, 10)
	case v.Type == Float:
		return strconv.FormatFloat(v.Float, 'g', -1, 64)
	case v.Type == Boolean:
		return strconv.FormatBool(v.Boolean)
	}
	return v.Text
}

// truth tells whether a value counts as true by itself.
func truth(v Value) bool {
	switch {
	case v.Empty:
		return false
	case v.Type == Integer:
		return v.Integer != 0
	case v.Type == Float:
		return v.Float != 0
	case v.Type == Boolean:
		return v.Boolean
	}
	return v.Text != ""
}

func boolean(b bool) Value { return Value{Type: Boolean, Boolean: b} }

func asInteger(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
