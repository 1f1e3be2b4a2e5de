package lsns

import (
	"bufio"
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/internal/census"
)

// FuzzOptions wants every command line to be refused or to become a plan that
// can show an empty snapshot.
func FuzzOptions(f *testing.F) {
	for _, seed := range []string{
		"-J\n-t\nnet", "-o\n+PATH,NS", "-Tall", "-p\nself\n-r", "4026531840\n-u", "-Q\nNS == 1\n-W", "--diff\nx\n-l\n-n", "--watch=0.5\n-P", "--color=always\n--output-all",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, line string) {
		words := strings.Split(line, "\n")
		inv := &applet.Invocation{Applet: &Applet, Name: "lsns", Args: words, Stdout: bufio.NewWriter(&bytes.Buffer{})}
		o := new(options)
		if err := o.parse(inv); err != nil || o.task != 0 || o.self || o.namespace != 0 {
			return // not in an empty snapshot
		}
		p, err := queryOf(o)
		if err != nil {
			return
		}
		v := newView(p, &census.Snapshot{})
		rows, err := v.rows()
		if err != nil || len(rows) != 0 {
			t.Errorf("%q: %d rows of nothing, %v", words, len(rows), err)
		}
		p.table(v.arrange(rows)).Write(inv.Stdout, p.layout)
	})
}

// FuzzParseListing wants the scalars of an object, wherever it is.
func FuzzParseListing(f *testing.F) {
	for _, seed := range []string{`{"namespaces": [{"ns": 1, "type": "net", "children": [{"ns": 2}]}]}`, `{"a": "\u0041\ud83d\ude00\n"}`, `[1, -2.5e3, true, null]`, "\xff"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		objects, err := parseListing(text)
		var row map[string]any
		if json.Unmarshal(text, &row) != nil {
			return
		}
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		for key, value := range row {
			if word, ok := value.(string); ok && (len(objects) == 0 || objects[0][key] != word) {
				t.Errorf("%q: no %q: %q in %q", text, key, word, objects)
			}
		}
	})
}

// FuzzSaved goes on to what --diff makes of a listing, and compares it with
// itself and with nothing.
func FuzzSaved(f *testing.F) {
	for _, seed := range []string{`{"namespaces": [{"ns": 1, "type": "net", "nsid": 3}]}`, `{"ns": 4294967295, "type": "mnt", "pid": null}` + "\n" + `{"ns": "7", "type": "user"}`, `{"ns": -1}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		objects, err := parseListing(text)
		if err != nil {
			return
		}
		p, err := queryOf(&options{})
		if err != nil {
			t.Fatal(err)
		}
		all, err := p.saved(objects)
		if err != nil {
			return
		}
		for _, e := range all {
			if len(e.cells) != len(p.columns) {
				t.Errorf("%q: %+v", text, e)
			}
		}
		changes(all, nil)
		if lines := changes(nil, all); len(lines) > len(all) {
			t.Errorf("%q: %d lines for %d namespaces", text, len(lines), len(all))
		}
	})
}
