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
	var x xmlEntries
	for {
		t, err := d.RawToken()
		if err == io.EOF {
			return x.withTexts(), nil
		}
		if err != nil {
			return x.withTexts(), err
		}
		switch t := t.(type) {
		case xml.StartElement:
			if len(x.out) >= maxChanges || len(x.open) >= tree.MaxDepth {
				return x.withTexts(), bound.Error("too many or too deep entries")
			}
			line, _ := d.InputPos()
			x.start(t, line)
		case xml.EndElement:
			x.end(t)
		case xml.CharData:
			if n := len(x.open); n > 0 {
				x.texts[x.open[n-1]] = append(x.texts[x.open[n-1]], t...)
			}
		}
	}
}

// xmlEntries are the entries that were read so far.
type xmlEntries struct {
	out   []Change
	texts [][]byte // of each entry
	open  []int    // indices of the entries that are open
	back  int      // depth of <rollback>, 0 outside
}

func (x *xmlEntries) start(t xml.StartElement, line int) {
	c := Change{Name: t.Name.Local, Attrs: map[string]string{}, Line: line, Backward: x.back > 0}
	for _, a := range t.Attr {
		c.Attrs[a.Name.Local] = a.Value
		if n := len(x.open); n > 0 && x.out[x.open[n-1]].Attrs[a.Name.Local] == "" {
			x.out[x.open[n-1]].Attrs[a.Name.Local] = a.Value
		}
	}
	x.out, x.texts = append(x.out, c), append(x.texts, nil)
	x.open = append(x.open, len(x.out)-1)
	if strings.EqualFold(c.Name, "rollback") && x.back == 0 {
		x.back = len(x.open)
		x.out[len(x.out)-1].Backward = true
	}
}

func (x *xmlEntries) end(t xml.EndElement) {
	if len(x.open) == x.back {
		x.back = 0
	}
	n := len(x.open)
	if n > 1 && strings.EqualFold(t.Name.Local, "where") {
		x.out[x.open[n-2]].Attrs["where"] = string(x.texts[x.open[n-1]])
	}
	if n > 0 {
		x.open = x.open[:n-1]
	}
}

// withTexts are the entries with what stands in each.
func (x *xmlEntries) withTexts() []Change {
	for i := range x.out {
		x.out[i].Text = string(x.texts[i])
	}
	return x.out
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
