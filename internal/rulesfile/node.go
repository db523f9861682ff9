package rulesfile

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
	"go.yaml.in/yaml/v4/plugin/loaderlimits"

	"github.com/gatehold/gatehold/internal/words"
)

// parser collects the problems of one file while it is read.
type parser struct {
	name     string
	problems Problems
	more     int // problems beyond MaxProblems
}

func (p *parser) fail(n *yaml.Node, code, format string, args ...any) {
	line, column := 0, 0
	if n != nil {
		line, column = n.Line, n.Column
	}
	p.failAt(line, column, code, format, args...)
}

func (p *parser) failAt(line, column int, code, format string, args ...any) {
	if len(p.problems) >= MaxProblems {
		p.more++
		return
	}
	p.problems = append(p.problems, Problem{File: p.name, Line: line, Column: column, Code: code, Text: fmt.Sprintf(format, args...)})
}

// err returns what was found, in the order of the places, or nil.
func (p *parser) err() error {
	if len(p.problems) == 0 {
		return nil
	}
	slices.SortStableFunc(p.problems, func(a, b Problem) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	if p.more > 0 {
		p.problems = append(p.problems, Problem{File: p.name, Code: "more", Text: fmt.Sprintf("and %d more problems", p.more)})
	}
	return p.problems
}

// document reads the text into nodes: one document, a mapping, without anchors,
// aliases or tags, and not too deep. It returns nil where it cannot.
func (p *parser) document(text []byte) *yaml.Node {
	if len(text) > MaxFileSize {
		p.fail(nil, "too_large", "the file has %d bytes and may have %d: move rules into the organisation's file, or use fewer",
			len(text), MaxFileSize)
		return nil
	}
	var root yaml.Node
	err := yaml.Load(text, &root, yaml.WithV4Defaults(),
		yaml.WithPlugin(loaderlimits.New(loaderlimits.DepthValue(MaxDepth), loaderlimits.AliasValue(0))))
	if err != nil {
		p.loadError(err)
		return nil
	}
	if root.Kind != yaml.DocumentNode || len(root.Content) != 1 {
		p.fail(nil, "empty", "the file is empty: a rules file begins with `version: 1`")
		return nil
	}
	if !p.plain(root.Content[0]) {
		return nil
	}
	return root.Content[0]
}

func (p *parser) loadError(err error) {
	var one *yaml.LoadError
	if errors.As(err, &one) && one.Mark.Line > 0 {
		code := "yaml"
		if strings.Contains(one.Message, "max depth") {
			code = "too_deep"
		}
		p.failAt(one.Mark.Line, one.Mark.Column, code, "this is not readable YAML: %s", strings.TrimSpace(one.ContextMsg+" "+one.Message))
		return
	}
	if strings.Contains(err.Error(), "no documents") {
		p.fail(nil, "empty", "the file is empty: a rules file begins with `version: 1`")
		return
	}
	if strings.Contains(err.Error(), "multiple") {
		p.fail(nil, "yaml", "the file holds more than one YAML document: remove the `---` between them")
		return
	}
	p.fail(nil, "yaml", "this is not readable YAML: %s", err)
}

// plain refuses what a rules file has no use for, so that what is read is what
// stands there, and reports whether it can be read on. Its recursion is bounded
// by MaxDepth.
func (p *parser) plain(n *yaml.Node) bool {
	if n.Kind == yaml.AliasNode || n.Anchor != "" {
		p.fail(n, "alias", "anchors and aliases are not allowed in a rules file: write the value out")
		return false
	}
	if n.Style&yaml.TaggedStyle != 0 {
		p.fail(n, "tag", "the tag %s is not allowed in a rules file: remove it", n.Tag)
		return false
	}
	if n.Kind == yaml.MappingNode {
		p.duplicates(n)
	}
	ok := true
	for _, c := range n.Content {
		ok = p.plain(c) && ok
	}
	return ok
}

func (p *parser) duplicates(n *yaml.Node) {
	seen := make(map[string]int, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if first, ok := seen[key.Value]; ok && key.Kind == yaml.ScalarNode {
			p.fail(key, "duplicate_key", "the key %q stands here twice, first on line %d: keep one", key.Value, first)
		}
		seen[key.Value] = key.Line
	}
}

// field reads one key's value.
type field func(key, value *yaml.Node)

// fields reads a mapping with a fixed set of keys. Each unknown key is a
// problem with the nearest known one.
func (p *parser) fields(n *yaml.Node, what string, known map[string]field) bool {
	if n.Kind != yaml.MappingNode {
		p.fail(n, "wrong_type", "%s must be a mapping of keys to values, and this is %s", what, describe(n))
		return false
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		read, ok := known[key.Value]
		switch {
		case key.Kind != yaml.ScalarNode:
			p.fail(key, "wrong_type", "a key of %s must be a word, and this is %s", what, describe(key))
		case !ok:
			names := make([]string, 0, len(known))
			for name := range known {
				names = append(names, name)
			}
			p.fail(key, "unknown_key", "%s has no key %q%s", what, key.Value, words.DidYouMean(key.Value, names))
		case value.Tag == "!!null":
			p.fail(value, "wrong_type", "%q has no value: give it one, or remove the key", key.Value)
		default:
			read(key, value)
		}
	}
	return true
}

// entries reads a mapping whose keys are names of the user's.
func (p *parser) entries(n *yaml.Node, what string, each func(key, value *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		p.fail(n, "wrong_type", "%s must be a mapping of names to values, and this is %s", what, describe(n))
		return
	}
	if len(n.Content)/2 > MaxList {
		p.fail(n, "too_many", "%s has %d entries and may have %d", what, len(n.Content)/2, MaxList)
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Kind != yaml.ScalarNode || key.Tag == "!!null" || key.Value == "" {
			p.fail(key, "wrong_type", "a key of %s must be a name, and this is %s", what, describe(key))
			continue
		}
		each(key, value)
	}
}

// items reads a list.
func (p *parser) items(n *yaml.Node, what string, each func(item *yaml.Node)) {
	switch {
	case n.Kind != yaml.SequenceNode:
		p.fail(n, "wrong_type", "%s must be a list, and this is %s", what, describe(n))
	case len(n.Content) > MaxList:
		p.fail(n, "too_many", "%s has %d entries and may have %d", what, len(n.Content), MaxList)
	default:
		for _, item := range n.Content {
			each(item)
		}
	}
}

// text reads a non-empty text.
func (p *parser) text(n *yaml.Node, what string, max int) string {
	switch {
	case n.Kind != yaml.ScalarNode || n.Tag != "!!str":
		p.fail(n, "wrong_type", "%s must be a text, and this is %s%s", what, describe(n), quoteHint(n))
	case strings.TrimSpace(n.Value) == "":
		p.fail(n, "bad_value", "%s is empty", what)
	case len(n.Value) > max:
		p.fail(n, "bad_value", "%s has %d bytes and may have %d", what, len(n.Value), max)
	case strings.ContainsFunc(n.Value, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r == 0x7f }):
		p.fail(n, "bad_value", "%s holds a control character", what)
	default:
		return n.Value
	}
	return ""
}

