package schema

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect/bound"
	"github.com/gatehold/gatehold/internal/detect/source"
)

// Drizzle reads the tables that a program declares for Drizzle: pgTable("users",
// { id: serial("id") }). A column has the name that it is given, and without one
// that of its property.
// https://orm.drizzle.team/docs/sql-schema-declaration
func Drizzle(body string) *Schema {
	d := drizzle{toks: source.Tokens(body, source.JavaScript), out: New()}
	for i := range d.toks {
		if !d.is(i+1, "(") || d.toks[i].Kind != source.Name {
			continue
		}
		switch name := d.toks[i].Text; {
		case isTableFunction(name), name == "table" && d.is(i-1, "."):
			d.table(i)
		case name == "pgEnum", name == "enum" && d.is(i-1, "."):
			d.enum(i)
		}
	}
	return d.out
}

// Drizzled says whether a program may declare tables for Drizzle.
func Drizzled(body string) bool {
	return strings.Contains(body, "drizzle-orm") && (strings.Contains(body, "Table(") || strings.Contains(body, ".table("))
}

func isTableFunction(name string) bool {
	switch name {
	case "pgTable", "mysqlTable", "sqliteTable", "singlestoreTable", "cockroachTable", "mssqlTable", "createTable", "gelTable":
		return true
	}
	return false
}

type drizzle struct {
	toks []source.Token
	out  *Schema
	work int // tokens that were looked at for what closes a parenthesis
}

// maxWork bounds them.
const maxWork = 4_000_000

func (d *drizzle) is(i int, s string) bool { return i >= 0 && i < len(d.toks) && d.toks[i].Is(s) }

func (d *drizzle) str(i int) (string, bool) {
	if i < len(d.toks) && d.toks[i].Kind == source.String {
		return d.toks[i].Text, true
	}
	return "", false
}

// skip steps over lines.
func (d *drizzle) skip(i int) int {
	for i < len(d.toks) && d.toks[i].Kind == source.Newline {
		i++
	}
	return i
}

// closes is the index of what closes the parenthesis at i, or the end.
func (d *drizzle) closes(i int) int {
	depth := 0
	for k := i; k < len(d.toks); k++ {
		if d.work++; d.work > maxWork {
			bound.Stop("its tables nest too deep")
		}
		if depth += nesting(d.toks[k]); depth <= 0 {
			return k
		}
	}
	return len(d.toks)
}

// maxTokens bounds the tokens of one table.
const maxTokens = 50_000

// table reads the call at i.
func (d *drizzle) table(i int) {
	name, ok := d.str(d.skip(i + 2))
	if !ok {
		return
	}
	t := d.out.Table(name, name, d.toks[i].Line)
	k := d.skip(i + 2)
	for k < len(d.toks) && k < i+40 && !d.is(k, "{") { // over a comma, and (t) => (
		k++
	}
	if !d.is(k, "{") {
		t.Open = true
		return
	}
	end := min(d.closes(k), i+maxTokens)
	fields := map[string]string{}
	for k = d.skip(k + 1); k < end; k = d.skip(k + 1) {
		k = d.column(t, k, end, fields)
	}
	for last := d.closes(i + 1); k < last; k++ {
		d.key(t, k, fields)
	}
}

// column reads one property of a table's columns, up to its comma.
func (d *drizzle) column(t *Table, k, end int, fields map[string]string) int {
	key := d.toks[k]
	stop, depth := k, 0
	for ; stop < end && (depth > 0 || !d.is(stop, ",")); stop++ {
		d.work++
		depth += nesting(d.toks[stop])
	}
	if key.Kind != source.Name && key.Kind != source.String || !d.is(k+1, ":") {
		t.Open = true // ...timestamps
		return stop
	}
	i := d.skip(k + 2)
	for d.is(i+1, ".") { // t.serial(), and pg.core.serial()
		i += 2
	}
	if !d.is(i+1, "(") {
		t.Open = true // a column that was made elsewhere
		return stop
	}
	name, given := d.str(d.skip(i + 2))
	if !given {
		name = key.Text
	}
	fields[key.Text] = name
	c := t.Column(name, key.Line)
	inner := d.closes(i + 1)
	c.Type = drizzleType(d.toks[i].Text, d.toks[i+2:min(inner, stop)])
	d.chain(c, inner+1, stop)
	c.Filled = c.Filled || strings.Contains(strings.ToLower(d.toks[i].Text), "serial")
	return stop
}

// chain reads what is said of a column behind its type: .notNull().unique().
func (d *drizzle) chain(c *Column, from, to int) {
	depth := 0
	for j := from; j < to; j++ {
		if depth == 0 && d.is(j-1, ".") {
			switch d.toks[j].Text {
			case "notNull":
				c.Required = true
			case "primaryKey":
				c.Required, c.Unique = true, d.toks[j].Line
			case "unique":
				c.Unique = d.toks[j].Line
			case "array":
				c.Type.Name += "[]"
			case "default", "defaultNow", "defaultRandom", "generatedAlwaysAs", "generatedAlwaysAsIdentity", "generatedByDefaultAsIdentity",
				"autoincrement":
				c.Filled = true
			}
		}
		depth += nesting(d.toks[j])
	}
}

// drizzleType is the type of a column's function, with its length.
func drizzleType(name string, args []source.Token) Type {
	t := Type{Name: drizzleNames[name]}
	if t.Name == "" {
		t = TypeOf(name)
	}
	for i, a := range args {
		if i+2 >= len(args) || !args[i+1].Is(":") {
			continue
		}
		switch {
		case a.Is("length"), a.Is("precision"):
			t.Size = number(args[i+2].Text)
		case a.Is("scale"):
			t.Scale = number(args[i+2].Text)
		case a.Is("withTimezone") && args[i+2].Is("true"):
			t.Name += "tz"
		case a.Is("unsigned") && args[i+2].Is("true"):
			t.Name += " unsigned"
		}
	}
	return t
}

var drizzleNames = map[string]string{
	"doublePrecision": "double", "smallserial": "smallint", "bigserial": "bigint", "timestamp": "timestamp", "longtext": "longtext",
}

// key reads unique().on(t.a, t.b), uniqueIndex("x").on(…) and index("x").on(…).
func (d *drizzle) key(t *Table, k int, fields map[string]string) {
	unique := d.is(k, "unique") || d.is(k, "uniqueIndex")
	if !unique && !d.is(k, "index") || !d.is(k+1, "(") || d.is(k-1, ".") {
		return
	}
	i := d.skip(d.closes(k+1) + 1)
	if !d.is(i, ".") || !d.is(i+1, "on") || !d.is(i+2, "(") {
		return
	}
	var columns []string
	for j := i + 3; j < min(d.closes(i+2), i+100); j++ {
		if d.is(j-1, ".") && fields[d.toks[j].Text] != "" {
			columns = append(columns, fields[d.toks[j].Text])
		}
	}
	t.Key(columns, unique, d.toks[k].Line)
}

// enum reads pgEnum("role", ["user", "staff"]).
func (d *drizzle) enum(i int) {
	name, ok := d.str(d.skip(i + 2))
	if !ok {
		return
	}
	end := min(d.closes(i+1), i+maxTokens)
	e := d.out.Enum(name, name, d.toks[i].Line)
	for k := d.skip(i+2) + 1; k < end; k++ {
		if v, ok := d.str(k); ok {
			e.Values[v] = d.toks[k].Line
		} else if d.toks[k].Kind == source.Name {
			delete(d.out.Enums, name) // its values come from elsewhere
			return
		}
	}
}
