package schema

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect/source"
)

// Atlas reads the tables and enumerations of a schema in Atlas' HCL.
// https://atlasgo.io/atlas-schema/hcl
func Atlas(body string) *Schema {
	out := New()
	a := atlas{out: out}
	var line []source.Token
	source.Each(body, source.PHP, func(t source.Token) bool { // its comments are HCL's
		switch {
		case t.Is("{") && !sets(line):
			a.opens(line)
			line = nil
		case t.Kind == source.Newline && !open(line), t.Is("}") && !open(line):
			a.says(line)
			line = nil
			if t.Is("}") {
				a.ends()
			}
		case t.Kind != source.Newline:
			line = append(line, t)
		}
		return true
	})
	return out
}

// sets says whether tokens are an attribute, whose braces are a value.
func sets(line []source.Token) bool { return len(line) > 1 && line[1].Is("=") }

// open says whether brackets in tokens are open.
func open(line []source.Token) bool {
	depth := 0
	if sets(line) {
		for _, t := range line {
			depth += nesting(t)
		}
	}
	return depth > 0
}

// atlas is a schema that is being read: the blocks that are open.
type atlas struct {
	out    *Schema
	blocks []string // their kinds
	table  *Table
	column *Column
	enum   *Enum
	over   []string // the columns of the key that is open
	unique bool
	line   int
}

func (a *atlas) opens(head []source.Token) {
	kind, name := "", ""
	var labels []string
	for i, t := range head {
		switch {
		case i == 0:
			kind, a.line = t.Text, t.Line
		case t.Kind == source.String:
			labels = append(labels, t.Text)
		}
	}
	if len(labels) > 0 {
		name = labels[len(labels)-1]
	}
	a.blocks = append(a.blocks, kind)
	switch {
	case len(a.blocks) == 1 && kind == "table":
		a.table = a.out.Table(name, name, a.line)
	case len(a.blocks) == 1 && kind == "enum":
		a.enum = a.out.Enum(name, name, a.line)
	case a.table != nil && kind == "column":
		a.column = a.table.Column(name, a.line)
		a.column.Required = true
	case a.table != nil && (kind == "index" || kind == "unique" || kind == "primary_key"):
		a.over, a.unique = nil, kind != "index"
	}
}

func (a *atlas) ends() {
	n := len(a.blocks)
	if n == 0 {
		return
	}
	switch kind := a.blocks[n-1]; kind {
	case "table":
		a.table = nil
	case "enum":
		a.enum = nil
	case "column":
		a.column = nil
	case "index", "unique", "primary_key":
		if a.table != nil {
			a.table.Key(a.over, a.unique, a.line)
		}
	}
	a.blocks = a.blocks[:n-1]
}

// says reads one attribute.
func (a *atlas) says(line []source.Token) {
	if !sets(line) || len(a.blocks) == 0 {
		return
	}
	key, value := line[0].Text, line[2:]
	switch a.blocks[len(a.blocks)-1] {
	case "column":
		if a.column != nil {
			a.ofColumn(key, value)
		}
	case "enum":
		for _, t := range value {
			if t.Kind == source.String && key == "values" && a.enum != nil {
				a.enum.Values[t.Text] = t.Line
			}
		}
	case "index", "unique", "primary_key":
		switch {
		case key == "unique":
			a.unique = len(value) > 0 && value[0].Is("true")
		case key == "columns" && a.table != nil:
			for i, t := range value {
				if i > 1 && value[i-1].Is(".") && value[i-2].Is("column") {
					a.over = append(a.over, t.Text)
				}
			}
		}
	}
}

// ofColumn reads an attribute of a column.
func (a *atlas) ofColumn(key string, value []source.Token) {
	var text strings.Builder
	for _, t := range value {
		text.WriteString(t.Text)
	}
	switch key {
	case "null":
		a.column.Required = text.String() != "true"
	case "default":
		a.column.Filled = true
	case "type":
		a.column.Type = TypeOf(strings.TrimPrefix(text.String(), "enum."))
	case "auto_increment":
		a.column.Filled = true
	}
}
