package table

import (
	"errors"
	"strconv"
	"strings"
	"testing"
)

func TestSet(t *testing.T) {
	set := Set[int, string]{
		{Column: Column{Name: "N"}, Help: "the number", Needs: "nothing", Cell: strconv.Itoa},
		{Column: Column{Name: "TWICE"}, Help: "its double", Cell: func(n int) string { return strconv.Itoa(2*n) + " or so" }, Plain: func(n int) string { return strconv.Itoa(2 * n) }},
		{Column: Column{Name: "EMPTY"}},
	}
	if got := strings.Join(set.Names(), " "); got != "N TWICE EMPTY" {
		t.Error(got)
	}
	if got := set.Notes(6); got != "     N  the number\n TWICE  its double\n EMPTY  \n" {
		t.Errorf("%q", got)
	}
	twice := set.Find("twice")
	if set.Find("") != nil || twice == nil || twice.Text(4, false) != "8 or so" || twice.Text(4, true) != "8" ||
		set.Find("n").Text(4, true) != "4" || set.Find("EMPTY").Text(4, false) != "" {
		t.Errorf("%+v", twice)
	}
}

func TestChoose(t *testing.T) {
	find := func(name string) (int, bool) { n, err := strconv.Atoi(name); return n, err == nil }
	for _, test := range []struct {
		list       string
		count      int
		name, rest string
	}{
		{"1", 1, "", ""},
		{"1,2,1", 3, "", ""},
		{"1,x,2", 0, "x", "x,2"},
		{"1,2,", 0, "2,", "2,"},
		{"", 0, "", ""},
		{"1,,2", 0, "", ",2"},
		{",", 0, "", ","},
	} {
		got, err := Choose(test.list, find)
		var unknown *UnknownColumnError
		if errors.As(err, &unknown); unknown == nil {
			unknown = &UnknownColumnError{}
		}
		if len(got) != test.count || (err == nil) != (test.count > 0) || *unknown != (UnknownColumnError{test.name, test.rest}) {
			t.Errorf("%q: %v, %+v", test.list, got, err)
		}
	}
}
