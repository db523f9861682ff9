package construct

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect/source"
	"github.com/gatehold/gatehold/internal/detect/tree"
)

// link is a value on which something may be called.
type link struct {
	from int // its first token
	name string
	made bool
	call *Call
	node *tree.Node
}

// named reads a name and all that is called on it.
func (p *parser) named(made bool) *tree.Node {
	t := p.tok()
	l := link{from: p.i, name: t.Text, made: made}
	p.i++
	if p.composite && t.Text == "map" && p.is("[") {
		return p.goMap(l.from)
	}
	return p.chain(l)
}

// goMap reads Go's map[string]any{...}.
func (p *parser) goMap(from int) *tree.Node {
	for !p.done() && !p.is("{") && p.tok().Kind != source.Newline && !p.is(",") && !p.is(")") {
		if p.is("interface") {
			p.i += 2
		}
		p.i++
	}
	if p.is("{") {
		return p.object()
	}
	return p.unknown(from)
}

// chain reads what follows a value: members, calls, indexes.
func (p *parser) chain(l link) *tree.Node {
	for !p.done() {
		switch {
		case p.dotted():
			p.member(&l)
		case p.is("("):
			p.call(&l)
		case p.is("<") && p.typeArguments() > 0:
			p.i = p.typeArguments()
		case p.is("[") && l.call == nil && l.name != "" && p.adjacent():
			p.brackets(false)
			l.name += "[]"
		case p.is("{") && p.literalBody(l):
			return p.initialized(l)
		case p.is("!") && p.adjacent() && (p.at(p.i+1).Is(".") || p.at(p.i+1).Is(",") || p.at(p.i+1).Is(")")):
			p.i++
		case p.is("as") && p.lang == source.JavaScript:
			p.cast()
		default:
			return p.value(l)
		}
	}
	return p.value(l)
}

// dotted says whether a member comes next, which may stand on the next line.
func (p *parser) dotted() bool {
	i := p.i
	if p.at(i).Kind == source.Newline {
		if p.lang == source.Python && p.in == nil || p.lines {
			return false
		}
		i = p.after(i)
	}
	if p.at(i).Is("?") && p.at(i+1).Is(".") {
		i++
	}
	return p.at(i).Is(".") && p.at(i+1).Kind == source.Name && !p.at(i+1).Is("(")
}

// maxName is how long a dotted name is kept whole.
const maxName = 300

func (p *parser) member(l *link) {
	for !p.is(".") {
		p.i++
	}
	name := p.at(p.i + 1).Text
	p.i += 2
	switch {
	case l.call != nil:
		l.name = name
	case l.name == "" || len(l.name) > maxName:
		l.name = name
	default:
		l.name += "." + name
	}
}

// adjacent says whether no space stands before the next token.
func (p *parser) adjacent() bool { return p.tok().From == p.at(p.i-1).To }

// literalBody says whether a { after a value belongs to it: the fields of Go's
// literals and of C#'s initializers.
func (p *parser) literalBody(l link) bool {
	if p.composite {
		return l.call == nil && l.name != "" && p.adjacent()
	}
	return l.made && p.bareEntry
}

// cast steps over "as Type".
func (p *parser) cast() {
	p.i++
	for p.tok().Kind == source.Name || p.is(".") {
		p.i++
	}
	if end := p.typeArguments(); p.is("<") && end > 0 {
		p.i = end
	}
	for p.is("[") && p.at(p.i+1).Is("]") {
		p.i += 2
	}
}

// maxTypes is how many tokens are looked at for the end of type arguments.
const maxTypes = 40

// typeArguments is the place behind <A, B> that leads to a call, 0 where what
// comes next is none.
func (p *parser) typeArguments() int {
	depth := 0
	for i := p.i; i < p.i+maxTypes && i < len(p.toks); i++ {
		switch t := p.toks[i]; {
		case t.Is("<"):
			depth++
		case t.Is(">"):
			if depth--; depth == 0 {
				if next := p.at(i + 1); next.Is("(") || next.Is("{") || next.Is(",") || next.Is(")") || next.Is(";") {
					return i + 1
				}
				return 0
			}
		case t.Kind == source.Name, t.Is("."), t.Is(","), t.Is("["), t.Is("]"), t.Is("?"), t.Is("|"):
		default:
			return 0
		}
	}
	return 0
}

