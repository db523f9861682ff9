package sql

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect/schema"
	"github.com/gatehold/gatehold/internal/detect/source"
)

// Declared is what a text of CREATE statements declares: the tables and
// enumerations that are there once it has run, as its other statements leave them.
func Declared(body string, p source.Path) *schema.Schema {
	out := schema.New()
	way := reading{mysql: p.Database == source.MySQL, mssql: p.Database == source.SQLServer}
	s := splitter{lex: lexer{src: body, reading: way}, marks: true}
	s.each(func(st *statement) {
		c := span{st: st, n: len(st.toks)}
		switch {
		case st.rollback || st.routine:
		case c.take("CREATE"):
			declares(out, c)
		case c.take("ALTER", "TABLE"):
			c.ifExists()
			c.take("ONLY")
			key, _ := c.name()
			if t := out.Tables[bare(key)]; t != nil {
				for _, one := range c.commas() {
					altersDeclared(t, one)
				}
			}
		}
	})
	return out
}

// declares reads what stands behind CREATE.
func declares(out *schema.Schema, c span) {
	unique := false
	for c.takeAny("UNLOGGED", "FOREIGN", "OR", "REPLACE", "UNIQUE", "CLUSTERED", "NONCLUSTERED") {
		unique = unique || c.isAt(-1, "UNIQUE")
	}
	line := c.line()
	switch {
	case c.take("TABLE"):
		c.ifExists()
		line = c.line()
		key, shown := c.name()
		list, ok := c.skipParens()
		t := out.Table(bare(key), shown, line)
		if t.Open = !ok; ok {
			declaresColumns(out, t, list)
		}
	case c.take("TYPE"):
		key, shown := c.name()
		if _, composite := c.skipParens(); !composite && c.take("AS", "ENUM") {
			if list, ok := c.skipParens(); ok {
				valuesOf(out.Enum(bare(key), shown, line), list)
			}
		}
	case c.take("INDEX"):
		c.takeAny("CONCURRENTLY")
		c.ifExists()
		if !c.is("ON") {
			c.name()
		}
		if !c.take("ON") || c.has("WHERE") {
			return
		}
		c.take("ONLY")
		key, _ := c.name()
		if c.take("USING") {
			c.name()
		}
		if t := out.Tables[bare(key)]; t != nil {
			keyOver(t, c, unique, line)
		}
	}
}

func valuesOf(e *schema.Enum, list span) {
	for _, one := range list.commas() {
		if one.kind() == text {
			line := one.line()
			if v, _ := one.name(); !one.more() {
				e.Values[v] = line
			}
		}
	}
}

func declaresColumns(out *schema.Schema, t *schema.Table, list span) {
	for _, one := range list.commas() {
		switch one.upper() {
		case "LIKE":
			t.Open = true
		case "CONSTRAINT", "PRIMARY", "UNIQUE", "KEY", "INDEX":
			declaresKey(t, one)
		case "FOREIGN", "CHECK", "EXCLUDE", "FULLTEXT", "SPATIAL", "PERIOD":
		default:
			declaresColumn(out, t, one)
		}
	}
}

// declaresKey reads [CONSTRAINT name] UNIQUE (…), PRIMARY KEY (…) and KEY name (…).
func declaresKey(t *schema.Table, s span) {
	line := s.line()
	s.constraintName()
	unique := s.take("PRIMARY") || s.take("UNIQUE")
	if s.takeAny("KEY", "INDEX") || unique {
		s.takeAny("CLUSTERED", "NONCLUSTERED")
		if !s.is("(") {
			s.name()
		}
		keyOver(t, s, unique, line)
	}
}

// keyOver notes an index over the columns in the parentheses that come next; over
// an expression it is none of columns.
func keyOver(t *schema.Table, s span, unique bool, line int) {
	list, ok := s.skipParens()
	if !ok {
		return
	}
	var columns []string
	for _, one := range list.commas() {
		col, _ := one.name()
		if col == "" || one.is("(") {
			return
		}
		columns = append(columns, col)
	}
	t.Key(columns, unique, line)
}

func declaresColumn(out *schema.Schema, t *schema.Table, s span) {
	line := s.line()
	col, shown := s.name()
	if col == "" || strings.Contains(col, ".") {
		return
	}
	from := s.i
	inline := s.is("ENUM", "(") || s.is("SET", "(")
	typ := typeName(&s)
	c := t.Column(col, line)
	c.Shown = shown
	c.Type = schema.TypeOf(s.raw(from, s.i))
	if inline {
		c.Type = schema.Type{Name: "enum"}
		values := span{st: s.st, i: from + 1, n: s.i}
		list, _ := values.skipParens()
		valuesOf(out.Enum(t.Shown+"."+col, t.Shown+"."+shown, line), list)
	}
	_, filled := defaultOf(s)
	c.Filled = filled || strings.Contains(typ, "serial") || s.has("AUTO_INCREMENT") || s.has("IDENTITY") || s.has("GENERATED") ||
		s.has("AUTOINCREMENT")
	primary := s.find("PRIMARY") >= 0
	c.Required = primary || s.has("NOT", "NULL")
	if primary || s.find("UNIQUE") >= 0 {
		c.Unique = line
	}
}

// altersDeclared reads one action of an ALTER TABLE.
func altersDeclared(t *schema.Table, s span) {
	switch {
	case s.take("ADD"):
		s.take("COLUMN")
		s.ifExists()
		if oneOf(s.upper(), "CONSTRAINT", "PRIMARY", "UNIQUE", "KEY", "INDEX") {
			declaresKey(t, s)
		} else if !oneOf(s.upper(), "FOREIGN", "CHECK", "EXCLUDE", "FULLTEXT", "SPATIAL", "PARTITION") {
			declaresColumn(schema.New(), t, s)
		}
	case s.take("ALTER"):
		s.take("COLUMN")
		col, _ := s.name()
		if c := t.Columns[col]; c != nil {
			c.Filled = c.Filled || s.is("SET", "DEFAULT") || s.is("ADD", "GENERATED")
			c.Required = c.Required || s.is("SET", "NOT", "NULL")
		}
	case s.take("DROP"):
		s.take("COLUMN")
		s.ifExists()
		col, _ := s.name()
		delete(t.Columns, col)
	}
}

// Tables lists what a script does to whole tables: the names that it creates
// or renames to, and the lines on which it drops one that it did not create.
// Statements in a section that goes back are left out.
func Tables(body string) (created map[string]bool, dropped map[string]int) {
	created, dropped = map[string]bool{}, map[string]int{}
	s := splitter{lex: lexer{src: body}, marks: true}
	s.each(func(st *statement) {
		if st.rollback || st.routine || len(dropped) >= maxTables {
			return
		}
		c := span{st: st, n: len(st.toks)}
		switch {
		case c.take("CREATE"):
			for c.takeAny("OR", "REPLACE", "TEMP", "TEMPORARY", "UNLOGGED") {
			}
			if c.take("TABLE") {
				c.ifExists()
				key, _ := c.name()
				created[bare(key)] = true
			}
		case c.take("ALTER", "TABLE"):
			c.ifExists()
			c.name()
			if c.take("RENAME", "TO") {
				key, _ := c.name()
				created[bare(key)] = true
			}
		case c.take("DROP", "TABLE"):
			c.ifExists()
			for c.more() {
				line := c.line()
				key, _ := c.name()
				if key != "" && !created[bare(key)] {
					dropped[bare(key)] = line
				}
				if key == "" || !c.take(",") {
					break
				}
			}
		}
	})
	return created, dropped
}
