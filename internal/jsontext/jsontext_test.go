package jsontext

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// flatten is what Walk should say, by encoding/json.
func flatten(prefix string, value any, into map[string]string) {
	switch v := value.(type) {
	case map[string]any:
		for k, member := range v {
			flatten(prefix+"\x00"+k, member, into)
		}
	case []any:
		for i, element := range v {
			flatten(prefix+"\x00"+strconv.Itoa(i), element, into)
		}
	case string:
		into[prefix] = "q" + v
	case json.Number:
		into[prefix] = v.String()
	case bool:
		into[prefix] = strconv.FormatBool(v)
	case nil:
		into[prefix] = "null"
	}
}

func walked(data []byte) (map[string]string, error) {
	got := map[string]string{}
	err := Walk(data, func(keys []string, value Scalar) {
		text := value.Text
		if value.Quoted {
			text = "q" + text
		}
		got[strings.Join(append([]string{""}, keys...), "\x00")] = text
	})
	return got, err
}

var jsonTexts = []string{
	`{}`, `[]`, `0`, `-0.5e+3`, `"a"`, `null`, ` {"a" : [1, {"b":"c"}, true] } `, `{"a":"\u00e9\ud83d\ude00\n\/"}`,
	`{"pid": 12, "pid": 13}`, `"\ud800"`, `"\ud800\u0041"`, "\"\\ud800\\ud83d\\ude00\"", `[[[]]]`,
	``, `{`, `[`, `{"a"}`, `{"a":}`, `{a:1}`, `[1,]`, `{"a":1,}`, `01`, `-`, `1.`, `.5`, `1e`, `+1`, `tru`, `nullx`, `"`, `"\x"`, `"\u12"`, `"\u12zz"`,
	`"\u+123"`, "\"\n\"", `1 2`, `{"a":1}}`, "\x00", "[1\x00]",
}

func TestWalkAgreeWithEncodingJSON(t *testing.T) {
	for _, text := range jsonTexts {
		agree(t, []byte(text))
	}
}

func agree(t *testing.T, data []byte) {
	t.Helper()
	if valid(t, data) && utf8.Valid(data) && !bytes.Contains(data, []byte(`\u0000`)) {
		sameValues(t, data)
	}
}

// valid says whether data is JSON, for which there must be but one opinion.
func valid(t *testing.T, data []byte) bool {
	t.Helper()
	_, err := walked(data)
	if (err == nil) != json.Valid(data) {
		t.Fatalf("Walk(%q) = %v; encoding/json says valid: %v", data, err, json.Valid(data))
	}
	return err == nil
}

func sameValues(t *testing.T, data []byte) {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	flatten("", value, want)
	got, _ := walked(data)
	for k, v := range want {
		if got[k] != v {
			t.Errorf("Walk(%q): %q is %q, want %q", data, k, got[k], v)
		}
	}
}

func TestWalkDepth(t *testing.T) {
	deep := strings.Repeat("[", 5000) + strings.Repeat("]", 5000)
	if err := Walk([]byte(deep), func([]string, Scalar) {}); err != ErrDepth {
		t.Errorf("Walk of 5000 brackets = %v; want %v", err, ErrDepth)
	}
}

func TestWalkOrder(t *testing.T) {
	var got []string
	if err := Walk([]byte(`{"a":{"b":1},"c":["x",null]}`), func(keys []string, v Scalar) {
		got = append(got, strings.Join(keys, ".")+"="+v.Text)
	}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a.b=1", "c.0=x", "c.1=null"}, got); diff != "" {
		t.Error(diff)
	}
}

// members writes down the scalars of texts by the object that they belong to.
func members(text string) (string, error) {
	var b strings.Builder
	err := WalkAll([]byte(text), func(keys []string, v Scalar) {
		fmt.Fprintf(&b, "%d:%s=%s ", v.Object, strings.Join(keys, "."), v.Text)
	})
	return strings.TrimSpace(b.String()), err
}

func TestWalkAll(t *testing.T) {
	for text, want := range map[string]string{
		"":                                "",
		" \n":                             "",
		`{"a":1,"b":[2,{"c":3},4],"d":5}`: "1:a=1 0:b.0=2 2:b.1.c=3 0:b.2=4 1:d=5",
		"{\"a\":1}\n{\"a\":2}\n":          "1:a=1 2:a=2",
		`{"a":{"b":{}},"c":1}[6]7`:        "1:c=1 0:0=6 0:=7",
	} {
		if got, err := members(text); got != want || err != nil {
			t.Errorf("WalkAll(%q): %q, %v; want %q", text, got, err, want)
		}
	}
	for _, text := range []string{"{", "]", `{"a":1}}`, `{"a":1}x`, "1,2"} {
		if got, err := members(text); err != ErrMalformed {
			t.Errorf("WalkAll(%q): %q, %v; want %v", text, got, err, ErrMalformed)
		}
	}
}

func FuzzWalk(f *testing.F) {
	for _, text := range jsonTexts {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := walked(data); err == ErrDepth {
			return // deeper than anything here may be
		}
		// Of two equal keys the last wins: encoding/json forgets the first
		// value as a whole, the walk only the scalars that come again.
		if valid(t, data) && bytes.Count(data, []byte{':'}) < 2 {
			agree(t, data)
		}
	})
}
