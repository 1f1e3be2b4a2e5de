package jsontext

import (
	"encoding/json"
	"testing"
)

// texts are read by the standard library, too, and have the same member "a" there.
var texts = []string{
	`{"a":"b"}`, `{"a":"\u0041\n\"\\\/"}`, `{"a":"\ud83d\ude00"}`, `{"a":"` + "\x01" + `"}`, `{"a":"\x41"}`, `{"a":"\u12"}`, `{"a":"b`, `{"a":"b\`, `{"\q":1,"a":"b"}`,
	`{"a":"b"} {}`, `{"a":"b",}`, `{"a"}`, ``, `[1`, `nul`, `{"a":1,"b":[{"c":null}],"d":true}`,
}

func TestParse(t *testing.T) {
	for _, text := range texts {
		compare(t, text)
	}
}

func compare(t *testing.T, text string) {
	var want struct{ A any }
	err := json.Unmarshal([]byte(text), &want)
	got, gotErr := Parse(text)
	if (err == nil) != (gotErr == nil) {
		t.Errorf("%q: %v, but encoding/json says %v", text, gotErr, err)
	}
	if wanted, _ := want.A.(string); gotErr == nil && Text(got, "a") != wanted {
		t.Errorf("%q: %q, want %q", text, Text(got, "a"), wanted)
	}
}

func TestDeep(t *testing.T) {
	deep := make([]byte, 4<<20)
	for i := range deep {
		deep[i] = '['
	}
	if _, err := Parse(string(deep)); err == nil {
		t.Error("a text that is nested without an end is read")
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range texts {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if v, err := Parse(text); err == nil {
			_, _ = Scalar(v)
			Texts(v, "a")
		}
	})
}

func TestNumber(t *testing.T) {
	v, err := Parse(`{"n":18446744073709551615,"s":"1","z":null}`)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		member, want string
		ok           bool
	}{{"n", "18446744073709551615", true}, {"s", "", false}, {"z", "none", true}, {"absent", "none", true}} {
		if got, ok := Number(v, c.member, "none"); got != c.want || ok != c.ok {
			t.Errorf("Number(%q) = %q, %v", c.member, got, ok)
		}
	}
}
