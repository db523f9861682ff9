package sql

import "strings"

// reach is how many rows a statement's condition lets through.
type reach uint8

const (
	some       reach = iota
	everything       // no condition, or one that is always true
)

// where tells how much the WHERE of a DELETE or UPDATE lets through. A join
// counts as a condition.
func (j *judge) where(s span, key string) reach {
	i := s.find("WHERE")
	if i < 0 {
		if s.find("JOIN") >= 0 {
			return some
		}
		return everything
	}
	c := span{st: s.st, i: i + 1, n: s.n}
	for _, w := range [...]string{"RETURNING", "ORDER", "LIMIT", "OPTION"} {
		if e := c.find(w); e >= 0 {
			c.n = e
		}
	}
	if c.more() && (rows{j.norm(key)}).always(c, 0) {
		return everything
	}
	return some
}

func condText(s span) string {
	if i := s.find("WHERE"); i >= 0 {
		return "its condition is always true: " + s.raw(i, s.n)
	}
	return ""
}

// rows are the rows of one table that a condition is asked of.
type rows struct{ table string }

// always says whether a condition is true for every row, whatever is stored.
func (r rows) always(c span, depth int) bool {
	for c.is("(") && depth < 8 {
		inner := c
		group, _ := inner.skipParens()
		if inner.more() {
			break
		}
		c = group
		depth++
	}
	if depth >= 8 || !c.more() {
		return false
	}
	if parts := c.cut("OR"); len(parts) > 1 {
		for _, p := range parts {
			if r.always(p, depth+1) {
				return true
			}
		}
		return len(parts) <= maxParts && exhausted(parts)
	}
	if parts := c.cut("AND"); len(parts) > 1 && c.find("BETWEEN") < 0 {
		for _, p := range parts {
			if !r.always(p, depth+1) {
				return false
			}
		}
		return true
	}
	return r.single(c, depth)
}

// single is always for a condition without AND and OR.
func (r rows) single(c span, depth int) bool {
	for _, w := range [...][]string{{"IS", "TRUE"}, {"IS", "NOT", "FALSE"}} {
		if n := c.n - c.i - len(w); n > 0 && c.isAt(n, w...) {
			return r.always(span{st: c.st, i: c.i, n: c.n - len(w)}, depth+1)
		}
	}
	if c.take("NOT") {
		return c.is("FALSE") || c.is("0") || c.constant() && !c.truth() || r.never(c)
	}
	return c.truth() || r.all(c, depth)
}

// truth says whether a condition without AND and OR is always true.
func (s *span) truth() bool {
	n := s.n - s.i
	switch {
	case n == 1:
		v := strings.Trim(s.st.str(s.i), "'")
		return s.is("TRUE") || s.constant() && v != "0" && v != "" && !s.is("FALSE") && !s.is("NULL")
	case s.is("COALESCE", "(", "TRUE"):
		return true
	case s.is("EXISTS"):
		e := *s
		e.i++
		group, ok := e.skipParens()
		return ok && !e.more() && group.find("FROM") < 0
	case n >= 3 && s.isAt(n-2, "LIKE"):
		return s.st.str(s.n-1) == "'%'"
	case n >= 4 && s.isAt(n-3, "IS", "NOT", "NULL"):
		l := *s
		l.n -= 3
		key, _ := l.name()
		return !l.more() && (key == "id" || strings.HasSuffix(key, ".id"))
	}
	if l, r, ok := s.equated(); ok {
		return l.sameAs(r)
	}
	return s.constant() && !s.is("FALSE")
}

// equated are the two sides of the first "=", if there is one.
func (s *span) equated() (l, r span, ok bool) {
	for i := s.i + 1; i < s.n-1; i++ {
		if s.isAt(i-s.i, "=") && s.st.str(i-1) != "<" && s.st.str(i-1) != ">" && s.st.str(i-1) != "!" {
			return span{st: s.st, i: s.i, n: i}, span{st: s.st, i: i + 1, n: s.n}, true
		}
	}
	return l, r, false
}

// constant says whether only literals and operators are in the span.
func (s *span) constant() bool {
	for i := s.i; i < s.n; i++ {
		t := s.st.toks[i]
		switch t.kind {
		case number, text:
		case punct:
			if c := s.st.src[t.from]; c == '?' || c == ':' || c == '$' || c == '%' {
				return false
			}
		case word:
			if !wordIs(s.st.src, t, "TRUE") && !wordIs(s.st.src, t, "FALSE") {
				return false
			}
		default:
			return false
		}
	}
	return s.more()
}

func (s *span) sameAs(o span) bool {
	if s.n-s.i != o.n-o.i {
		return false
	}
	for k := range s.n - s.i {
		a, b := s.st.toks[s.i+k], o.st.toks[o.i+k]
		if a.kind != b.kind || !strings.EqualFold(s.st.src[a.from:a.to], o.st.src[b.from:b.to]) {
			return false
		}
		if a.kind == punct && strings.Contains("?:$%", s.st.src[a.from:a.to]) {
			return false
		}
	}
	return true
}

// cut divides the span at a word of depth 0.
func (s *span) cut(w string) []span {
	var out []span
	rest := *s
	for {
		i := rest.find(w)
		if i < 0 {
			return append(out, rest)
		}
		out = append(out, span{st: s.st, i: rest.i, n: i})
		rest.i = i + 1
	}
}
