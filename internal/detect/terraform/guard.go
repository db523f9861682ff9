package terraform

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect/bound"
)

// The bounds of one file. The parser recurses without a limit of its own, and
// a stack overflow cannot be recovered: what nests deeper is not given to it.
const (
	maxBytes   = 1 << 20
	maxNesting = 200
	maxTernary = 5_000    // "?" nests to the right without a bracket
	maxUnary   = 200      // so does a run of "!" or "-"
	maxControl = 500      // and so do "%{" in templates
	maxSplats  = 100      // "[*]" of one expression, each of which reads those before it again
	maxHeredoc = 64 << 20 // the squares of the lines of here-documents, of which each costs all before it
	// maxParts bounds the words and signs, of which the parser makes some 700
	// bytes each.
	maxParts = 150_000
)

// refuse scans text for what would cost the parser too much. Brackets in
// strings and comments count too: an overestimate that no real file reaches.
func refuse(text string) error {
	if len(text) > maxBytes {
		return bound.Error("the file has %d bytes, more than the %d that are read", len(text), maxBytes)
	}
	if n := parts(text); n > maxParts {
		return bound.Error("the file has %d words and signs, more than the %d that are read", n, maxParts)
	}
	if why := endless(text); why != "" {
		return bound.Exceeded(why)
	}
	var n nesting
	for i := 0; i < len(text); i++ {
		n.count(text, i)
		n.breakRuns(text[i])
		if n.tooDeep(text, i) {
			return bound.Error("the file nests more than %d levels deep", maxNesting)
		}
	}
	return nil
}

// nesting counts what makes the parser recurse, or read again.
type nesting struct{ depth, ternary, unary, control, splats int }

// count takes the sign at i into account.
func (n *nesting) count(text string, i int) {
	switch c := text[i]; c {
	case '[', '{', '(':
		n.depth++
		if c == '{' && i > 0 && text[i-1] == '%' {
			n.control++
		}
	case ']', '}', ')':
		n.depth = max(0, n.depth-1)
	case '?':
		n.ternary++
	case '*':
		if i > 0 && (text[i-1] == '[' || text[i-1] == '.') {
			n.splats++
		}
	case ',', '=', '"':
		n.splats = 0
	case '!', '-':
		n.unary++
	}
}

// breakRuns ends a run of operators at anything else, and at the end of a line
// outside brackets whatever belongs to one expression.
func (n *nesting) breakRuns(c byte) {
	switch c {
	case '!', '-', ' ', '\t':
	case '\n', '\r':
		if n.depth == 0 {
			n.unary, n.splats = 0, 0
		}
	default:
		n.unary = 0
	}
}

func (n *nesting) tooDeep(text string, i int) bool {
	return n.depth > maxNesting || n.ternary > maxTernary || n.unary > maxUnary && bangs(text, i) ||
		n.control > maxControl || n.splats > maxSplats
}

// parts counts the words and signs of a text; a run of letters and digits is one.
func parts(text string) int {
	n, inWord := 0, false
	for i := 0; i < len(text); i++ {
		c := text[i]
		isWord := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c >= 0x80
		if c > ' ' && !(isWord && inWord) {
			n++
		}
		inWord = isWord
	}
	return n
}

// endless says what of a text the parser would read again and again: a comment
// without an end, which it looks for from each byte, or very long here-documents.
func endless(text string) string {
	s := scanner{text: text}
	squares := 0
	for s.at < len(text) {
		from := s.at
		switch text[s.at] {
		case '"':
			s.toStringEnd()
			continue
		case '#':
			s.toLineEnd()
			continue
		case '/':
			if strings.HasPrefix(text[s.at:], "/*") && !strings.Contains(text[s.at+2:], "*/") {
				return "a comment begins in it that nothing ends"
			}
			if s.comment() {
				continue
			}
		case '<':
			if s.heredoc() {
				lines := strings.Count(text[from:s.at], "\n")
				if squares += lines * lines; squares > maxHeredoc {
					return "a here-document in it has too many lines"
				}
				continue
			}
		}
		s.at++
	}
	return ""
}

// toStringEnd steps over a string without looking into its templates: the
// quotes in one come in pairs.
func (s *scanner) toStringEnd() {
	for s.at++; s.at < len(s.text); s.at++ {
		switch s.text[s.at] {
		case '\\':
			s.at++
		case '"':
			s.at++
			return
		case '\n':
			return
		}
	}
}

// bangs tells a run of operators from a line of dashes in a comment: the run
// before i is looked at back to the start of its line.
func bangs(text string, i int) bool {
	for ; i >= 0 && text[i] != '\n'; i-- {
		if text[i] == '#' || text[i] == '/' && i > 0 && text[i-1] == '/' || text[i] == '*' {
			return false
		}
	}
	return true
}
