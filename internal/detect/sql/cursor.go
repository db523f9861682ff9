package sql

import "strings"

// span is a part of a statement's tokens, read from left to right.
type span struct {
	st   *statement
	i, n int // next token, end
}

// is says whether the next tokens are these words or punctuation.
func (s *span) is(words ...string) bool { return s.isAt(0, words...) }

func (s *span) isAt(skip int, words ...string) bool {
	for k, w := range words {
		i := s.i + skip + k
		if i >= s.n {
			return false
		}
		t := s.st.toks[i]
		if t.kind == punct {
			if s.st.src[t.from:t.to] != w {
				return false
			}
		} else if !wordIs(s.st.src, t, w) {
			return false
		}
	}
	return true
}

// take steps over the words if they are next.
func (s *span) take(words ...string) bool {
	if !s.is(words...) {
		return false
	}
	s.i += len(words)
	return true
}

// takeAny steps over one of the words if it is next.
func (s *span) takeAny(words ...string) bool {
	for _, w := range words {
		if s.take(w) {
			return true
		}
	}
	return false
}

func (s *span) more() bool { return s.i < s.n }

// line is the next token's line, or the last one's at the end.
func (s *span) line() int {
	i := min(s.i, s.n-1)
	if i < 0 || i >= len(s.st.toks) {
		return 0
	}
	return s.st.toks[i].line
}

// kind is the next token's.
func (s *span) kind() kind {
	if s.i >= s.n {
		return end
	}
	return s.st.toks[s.i].kind
}

// upper is the next token in upper case, "" at the end.
func (s *span) upper() string {
	if s.i >= s.n || s.st.toks[s.i].kind != word {
		return ""
	}
	if t := s.st.toks[s.i]; t.to-t.from > 40 {
		return ""
	}
	return strings.ToUpper(s.st.str(s.i))
}

// raw is the source between two tokens, clipped, for display.
func (s *span) raw(from, to int) string {
	if from >= to || from >= len(s.st.toks) {
		return ""
	}
	to = min(to, len(s.st.toks))
	a, b := s.st.toks[from].from, s.st.toks[to-1].to
	if b-a > 120 {
		b = a + 120
	}
	return strings.Join(strings.Fields(s.st.src[a:b]), " ")
}

// name reads a possibly qualified name. key compares, shown is for people.
func (s *span) name() (key, shown string) {
	from := s.i
	var parts []string
	for s.i < s.n {
		t := s.st.toks[s.i]
		if t.kind != word && t.kind != quoted && t.kind != text && !s.placeholder() {
			break
		}
		held := t.kind == punct
		s.i++
		if next := s.kind(); held && (next == word || next == number) && s.st.toks[s.i].from == t.to {
			t.to = s.st.toks[s.i].to // :name, $1, %s
			s.i++
		}
		parts = append(parts, fold(s.st.src[t.from:t.to], t.kind))
		if !s.is(".") {
			break
		}
		s.i++
	}
	if len(parts) == 0 {
		return "", ""
	}
	return strings.Join(parts, "."), clean(s.raw(from, s.i))
}

// bare is a key without the schema that is the default one.
func bare(key string) string {
	if i := strings.IndexByte(key, '.'); i > 0 && oneOf(key[:i], "public", "dbo", "main") {
		return key[i+1:]
	}
	return key
}

// placeholder steps to the word of :name, $1, ?, %s and the like.
func (s *span) placeholder() bool {
	return s.is(":") || s.is("$") || s.is("?") || s.is("%") || s.is("#")
}

// fold makes equal names equal: unquoted ones are lower case, quotes are off.
func fold(s string, k kind) string {
	switch k {
	case word:
		return strings.ToLower(s)
	case quoted, text:
		if len(s) >= 2 && s[0] != '{' && s[0] != '<' && s[0] != '$' {
			if s[0] == 'N' || s[0] == 'n' {
				s = s[1:]
			}
			if len(s) < 2 {
				return ""
			}
			if s = s[1 : len(s)-1]; strings.Contains(s, "]]") {
				s = strings.ReplaceAll(s, "]]", "]")
			}
			return s
		}
	}
	return s
}

func clean(s string) string {
	if !strings.ContainsAny(s, "\"`[]'") {
		return s
	}
	return strings.Map(func(r rune) rune {
		switch r {
		case '"', '`', '[', ']', '\'':
			return -1
		}
		return r
	}, s)
}

// skipParens steps over a parenthesised group if one is next, and returns it.
func (s *span) skipParens() (inner span, ok bool) {
	if !s.is("(") {
		return span{}, false
	}
	depth, from := 0, s.i+1
	for s.i < s.n {
		t := s.st.toks[s.i]
		if t.kind == punct {
			switch s.st.src[t.from] {
			case '(':
				depth++
			case ')':
				depth--
			}
		}
		s.i++
		if depth == 0 {
			return span{st: s.st, i: from, n: s.i - 1}, true
		}
	}
	return span{st: s.st, i: from, n: s.n}, true
}

// find returns the index of the first token at depth 0 that is word w, or -1.
func (s *span) find(w string) int {
	depth := 0
	for i := s.i; i < s.n; i++ {
		t := s.st.toks[i]
		if t.kind == punct {
			switch s.st.src[t.from] {
			case '(':
				depth++
			case ')':
				depth--
			}
		} else if depth <= 0 && wordIs(s.st.src, t, w) {
			return i
		}
	}
	return -1
}

// has says whether the words stand next to each other anywhere in the span.
func (s *span) has(words ...string) bool {
	c := *s
	for ; c.i < c.n; c.i++ {
		if c.is(words...) {
			return true
		}
	}
	return false
}

// commas cuts the span at the commas of depth 0.
func (s *span) commas() []span {
	var out []span
	depth, from := 0, s.i
	for i := s.i; i < s.n; i++ {
		t := s.st.toks[i]
		if t.kind != punct {
			continue
		}
		switch s.st.src[t.from] {
		case '(':
			depth++
		case ')':
			depth--
		case ',':
			if depth <= 0 {
				out = append(out, span{st: s.st, i: from, n: i})
				from = i + 1
			}
		}
	}
	if from < s.n {
		out = append(out, span{st: s.st, i: from, n: s.n})
	}
	return out
}

// ifExists steps over IF [NOT] EXISTS and says whether it was IF NOT EXISTS.
func (s *span) ifExists() (ifNot bool) {
	if s.take("IF", "NOT", "EXISTS") {
		return true
	}
	s.take("IF", "EXISTS")
	s.take("IF", "EXIST")
	return false
}
