// Package tree reads YAML and JSON into one small positioned tree, for
// detectors that read what an adversary wrote.
//
// It bounds what a text can cost: MaxBytes of text, MaxDepth levels, MaxNodes
// nodes after aliases are expanded. What is over a bound, or does not parse, is
// an error with a sentence; there is no partial tree. Every method is safe on
// a nil *Node, so that paths can be chained without checks.
package tree

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gatehold/gatehold/internal/detect/bound"
)

// The bounds of one text. Real manifests are far below them.
const (
	MaxBytes = 1 << 20
	MaxDepth = 100
	MaxNodes = 200_000
)

// Kind is the shape of a node.
type Kind uint8

// The shapes. The zero Kind is that of a nil node: nothing is there.
const (
	None Kind = iota
	Null
	Scalar
	List
	Map
)

// Node is a value at a place.
type Node struct {
	Kind   Kind
	Text   string  // of a Scalar, unquoted
	Quoted bool    // the scalar was written in quotes or as a block: a string
	Tag    string  // an application's own tag as written ("!Ref"), else empty
	Line   int     // counted from 1
	Items  []*Node // of a List
	Fields []Field // of a Map, in order; of a key written twice the last one wins in Get

	size int // nodes below and with this one, aliases expanded
}

// Field is one entry of a Map.
type Field struct {
	Key   string
	Line  int // where the key stands
	Value *Node
}

// Get follows keys through maps. A key of digits also indexes a list. It
// returns nil where a step is missing.
func (n *Node) Get(path ...string) *Node {
	for _, key := range path {
		if n == nil {
			return nil
		}
		n = n.step(key)
	}
	return n
}

func (n *Node) step(key string) *Node {
	switch n.Kind {
	case Map:
		for i := len(n.Fields) - 1; i >= 0; i-- {
			if n.Fields[i].Key == key {
				return n.Fields[i].Value
			}
		}
	case List:
		if i, err := strconv.Atoi(key); err == nil && i >= 0 && i < len(n.Items) {
			return n.Items[i]
		}
	}
	return nil
}

// GetFold is Get with keys compared without case.
func (n *Node) GetFold(path ...string) *Node {
	for _, key := range path {
		var next *Node
		if n != nil && n.Kind == Map {
			for i := len(n.Fields) - 1; i >= 0; i-- {
				if strings.EqualFold(n.Fields[i].Key, key) {
					next = n.Fields[i].Value
					break
				}
			}
		}
		n = next
	}
	return n
}

// Has says whether there is a value at path, null included.
func (n *Node) Has(path ...string) bool { return n.Get(path...) != nil }

// Str returns the text of a scalar, and "" for anything else.
func (n *Node) Str() string {
	if n == nil || n.Kind != Scalar {
		return ""
	}
	return n.Text
}

// At is where the node stands, 0 for none.
func (n *Node) At() int {
	if n == nil {
		return 0
	}
	return n.Line
}

// IsMap and IsList tell the shape.
func (n *Node) IsMap() bool { return n != nil && n.Kind == Map }

// IsList tells whether n is a list.
func (n *Node) IsList() bool { return n != nil && n.Kind == List }

// True says whether n is written as a truth value that is on. Quoted ones
// count: templating and CloudFormation take them so.
func (n *Node) True() bool {
	switch strings.ToLower(n.Str()) {
	case "true", "yes", "on":
		return true
	}
	return false
}

// False says whether n is written as a truth value that is off.
func (n *Node) False() bool {
	switch strings.ToLower(n.Str()) {
	case "false", "no", "off":
		return true
	}
	return false
}

// Number returns the number that n is written as.
func (n *Node) Number() (float64, bool) {
	s := n.Str()
	if s == "" {
		return 0, false
	}
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil
}

// Each returns the items of a list, or n itself where it is a single value:
// many formats take either.
func (n *Node) Each() []*Node {
	switch {
	case n == nil || n.Kind == Null:
		return nil
	case n.Kind == List:
		return n.Items
	}
	return []*Node{n}
}

