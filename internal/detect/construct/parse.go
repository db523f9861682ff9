package construct

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect/bound"
	"github.com/gatehold/gatehold/internal/detect/source"
	"github.com/gatehold/gatehold/internal/detect/tree"
)

// parser reads the tokens of one text from its begin to its end.
type parser struct {
	dialect
	src      string
	toks     []source.Token
	i        int
	depth    int
	in       *Call
	out      *Program
	assigned map[string]int
}

// maxDepth bounds what nests. What is generated may be deep; what people write
// is not.
const maxDepth = 200

func (p *parser) enter() {
	if p.depth++; p.depth > maxDepth {
		bound.Stop("the program nests more than 200 levels deep")
	}
}

func (p *parser) leave() { p.depth-- }

func (p *parser) at(i int) source.Token {
	if i < 0 || i >= len(p.toks) {
		return source.Token{Kind: source.Newline}
	}
	return p.toks[i]
}

func (p *parser) tok() source.Token { return p.at(p.i) }

func (p *parser) done() bool { return p.i >= len(p.toks) }

// is says whether the next token is this sign or name.
func (p *parser) is(s string) bool { return !p.done() && p.toks[p.i].Is(s) }

// sign says whether the tokens from i are the letters of a sign, side by side.
func (p *parser) sign(i int, s string) bool {
	for k := range len(s) {
		t := p.at(i + k)
		if i+k >= len(p.toks) || t.Kind != source.Punct || t.Text != s[k:k+1] || k > 0 && t.From != p.at(i+k-1).To {
			return false
		}
	}
	return true
}

func (p *parser) newlines() {
	for !p.done() && p.toks[p.i].Kind == source.Newline {
		p.i++
	}
}

// after is the place of the first token behind i that is no end of a line.
func (p *parser) after(i int) int {
	for i < len(p.toks) && p.toks[i].Kind == source.Newline {
		i++
	}
	return i
}

func closes(t source.Token) bool { return t.Is(")") || t.Is("]") || t.Is("}") }

// statements reads up to the bracket that closes what they stand in.
func (p *parser) statements() {
	for !p.done() && !closes(p.tok()) {
		if t := p.tok(); t.Kind == source.Newline || t.Is(";") || t.Is(",") {
			p.i++
			continue
		}
		if p.is("{") && p.lang != source.Python {
			p.block()
			continue
		}
		from := p.i
		p.expr(true)
		if p.i == from {
			p.i++
		}
	}
}

// block reads the statements between { and }.
func (p *parser) block() {
	p.enter()
	p.i++
	p.statements()
	p.close("}")
	p.leave()
}

func (p *parser) close(sign string) {
	if p.is(sign) {
		p.i++
	}
}

// expr reads one expression, up to what separates it from the next. Where lines
// is set the end of a line may end it too.
func (p *parser) expr(lines bool) *tree.Node {
	from := p.i
	var n *tree.Node
	parts := 0
	for !p.done() {
		t := p.tok()
		if p.ends(t, lines) {
			break
		}
		if t.Kind == source.Newline {
			p.i++
			continue
		}
		if t.Is("{") && p.lines { // of Bicep, behind a condition or a loop
			n, parts = p.object(), 1
			break
		}
		if t.Is("{") && parts > 0 {
			p.block()
			n, parts = nil, parts+1
			if lines && p.tok().Kind == source.Newline {
				break
			}
			continue
		}
		if p.assignment(parts) {
			n, parts = p.assigns(from, lines), 1
			break
		}
		if parts == 1 && p.lang == source.JavaScript && (t.Is("as") || t.Is("satisfies")) {
			p.cast()
			continue
		}
		if skip := p.operator(parts); skip > 0 {
			p.i += skip
			parts++
			n = nil
			continue
		}
		before := p.i
		n = p.operand()
		parts++
		if p.i == before {
			p.i++
		}
	}
	if parts == 1 && n != nil {
		return n
	}
	return p.unknown(from)
}

