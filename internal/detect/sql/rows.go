package sql

import (
	"slices"
	"strconv"
	"strings"
)

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
	if l.constant() && op != "" && !v.constant() { // 0 < id
		l, op, v = v, strings.NewReplacer("<", ">", ">", "<").Replace(op), l
		if op == "><" {
			op = "<>"
		}
	}
	switch op {
	case "IN":
		return r.whole(v, l.column(), depth) || r.noKey(l, v)
	case "IS":
		return l.isPast() && v.is("NOT", "NULL")
	case "=":
		return (v.take("ANY") || v.take("SOME")) && r.whole(v, l.column(), depth)
	case "BETWEEN":
		return r.isKey(l) && v.everyNumber()
	case ">", ">=", "<>", "!=":
		return r.above(l, v, op, depth)
	case "<", "<=":
		return l.isPast() && (v.isNow() || v.farAhead())
	}
	return false
}

// above says whether every row's l is above v, or is not v.
func (r rows) above(l, v span, op string, depth int) bool {
	switch {
	case r.isKey(l) || l.measured():
		return v.little(op) || op == ">=" && r.lowest(l, v, depth)
	case l.isPast():
		return v.longAgo()
	}
	return v.isPast() && l.isNow()
}

// noKey says whether l NOT IN (…) names only what no key is.
func (r rows) noKey(l, v span) bool {
	n := l.n - l.i - 1
	return n > 0 && l.isAt(n, "NOT") && r.isKey(span{l.st, l.i, l.n - 1}) && v.none()
}

// none says whether a list holds only values that no key has.
func (s span) none() bool {
	list, ok := s.skipParens()
	if !ok || s.more() {
		return false
	}
	for _, one := range list.commas() {
		if !one.little("<>") {
			return false
		}
	}
	return list.more()
}

// everyNumber says whether a range of BETWEEN begins below all keys, and ends
// above a million.
func (s span) everyNumber() bool {
	i := s.find("AND")
	if i < 0 || i+2 != s.n {
		return false
	}
	from := span{st: s.st, i: s.i, n: i}
	return from.little(">=") && len(s.st.str(i+1)) > 6 && s.st.toks[i+1].kind == number
}

// measured says whether a span is a length or an amount, which is never below
// nothing.
func (s span) measured() bool {
	name := strings.ToLower(s.st.str(s.i))
	s.i++
	_, ok := s.skipParens()
	return ok && !s.more() && oneOf(name, "length", "char_length", "octet_length", "len", "abs", "random", "rand")
}

// lowest says whether v is the lowest value that the column l has.
func (r rows) lowest(l, v span, depth int) bool {
	q, ok := v.skipParens()
	if !ok || v.more() || depth > 8 || !q.take("SELECT", "MIN") {
		return false
	}
	of, ok := q.skipParens()
	if !ok || of.column() != l.column() || !q.take("FROM") {
		return false
	}
	key, _ := q.name()
	return bare(key) == r.table && !q.more()
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
		case "=", "IN", "IS", "BETWEEN":
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
	if s.take(":", ":") {
		s.name()
	}
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
	if s.n-s.i < 1 {
		return false
	}
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
	if b.is("NOT") {
		c := b
		c.i++
		if group, ok := c.skipParens(); ok && !c.more() {
			return a.sameAs(group)
		}
	}
	if b.n-b.i == a.n-a.i+1 { // the same, but for one NOT
		for i := b.i; i < b.n; i++ {
			if wordIs(b.st.src, b.st.toks[i], "NOT") {
				left, right := span{b.st, b.i, i}, span{b.st, i + 1, b.n}
				at := a.i + i - b.i
				return left.sameAs(span{a.st, a.i, at}) && right.sameAs(span{a.st, at, a.n})
			}
		}
	}
	l, op, v := a.compared()
	m, po, w := b.compared()
	pairs := []string{"= <>", "= !=", "< >=", "> <=", "<= >", ">= <", "<= >=", ">= <="}
	return op != "" && l.sameAs(m) && v.sameAs(w) && slices.Contains(pairs, op+" "+po)
}
