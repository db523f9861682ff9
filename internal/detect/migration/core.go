package migration

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect/source"
)

// pythonRows judges what deletes or overwrites rows in Python: querysets of Django,
// queries of SQLAlchemy, and its Core. It says whether the call was one of these.
func (s *state) pythonRows(c *call) bool {
	p := s.prog
	links := p.beforeCall(c.at)
	if table, limited, ok := s.coreTable(c, links); ok {
		s.coreRows(c, table, limited)
		return true
	}
	if c.plain == "update" {
		return true // a backfill, as often as not
	}
	if table, ok := s.everyRow(links); ok && (table != "" || len(links) > 0) {
		if !s.isNew(table) {
			s.hit(deleteAll, c, table, "")
		}
		return true
	}
	if len(links) == 1 && len(c.args) == 0 && s.names.each[links[0].name] != "" && s.everyTurn(c) {
		s.hit(deleteAll, c, s.names.each[links[0].name], "one by one")
		return true
	}
	return false
}

// everyTurn says whether a call is the first that a loop does: no condition stands
// before it.
func (s *state) everyTurn(c *call) bool {
	for k := c.at - 1; k > 0 && k > c.at-80; k-- {
		switch t := s.prog.at(k); {
		case t.Is("if"), t.Is("continue"):
			return false
		case t.Is("for"):
			return true
		}
	}
	return false
}

// coreTable is the table of sa.delete(t), delete(t) or t.delete(), and of the same
// for update, with the calls behind it that may limit it.
func (s *state) coreTable(c *call, links []link) (table string, limited []link, ok bool) {
	behind := s.prog.behindCall(c)
	switch {
	case len(links) == 0 || len(links) == 1 && (links[0].name == "sa" || links[0].name == "sqlalchemy" || links[0].name == "sql"):
		if c.positional() != 1 || len(c.args) != 1 {
			return "", nil, false
		}
		table = c.pos(0)
	case len(links) == 1 && s.names.tables[links[0].name] != "":
		table = links[0].name
	default:
		return "", nil, false
	}
	if name := s.names.tables[table]; name != "" {
		table = name
	}
	return table, behind, table != ""
}

func (s *state) coreRows(c *call, table string, behind []link) {
	p := s.prog
	var where, values []source.Token
	for _, l := range behind {
		args := p.toks[min(l.from, len(p.toks)):min(l.to, len(p.toks))]
		switch l.name {
		case "where", "filter", "filter_by":
			if !letsAllThrough(args, false) {
				where = append(where, args...)
			}
		case "values":
			values = args
		}
	}
	if s.isNew(table) {
		return
	}
	switch {
	case c.plain != "update" && len(where) == 0:
		s.hit(deleteAll, c, table, "")
	case c.plain != "update", len(values) == 0:
	case len(where) == 0 && !s.fillsNew(table, values):
		s.hit(updateAll, c, table, "")
	case len(where) > 0 && !s.leadsBack():
		if col := overwritten(where, values); col != "" {
			s.hit(overwrites, c, join(table, col), "")
		}
	}
}

// fillsNew says whether only columns are given values that this migration adds.
func (s *state) fillsNew(table string, values []source.Token) bool {
	found := false
	for i, t := range values {
		if i+1 >= len(values) || !(t.Kind == source.Name && values[i+1].Is("=")) &&
			!((t.Kind == source.String || t.Kind == source.Name) && values[i+1].Is(":")) {
			continue
		}
		if found = true; !s.isNewColumn(table, t.Text) {
			return false
		}
	}
	return found
}

// overwritten is the column that is given a constant and by whose value the rows
// are chosen, empty where there is none: rows that had none, or had all the same
// value, lose nothing that cannot be found out again.
func overwritten(where, values []source.Token) string {
	for i, t := range values {
		if i+2 >= len(values) || !values[i+1].Is("=") && !values[i+1].Is(":") ||
			values[i+2].Kind != source.String && values[i+2].Kind != source.Number {
			continue
		}
		for k, w := range where {
			if w.Text == t.Text && k+2 < len(where) && manyValues(where[k+1:]) {
				return t.Text
			}
		}
	}
	return ""
}

// manyValues says whether what stands behind a column lets through more than one
// of its values.
func manyValues(behind []source.Token) bool {
	for _, t := range behind[:min(3, len(behind))] {
		switch {
		case t.Is("<"), t.Is(">"), t.Is("!"), t.Is("in_"), t.Is("not_in"), t.Is("notin_"), t.Is("like"), t.Is("ilike"), t.Is("between"),
			t.Is("notlike"), t.Is("not_like"):
			return true
		case t.Is("is_"), t.Is("isnot"), t.Is("is_not"):
			return false
		}
	}
	return false
}

// leavesOut says whether a statement that is built by calls leaves rows out.
func leavesOut(links []link) bool {
	for _, l := range links {
		switch n := strings.ToLower(l.name); {
		case strings.HasPrefix(n, "where"), strings.HasPrefix(n, "andwhere"), n == "using", n == "limit", n == "filter",
			n == "innerjoin", n == "match":
			return true
		}
	}
	return false
}
