package sql

import "strings"

// reach is how many rows a statement's condition lets through.
type reach uint8

const (
	some       reach = iota
	everything       // no condition, or one that is always true
)

// delete judges DELETE.
func (j *judge) delete(s span) {
	line := s.line()
	s.i++
	for s.takeAny("LOW_PRIORITY", "QUICK", "IGNORE") {
	}
	if s.take("TOP") {
		s.skipParens()
	}
	if !s.take("FROM") && j.strict {
		return // prose, or a way to say it that strings of programs hardly use
	}
	s.take("ONLY")
	at := s.i
	key, shown := s.name()
	if key == "" && s.i == s.n && j.depth == 0 || s.is("(") {
		return
	}
	if where(s) != everything || j.isNew(key) || s.dynamic() {
		return
	}
	if j.strict && (s.more() && !oneOf(s.upper(), "WHERE", "USING", "RETURNING", "LIMIT", "ORDER", "AS") || strings.HasPrefix(key, "{x")) {
		return
	}
	if at == s.i {
		shown = ""
	}
	j.hit(deleteAll, line, shown, condText(s))
}

// update judges UPDATE.
func (j *judge) update(s span) {
	line := s.line()
	s.i++
	for s.takeAny("LOW_PRIORITY", "IGNORE", "ONLY", "TABLE") {
	}
	if s.take("OR") { // SQLite: UPDATE OR IGNORE
		s.i++
	}
	if s.take("TOP") {
		s.skipParens()
	}
	key, shown := s.name()
	set := s.find("SET")
	if key == "" || set < 0 || s.is("STATISTICS") || where(s) != everything || j.isNew(key) || s.dynamic() {
		return
	}
	s.i = set + 1
	if j.backfill(s, key) {
		j.hit(backfill, line, shown, "")
		return
	}
	j.hit(updateAll, line, shown, condText(s))
}

// backfill says whether an UPDATE only sets columns that this script added:
// then no value is overwritten.
func (j *judge) backfill(s span, key string) bool {
	t := j.known[key]
	if t == nil || len(t.columns) == 0 {
		return false
	}
	if i := s.find("WHERE"); i >= 0 {
		s.n = i
	}
	if i := s.find("FROM"); i >= 0 {
		s.n = i
	}
	for _, one := range s.commas() {
		col, _ := one.name()
		if i := strings.LastIndexByte(col, '.'); i >= 0 {
			col = col[i+1:]
		}
		if t.columns[col] == "" {
			return false
		}
	}
	return true
}

// merge judges MERGE: it deletes what its source does not have.
func (j *judge) merge(s span) {
	line := s.line()
	s.i++
	s.take("INTO")
	key, shown := s.name()
	if s.has("BY", "SOURCE", "THEN", "DELETE") && !j.isNew(key) {
		j.hit(deleteAll, line, shown, "every row that the source does not have")
	}
}

// insert judges INSERT OVERWRITE, which replaces a whole table.
func (j *judge) insert(s span) {
	line := s.line()
	s.i++
	if s.take("OVERWRITE") {
		s.takeAny("INTO", "TABLE")
		s.take("TABLE")
		key, shown := s.name()
		j.hitUnlessNew(replaceTable, key, line, shown, "INSERT OVERWRITE")
	}
}

// dynamic says whether a template's placeholder stands where a condition could.
func (s *span) dynamic() bool {
	for i := s.i; i < s.n; i++ {
		t := s.st.toks[i]
		if c := s.st.src[t.from]; t.kind == quoted && (c == '{' || c == '<' || c == '$') {
			return true
		}
	}
	return false
}

// where tells how much the WHERE of a DELETE or UPDATE lets through. A join
// counts as a condition.
func where(s span) reach {
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
	if c.more() && always(c, 0) {
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

// always says whether a condition is true for every row, whatever is stored.
func always(c span, depth int) bool {
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
			if always(p, depth+1) {
				return true
			}
		}
		return false
	}
	if parts := c.cut("AND"); len(parts) > 1 {
		for _, p := range parts {
			if !always(p, depth+1) {
				return false
			}
		}
		return true
	}
	if c.take("NOT") {
		return c.is("FALSE") || c.is("0") || c.constant() && !c.truth()
	}
	return c.truth()
}

// truth says whether a condition without AND and OR is always true.
func (s *span) truth() bool {
	n := s.n - s.i
	switch {
	case n == 1:
		v := strings.Trim(s.st.str(s.i), "'")
		return s.is("TRUE") || s.constant() && v != "0" && v != "" && !s.is("FALSE") && !s.is("NULL")
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
