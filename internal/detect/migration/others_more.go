package migration

import (
	"cmp"
	"strings"

	"github.com/gatehold/gatehold/internal/detect/source"
)

// otherAlter judges a column that is changed.
func (s *state) otherAlter(c *call) {
	table, col := s.subject(c)
	if c.plain == "modify" && (s.prog.lang != source.Elixir || s.table == "") || s.isNewColumn(table, col) {
		return
	}
	object := join(table, col)
	if s.prog.lang == source.CLike && s.entityAlter(c, object) {
		return
	}
	if _, ok := c.opt("new_column_name"); ok {
		s.hit(rename, c, object, "")
	}
	if c.is("nullable", "False") || c.is("null", "false") || c.anywhere("allowNull", "false") {
		s.hit(notNull, c, object, "")
		if c.plain == "altercolumn" {
			return
		}
	}
	_, typed := c.opt("type_", "type", "oldClrType")
	if c.plain == "altercolumn" && !typed && s.prog.lang == source.Python {
		return // a default, a comment, NULL allowed
	}
	if c.plain == "alterfield" && c.anywhere("null", "True") && c.has("TextField") {
		return
	}
	s.hit(changeType, c, object, "")
}

func (c *call) has(name string) bool {
	for _, a := range c.args {
		for _, t := range a.toks {
			if t.Text == name {
				return true
			}
		}
	}
	return false
}

// otherChained judges Laravel's $table->string('name')->change().
func (s *state) otherChained(c *call) {
	if s.prog.lang != source.PHP || c.recv != ")" || s.isNew(s.table) {
		return
	}
	s.hit(changeType, c, s.table, "")
}

func (s *state) otherNotNull(c *call) {
	table, col := s.subject(c)
	if !s.isNewColumn(table, col) {
		s.hit(notNull, c, join(table, col), "")
	}
}

// otherEmpty judges truncation.
func (s *state) otherEmpty(c *call) {
	table := c.pos(0)
	if table == "" && c.recv == ")" { // DB::table('users')->truncate(), knex('users').truncate()
		table = s.behind(c)
	}
	if table == "" && s.prog.lang == source.PHP {
		table = s.eloquent(s.prog.beforeCall(c.at))
	}
	if table != "" && !s.isNew(table) {
		s.hit(truncate, c, table, "")
	}
}

// behind returns the string in the call that a method is called on: the table
// of knex('users').del(). It is empty where a condition stands between.
func (s *state) behind(c *call) string {
	i := c.at - 1
	for i > 0 && c.at-i < 4 && !s.prog.at(i).Is(")") {
		i--
	}
	if !s.prog.at(i).Is(")") || s.prog.at(i-1).Kind != source.String || !s.prog.at(i-2).Is("(") {
		return ""
	}
	switch strings.ToLower(s.prog.at(i - 3).Text) {
	case "knex", "table", "trx", "db", "from", "collection", "queryinterface", "$knex":
		return s.prog.at(i - 1).Text
	}
	return ""
}

// otherDelete judges deletes that nothing limits.
func (s *state) otherDelete(c *call) {
	if s.prog.lang == source.Python && s.pythonRows(c) {
		return
	}
	if table := firstOf(s.emptied(c), s.manyRows(c)); table != "" && !s.isNew(table) {
		s.hit(deleteAll, c, table, "")
	}
}

// emptied is the table of which a call deletes everything, empty where something
// limits it.
func (s *state) emptied(c *call) string {
	switch c.plain {
	case "bulkdelete":
		if second := c.pos(1); second != "" && second != "null" && second != "undefined" || c.conditions(1) {
			return ""
		}
		return c.pos(0)
	case "deletemany":
		if c.conditions(0) {
			return ""
		}
		return cmp.Or(s.behind(c), c.recv)
	case "deleteall", "updateall":
		if s.prog.lang == source.CLike && c.plain == "deleteall" && len(c.args) == 0 && c.recv != "" && c.recv != ")" {
			return c.recv // Exposed: Users.deleteAll()
		}
		if s.prog.lang != source.Elixir {
			return ""
		}
		return s.ectoRows(c)
	}
	// Django: Model.objects.all().delete(), Knex: knex('users').del()
	switch {
	case len(c.args) > 0:
		return ""
	case c.recv == ")" && s.prog.at(c.at-3).Is("(") && s.prog.at(c.at-4).Is("all"):
		return s.prog.at(c.at - 8).Text
	}
	return s.behind(c)
}

// conditions says whether the n-th positional argument is a hash that is not
// empty.
func (c *call) conditions(n int) bool {
	for _, a := range c.args {
		if a.key != "" {
			continue
		}
		if n == 0 {
			return len(a.toks) > 2
		}
		n--
	}
	return false
}

func (s *state) otherIndex(c *call) {
	table, col := s.subject(c)
	if v, ok := c.opt("table", "table_name", "model_name"); ok {
		table, col = v.value(), ""
	} else if s.prog.lang == source.Python && c.recv == "op" {
		table, col = c.pos(1), c.pos(0)
	}
	if s.isNew(table) || c.online() || c.anywhere("isConcurrent", "true") {
		return
	}
	s.hit(addIndex, c, join(table, col), "")
}

func (s *state) otherDropIndex(c *call) {
	table, col := s.subject(c)
	if s.isNew(table) || c.online() {
		return
	}
	s.hit(dropIndex, c, join(table, col), "")
}

func (s *state) otherConstraint(c *call) {
	table, _ := s.subject(c)
	switch {
	case c.recv == "op" && s.prog.lang == source.Python:
		table = c.pos(1)
	case c.plain == "alteruniquetogether":
		if !c.nonEmpty("unique_together") {
			return
		}
		if v, ok := c.opt("name"); ok {
			table = v.value()
		}
	}
	if s.isNew(table) || c.anywhere("postgresql_not_valid", "True") || c.has("AddConstraintNotValid") {
		return
	}
	s.hit(constraint, c, table, "")
}

func (c *call) nonEmpty(key string) bool {
	v, ok := c.opt(key)
	return ok && v.value() != "" && v.value() != "set" || ok && len(v.names()) > 0
}

// elixirIndex judges Ecto's create index(:users, [:email]).
func (s *state) elixirIndex(c *call) {
	for _, a := range c.args {
		for i, t := range a.toks {
			if !t.Is("index") && !t.Is("unique_index") && !t.Is("constraint") {
				continue
			}
			table := arg{toks: a.toks[i+1:]}.value()
			if s.isNew(table) || a.has("concurrently", "true") || a.has("validate", "false") ||
				c.anywhere("concurrently", "true") || c.anywhere("validate", "false") {
				return
			}
			if t.Is("constraint") {
				s.hit(constraint, c, table, "")
			} else {
				s.hit(addIndex, c, table, "")
			}
			return
		}
	}
}

// elixirDrop judges Ecto's drop index(…) and drop constraint(…).
func (s *state) elixirDrop(c *call) {
	if c.has("index") || c.has("unique_index") {
		if !c.anywhere("concurrently", "true") {
			s.hit(dropIndex, c, c.pos(0), "")
		}
	}
}
