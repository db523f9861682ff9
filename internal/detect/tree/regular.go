package tree

import (
	"strings"
	"unicode/utf8"
)

// regular reads the YAML that people write every day, many times faster than a
// parser of the whole language: block maps and lists, one-line scalars, small
// flow collections on one line and literal blocks. It gives the very nodes that
// the parser gives, or says that it will not: anything it is not sure of, and
// anything that is wrong, is left to the parser. A test holds the two together.
//
// https://yaml.org/spec/1.2.2/
type regular struct {
	text  string
	at    int // start of the line that is looked at
	line  int // its number in the file
	slab  []Node
	nodes int

	// The line that is looked at: text[from:to] without indent, trailing
	// spaces included. Empty at the end of the text.
	indent, from, to int
}

// depths beyond this are left to the parser and its limit.
const regularDepth = 50

// parseRegular reads a text of one document whose first line has the number
// first. Where ok is false nothing is said of it.
func parseRegular(text string, first int) (doc *Node, ok bool) {
	if !plainBytes(text) {
		return nil, false
	}
	p := &regular{text: text, line: first}
	if rest, found := strings.CutPrefix(text, "---\n"); found {
		p.at, p.line = len(text)-len(rest), first+1
	}
	p.look()
	if p.ended() || p.indent != 0 {
		return nil, false
	}
	doc = p.block(0, 0)
	return doc, doc != nil && p.ended()
}