// texts reads a non-empty list of texts.
func (p *parser) texts(n *yaml.Node, what string) (values []string, nodes []*yaml.Node) {
	if n.Kind == yaml.SequenceNode && len(n.Content) == 0 {
		p.fail(n, "bad_value", "%s is an empty list: name at least one, or remove the key", what)
	}
	p.items(n, what, func(item *yaml.Node) {
		if s := p.text(item, "an entry of "+what, 1024); s != "" {
			values, nodes = append(values, s), append(nodes, item)
		}
	})
	return values, nodes
}

// number reads a whole number within bounds.
func (p *parser) number(n *yaml.Node, what string, low, high int64) int64 {
	if n.Kind != yaml.ScalarNode || n.Tag != "!!int" {
		p.fail(n, "wrong_type", "%s must be a whole number from %d to %d, and this is %s", what, low, high, describe(n))
		return 0
	}
	v, err := strconv.ParseInt(n.Value, 10, 64)
	if err != nil || v < low || v > high {
		p.fail(n, "bad_value", "%s must be a whole number from %d to %d, and this is %s", what, low, high, n.Value)
		return 0
	}
	return v
}

// word reads one of a fixed set of words.
func (p *parser) word(n *yaml.Node, what string, known ...string) string {
	if n.Kind != yaml.ScalarNode || n.Tag != "!!str" {
		p.fail(n, "wrong_type", "%s must be one of %s, and this is %s", what, words.List(known, "or"), describe(n))
		return ""
	}
	if !slices.Contains(known, n.Value) {
		p.fail(n, "bad_value", "%s must be one of %s, and this is %q%s", what, words.List(known, "or"), n.Value, words.DidYouMean(n.Value, known))
		return ""
	}
	return n.Value
}

func describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	}
	switch n.Tag {
	case "!!int", "!!float":
		return "the number " + words.Clip(n.Value)
	case "!!bool":
		return "the truth value " + n.Value
	case "!!null":
		return "nothing"
	case "!!timestamp":
		return "the date " + words.Clip(n.Value)
	}
	return strconv.Quote(words.Clip(n.Value))
}

func quoteHint(n *yaml.Node) string {
	if n.Kind == yaml.ScalarNode && n.Tag != "!!null" {
		return ": put it in quotes"
	}
	return ""
}
