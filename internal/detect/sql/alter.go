package sql

import "strings"

// alter judges ALTER of anything.
func (j *judge) alter(s span) {
	line := s.line()
	s.i++
	s.takeAny("ONLINE", "OFFLINE", "IGNORE")
	s.take("FOREIGN")
	switch what := s.upper(); what {
	case "TABLE":
		s.i++
		j.alterTable(s, line)
	case "TYPE", "DOMAIN":
		s.i++
		j.alterType(s, line, what)
	case "DATABASE", "SCHEMA", "VIEW", "SEQUENCE", "FUNCTION", "MATERIALIZED", "PROCEDURE":
		s.i++
		s.take("VIEW")
		s.ifExists()
		key, shown := s.name()
		switch {
		case j.isNew(key) || j.isNew(strings.ToLower(what)+" "+key):
		case s.has("RENAME", "TO") || s.has("MODIFY", "NAME"):
			j.hit(rename, line, shown, "")
		case s.has("OWNER", "TO"):
			j.hit(owner, line, shown, s.raw(s.i, s.n))
		case what == "SCHEMA" && s.take("TRANSFER"):
			j.hit(rename, line, shown, "moves an object into it")
		}
	case "ROLE", "USER", "LOGIN", "GROUP", "SERVER", "SYSTEM", "DEFAULT":
		j.alterRole(s, line, what)
	case "INDEX":
		if s.has("REBUILD") && !s.has("ONLINE", "=", "ON") {
			j.hit(lockTable, line, s.raw(s.i+1, s.i+2), "rebuilds an index")
		}
	case "POLICY":
		s.i++
		_, shown := s.name()
		j.hit(replacePolicy, line, shown, s.raw(s.i, s.n))
	}
}

// alterTable judges each action of ALTER TABLE.
func (j *judge) alterTable(s span, line int) {
	s.ifExists()
	s.take("ONLY")
	key, shown := s.name()
	s.take("*")
	if s.take("ON", "CLUSTER") {
		s.name()
	}
	j.tableOptions(s, key, shown)
	last := ""
	for _, a := range s.commas() {
		last = j.action(a, key, shown, last)
	}
}

// tableOptions judges what holds for the whole ALTER TABLE of MySQL.
func (j *judge) tableOptions(s span, key, shown string) {
	for _, slow := range [...][]string{
		{"ALGORITHM", "=", "COPY"}, {"LOCK", "=", "EXCLUSIVE"}, {"LOCK", "=", "SHARED"},
		{"ALGORITHM", "COPY"}, {"LOCK", "EXCLUSIVE"}, {"LOCK", "SHARED"},
	} {
		if s.has(slow...) && !j.isLight(key) {
			j.hit(lockTable, s.line(), shown, strings.Join(slow, " "))
			return
		}
	}
}

// action judges one action and returns its verb: MSSQL and Oracle list several
// objects under one verb.
func (j *judge) action(s span, key, shown, last string) string {
	line := s.line()
	verb := s.upper()
	switch verb {
	case "ADD":
		s.i++
		j.add(s, key, shown)
		return "ADD"
	case "DROP":
		s.i++
		return j.dropFromTable(s, key, shown)
	case "ALTER":
		s.i++
		j.alterColumn(s, key, shown)
	case "MODIFY", "CHANGE":
		s.i++
		j.modify(s, key, shown, verb == "CHANGE")
		return verb
	case "RENAME":
		s.i++
		j.renameIn(s, key, shown, line)
	case "SET", "UNSET":
		s.i++
		j.setOnTable(s, key, shown, line)
	case "VALIDATE":
		s.i++
		j.validate(s, key, shown, line)
	case "WITH":
		nocheck := s.has("NOCHECK")
		if i := s.find("ADD"); i >= 0 {
			s.i = i + 1
			j.addConstraint(s, key, shown, nocheck)
		}
	case "OWNER":
		j.hitUnlessNew(owner, key, line, shown, s.raw(s.i, s.n))
	case "TRUNCATE", "DISCARD", "EXCHANGE", "DETACH", "REORGANIZE", "REMOVE", "COALESCE", "ATTACH", "CLEAR", "DELETE":
		j.partition(s, key, shown, verb, line)
	case "DISABLE", "ENABLE", "NO", "FORCE", "NOCHECK":
		j.security(s, key, shown, verb, line)
	case "ENGINE", "CONVERT", "ORDER", "PARTITION", "ROW_FORMAT", "KEY_BLOCK_SIZE", "CHARACTER", "CHARSET":
		if verb == "CONVERT" {
			j.hitUnlessNew(changeType, key, line, shown, "character set of every text column")
		} else if verb != "CHARACTER" && verb != "CHARSET" {
			j.hitLock(key, line, shown, s.raw(s.i, s.n))
		}
	default:
		return j.continued(s, key, shown, last)
	}
	return verb
}