// plainBytes says that a text holds nothing that breaks lines or is refused in
// some version of the language but not in others.
func plainBytes(text string) bool {
	for i := 0; i < len(text); i++ {
		if c := text[i]; c >= 0x20 && c < 0x7f || c == '\n' {
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		if !(r > 0xa0 && r < 0x250 || r > 0x200f && r < 0x2028 || r > 0x202f && r < 0x205f || r >= 0x2190 && r < 0x2200 ||
			r >= 0x3041 && r < 0xa000) {
			return false
		}
		i += size - 1
	}
	return true
}

// look finds the next line that is neither empty nor a comment.
func (p *regular) look() {
	for p.at < len(p.text) {
		end := p.lineEnd(p.at)
		i := p.at
		for i < end && p.text[i] == ' ' {
			i++
		}
		if i < end && p.text[i] != '#' {
			p.indent, p.from, p.to = i-p.at, i, end
			return
		}
		p.at = end + 1
		p.line++
	}
	p.indent, p.from, p.to = -1, len(p.text), len(p.text)
}

func (p *regular) lineEnd(at int) int {
	if i := strings.IndexByte(p.text[at:], '\n'); i >= 0 {
		return at + i
	}
	return len(p.text)
}

func (p *regular) ended() bool { return p.at >= len(p.text) }

// next leaves the line behind.
func (p *regular) next() {
	p.at = p.to + 1
	p.line++
	p.look()
}

func (p *regular) node(kind Kind, line int) *Node {
	if p.nodes++; p.nodes > MaxNodes {
		return nil
	}
	if len(p.slab) == 0 {
		p.slab = make([]Node, 32)
	}
	n := &p.slab[0]
	p.slab = p.slab[1:]
	n.Kind, n.Line, n.size = kind, line, 1
	return n
}

// block reads the map or list that starts on the line, at its indent. It
// returns nil where it is not sure; so do all below.
func (p *regular) block(indent, depth int) *Node {
	if depth > regularDepth {
		return nil
	}
	if dash(p.text[p.from:p.to]) {
		return p.list(indent, depth)
	}
	return p.mapping(indent, depth)
}

func dash(s string) bool { return s == "-" || strings.HasPrefix(s, "- ") }

// mapping reads the entries that start at a column. The first may stand after
// a dash: from is where the line's rest begins.
func (p *regular) mapping(column, depth int) *Node {
	n := p.node(Map, p.line)
	for n != nil && !p.ended() && p.indent == column {
		key, rest, ok := key(p.text[p.from:p.to])
		if !ok {
			return nil
		}
		line := p.line
		value := p.value(rest, column, column, depth)
		if value == nil {
			return nil
		}
		if n.Fields == nil {
			n.Fields = make([]Field, 0, 4)
		}
		n.size += value.size + 1
		n.Fields = append(n.Fields, Field{Key: key, Line: line, Value: value})
	}
	if p.indent > column {
		return nil
	}
	return n
}

// list reads the items whose dashes stand at a column.
func (p *regular) list(column, depth int) *Node {
	n := p.node(List, p.line)
	for n != nil && !p.ended() && p.indent == column && dash(p.text[p.from:p.to]) {
		inner := p.from + 1
		for inner < p.to && p.text[inner] == ' ' {
			inner++
		}
		if inner == p.to {
			return nil
		}
		var item *Node
		if _, _, isKey := key(p.text[inner:p.to]); isKey || dash(p.text[inner:p.to]) {
			p.indent, p.from = p.indent+inner-p.from, inner
			item = p.block(p.indent, depth+1)
		} else {
			item = p.value(p.text[inner:p.to], column, column, depth)
		}
		if item == nil {
			return nil
		}
		n.size += item.size
		n.Items = append(n.Items, item)
	}
	if p.indent > column {
		return nil
	}
	return n
}

// key cuts a key and its colon from a line.
func key(s string) (key, rest string, ok bool) {
	end := 0
	if s != "" && (s[0] == '"' || s[0] == '\'') {
		i := strings.IndexByte(s[1:], s[0])
		if i < 0 || strings.IndexByte(s[1:1+i], '\\') >= 0 {
			return "", "", false
		}
		key, end = s[1:1+i], i+2
	} else {
		for end < len(s) && keyByte[s[end]] && (end > 0 || s[0] != '-') {
			end++
		}
		key = s[:end]
	}
	if end == 0 || end > 500 || end >= len(s) || s[end] != ':' || end+1 < len(s) && s[end+1] != ' ' {
		return "", "", false
	}
	return key, strings.TrimLeft(s[end+1:], " "), true
}

// keyByte marks the bytes of plain keys.
var keyByte = bytesOf("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./$-")

func bytesOf(s string) (set [256]bool) {
	for i := range len(s) {
		set[s[i]] = true
	}
	return set
}

// value reads what stands after a key or a dash in a column, on its line or
// below it, and moves past it.
func (p *regular) value(rest string, column, above, depth int) *Node {
	if rest == "" || rest[0] == '#' {
		line := p.line
		p.next()
		if !p.ended() && p.indent > column {
			return p.block(p.indent, depth+1)
		}
		if !p.ended() && p.indent == column && dash(p.text[p.from:p.to]) {
			return p.list(column, depth+1)
		}
		return p.node(Null, line)
	}
	if rest[0] == '|' {
		return p.literal(rest, above)
	}
	n, left := p.inline(rest, depth)
	if n == nil || left != "" {
		return nil
	}
	p.next()
	if p.indent > above {
		return nil // goes on below
	}
	return n
}

// inline reads a value on the rest of the line, and returns what is left.
func (p *regular) inline(s string, depth int) (n *Node, left string) {
	switch c := s[0]; {
	case c == '"' || c == '\'':
		n, left = p.quoted(s)
	case c == '[' || c == '{':
		n, left = p.flow(s, depth+1)
	default:
		return p.plain(s), ""
	}
	if left = strings.TrimLeft(left, " "); strings.HasPrefix(left, "#") {
		left = "?" // a comment needs a space before it; the parser knows
	}
	return n, left
}

// plainFirst marks the bytes with which a plain scalar starts.
var plainFirst = bytesOf("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./$()+~^;-")

func (p *regular) plain(s string) *Node {
	if !plainFirst[s[0]] || dash(s) {
		return nil
	}
	if i := strings.Index(s, " #"); i >= 0 {
		s = s[:i]
	}
	s = strings.TrimRight(s, " ")
	if strings.Contains(s, ": ") || strings.HasSuffix(s, ":") {
		return nil
	}
	return p.scalar(s)
}

func (p *regular) scalar(s string) *Node {
	n := p.node(Scalar, p.line)
	if n == nil {
		return nil
	}
	switch s {
	case "~", "null", "Null", "NULL":
		n.Kind = Null
	default:
		n.Text = s
	}
	return n
}

// literal reads the lines below a "|" that are indented deeper than above.
func (p *regular) literal(rest string, above int) *Node {
	if rest != "|" && rest != "|-" {
		return nil
	}
	n := p.node(Scalar, p.line)
	var b strings.Builder
	indent, empty := 0, 0
	for p.next1(); ; p.next1() {
		if p.at >= len(p.text) {
			break
		}
		end := p.lineEnd(p.at)
		i := p.at
		for i < end && p.text[i] == ' ' {
			i++
		}
		if indent == 0 {
			if indent = i - p.at; i == end || indent <= above {
				return nil
			}
		}
		if i == end {
			if i-p.at > indent {
				return nil
			}
			empty++
			p.to = end
			continue
		}
		if i-p.at < indent {
			break
		}
		if end == len(p.text) {
			return nil // without an end of its line
		}
		for ; empty > 0; empty-- {
			b.WriteByte('\n')
		}
		b.WriteString(p.text[p.at+indent : end])
		b.WriteByte('\n')
		p.to = end
	}
	if n == nil || indent == 0 {
		return nil
	}
	n.Quoted, n.Text = true, b.String()
	if rest == "|-" {
		n.Text = strings.TrimSuffix(n.Text, "\n")
	}
	p.look()
	if p.indent > above {
		return nil
	}
	return n
}

// next1 moves to the next line, whatever stands on it.
func (p *regular) next1() {
	p.at = p.to + 1
	p.line++
}
