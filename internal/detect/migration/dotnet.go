package migration

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect/schema"
)

// entityAlter judges Entity Framework's AlterColumn, which says what the column
// was. It says whether the call is one.
func (s *state) entityAlter(c *call, object string) bool {
	_, typed := c.opt("oldClrType")
	_, sized := c.opt("oldMaxLength")
	if _, ok := c.opt("oldType"); !ok && !typed && !sized {
		return false
	}
	value := func(key string) string {
		a, _ := c.opt(key)
		return strings.ToLower(a.value())
	}
	if value("nullable") == "false" && value("oldNullable") == "true" {
		s.hit(notNull, c, object, "")
	}
	was, is := schema.TypeOf(value("oldType")), schema.TypeOf(value("type"))
	short := schema.TypeOf("varchar(" + value("maxLength") + ")")
	long := schema.TypeOf("varchar(" + value("oldMaxLength") + ")")
	if !was.Keeps(is) || value("oldType") == "" && !long.Keeps(short) {
		s.hit(changeType, c, object, "from "+was.String()+" to "+is.String())
	}
	return true
}

// deletesRows judges DeleteData, which names rows by their keys.
func (s *state) deletesRows(c *call) {
	table, _ := c.opt("table")
	if name := table.value(); name != "" && !s.isNew(name) && !c.back && !s.path.Rollback {
		s.hit(deleteRows, c, name, "")
	}
}

// fluentColumn judges FluentMigrator's Delete.Column("a").FromTable("b") and
// Alter.Column("a").OnTable("b").AsString(5).
func (s *state) fluentColumn(c *call) {
	table := ""
	for _, l := range s.prog.behindCall(c) {
		if l.name == "FromTable" || l.name == "OnTable" {
			table = arg{toks: s.prog.toks[l.from:l.to]}.value()
		}
	}
	switch {
	case table == "" || s.isNewColumn(table, c.pos(0)):
	case c.recv == "Delete":
		s.hit(dropColumn, c, join(table, c.pos(0)), "")
	case c.recv == "Alter":
		s.hit(changeType, c, join(table, c.pos(0)), "")
	case c.recv == "Rename":
		s.hit(rename, c, join(table, c.pos(0)), "")
	}
}

// fluentSchema judges Delete.Schema("a").
func (s *state) fluentSchema(c *call) {
	if c.recv == "Delete" {
		s.hit(dropTable, c, c.pos(0), "the whole schema")
	}
}

// fluentRows judges Delete.FromTable("a").AllRows().
func (s *state) fluentRows(c *call) {
	for _, l := range s.prog.beforeCall(c.at) {
		switch table := (arg{toks: s.prog.toks[l.from:l.to]}).value(); {
		case s.isNew(table):
		case l.name == "FromTable":
			s.hit(deleteAll, c, table, "")
		case l.name == "Table":
			s.hit(updateAll, c, table, "")
		}
	}
}

// builtDelete judges statements that are built by calls: jOOQ's and Kysely's
// deleteFrom(users).
func (s *state) builtDelete(c *call) {
	if table := c.pos(0); table != "" && !s.isNew(table) && !leavesOut(s.prog.behindCall(c)) {
		s.hit(deleteAll, c, table, "")
	}
}

// builtUpdate judges Kysely's updateTable("users").set(…).
func (s *state) builtUpdate(c *call) {
	behind := s.prog.behindCall(c)
	if table := c.pos(0); table != "" && len(behind) > 0 && !s.isNew(table) && !leavesOut(behind) {
		s.hit(updateAll, c, table, "")
	}
}