// continued judges what stands after a comma without a verb of its own.
func (j *judge) continued(s span, key, shown, last string) string {
	switch last {
	case "DROP":
		j.dropColumn(s, key, shown)
	case "DROP CONSTRAINT":
		if s.take("COLUMN") {
			j.dropColumn(s, key, shown)
			return "DROP"
		}
	case "ADD":
		j.add(s, key, shown)
	case "MODIFY":
		j.modify(s, key, shown, false)
	}
	return last
}

// dropFromTable judges DROP … inside ALTER TABLE.
func (j *judge) dropFromTable(s span, key, shown string) string {
	line := s.line()
	switch what := s.upper(); what {
	case "CONSTRAINT", "FOREIGN", "CHECK":
		s.i++
		s.take("KEY")
		s.ifExists()
		name, shownName := s.name()
		k := dropConstraint
		if isPrimaryName(name) {
			k = dropKey
		}
		if t := j.look(key); t == nil || t.checks[name] == "" {
			j.hitUnlessNew(k, key, line, shown+"."+shownName, "")
		}
		return "DROP CONSTRAINT"
	case "PRIMARY":
		j.hitUnlessNew(dropKey, key, line, shown, "")
		return what
	case "INDEX", "KEY", "PROJECTION":
		j.hitUnlessNew(dropIndexOnline, key, line, shown+"."+s.raw(s.i+1, s.i+2), "")
		return what
	case "PARTITION", "SUBPARTITION":
		j.hitUnlessNew(dropPartition, key, line, shown, s.raw(s.i, s.n))
		return what
	case "DEFAULT", "PERIOD", "SYSTEM", "TRIGGER", "ROW", "SEARCH":
		return what
	case "COLUMN", "COLUMNS":
		s.i++
	case "UNUSED":
		return what
	}
	j.dropColumn(s, key, shown)
	return "DROP"
}

func (j *judge) dropColumn(s span, key, shown string) {
	s.take("COLUMN")
	s.ifExists()
	if list, ok := s.skipParens(); ok {
		for _, one := range list.commas() {
			j.dropColumn(one, key, shown)
		}
		return
	}
	line := s.line()
	col, shownCol := s.name()
	if col == "" {
		return
	}
	if t := j.look(key); t != nil && t.columns[col] != "" && (t.columns[col][0] != maybeFull || j.old && !j.unsure) {
		return // added above: nothing can be in it
	}
	detail := ""
	if s.is("CASCADE") {
		detail = "CASCADE: and what depends on it"
	}
	j.hitUnlessNew(dropColumn, key, line, shown+"."+shownCol, detail)
}

// isPrimaryName says whether a constraint's name is one that databases and
// tools give to primary keys.
func isPrimaryName(n string) bool {
	n = strings.ToLower(n)
	return strings.HasSuffix(n, "_pkey") || strings.HasSuffix(n, "_pk") || strings.HasPrefix(n, "pk_") ||
		strings.HasPrefix(n, "pk__") || n == "primary"
}

// renameIn judges RENAME inside ALTER TABLE.
func (j *judge) renameIn(s span, key, shown string, line int) {
	switch {
	case s.takeAny("CONSTRAINT", "INDEX", "KEY"):
		return
	case s.takeAny("TO", "AS"):
		to, shownTo := s.name()
		j.moved(key, to, shown, shownTo, line)
		return
	}
	s.take("COLUMN")
	s.ifExists()
	col, shownCol := s.name()
	if !s.take("TO") && !s.more() { // MySQL: RENAME newname
		j.moved(key, col, shown, shownCol, line)
		return
	}
	if t := j.look(key); t != nil && t.columns[col] != "" {
		return
	}
	j.hitUnlessNew(rename, key, line, shown+"."+shownCol, "to "+s.raw(s.i, s.n))
}
