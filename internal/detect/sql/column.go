package sql

import "strings"

// add judges ADD inside ALTER TABLE: a column, a constraint or an index.
func (j *judge) add(s span, key, shown string) {
	switch s.upper() {
	case "CONSTRAINT", "CHECK", "UNIQUE", "PRIMARY", "FOREIGN", "EXCLUDE":
		j.addConstraint(s, key, shown, false)
		return
	case "INDEX", "KEY", "FULLTEXT", "SPATIAL":
		if s.is("FULLTEXT") || s.is("SPATIAL") {
			j.hitLock(key, s.line(), shown, "a "+strings.ToLower(s.upper())+" index is built under a lock")
		}
		return
	case "PARTITION", "PERIOD", "PROJECTION", "TABLE":
		return
	case "COLUMN", "COLUMNS":
		s.i++
	}
	there := s.ifExists()
	if list, ok := s.skipParens(); ok {
		for _, one := range list.commas() {
			j.add(one, key, shown)
		}
		return
	}
	j.addColumn(s, key, shown, there)
}

// maybeFull begins the type of a column that may have stood there before.
const maybeFull = '~'

func (j *judge) addColumn(s span, key, shown string, there bool) {
	line := s.line()
	col, shownCol := s.name()
	if col == "" {
		return
	}
	typ := typeName(&s)
	t := j.table(key)
	if t.columns == nil {
		t.columns = map[string]string{}
	}
	if typ == "" {
		typ = "?"
	}
	t.columns[col] = typ
	if there || j.unsure || j.old {
		t.columns[col] = string(maybeFull) + typ
	}
	if j.isLight(key) {
		return
	}
	object := shown + "." + shownCol
	def, hasDef := defaultOf(s)
	autoNum := strings.Contains(typ, "serial") || s.has("AUTO_INCREMENT") || s.has("IDENTITY")
	if why := j.fillsRows(s, autoNum, hasDef, def); why != "" {
		j.hit(rewrite, line, object, why)
	}
	if j.dialect != mysql && j.dialect != mssql && typ == "json" {
		j.hit(addJSON, line, object, "")
	}
	if s.has("NOT", "NULL") && !hasDef && !autoNum && !s.has("GENERATED") && !s.has("AS") {
		j.hit(addRequired, line, object, "")
	}
	j.columnConstraints(s, object, line)
}

// fillsRows is why a column that is added has a value written to every row there
// is, empty where it has not.
func (j *judge) fillsRows(s span, autoNum, hasDef bool, def span) string {
	switch {
	case j.dialect == sqlite:
	case autoNum:
		return "numbers every row there is"
	case s.has("STORED") || s.has("PERSISTED"):
		return "a stored generated column"
	case hasDef && volatile(def) && j.dialect != mysql:
		return "default " + def.raw(def.i, def.n)
	}
	return ""
}

// columnConstraints judges constraints written behind a new column.
func (j *judge) columnConstraints(s span, object string, line int) {
	switch {
	case j.dialect == sqlite || j.dialect == mysql:
	case s.find("PRIMARY") >= 0, s.find("UNIQUE") >= 0:
		j.hit(addConstraint, line, object, "builds an index under a lock")
	case s.find("REFERENCES") >= 0 && !s.has("NOT", "VALID"):
		j.hit(addConstraint, line, object, "locks both tables")
	case s.find("CHECK") >= 0 && s.find("DEFAULT") >= 0:
		j.hit(addConstraint, line, object, "checks every row")
	}
}

// constraintName takes CONSTRAINT and the name behind it; both may be missing.
func (s *span) constraintName() (name, shown string) {
	if !s.take("CONSTRAINT") {
		return "", ""
	}
	s.ifExists()
	if oneOf(s.upper(), "CHECK", "UNIQUE", "PRIMARY", "FOREIGN", "EXCLUDE") {
		return "", ""
	}
	return s.name()
}

