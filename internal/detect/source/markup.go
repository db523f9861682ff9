package source

import (
	"encoding/xml"
	"io"
	"strings"

	"github.com/gatehold/gatehold/internal/detect/bound"
	"github.com/gatehold/gatehold/internal/detect/tree"
)

// Change is one entry of a Liquibase changelog: <dropTable tableName="t"/>, or
// the same as YAML or JSON.
type Change struct {
	Name     string            // as Liquibase spells it: "dropTable"
	Attrs    map[string]string // its own attributes, and those of entries in it
	Text     string            // what stands in it: the SQL of <sql>
	Line     int
	Backward bool // inside <rollback>
}

// maxChanges bounds the entries kept of one changelog.
const maxChanges = 20_000

// Changes reads a changelog. ext is ".xml", ".yaml", ".yml" or ".json".
// It fails on a text that does not parse, is over 1 MiB or nests too deep.
func Changes(text, ext string) ([]Change, error) {
	if ext == ".xml" {
		return xmlChanges(text)
	}
	var docs []*tree.Node
	var err error
	if ext == ".json" {
		docs = make([]*tree.Node, 1)
		docs[0], err = tree.ParseJSON(text)
	} else {
		docs, err = tree.ParseYAML(text)
	}
	if err != nil {
		return nil, err
	}
	var out []Change
	for _, n := range docs {
		walkChanges(n, false, &out)
	}
	return out, nil
}

func xmlChanges(text string) (out []Change, err error) {
	if len(text) > tree.MaxBytes {
		return nil, bound.Error("larger than 1 MiB")
	}
	d := xml.NewDecoder(strings.NewReader(text))
	d.Strict = false
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	var texts [][]byte
	var open []int // indices of the entries that are open
	back := 0      // depth of <rollback>, 0 outside
	defer func() {
		for i := range out {
			out[i].Text = string(texts[i])
		}
	}()
	for {
		t, err := d.RawToken()
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return out, err
		}
		switch t := t.(type) {
		case xml.StartElement:
			line, _ := d.InputPos()
			if len(out) >= maxChanges || len(open) >= tree.MaxDepth {
				return out, bound.Error("too many or too deep entries")
			}
			c := Change{Name: t.Name.Local, Attrs: map[string]string{}, Line: line, Backward: back > 0}
			for _, a := range t.Attr {
				c.Attrs[a.Name.Local] = a.Value
				if n := len(open); n > 0 && out[open[n-1]].Attrs[a.Name.Local] == "" {
					out[open[n-1]].Attrs[a.Name.Local] = a.Value
				}
			}
			out, texts = append(out, c), append(texts, nil)
			open = append(open, len(out)-1)
			if strings.EqualFold(c.Name, "rollback") && back == 0 {
				back = len(open)
				out[len(out)-1].Backward = true
			}
		case xml.EndElement:
			if len(open) == back {
				back = 0
			}
			n := len(open)
			if n > 1 && strings.EqualFold(t.Name.Local, "where") {
				out[open[n-2]].Attrs["where"] = string(texts[open[n-1]])
			}
			if n > 0 {
				open = open[:n-1]
			}
		case xml.CharData:
			if n := len(open); n > 0 {
				texts[open[n-1]] = append(texts[open[n-1]], t...)
			}
		}
	}
}

// walkChanges lists the fields of all maps as entries.
func walkChanges(n *tree.Node, back bool, out *[]Change) {
	if n == nil || len(*out) >= maxChanges {
		return
	}
	for _, item := range n.Items {
		walkChanges(item, back, out)
	}
	for _, f := range n.Fields {
		c := Change{Name: f.Key, Line: f.Line, Attrs: map[string]string{}, Backward: back || strings.EqualFold(f.Key, "rollback")}
		if f.Value != nil {
			c.Text = f.Value.Text
			if f.Value.Kind == tree.Scalar {
				c.Line = f.Value.Line
			}
			for _, a := range f.Value.Fields {
				if a.Value != nil && a.Value.Kind == tree.Scalar {
					c.Attrs[a.Key] = a.Value.Text
				}
			}
		}
		*out = append(*out, c)
		walkChanges(f.Value, c.Backward, out)
	}
}
