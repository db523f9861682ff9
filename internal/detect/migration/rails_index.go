package migration

import (
	"strings"
)

func (s *state) addIndex(c *call) {
	table, from := s.target(c)
	if c.plain == "index" && s.block[c.recv] == "" {
		return
	}
	cols := s.columns(c, from)
	for _, col := range cols {
		s.index[fold(table)+"."+innermost(col)] = true
	}
	if s.isNew(table) {
		return
	}
	object := join(table, strings.Join(cols, ","))
	switch {
	case c.copies():
		s.hit(addIndex, c, object, "the table is locked or copied")
	case !c.online():
		s.hit(addIndex, c, object, "")
	}
	for _, was := range s.gone[fold(table)] {
		if c.is("name", was) || len(cols) > 0 && strings.HasPrefix(strings.Join(cols, ",")+",", was+",") {
			s.hit(replaceIndex, c, object, "")
		}
	}
}

// innermost is the column in an expression: "lower(key)" indexes key.
func innermost(expr string) string {
	if i := strings.LastIndexByte(expr, '('); i >= 0 {
		expr = expr[i+1:]
	}
	return fold(strings.TrimRight(expr, ")"))
}

// columns lists the columns of an index.
func (s *state) columns(c *call, from int) []string {
	if a, ok := c.opt("column"); ok {
		return a.names()
	}
	n := 0
	for _, a := range c.args {
		if a.key != "" {
			continue
		}
		if n == from {
			return a.names()
		}
		n++
	}
	return nil
}

func (s *state) removeIndex(c *call) {
	table, from := s.target(c)
	if s.isNew(table) {
		return
	}
	cols := strings.Join(s.columns(c, from), ",")
	if cols != "" && !c.back {
		s.gone[fold(table)] = append(s.gone[fold(table)], cols)
	} else if name, ok := c.opt("name"); ok && !c.back {
		s.gone[fold(table)] = append(s.gone[fold(table)], name.value())
	}
	if c.copies() || !c.online() {
		s.hit(dropIndex, c, join(table, cols), "")
	}
}

func (s *state) addReference(c *call) {
	table, from := s.target(c)
	if s.block[c.recv] == "" && (c.plain == "references" || c.plain == "belongsto") {
		return
	}
	name := c.pos(from)
	object := join(table, name)
	fk, hasFK := c.opt("foreign_key")
	hasFK = hasFK && !fk.is("false")
	if hasFK {
		to := name + "s"
		if v, ok := fk.inner("to_table"); ok {
			to = v
		}
		s.foreignKey(c, table, to, object, fk.has("validate", "false") || c.online())
	}
	if c.is("type", "integer") && !s.isNew(table) {
		s.hit(shortKey, c, object, "")
	}
	if s.isNew(table) {
		return
	}
	s.addColumn(table, name+"_id", "bigint")
	index, ok := c.opt("index")
	switch {
	case ok && (index.is("false") || index.has("algorithm", "concurrently", "inplace") || index.has("lock", "none")):
	case c.copies(), !c.online():
		s.hit(addIndex, c, object, "the reference brings an index")
	}
	if _, def := c.opt("default"); c.is("null", "false") && !def {
		s.hit(required, c, object, "")
	}
}

// inner returns the value behind a key inside an argument.
func (a arg) inner(key string) (string, bool) {
	for i, t := range a.toks {
		if t.Text == key && i+2 < len(a.toks) {
			return a.toks[i+2].Text, true
		}
	}
	return "", false
}

func (s *state) addForeignKey(c *call) {
	table, from := s.target(c)
	if c.plain == "foreignkey" && s.block[c.recv] == "" {
		return
	}
	s.foreignKey(c, table, c.pos(from), table, c.is("validate", "false") || c.online())
}

// foreignKey judges a foreign key. From a table made here it only locks the
// table that it points to, which is short; several such locks in one
// transaction wait for each other.
func (s *state) foreignKey(c *call, table, to, object string, unvalidated bool) {
	switch {
	case s.isNew(to) || c.back:
	case s.isNew(table):
		m := s.fks[fold(table)]
		if m == nil {
			m = map[string]bool{}
			s.fks[fold(table)] = m
		}
		if m[fold(to)] = true; len(m) == 2 {
			s.hit(constraint, c, object, "foreign keys to several tables lock them all at once")
		}
	case !unvalidated:
		s.hit(constraint, c, object, "foreign key to "+to)
	default:
		s.valid["unvalidated "+fold(table)] = true
	}
}

func (s *state) addConstraint(c *call) {
	table, from := s.target(c)
	if s.block[c.recv] == "" && !strings.HasPrefix(c.plain, "add") {
		return
	}
	if s.isNew(table) {
		return
	}
	if c.is("validate", "false") {
		s.valid["unvalidated "+fold(table)] = true
		if c.plain == "addnotnullconstraint" {
			s.valid["check "+fold(table)+"."+fold(c.pos(from))] = true
		} else if expr := strings.ToLower(c.pos(from)); strings.HasSuffix(expr, " is not null") {
			s.valid["check "+fold(table)+"."+strings.Trim(strings.TrimSuffix(expr, " is not null"), "\"`( ")] = true
		}
		return
	}
	if _, ok := c.opt("using_index"); ok || c.online() {
		return
	}
	s.hit(constraint, c, join(table, c.pos(from)), strings.ReplaceAll(c.name, "_", " "))
}

// validate judges the validation of a constraint: in the transaction that
// added it, the lock taken then is held while every row is read.
func (s *state) validate(c *call) {
	table := fold(c.pos(0))
	if s.valid["unvalidated "+table] && !s.noTx {
		s.hit(validateHere, c, c.pos(0), "")
	}
	s.valid[table] = true
}