// addConstraint judges ADD [CONSTRAINT name] … .
func (j *judge) addConstraint(s span, key, shown string, nocheck bool) {
	line := s.line()
	name, shownName := s.constraintName()
	object := shown
	if shownName != "" {
		object += "." + shownName
	}
	later := s.has("NOT", "VALID") || nocheck || s.has("NOVALIDATE") || s.has("NOT", "ENFORCED")
	if later && name != "" {
		t := j.table(key)
		if t.checks == nil {
			t.checks = map[string]string{}
		}
		t.checks[name] = condition(s)
	}
	if j.isLight(key) || j.dialect == sqlite {
		return
	}
	switch s.upper() {
	case "CHECK":
		if !later {
			j.hit(addConstraint, line, object, "every row is checked under a lock")
		}
	case "FOREIGN":
		if !later {
			j.hit(addConstraint, line, object, "every row is checked while both tables are locked")
		}
	case "UNIQUE", "PRIMARY", "EXCLUDE":
		if !s.has("USING", "INDEX") && !s.has("ONLINE", "=", "ON") {
			j.hit(addConstraint, line, object, "its index is built under a lock")
		}
	case "NOT": // PostgreSQL 18: ADD CONSTRAINT c NOT NULL col
		if !later {
			j.hit(setNotNull, line, object, "")
		}
	}
}

// condition is a check's text in lower case, without quotes: "(a is not null)".
func condition(s span) string {
	c := s
	for c.more() && !c.is("(") {
		c.i++
	}
	return strings.ReplaceAll(strings.ReplaceAll(strings.ToLower(clean(c.raw(c.i, c.n))), "( ", "("), " )", ")")
}

// alterColumn judges ALTER [COLUMN] inside ALTER TABLE.
func (j *judge) alterColumn(s span, key, shown string) {
	line := s.line()
	switch s.upper() {
	case "INDEX":
		return
	case "CONSTRAINT", "CHECK":
		if s.has("ENFORCED") && !s.has("NOT", "ENFORCED") {
			j.hitUnlessNew(addConstraint, key, line, shown, "every row is checked")
		}
		return
	case "COLUMN":
		s.i++
	}
	s.ifExists()
	col, shownCol := s.name()
	object := shown + "." + shownCol
	if t := j.look(key); t != nil && t.columns[col] != "" || j.isNew(key) {
		return
	}
	switch {
	case s.is("SET", "NOT", "NULL"):
		if !j.table(key).provedNotNull(col) {
			j.hit(setNotNull, line, object, "")
		}
	case s.is("DROP", "NOT", "NULL"):
		j.hit(dropNotNull, line, object, "")
	case s.is("DROP", "IDENTITY"), s.is("DROP", "EXPRESSION"), s.is("ADD", "GENERATED"), s.is("SET", "EXPRESSION"):
		j.hitLock(key, line, object, s.raw(s.i, s.n))
	case s.is("SET", "DATA"), s.is("TYPE"), s.is("SET", "TYPE"):
		s.take("SET")
		s.take("DATA")
		s.take("TYPE")
		j.newType(s, object, line)
	case s.is("SET"), s.is("DROP"), s.is("RESET"), s.is("RESTART"), s.is("ADD"), s.is("COMMENT"), !s.more():
	default: // MSSQL: ALTER COLUMN c type [NOT NULL]
		j.newType(s, object, line)
		if s.has("NOT", "NULL") {
			j.hit(setNotNull, line, object, "")
		}
	}
}

// modify judges MySQL's MODIFY and CHANGE, and Oracle's MODIFY.
func (j *judge) modify(s span, key, shown string, change bool) {
	line := s.line()
	if j.modifiesTable(s, key, shown) {
		return
	}
	s.take("COLUMN")
	s.ifExists()
	if list, ok := s.skipParens(); ok {
		for _, one := range list.commas() {
			j.modify(one, key, shown, false)
		}
		return
	}
	col, shownCol := s.name()
	if col == "" || s.is("CONSTRAINT") {
		return
	}
	object := shown + "." + shownCol
	if t := j.look(key); t != nil && t.columns[col] != "" || j.isNew(key) {
		return
	}
	if change {
		to, shownTo := s.name()
		if to != col {
			j.hit(rename, line, object, "to "+shownTo)
		}
	}
	switch {
	case s.is("NOT", "NULL"):
		j.hit(setNotNull, line, object, "")
		return
	case s.is("DEFAULT"), s.is("VISIBLE"), s.is("INVISIBLE"), s.is("ENCRYPT"), keepsType(s), !s.more():
		return
	case expires(s):
		j.hit(retention, line, object, s.raw(s.i, s.n))
		return
	case s.is("NULL"):
		j.hit(dropNotNull, line, object, "")
		return
	}
	j.newType(s, object, line)
	if s.has("NOT", "NULL") {
		j.hit(setNotNull, line, object, "")
	}
}

// newType judges a column's new type. What it was is not in the script.
func (j *judge) newType(s span, object string, line int) {
	from := s.i
	typ := typeName(&s)
	if typ == "" {
		return
	}
	j.hit(changeType, line, object, "to "+clean(s.raw(from, s.i)))
}
