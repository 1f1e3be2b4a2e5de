package lsns

import (
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/cmd/internal/table"
	"github.com/nskit/nskit/internal/census"
	"github.com/nskit/nskit/internal/jsontext"
	"github.com/nskit/nskit/internal/rawfile"
	"github.com/nskit/nskit/pkg/ns"
)

// exitLeaked is the exit code of --diff when there is what was not there before.
const exitLeaked = 3

// read reads the listing to compare with.
func (p *plan) read(stdin io.Reader) ([]byte, error) {
	if p.diff == "-" {
		text, err := io.ReadAll(stdin)
		if err != nil {
			err = &applet.Error{Text: "cannot read standard input", Err: err}
		}
		return text, err
	}
	text, err := rawfile.Read(p.diff)
	if err != nil {
		err = &applet.Error{Text: "cannot open " + p.diff, Err: err}
	}
	return text, err
}

// difference compares a saved listing with what there is now.
func difference(inv *applet.Invocation, p *plan) error {
	text, err := p.read(inv.Stdin)
	if err != nil {
		return err
	}
	objects, err := parseListing(text)
	if err == nil && strings.TrimSpace(string(text)) == "" { // what should have made it has failed
		err = errors.New("it is empty")
	}
	if err != nil {
		return applet.Failf("%s: not a listing: %v", p.diff, err)
	}
	earlier, err := p.saved(objects)
	if err != nil {
		return applet.Failf("%s: %v", p.diff, err)
	}
	later, err := listing(p)
	if err != nil {
		return err
	}
	news := changes(earlier, later)
	layout := p.layout
	if p.json {
		layout.Format = table.JSONLines
	}
	p.eventTable(lines(news), "EVENT").Write(inv.Stdout, layout)
	if slices.ContainsFunc(news, func(c change) bool { return c.event == appeared }) {
		return applet.Exit(exitLeaked)
	}
	return nil
}

// parseListing returns the objects of a listing that have scalars for members,
// wherever they are, each with those as text; null is nothing. Several documents
// may follow each other, as in JSON lines.
func parseListing(text []byte) ([]map[string]string, error) {
	var objects []map[string]string
	err := jsontext.Each(string(text), func(document *jsontext.Value) { objects = appendObjects(objects, document) })
	return objects, err
}

// appendObjects appends the objects in a value, outer ones first.
func appendObjects(objects []map[string]string, value *jsontext.Value) []map[string]string {
	for _, element := range value.GetArray() {
		objects = appendObjects(objects, element)
	}
	var inner []*jsontext.Value
	texts := map[string]string{}
	value.GetObject().Visit(func(key []byte, member *jsontext.Value) {
		if text, ok := jsontext.Scalar(member); ok {
			texts[string(key)] = text
		} else {
			inner = append(inner, member)
		}
	})
	if len(texts) > 0 {
		objects = append(objects, texts)
	}
	for _, member := range inner {
		objects = appendObjects(objects, member)
	}
	return objects
}

// saved makes entries of the objects of a listing, of the kinds asked for.
func (p *plan) saved(objects []map[string]string) ([]entry, error) {
	var all []entry
	for _, object := range objects {
		inode, err := strconv.ParseUint(object["ns"], 10, 32)
		kind, known := ns.Parse(object["type"])
		if err != nil || !known {
			return nil, applet.Failf("not every object has the columns NS and TYPE")
		}
		if p.kinds != 0 && !p.kinds.Has(kind) {
			continue
		}
		id, _ := strconv.ParseUint(object["nsid"], 10, 64) // 0 without the column
		e := entry{Namespace: census.Namespace{Inode: census.Inode(inode), Kind: kind}}
		e.ID, e.ignored = id, p.ignores(savedTexts(kind, inode, object))
		for _, c := range p.columns {
			e.cells = append(e.cells, object[strings.ToLower(c.Name)])
		}
		all = append(all, e)
	}
	return all, nil
}