// ends says whether a token separates an expression from the next.
func (p *parser) ends(t source.Token, lines bool) bool {
	if t.Kind == source.Newline {
		return lines && !p.goesOn()
	}
	return t.Is(",") || t.Is(";") || closes(t)
}

// goesOn says whether an expression is continued on the next line.
func (p *parser) goesOn() bool {
	next := p.at(p.after(p.i))
	if p.lines || p.lang == source.Python {
		return false
	}
	return next.Is(".") || next.Is("?") || next.Is("|") || next.Is("&") && p.lang != source.Go
}

// assignment says whether the next tokens assign: "=" and ":=", and no "==", "=>".
func (p *parser) assignment(parts int) bool {
	if parts == 0 || p.sign(p.i, "==") || p.sign(p.i, "=>") {
		return false
	}
	prev := p.at(p.i - 1)
	return p.sign(p.i, ":=") || p.is("=") && !prev.Is("<") && !prev.Is(">") && !prev.Is("!") && !prev.Is("=")
}

// assigns reads what is assigned to the name before the sign.
func (p *parser) assigns(from int, lines bool) *tree.Node {
	name := p.target(from)
	if p.is(":") {
		p.i++
	}
	to := p.i
	p.i++
	p.newlines()
	n := p.expr(lines)
	if p.lines {
		d := Declaration{Value: n, Line: p.toks[from].Line}
		for k := from; k < to && k < from+8; k++ {
			d.Words = append(d.Words, p.toks[k].Text)
		}
		p.out.Declared = append(p.out.Declared, d)
		name = ""
		if len(d.Words) > 1 && (d.Words[0] == "param" || d.Words[0] == "var") { // a resource is no value, but itself
			name = d.Words[1]
		}
	}
	if name == "" {
		return n
	}
	if c := p.out.of[n]; c != nil && c.Var == "" {
		c.Var = name
	}
	p.assigned[name]++
	p.out.vars[name] = n
	return n
}

// target is the name that stands on the left of an assignment: the last one
// before a type, if one is written.
func (p *parser) target(from int) string {
	name := ""
	for k := from; k < p.i && k < from+12; k++ {
		t := p.toks[k]
		switch {
		case t.Is(":"):
			return name
		case t.Is(",") || t.Is("["):
			return name
		case t.Kind == source.Name && (k == from || !p.at(k-1).Is(".")):
			name = t.Text
		case t.Kind == source.Name:
			name += "." + t.Text
		}
	}
	return strings.TrimPrefix(strings.TrimPrefix(name, "this."), "self.")
}

// operator is how many tokens of an operator come next, 0 where none does. In
// front of an operand only those count that leave its value what it is.
func (p *parser) operator(parts int) int {
	t := p.tok()
	switch {
	case p.sign(p.i, "=>") || p.sign(p.i, "->"):
		return 2
	case t.Kind != source.Punct || t.Is("(") || t.Is("["):
		return 0
	case parts == 0 && t.Is("{"):
		return 0
	case parts == 0 && (t.Is("&") || t.Is("*") || t.Is("@") || t.Is("-") || t.Is("!") || t.Is(".")):
		return 0
	}
	return 1
}

// quiet are words before a value that leave it what it is.
var quiet = map[string]bool{"await": true, "return": true, "const": true, "let": true, "var": true, "final": true, "export": true,
	"default": true, "readonly": true, "private": true, "public": true, "protected": true, "static": true, "val": true, "yield": true}

// quietly steps over the words before a value, and says whether it is made new.
func (p *parser) quietly() (made bool) {
	for !p.done() && p.tok().Kind == source.Name && (quiet[p.tok().Text] || p.tok().Text == "new") {
		next := p.at(p.i + 1)
		if next.Kind == source.Newline || next.Is(".") || next.Is(",") || next.Is(")") || next.Is("=") || next.Is(":") || next.Is(";") {
			break
		}
		made = made || p.tok().Text == "new"
		p.i++
	}
	return made
}

