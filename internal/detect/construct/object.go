package construct

import (
	"github.com/gatehold/gatehold/internal/detect/source"
	"github.com/gatehold/gatehold/internal/detect/tree"
)

// object reads entries up to }. Without a key for any of them they are a list.
func (p *parser) object() *tree.Node {
	n := &tree.Node{Kind: tree.Map, Line: p.tok().Line}
	var bare []*tree.Node
	p.enter()
	p.i++
	for !p.done() && !closes(p.tok()) {
		if t := p.tok(); t.Kind == source.Newline || t.Is(",") || t.Is(";") {
			p.i++
			continue
		}
		before := p.i
		if f, keyed := p.entry(); keyed {
			n.Fields = append(n.Fields, f)
		} else {
			bare = append(bare, f.Value)
		}
		if p.i == before {
			p.i++
		}
	}
	p.close("}")
	p.leave()
	if len(n.Fields) > 0 {
		p.out.Objects = append(p.out.Objects, n)
	}
	if len(n.Fields) == 0 && len(bare) > 0 {
		return &tree.Node{Kind: tree.List, Line: n.Line, Items: bare}
	}
	return n
}

// entry reads one entry of an object.
func (p *parser) entry() (f tree.Field, keyed bool) {
	t := p.tok()
	f = tree.Field{Line: t.Line}
	if p.sign(p.i, "...") {
		p.i += 3
		f.Key, f.Value = Rest, p.expr(p.lines)
		return f, true
	}
	if p.sign(p.i, "**") {
		p.i += 2
		f.Key, f.Value = Rest, p.expr(false)
		return f, true
	}
	from := p.i
	if key, ok := p.key(); ok {
		f.Key = key
		p.newlines()
		f.Value = p.expr(p.lines)
		return f, true
	}
	p.i = from
	if t.Kind == source.Name && !p.bareEntry && p.shorthand() {
		p.i++
		f.Key, f.Value = t.Text, &tree.Node{Kind: tree.Scalar, Tag: Unknown, Text: t.Text, Line: t.Line}
		return f, true
	}
	f.Value = p.expr(p.lines)
	return f, false
}

// shorthand says whether an entry is a name alone.
func (p *parser) shorthand() bool {
	next := p.at(p.after(p.i + 1))
	return next.Is(",") || next.Is("}")
}

// key reads the key of an entry and the sign behind it.
func (p *parser) key() (string, bool) {
	t := p.tok()
	key := t.Text
	switch {
	case t.Is("["): // a key that is computed, or C#'s ["key"]
		n := p.brackets(false)
		if len(n.Items) == 1 {
			key = n.Items[0].Str()
		}
	case t.Kind == source.Name, t.Kind == source.String, t.Kind == source.Number:
		p.i++
		for p.lang != source.JavaScript && p.is(".") && p.at(p.i+1).Kind == source.Name { // a constant
			key += "." + p.at(p.i+1).Text
			p.i += 2
		}
	default:
		return "", false
	}
	if p.is("?") { // of a type
		p.i++
	}
	if p.sign(p.i, "=>") || p.sign(p.i, "==") || !p.is(":") && !p.is("=") {
		return "", false
	}
	p.i++
	return key, true
}