// Strings returns the scalars of Each.
func (n *Node) Strings() []string {
	var out []string
	for _, item := range n.Each() {
		if item != nil && item.Kind == Scalar {
			out = append(out, item.Text)
		}
	}
	return out
}

// Keys returns the keys of a map, in order.
func (n *Node) Keys() []string {
	if !n.IsMap() {
		return nil
	}
	out := make([]string, len(n.Fields))
	for i, f := range n.Fields {
		out[i] = f.Key
	}
	return out
}

// Equal compares values, wherever they stand and in whatever order maps were
// written. Null and absent are equal.
func Equal(a, b *Node) bool {
	aNone, bNone := a == nil || a.Kind == Null, b == nil || b.Kind == Null
	if aNone || bNone {
		return aNone && bNone
	}
	if a == b {
		return true
	}
	if a.Kind != b.Kind || a.Tag != b.Tag {
		return false
	}
	switch a.Kind {
	case Scalar:
		return a.Text == b.Text
	case List:
		if len(a.Items) != len(b.Items) {
			return false
		}
		for i := range a.Items {
			if !Equal(a.Items[i], b.Items[i]) {
				return false
			}
		}
		return true
	}
	return equalMaps(a, b)
}

// equalMaps is linear for maps in the same order, the usual case.
func equalMaps(a, b *Node) bool {
	if len(a.Fields) != len(b.Fields) {
		return false
	}
	var index map[string]*Node
	for i, f := range a.Fields {
		if index == nil && b.Fields[i].Key == f.Key {
			if !Equal(f.Value, b.Fields[i].Value) {
				return false
			}
			continue
		}
		if index == nil {
			index = make(map[string]*Node, len(b.Fields))
			for _, g := range b.Fields {
				index[g.Key] = g.Value
			}
		}
		other, ok := index[f.Key]
		if !ok || !Equal(f.Value, other) {
			return false
		}
	}
	return true
}

// Walk calls visit for n and everything below it, parents first, with the
// keys that lead there; list items have their index as key. Where visit
// returns false nothing below that node is visited. The path is reused: copy
// it to keep it.
func Walk(n *Node, visit func(path []string, n *Node) bool) { walk(n, nil, visit) }

func walk(n *Node, path []string, visit func([]string, *Node) bool) {
	if n == nil || !visit(path, n) {
		return
	}
	for i, item := range n.Items {
		walk(item, append(path, strconv.Itoa(i)), visit)
	}
	for _, f := range n.Fields {
		walk(f.Value, append(path, f.Key), visit)
	}
}

func errTooLarge(size int) error {
	return bound.Error("the text has %d bytes, more than the %d that are read", size, MaxBytes)
}

func errDeep(line int) error {
	return bound.Error("line %d: nested more than %d levels deep", line, MaxDepth)
}

func errAt(line int, format string, args ...any) error {
	return fmt.Errorf("line %d: "+format, append([]any{line}, args...)...)
}

// Entries returns the fields of a map, and nothing for anything else.
func (n *Node) Entries() []Field {
	if !n.IsMap() {
		return nil
	}
	return n.Fields
}

// Rekeyed is a tree with each key written as say says, as deep as trees are read.
func Rekeyed(n *Node, say func(key string) string) *Node { return rekeyed(n, say, 0) }

func rekeyed(n *Node, say func(key string) string, depth int) *Node {
	if n == nil || n.Kind == Scalar || depth > MaxDepth {
		return n
	}
	out := &Node{Kind: n.Kind, Line: n.Line}
	for _, item := range n.Items {
		out.Items = append(out.Items, rekeyed(item, say, depth+1))
	}
	for _, f := range n.Fields {
		out.Fields = append(out.Fields, Field{Key: say(f.Key), Line: f.Line, Value: rekeyed(f.Value, say, depth+1)})
	}
	return out
}