// initialized reads the fields behind a type, or behind a call that makes one.
func (p *parser) initialized(l link) *tree.Node {
	n := p.object()
	if l.call != nil {
		l.call.Set = n
		if len(l.call.Args) == 0 { // new Props() { ... } is its fields
			return n
		}
		return p.value(l)
	}
	return n
}

// inside are the arguments of a call.
type inside struct {
	args []*tree.Node
	set  *tree.Node
}

// arguments reads from ( to ).
func (p *parser) arguments() inside {
	var out inside
	p.enter()
	p.i++
	for !p.done() && !closes(p.tok()) {
		if t := p.tok(); t.Kind == source.Newline || t.Is(",") || t.Is(";") {
			p.i++
			continue
		}
		before := p.i
		if name, ok := p.keyword(); ok {
			if out.set == nil {
				out.set = &tree.Node{Kind: tree.Map, Line: p.at(before).Line}
			}
			out.set.Fields = append(out.set.Fields, tree.Field{Key: name, Line: p.at(before).Line, Value: p.expr(false)})
		} else {
			out.args = append(out.args, p.expr(false))
		}
		if p.i == before {
			p.i++
		}
	}
	p.close(")")
	p.leave()
	return out
}

// keyword reads the name of a keyword argument and the sign behind it.
func (p *parser) keyword() (string, bool) {
	t := p.tok()
	if p.lang == source.Python && p.sign(p.i, "**") {
		p.i += 2
		return Rest, true
	}
	if p.keywords == 0 || t.Kind != source.Name || !p.at(p.i+1).Is(string(p.keywords)) {
		return "", false
	}
	if p.sign(p.i+1, "==") || p.sign(p.i+1, "::") {
		return "", false
	}
	p.i += 2
	p.newlines()
	return t.Text, true
}

// call reads the arguments of a call.
func (p *parser) call(l *link) {
	c := &Call{Name: l.name, New: l.made, On: l.call, In: p.in, Line: p.at(l.from).Line}
	if l.call != nil {
		c.Line = p.tok().Line
	}
	p.out.Calls = append(p.out.Calls, c)
	before := p.in
	p.in = c
	got := p.arguments()
	p.in = before
	c.Args, c.Set = got.args, got.set
	if c.On != nil {
		c.before = c.On.Var
	}
	l.call, l.node = c, nil
	if p.builds(l) {
		return
	}
	l.made = l.made && c.On == nil
}

// value is what the chain comes to.
func (p *parser) value(l link) *tree.Node {
	if l.node != nil {
		return l.node
	}
	n := p.unknown(l.from)
	switch {
	case l.call != nil:
		p.out.of[n] = l.call
	case n.Text == "true" || n.Text == "True" || n.Text == "false" || n.Text == "False":
		n.Tag, n.Text = "", strings.ToLower(n.Text)
	case n.Text == "null" || n.Text == "None" || n.Text == "nil" || n.Text == "undefined":
		n.Kind, n.Tag, n.Text = tree.Null, "", ""
	}
	return n
}

// maxSettings is how many settings a builder may be given.
const maxSettings = 200

// builds makes of a chain that ends in build() what it builds: a construct, whose
// settings are the calls of the chain, or the settings alone.
func (p *parser) builds(l *link) bool {
	c := l.call
	if c.Last() != "build" && c.Last() != "Build" || c.On == nil || len(c.Args) > 0 {
		return false
	}
	set := &tree.Node{Kind: tree.Map, Line: c.Line}
	root := c.On
	for ; root.On != nil; root = root.On {
		if len(set.Fields) >= maxSettings {
			return false
		}
		v := root.Arg(0)
		if len(root.Args) > 1 {
			v = &tree.Node{Kind: tree.List, Line: root.Line, Items: root.Args}
		}
		set.Fields = append(set.Fields, tree.Field{Key: root.Last(), Line: root.Line, Value: v})
	}
	for i, k := 0, len(set.Fields)-1; i < k; i, k = i+1, k-1 {
		set.Fields[i], set.Fields[k] = set.Fields[k], set.Fields[i]
	}
	typ, makes := strings.CutSuffix(root.Name, ".Builder.create")
	switch {
	case makes, root.New && strings.HasSuffix(root.Name, ".Builder"):
		root.Name, root.New, root.Set = strings.TrimSuffix(typ, ".Builder"), true, set
		l.call = root
	case strings.HasSuffix(root.Name, ".builder") || strings.HasSuffix(root.Name, ".newBuilder"):
		root.Name, root.Set, root.New = root.Receiver(), set, true
		l.node = set
	default:
		return false
	}
	return true
}
