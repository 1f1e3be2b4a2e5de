package filter

import (
	"encoding/binary"
	"errors"
	"maps"
	"math"
	"slices"
	"strconv"
	"testing"
)

// FuzzParse checks that whatever parses can be evaluated, and that brackets
// around an expression do not change what it means.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{`NS == 1 and !(TYPE =~ "n.t")`, `"a" < 'b'`, `1.5 or 2K`, `!!NPROCS`, `((`, "\xff"} {
		f.Add(seed)
	}
	cell := func(name string) Value { return row[name] }
	f.Fuzz(func(t *testing.T, expression string) {
		plain, err := Parse(expression, known)
		if err != nil {
			if err.Error() == "" {
				t.Error("an error without a text")
			}
			return
		}
		got, err1 := plain.Match(cell)
		bracketed, err := Parse("("+expression+")", known)
		if err != nil {
			if len(expression) < maxExpression-2 {
				t.Errorf("%s: %v in brackets", strconv.Quote(expression), err)
			}
			return
		}
		if again, err2 := bracketed.Match(cell); got != again || err1 != err2 {
			t.Errorf("%s: %v, in brackets %v", strconv.Quote(expression), got, again)
		}
	})
}

// FuzzMatch evaluates any expression for any row: it comes to an answer or to a
// type error, and the same every time. Comparing a column with itself holds
// what may be said of any order.
func FuzzMatch(f *testing.F) {
	for _, seed := range []string{`NS < LOAD or TYPE == USER`, `!(PID >= UID) and NPROCS`, `COMMAND =~ "a.c" or TYPE !~ "^$"`, `LOAD == NS`} {
		f.Add(seed, []byte("\x00\x01abc\x02\x03\x04"))
	}
	f.Fuzz(func(t *testing.T, expression string, cells []byte) {
		random := randomRow(cells)
		cell := func(name string) Value { return random[name] }
		parsed, err := Parse(expression, known)
		if err != nil {
			return
		}
		got, err := parsed.Match(cell)
		if err != nil && (got || !errors.Is(err, ErrType)) {
			t.Errorf("%q: %v, %v", expression, got, err)
		}
		if again, err2 := parsed.Match(cell); again != got || err2 != err {
			t.Errorf("%q: first %v, then %v", expression, got, again)
		}
		for name, v := range random {
			lower, err1 := Parse(name+" < "+name, known)
			equal, err2 := Parse(name+" == "+name, known)
			if err1 != nil || err2 != nil {
				t.Fatal(err1, err2)
			}
			less, _ := lower.Match(cell)
			same, _ := equal.Match(cell)
			if less || same == blank(v) && !math.IsNaN(v.Float) {
				t.Errorf("%+v is less than itself: %v, equal: %v", v, less, same)
			}
		}
	})
}

// randomRow fills the columns of the row with values of any type.
func randomRow(cells []byte) map[string]Value {
	filled := map[string]Value{}
	for _, name := range slices.Sorted(maps.Keys(row)) {
		var raw [9]byte
		cells = cells[copy(raw[:], cells):]
		n := binary.LittleEndian.Uint64(raw[1:])
		v := Value{Type: [...]Type{String, Integer, Float, Boolean}[raw[0]%4], Empty: raw[0]&64 != 0}
		switch v.Type {
		case Integer:
			v.Integer = int64(n)
		case Float:
			v.Float = math.Float64frombits(n)
		case Boolean:
			v.Boolean = n&1 != 0
		default:
			v.Text = [...]string{"", string(raw[1:]), strconv.FormatUint(n, 10), "1.5"}[raw[0]>>4&3]
		}
		filled[name] = v
	}
	return filled
}