// operand reads one value with all that is called on it.
func (p *parser) operand() *tree.Node {
	made := p.quietly()
	if p.is("&") || p.is("*") || p.is("@") { // the address of it; all of it; an attribute
		p.i++
		if p.is("*") {
			p.i++
		}
	}
	t := p.tok()
	switch {
	case t.Kind == source.String, t.Kind == source.Number:
		return p.literal(t)
	case t.Is("{"):
		return p.object()
	case t.Is("["):
		return p.brackets(made)
	case t.Is("(") && made: // C#'s new(...) of a type that is known elsewhere
		return p.chain(link{from: p.i, made: true})
	case t.Is("("):
		return p.parens()
	case t.Kind == source.Name:
		return p.named(made)
	case t.Is("-") && p.at(p.i+1).Kind == source.Number:
		p.i += 2
		return &tree.Node{Kind: tree.Scalar, Text: "-" + p.at(p.i-1).Text, Line: t.Line}
	}
	p.i++
	return p.unknown(p.i - 1)
}

// unknown is what the tokens from one to here come to: nobody knows.
func (p *parser) unknown(from int) *tree.Node {
	to := min(p.i, len(p.toks))
	for to > from && p.toks[to-1].Kind == source.Newline {
		to--
	}
	if to <= from {
		return &tree.Node{Kind: tree.Null, Line: p.at(from).Line}
	}
	return &tree.Node{Kind: tree.Scalar, Tag: Unknown, Text: p.src[p.toks[from].From:p.toks[to-1].To], Line: p.toks[from].Line}
}

// literal reads a string or a number.
func (p *parser) literal(t source.Token) *tree.Node {
	from := p.i
	p.i++
	n := &tree.Node{Kind: tree.Scalar, Text: t.Text, Quoted: t.Kind == source.String, Line: t.Line}
	if t.Kind == source.Number {
		n.Text = strings.ReplaceAll(t.Text, "_", "")
		return n
	}
	filled := strings.Contains(t.Text, "${") && (p.src[t.From] == '`' || p.lines) ||
		p.lang == source.Python && p.src[t.From] != '"' && p.src[t.From] != '\'' && strings.ContainsAny(p.src[t.From:t.From+2], "fF")
	if filled {
		n.Tag = Unknown
	}
	if strings.Contains(n.Text, "\\\"") {
		n.Text = strings.ReplaceAll(n.Text, "\\\"", "\"")
	}
	if p.is(".") { // something is called on the text
		return p.chain(link{from: from})
	}
	return n
}

// brackets reads a list; in Go and C# also the type of one before its values.
func (p *parser) brackets(made bool) *tree.Node {
	from := p.i
	if (p.composite || made) && p.at(p.i+1).Is("]") {
		p.i += 2
		for p.is("*") || p.is("[") || p.is("]") {
			p.i++
		}
		for p.composite && (p.tok().Kind == source.Name || p.is(".")) {
			p.i++
		}
		if p.is("{") {
			return p.object()
		}
		return p.unknown(from)
	}
	n := &tree.Node{Kind: tree.List, Line: p.tok().Line}
	p.enter()
	p.i++
	for !p.done() && !closes(p.tok()) {
		if p.tok().Kind == source.Newline || p.is(",") || p.is(";") {
			p.i++
			continue
		}
		before := p.i
		n.Items = append(n.Items, p.expr(p.lines))
		if p.i == before {
			p.i++
		}
	}
	p.close("]")
	p.leave()
	if p.is(".") {
		return p.chain(link{from: from})
	}
	return n
}

// parens reads what stands in parentheses: a value, or the parameters of a
// function.
func (p *parser) parens() *tree.Node {
	from := p.i
	inside := p.arguments()
	if len(inside.args) == 1 && inside.set == nil && !p.sign(p.i, "=>") && !p.sign(p.i, "->") && !p.is(".") {
		return inside.args[0]
	}
	if p.is(".") {
		return p.chain(link{from: from})
	}
	return p.unknown(from)
}
