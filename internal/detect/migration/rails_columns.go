package migration

import (
	"strconv"
	"strings"

	"github.com/gatehold/gatehold/internal/detect/source"
)

// columnOf reads type and size from a call's options. n is the index of the
// positional argument that names the type.
func columnOf(c *call, n int) column {
	col := column{typ: strings.ToLower(c.pos(n)), known: true}
	number := func(key string) int {
		if a, ok := c.opt(key); ok {
			if v, err := strconv.Atoi(strings.ReplaceAll(a.value(), "_", "")); err == nil {
				return v
			}
		}
		return 0
	}
	col.limit, col.precision, col.scale = number("limit"), number("precision"), number("scale")
	return col
}

func (s *state) addColumnCall(c *call) {
	table, from := s.target(c)
	if c.plain == "column" && s.block[c.recv] == "" {
		return
	}
	last := from
	if c.plain == "addcolumns" {
		last = max(from, c.positional()-1)
		if _, ok := c.opt("type"); !ok {
			last--
		}
	}
	typ := columnOf(c, from+1)
	if v, ok := c.opt("type"); ok && typ.typ == "" {
		typ.typ = strings.ToLower(v.value())
	}
	for i := from; i <= last; i++ {
		s.newColumn(c, table, c.pos(i), typ)
	}
}

// typed judges t.json :props, :more.
func (s *state) typed(c *call) {
	table := s.block[c.recv]
	typ := columnOf(c, 99)
	typ.typ = strings.ToLower(c.name)
	for i := range c.positional() {
		s.newColumn(c, table, c.pos(i), typ)
	}
}

// newColumn judges a column that is added.
func (s *state) newColumn(c *call, table, col string, typ column) {
	if !c.back {
		s.types[fold(table)+"."+fold(col)] = typ
	}
	if a, ok := c.opt("index"); ok && !a.is("false") {
		s.index[fold(table)+"."+fold(col)] = true
	}
	object := join(table, col)
	if s.undone(c) {
		s.hit(dropColumn, c, object, undoing)
		return
	}
	if s.isNew(table) {
		return
	}
	s.addColumn(table, col, typ.typ)
	s.keyOf(c, object, typ)
	def, hasDef := c.opt("default")
	hasDef = hasDef && !def.is("nil")
	s.fillsRows(c, object, typ.typ, hasDef && volatileDefault(def, typ.typ))
	if typ.typ == "json" {
		s.hit(addJSON, c, object, "")
	}
	if c.is("null", "false") && !hasDef && typ.typ != "virtual" && !strings.Contains(typ.typ, "serial") {
		s.hit(required, c, object, "")
	}
	if col == "type" && hasDef && (typ.typ == "string" || typ.typ == "text") {
		s.hit(inherits, c, object, "")
	}
}

// keyOf judges the index that a column of a table block brings, and the size of
// one that points to a key.
func (s *state) keyOf(c *call, object string, typ column) {
	if a, ok := c.opt("index"); ok && s.block[c.recv] != "" && !a.is("false") && !c.online() {
		s.hit(addIndex, c, object, "the column brings an index")
	}
	if strings.HasSuffix(object, "_id") && typ.typ == "integer" && typ.limit <= 4 {
		s.hit(shortKey, c, object, "")
	}
}

// fillsRows judges what a column that is added does to the rows that are there.
func (s *state) fillsRows(c *call, object, typ string, differs bool) {
	switch {
	case c.copies():
		s.hit(lock, c, object, "")
	case strings.Contains(typ, "serial"), typ == "primarykey", typ == "primary_key":
		s.hit(rewrite, c, object, "numbers every row there is")
	case c.is("stored", "true"), c.is("virtual", "false"):
		s.hit(rewrite, c, object, "a stored generated column")
	case differs && c.plain != "addcolumnwithdefault":
		s.hit(rewrite, c, object, "its default differs by row")
	}
}

// volatileDefault says whether a default calls a function that gives each row
// another value. Rails takes a string for SQL only where the type is uuid.
func volatileDefault(def arg, typ string) bool {
	if len(def.toks) == 0 {
		return false
	}
	lambda := def.toks[0].Is("-") || def.toks[0].Is("lambda") || def.toks[0].Is("proc")
	if !lambda && typ != "uuid" {
		return false
	}
	for _, t := range def.toks {
		if t.Kind == source.String {
			return strings.Contains(t.Text, "(") && !stableCall(t.Text)
		}
	}
	return lambda
}

