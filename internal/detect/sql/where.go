package sql

import (
	"slices"
	"strconv"
	"strings"
)

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

// maxParts bounds the alternatives of an OR that are compared with each other.
const maxParts = 20

// never says whether NOT c lets every row through that a key can have.
func (r rows) never(c span) bool {
	if group, ok := c.skipParens(); ok && !c.more() {
		c = group
	}
	l, op, v := c.compared()
	return r.isKey(l) && (op == "=" && v.constant() || op == "IS" && v.is("NULL"))
}

// all says whether a condition lets every row through of those that people
// keep: a key is above nothing, a row was made before now, and is in its table.
func (r rows) all(c span, depth int) bool {
	if c.is("EXISTS") {
		c.i++
		return r.whole(c, "", depth)
	}
	l, op, v := c.compared()
	switch op {
	case "IN":
		return r.whole(v, l.column(), depth)
	case "=":
		return (v.take("ANY") || v.take("SOME")) && r.whole(v, l.column(), depth)
	case ">", ">=", "<>", "!=":
		return r.isKey(l) && v.little(op) || l.isPast() && v.longAgo() || v.st != nil && v.isPast() && l.isNow()
	case "<", "<=":
		return l.isPast() && (v.isNow() || v.farAhead())
	}
	return false
}

// compared cuts a condition at its first operator of depth 0.
func (s *span) compared() (l span, op string, r span) {
	depth := 0
	for i := s.i; i < s.n; i++ {
		t := s.st.toks[i]
		if t.kind == punct {
			depth += deeper(s.st.src[t.from])
		}
		if depth != 0 || i == s.i || t.kind != punct && t.kind != word {
			continue
		}
		switch op = strings.ToUpper(s.st.str(i)); op {
		case "=", "IN", "IS":
		case "<", ">", "!":
			if i+1 < s.n && oneOf(s.st.str(i+1), "=", ">") && s.st.toks[i+1].kind == punct {
				return span{st: s.st, i: s.i, n: i}, op + s.st.str(i+1), span{st: s.st, i: i + 2, n: s.n}
			}
		default:
			continue
		}
		return span{st: s.st, i: s.i, n: i}, op, span{st: s.st, i: i + 1, n: s.n}
	}
	return *s, "", span{}
}

// column is the last part of the name that a span consists of, empty if it is
// something else.
func (s span) column() string {
	key, _ := s.name()
	if s.more() {
		return ""
	}
	return strings.ToLower(key[strings.LastIndexByte(key, '.')+1:])
}

// isKey says whether a span names what every row has a number or a name of.
func (r rows) isKey(s span) bool {
	c := s.column()
	if oneOf(c, "id", "pk", "uuid", "guid", "rowid", "ctid", "_id", "_rowid_", "oid") {
		return true
	}
	own, ok := strings.CutSuffix(c, "_id")
	t := r.table[strings.LastIndexByte(r.table, '.')+1:]
	return ok && own != "" && oneOf(strings.ToLower(t), own, own+"s", own+"es", strings.TrimSuffix(own, "y")+"ies")
}

// isPast says whether a span names the time at which something was done.
func (s span) isPast() bool {
	c := s.column()
	for _, w := range [...]string{"created", "inserted", "updated", "modified", "added", "registered", "last_updated", "last_modified"} {
		if strings.HasPrefix(c, w) {
			return true
		}
	}
	return false
}

// isNow says whether a span is the present time.
func (s span) isNow() bool {
	name := strings.ToLower(s.st.str(s.i))
	s.i++
	s.skipParens()
	return !s.more() && oneOf(name, "now", "current_timestamp", "current_date", "getdate", "getutcdate", "sysdate", "sysdatetime",
		"systimestamp", "localtimestamp", "clock_timestamp", "statement_timestamp", "transaction_timestamp", "utc_timestamp", "curdate")
}

// little says whether a span is a value that no key goes below, or has.
func (s span) little(op string) bool {
	minus := s.take("-")
	if s.n-s.i != 1 {
		return false
	}
	v := strings.Trim(s.st.str(s.i), "'")
	if n, err := strconv.Atoi(v); err == nil {
		return minus || n == 0 || n == 1 && op == ">="
	}
	return v == "" || strings.Trim(v, "0-") == ""
}

// longAgo says whether a span is a date before anybody kept rows.
func (s span) longAgo() bool { y := s.year(); return y > 0 && y <= 2000 }

// farAhead says whether a span is a date that nobody has reached.
func (s span) farAhead() bool { return s.year() >= 2090 }

func (s span) year() int {
	s.takeAny("DATE", "TIMESTAMP", "TIMESTAMPTZ")
	if s.n-s.i < 1 || s.kind() != text {
		return 0
	}
	v := strings.Trim(s.st.str(s.i), "'")
	y, err := strconv.Atoi(v[:min(4, len(v))])
	if err != nil || len(v) > 4 && v[4] != '-' && v[4] != '/' {
		return 0
	}
	return y
}

// whole says whether a span is a query in parentheses that gives a column of
// every row of the same table.
func (r rows) whole(s span, column string, depth int) bool {
	q, ok := s.skipParens()
	if !ok || s.more() || depth >= 8 || !q.is("SELECT") {
		return false
	}
	from := q.find("FROM")
	for _, w := range [...]string{"LIMIT", "OFFSET", "FETCH", "TOP", "HAVING", "JOIN", "GROUP", "EXCEPT", "INTERSECT", "UNION"} {
		if q.find(w) >= 0 {
			return false
		}
	}
	if from < 0 {
		return false
	}
	picked := span{st: q.st, i: q.i + 1, n: from}
	picked.takeAny("DISTINCT", "ALL")
	if column != "" && picked.column() != column {
		return false
	}
	where := q.find("WHERE")
	f := span{st: q.st, i: from + 1, n: q.n}
	if key, _ := f.name(); bare(key) != r.table {
		return false
	}
	if where < 0 {
		return len(f.commas()) <= 1
	}
	return r.always(span{st: q.st, i: where + 1, n: q.n}, depth+1)
}

// exhausted says whether two alternatives leave nothing between them: a = 1 OR
// NOT a = 1, a < 1 OR a >= 1, a IS NULL OR a IS NOT NULL.
func exhausted(parts []span) bool {
	for i, a := range parts {
		for _, b := range parts[i+1:] {
			if opposite(a, b) || opposite(b, a) {
				return true
			}
		}
	}
	return false
}

func opposite(a, b span) bool {
	if b.take("NOT") {
		if group, ok := b.skipParens(); ok && !b.more() {
			b = group
		}
		return a.sameAs(b)
	}
	l, op, v := a.compared()
	m, po, w := b.compared()
	if op == "IS" && po == "IS" && w.take("NOT") {
		return l.sameAs(m) && v.sameAs(w)
	}
	pairs := []string{"= <>", "= !=", "< >=", "> <=", "<= >", ">= <", "<= >=", ">= <="}
	return op != "" && l.sameAs(m) && v.sameAs(w) && slices.Contains(pairs, op+" "+po)
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
