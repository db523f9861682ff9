package workflow

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect/bound"
)

// expression is the inside of one ${{ }} and where it stands in its text.
type expression struct {
	body string
	off  int
}

// maxExpr bounds one expression; GitHub refuses longer ones.
const maxExpr = 21000

// expressions lists the ${{ }} of s, in order. A string literal may hold "}}".
// It stops (package bound) where too many have no end.
func expressions(s string) []expression {
	var out []expression
	var waste bound.Waste
	for at := 0; ; {
		i := strings.Index(s[at:], "${{")
		if i < 0 {
			return out
		}
		start := at + i + 3
		if !strings.Contains(s[start:], "}}") {
			return out
		}
		end, quoted := -1, false
		for k := start; k < len(s) && k-start < maxExpr; k++ {
			if s[k] == '\'' {
				quoted = !quoted
			} else if !quoted && s[k] == '}' && k+1 < len(s) && s[k+1] == '}' {
				end = k
				break
			}
		}
		if end < 0 {
			waste.Add(min(maxExpr, len(s)-start), len(s))
			at = start
			continue
		}
		out = append(out, expression{s[start:end], start - 3})
		at = end + 2
	}
}

// context is one access of an expression: "github.event.issue.title", in lower
// case, indexes as "*". Flows says whether its value can become the value of
// the expression: the sides of a comparison and a condition's left side cannot.
type context struct {
	path  string
	flows bool
	in    string // the function whose argument it is, "" for none
	bare  bool   // the expression is this access and nothing else
}

type token struct {
	kind byte // 'c' context, 'f' function, 's' string, 'o' operator, 'n' number
	text string
}

// contexts lists what an expression reads. It is a lexer and not a parser: one
// pass, no recursion, whatever is inside.
func contexts(body string) []context {
	toks := lex(body)
	var out []context
	var calls []string
	for i, t := range toks {
		switch {
		case t.kind == 'f':
			calls = append(calls, t.text)
		case t.kind == 'o' && t.text == "(" && (i == 0 || toks[i-1].kind != 'f'):
			calls = append(calls, "")
		case t.kind == 'o' && t.text == ")" && len(calls) > 0:
			calls = calls[:len(calls)-1]
		case t.kind == 'c':
			c := context{path: t.text, flows: flows(toks, i), bare: len(toks) == 1}
			for k := len(calls) - 1; k >= 0; k-- {
				if calls[k] != "" {
					c.in = calls[k]
					break
				}
			}
			switch c.in {
			case "contains", "startswith", "endswith", "hashfiles":
				c.flows = false
			}
			out = append(out, c)
		}
	}
	return out
}

func flows(toks []token, i int) bool {
	if i+1 < len(toks) && toks[i+1].kind == 'o' {
		switch toks[i+1].text {
		case "==", "!=", "<", "<=", ">", ">=", "&&":
			return false
		}
	}
	if i > 0 && toks[i-1].kind == 'o' {
		switch toks[i-1].text {
		case "==", "!=", "<", "<=", ">", ">=", "!":
			return false
		}
	}
	return true
}

func lex(s string) []token {
	var out []token
	for i := 0; i < len(s); {
		if i = skipSpace(s, i); i == len(s) {
			break
		}
		var t token
		switch c := s[i]; {
		case c == '\'':
			t, i = lexString(s, i)
		case c >= '0' && c <= '9':
			t, i = lexNumber(s, i)
		case isIdent(c) && c != '-':
			t, i = lexAccess(s, i)
		default:
			t, i = lexOperator(s, i)
		}
		out = append(out, t)
	}
	return out
}

// lexString reads a string in single quotes; two of them within are one.
func lexString(s string, i int) (token, int) {
	end := i + 1
	for end < len(s) && (s[end] != '\'' || end+1 < len(s) && s[end+1] == '\'') {
		if s[end] == '\'' {
			end++
		}
		end++
	}
	return token{'s', s[i+1 : min(end, len(s))]}, end + 1
}

func lexNumber(s string, i int) (token, int) {
	for i < len(s) && (isIdent(s[i]) || s[i] == '.') {
		i++
	}
	return token{'n', ""}, i
}

// lexOperator reads an operator of two characters, or of any one.
func lexOperator(s string, i int) (token, int) {
	end := i + 1
	if end < len(s) {
		switch s[i : end+1] {
		case "==", "!=", "<=", ">=", "&&", "||":
			end++
		}
	}
	return token{'o', s[i:end]}, end
}

// lexAccess reads an identifier with the accesses that follow it, or a
// function's name.
func lexAccess(s string, i int) (token, int) {
	start := i
	for i < len(s) && isIdent(s[i]) {
		i++
	}
	path := strings.ToLower(s[start:i])
	if next := skipSpace(s, i); next < len(s) && s[next] == '(' {
		return token{'f', path}, next + 1
	}
	for i < len(s) {
		at := skipSpace(s, i)
		switch {
		case at < len(s) && s[at] == '.':
			at = skipSpace(s, at+1)
			from := at
			for at < len(s) && (isIdent(s[at]) || s[at] == '*') {
				at++
			}
			if at == from {
				return token{'c', path}, at
			}
			path, i = path+"."+strings.ToLower(s[from:at]), at
		case at < len(s) && s[at] == '[':
			end := strings.IndexByte(s[at:], ']')
			if end < 0 {
				return token{'c', path}, len(s)
			}
			key := strings.TrimSpace(s[at+1 : at+end])
			if len(key) > 1 && key[0] == '\'' && key[len(key)-1] == '\'' {
				path += "." + strings.ToLower(key[1:len(key)-1])
			} else {
				path += ".*"
			}
			i = at + end + 1
		default:
			return token{'c', path}, i
		}
	}
	return token{'c', path}, i
}

func skipSpace(s string, i int) int {
	for i < len(s) && (s[i] == ' ' || s[i] == '\t' || s[i] == '\n' || s[i] == '\r') {
		i++
	}
	return i
}

func isIdent(c byte) bool {
	return c == '_' || c == '-' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

// condition is the expression of an if: the fence is optional there.
func condition(s string) string {
	t := strings.TrimSpace(s)
	if es := expressions(t); len(es) == 1 && es[0].off == 0 && len(es[0].body)+5 == len(t) {
		return es[0].body
	}
	if strings.Contains(t, "${{") {
		var b strings.Builder
		for _, e := range expressions(t) {
			b.WriteString(e.body)
			b.WriteString(" || ")
		}
		return b.String()
	}
	return t
}