// stableCall says whether an expression only calls functions whose value is
// computed once for the statement.
func stableCall(expr string) bool {
	e := strings.ToLower(expr)
	for {
		i := strings.IndexByte(e, '(')
		if i < 0 {
			return true
		}
		from := i
		for from > 0 && (e[from-1] == '_' || e[from-1] >= 'a' && e[from-1] <= 'z' || e[from-1] >= '0' && e[from-1] <= '9') {
			from--
		}
		switch e[from:i] {
		case "", "now", "current_timestamp", "current_date", "localtimestamp", "transaction_timestamp", "statement_timestamp",
			"lower", "upper", "timezone", "date_trunc", "to_timestamp":
		default:
			return false
		}
		e = e[i+1:]
	}
}

func (s *state) addTimestamps(c *call) {
	table := c.pos(0)
	if s.isNew(table) {
		return
	}
	if def, ok := c.opt("default"); ok && volatileDefault(def, "datetime") {
		s.hit(rewrite, c, table, "timestamps whose default differs by row")
	}
}

func (s *state) changeColumn(c *call) {
	table, from := s.target(c)
	if c.plain == "change" && s.block[c.recv] == "" {
		return
	}
	col := c.pos(from)
	if s.isNew(table) {
		return
	}
	key := fold(table) + "." + fold(col)
	to, was := columnOf(c, from+1), s.types[key]
	s.types[key] = to
	switch {
	case c.copies():
		s.hit(changeType, c, join(table, col), "the table is copied under a lock")
	case c.online(): // the database refuses what it cannot do without blocking
	case s.index[key] && to.typ == "citext":
		s.hit(changeType, c, join(table, col), "its index is built anew, and values that differ in case become equal")
	case widens(was, to):
	case !was.known && unlimited(to) && s.path.Database != source.MySQL:
		s.hit(widenType, c, join(table, col), "")
	default:
		detail := "to " + to.typ
		if was.known {
			detail = "from " + was.typ + " " + detail
		}
		s.hit(changeType, c, join(table, col), detail)
	}
	if c.is("null", "false") {
		s.hit(notNull, c, join(table, col), "")
	}
}

// unlimited says whether a type of PostgreSQL, which Rails migrations are
// judged by unless they say otherwise, holds whatever was in the column.
func unlimited(to column) bool {
	switch to.typ {
	case "text", "string":
		return to.limit == 0
	case "decimal", "numeric":
		return to.precision == 0
	}
	return false
}

// widens says whether every value of one type is kept by another, and the
// table need not be rewritten.
func widens(was, to column) bool {
	if !was.known {
		return false
	}
	family := families[was.typ]
	switch {
	case family == ofText && families[to.typ] == ofText:
		return to.typ != "string" && to.typ != "varchar" || roomier(was.limit, to.limit)
	case family == ofDecimals && families[to.typ] == ofDecimals:
		return to.precision == 0 || to.scale == was.scale && was.precision != 0 && to.precision >= was.precision
	case was.typ == "cidr" && to.typ == "inet":
		return true
	case was.typ != to.typ:
		return false
	case family == ofTimes:
		n := max(to.precision, to.limit) // microseconds are the finest there is
		return n >= 6 || roomier(max(was.precision, was.limit), n)
	case family == ofBits:
		return to.typ != "bit" && roomier(was.limit, to.limit) && (to.typ != "integer" || was.limit == to.limit)
	}
	return was == to
}

// roomier says whether what has room in a has room in b; 0 is no limit.
func roomier(a, b int) bool { return b == 0 || a != 0 && b >= a }

// family is a set of types that are compared in the same way.
type family uint8

const (
	ofText family = iota + 1
	ofDecimals
	ofTimes
	ofBits
)

var families = map[string]family{
	"string": ofText, "text": ofText, "citext": ofText, "varchar": ofText,
	"decimal": ofDecimals, "numeric": ofDecimals,
	"datetime": ofTimes, "timestamp": ofTimes, "timestamptz": ofTimes, "time": ofTimes, "interval": ofTimes,
	"integer": ofBits, "bigint": ofBits, "binary": ofBits, "bit": ofBits, "bit_varying": ofBits, "varbit": ofBits,
}

func (s *state) changeNull(c *call) {
	table, from := s.target(c)
	col := c.pos(from)
	if !strings.EqualFold(c.pos(from+1), "false") || s.isNewColumn(table, col) || c.online() {
		return
	}
	if s.valid[fold(table)+"."+fold(col)] || s.valid[fold(table)] {
		return
	}
	s.hit(notNull, c, join(table, col), "")
}

func (s *state) changeDefault(c *call) {
	table, from := s.target(c)
	if !s.isNewColumn(table, c.pos(from)) {
		s.hit(changeDefault, c, join(table, c.pos(from)), "")
	}
}
