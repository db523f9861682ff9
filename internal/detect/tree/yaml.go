package tree

import (
	"errors"
	"io"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/gatehold/gatehold/internal/detect/bound"
)

// ParseYAML reads every document of a YAML stream. Empty documents are left
// out. Aliases and merge keys (<<) are expanded.
func ParseYAML(text string) ([]*Node, error) { return ParseYAMLFrom(text, 1) }

// ParseYAMLFrom is ParseYAML of a text whose first line has the number first
// in the file that it was cut from.
func ParseYAMLFrom(text string, first int) ([]*Node, error) {
	if len(text) > MaxBytes {
		return nil, errTooLarge(len(text))
	}
	if doc, ok := parseRegular(text, first); ok {
		return []*Node{doc}, nil
	}
	return parseAny(text, first)
}

// parseAny reads all of the language.
func parseAny(text string, first int) ([]*Node, error) {
	if line := tooDeep(text); line > 0 {
		return nil, errDeep(line + first - 1)
	}
	dec := yaml.NewDecoder(strings.NewReader(text))
	var docs []*Node
	c := converter{done: map[*yaml.Node]*Node{}, busy: map[*yaml.Node]bool{}, budget: MaxNodes, base: first - 1}
	for {
		var doc yaml.Node
		err := dec.Decode(&doc)
		if errors.Is(err, io.EOF) {
			return docs, nil
		}
		if err != nil {
			return nil, err
		}
		n, err := c.convert(&doc, 0)
		if err != nil {
			return nil, err
		}
		if n != nil && n.Kind == Scalar && n.Quoted && strings.Contains(n.Text, "---") {
			// The parser takes the marks of documents behind a block at the top for its text.
			return nil, errAt(n.Line, "a block of text at the top of a document may hold other documents")
		}
		if n != nil && n.Kind != Null {
			docs = append(docs, n)
		}
	}
}

// tooDeep finds nesting before the parser pays for it: brackets of flow
// collections and dashes on one line. (Indentation costs a byte a level for
// each line, so the text's size bounds it.) It overestimates (brackets
// in strings count), by so much that no real text comes near.
func tooDeep(text string) int {
	line, brackets, dashes, lineStart := 1, 0, 0, true
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\n':
			line++
			lineStart, dashes = true, 0
			continue
		case c == '[' || c == '{':
			brackets++
		case c == ']' || c == '}':
			brackets = max(0, brackets-1)
		case lineStart && (c == '-' || c == '?'):
			dashes++
		}
		if c := text[i]; c != ' ' && c != '-' && c != '?' {
			lineStart = false
		}
		if brackets > 10*MaxDepth || dashes > 10*MaxDepth {
			return line
		}
	}
	return 0
}

type converter struct {
	base   int                  // lines of the file above the text
	done   map[*yaml.Node]*Node // anchored nodes only
	busy   map[*yaml.Node]bool
	budget int
}

func (c *converter) convert(y *yaml.Node, depth int) (*Node, error) {
	if depth > MaxDepth {
		return nil, errDeep(c.base + y.Line)
	}
	switch y.Kind {
	case yaml.DocumentNode:
		if len(y.Content) == 0 {
			return nil, nil
		}
		return c.convert(y.Content[0], depth)
	case yaml.AliasNode:
		return c.alias(y)
	}
	if y.Anchor != "" {
		c.busy[y] = true
		defer delete(c.busy, y)
	}
	n := &Node{Line: c.base + y.Line, size: 1}
	if strings.HasPrefix(y.Tag, "!") && !strings.HasPrefix(y.Tag, "!!") {
		n.Tag = y.Tag
	}
	if err := c.fill(n, y, depth); err != nil {
		return nil, err
	}
	c.budget--
	if c.budget < 0 {
		return nil, bound.Error("line %d: more than %d values", c.base+y.Line, MaxNodes)
	}
	if y.Anchor != "" {
		c.done[y] = n
	}
	return n, nil
}

// alias shares the node that was anchored, and counts it whole: a walker will
// see it again.
func (c *converter) alias(y *yaml.Node) (*Node, error) {
	n := c.done[y.Alias]
	if n == nil || c.busy[y.Alias] {
		return nil, errAt(c.base+y.Line, "alias %q holds itself", y.Value)
	}
	c.budget -= n.size
	if c.budget < 0 {
		return nil, errAt(c.base+y.Line, "more than %d values after aliases are expanded", MaxNodes)
	}
	return n, nil
}

func (c *converter) fill(n *Node, y *yaml.Node, depth int) error {
	switch y.Kind {
	case yaml.ScalarNode:
		n.Kind, n.Text = Scalar, y.Value
		n.Quoted = y.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0
		if y.Tag == "!!null" {
			n.Kind, n.Text = Null, ""
		}
	case yaml.SequenceNode:
		n.Kind = List
		n.Items = make([]*Node, 0, len(y.Content))
		for _, item := range y.Content {
			child, err := c.convert(item, depth+1)
			if err != nil {
				return err
			}
			n.Items = append(n.Items, child)
			n.size += child.size
		}
	case yaml.MappingNode:
		n.Kind = Map
		return c.fillMap(n, y, depth)
	}
	return nil
}

func (c *converter) fillMap(n *Node, y *yaml.Node, depth int) error {
	n.Fields = make([]Field, 0, len(y.Content)/2)
	var merged []Field
	for i := 0; i+1 < len(y.Content); i += 2 {
		key := y.Content[i]
		value, err := c.convert(y.Content[i+1], depth+1)
		if err != nil {
			return err
		}
		n.size += value.size + 1
		if key.Tag == "!!merge" {
			for _, from := range value.Each() {
				if from.IsMap() {
					merged = append(merged, from.Fields...)
				}
			}
			continue
		}
		name := key.Value
		if key.Kind == yaml.AliasNode && key.Alias != nil {
			name = key.Alias.Value
		}
		n.Fields = append(n.Fields, Field{Key: name, Line: c.base + key.Line, Value: value})
	}
	if len(merged) == 0 {
		return nil
	}
	own := make(map[string]bool, len(n.Fields))
	for _, f := range n.Fields {
		own[f.Key] = true
	}
	for _, f := range merged {
		if !own[f.Key] {
			own[f.Key] = true
			n.Fields = append(n.Fields, f)
		}
	}
	return nil
}
