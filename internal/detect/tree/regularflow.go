package tree

import "strings"

func (p *regular) quoted(s string) (n *Node, left string) {
	i := strings.IndexByte(s[1:], s[0])
	if i < 0 || s[0] == '"' && strings.IndexByte(s[1:1+i], '\\') >= 0 || s[0] == '\'' && strings.HasPrefix(s[i+2:], "'") {
		return nil, ""
	}
	if n = p.node(Scalar, p.line); n != nil {
		n.Text, n.Quoted = s[1:1+i], true
	}
	return n, s[i+2:]
}

// flowByte marks the bytes of plain scalars in flow collections.
var flowByte = bytesOf("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./$-")

// flow reads a collection in brackets that ends on its line.
func (p *regular) flow(s string, depth int) (n *Node, left string) {
	if depth > regularDepth {
		return nil, ""
	}
	closing, kind := byte(']'), List
	if s[0] == '{' {
		closing, kind = '}', Map
	}
	if n = p.node(kind, p.line); n == nil {
		return nil, ""
	}
	if kind == Map {
		n.Fields = []Field{}
	} else {
		n.Items = []*Node{}
	}
	s = strings.TrimLeft(s[1:], " ")
	for s != "" {
		if s[0] == closing && len(n.Items)+len(n.Fields) == 0 {
			return n, s[1:]
		}
		name := ""
		if kind == Map {
			var ok bool
			if name, s, ok = key(s); !ok || s == "" {
				return nil, ""
			}
		}
		var value *Node
		if value, s = p.flowValue(s, depth); value == nil {
			return nil, ""
		}
		n.size += value.size
		if kind == Map {
			n.size++
			n.Fields = append(n.Fields, Field{Key: name, Line: p.line, Value: value})
		} else {
			n.Items = append(n.Items, value)
		}
		s = strings.TrimLeft(s, " ")
		if s == "" || s[0] != ',' && s[0] != closing {
			return nil, ""
		}
		if s[0] == closing {
			return n, s[1:]
		}
		if s = strings.TrimLeft(s[1:], " "); s == "" || s[0] == closing {
			return nil, ""
		}
	}
	return nil, ""
}

func (p *regular) flowValue(s string, depth int) (n *Node, left string) {
	switch s[0] {
	case '[', '{':
		return p.flow(s, depth+1)
	case '"', '\'':
		return p.quoted(s)
	}
	end := 0
	for end < len(s) && flowByte[s[end]] {
		end++
	}
	if end == 0 || s[0] == '-' || end < len(s) && s[end] != ',' && s[end] != ']' && s[end] != '}' {
		return nil, ""
	}
	return p.scalar(s[:end]), s[end:]
}
