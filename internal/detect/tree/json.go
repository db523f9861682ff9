package tree

import (
	"encoding/json"
	"strings"
	"unicode/utf8"

	"github.com/gatehold/gatehold/internal/detect/bound"
)

// ParseJSON reads one JSON value. Comments and trailing commas are taken, as
// editors' settings files have them.
func ParseJSON(text string) (*Node, error) {
	if len(text) > MaxBytes {
		return nil, errTooLarge(len(text))
	}
	p := jsonParser{text: strings.TrimPrefix(text, "\ufeff"), line: 1, budget: MaxNodes}
	n, err := p.value(0)
	if err != nil {
		return nil, err
	}
	if p.space(); p.at < len(p.text) {
		return nil, errAt(p.line, "text after the end of the JSON value")
	}
	return n, nil
}

type jsonParser struct {
	text   string
	at     int
	line   int
	budget int
}

// space skips white space and comments, and returns the next byte or 0.
func (p *jsonParser) space() byte {
	for p.at < len(p.text) {
		switch c := p.text[p.at]; {
		case c == '\n':
			p.line++
			p.at++
		case c == ' ' || c == '\t' || c == '\r':
			p.at++
		case strings.HasPrefix(p.text[p.at:], "//"):
			if i := strings.IndexByte(p.text[p.at:], '\n'); i >= 0 {
				p.at += i
			} else {
				p.at = len(p.text)
			}
		case strings.HasPrefix(p.text[p.at:], "/*"):
			i := strings.Index(p.text[p.at+2:], "*/")
			if i < 0 {
				p.at = len(p.text)
				break
			}
			p.line += strings.Count(p.text[p.at:p.at+i+4], "\n")
			p.at += i + 4
		default:
			return c
		}
	}
	return 0
}

func (p *jsonParser) value(depth int) (*Node, error) {
	c := p.space()
	p.budget--
	switch {
	case depth > MaxDepth:
		return nil, errDeep(p.line)
	case p.budget < 0:
		return nil, bound.Error("line %d: more than %d values", p.line, MaxNodes)
	}
	n := &Node{Line: p.line}
	switch c {
	case 0:
		return nil, errAt(p.line, "the JSON text ends too early")
	case '{':
		n.Kind = Map
		return n, p.object(n, depth)
	case '[':
		n.Kind = List
		return n, p.array(n, depth)
	case '"':
		s, err := p.str()
		n.Kind, n.Text, n.Quoted = Scalar, s, true
		return n, err
	}
	start := p.at
	for p.at < len(p.text) && !strings.ContainsRune(" \t\r\n,]}:\"[{/", rune(p.text[p.at])) {
		p.at++
	}
	n.Kind, n.Text = Scalar, p.text[start:p.at]
	switch {
	case n.Text == "null":
		n.Kind, n.Text = Null, ""
	case n.Text != "true" && n.Text != "false" && !json.Valid([]byte(n.Text)):
		return nil, errAt(p.line, "not a JSON value")
	}
	return n, nil
}

func (p *jsonParser) object(n *Node, depth int) error {
	p.at++
	for {
		switch c := p.space(); c {
		case '}':
			p.at++
			return nil
		case ',':
			p.at++
			continue
		case '"':
		default:
			return errAt(p.line, "a key in quotes was expected")
		}
		line := p.line
		key, err := p.str()
		if err != nil {
			return err
		}
		if p.space() != ':' {
			return errAt(p.line, "a colon was expected after the key")
		}
		p.at++
		value, err := p.value(depth + 1)
		if err != nil {
			return err
		}
		n.Fields = append(n.Fields, Field{Key: key, Line: line, Value: value})
	}
}

func (p *jsonParser) array(n *Node, depth int) error {
	p.at++
	for {
		switch p.space() {
		case ']':
			p.at++
			return nil
		case ',':
			p.at++
			continue
		}
		item, err := p.value(depth + 1)
		if err != nil {
			return err
		}
		n.Items = append(n.Items, item)
	}
}

// str reads the string that begins at p.at. Bad escapes are taken as they are
// written: what is unreadable to one reader may be read by another.
func (p *jsonParser) str() (string, error) {
	start := p.at + 1
	escaped := false
	for i := start; i < len(p.text); i++ {
		switch p.text[i] {
		case '\\':
			escaped = true
			i++
		case '\n':
			return "", errAt(p.line, "a string does not end on its line")
		case '"':
			p.at = i + 1
			raw := p.text[start:i]
			if !escaped {
				return strings.ToValidUTF8(raw, "�"), nil
			}
			var s string
			if json.Unmarshal([]byte(p.text[start-1:i+1]), &s) != nil {
				s = raw
			}
			if !utf8.ValidString(s) {
				s = strings.ToValidUTF8(s, "�")
			}
			return s, nil
		}
	}
	return "", errAt(p.line, "a string does not end")
}
