package sql

import "strings"

// delete judges DELETE.
func (j *judge) delete(s span) {
	line := s.line()
	s.i++
	for s.takeAny("LOW_PRIORITY", "QUICK", "IGNORE") {
	}
	if s.take("TOP") {
		s.skipParens()
	}
	if !s.take("FROM") && j.strict {
		return // prose, or a way to say it that strings of programs hardly use
	}
	s.take("ONLY")
	at := s.i
	key, shown := s.name()
	if key == "" && s.i == s.n && j.depth == 0 || s.is("(") {
		return
	}
	if j.ofCatalogue(key, shown, line) || j.where(s, key) != everything || j.empty(key) || s.dynamic() {
		return
	}
	if j.strict && (s.more() && !oneOf(s.upper(), "WHERE", "USING", "RETURNING", "LIMIT", "ORDER", "AS") || strings.HasPrefix(key, "{x")) {
		return
	}
	if at == s.i {
		shown = ""
	}
	j.hit(deleteAll, line, shown, condText(s))
}

// update judges UPDATE.
func (j *judge) update(s span) {
	line := s.line()
	s.i++
	for s.takeAny("LOW_PRIORITY", "IGNORE", "ONLY", "TABLE") {
	}
	if s.take("OR") { // SQLite: UPDATE OR IGNORE
		s.i++
	}
	if s.take("TOP") {
		s.skipParens()
	}
	key, shown := s.name()
	set := s.find("SET")
	if key == "" || set < 0 || s.is("STATISTICS") || j.ofCatalogue(key, shown, line) {
		return
	}
	if j.where(s, key) != everything || j.empty(key) || s.dynamic() {
		return
	}
	s.i = set + 1
	if j.backfill(s, key) {
		j.hit(backfill, line, shown, "")
		return
	}
	j.hit(updateAll, line, shown, condText(s))
}

// backfill says whether an UPDATE only sets columns that this script added:
// then no value is overwritten.
func (j *judge) backfill(s span, key string) bool {
	t := j.look(key)
	if t == nil || len(t.columns) == 0 {
		return false
	}
	if i := s.find("WHERE"); i >= 0 {
		s.n = i
	}
	if i := s.find("FROM"); i >= 0 {
		s.n = i
	}
	for _, one := range s.commas() {
		col, _ := one.name()
		if i := strings.LastIndexByte(col, '.'); i >= 0 {
			col = col[i+1:]
		}
		if t.columns[col] == "" {
			return false
		}
	}
	return true
}

// merge judges MERGE: it deletes what its source does not have.
func (j *judge) merge(s span) {
	line := s.line()
	s.i++
	s.take("INTO")
	key, shown := s.name()
	if s.has("BY", "SOURCE", "THEN", "DELETE") && !j.empty(key) {
		j.hit(deleteAll, line, shown, "every row that the source does not have")
	}
}

// insert judges INSERT OVERWRITE, which replaces a whole table.
func (j *judge) insert(s span) {
	line := s.line()
	s.i++
	if s.take("OVERWRITE") {
		s.takeAny("INTO", "TABLE")
		s.take("TABLE")
		key, shown := s.name()
		j.hitUnlessNew(replaceTable, key, line, shown, "INSERT OVERWRITE")
	}
}

// dynamic says whether a template's placeholder stands where a condition could.
func (s *span) dynamic() bool {
	for i := s.i; i < s.n; i++ {
		t := s.st.toks[i]
		if c := s.st.src[t.from]; t.kind == quoted && (c == '{' || c == '<' || c == '$') {
			return true
		}
	}
	return false
}

// ofCatalogue judges what writes to the tables that describe the others.
func (j *judge) ofCatalogue(key, shown string, line int) bool {
	name := strings.TrimPrefix(strings.ToLower(key), "pg_catalog.")
	if !oneOf(name, "pg_class", "pg_attribute", "pg_proc", "pg_authid", "pg_database", "pg_namespace", "pg_index", "pg_constraint",
		"pg_trigger", "pg_type", "pg_depend", "sqlite_master", "sqlite_schema", "mysql.user", "mysql.db", "mysql.tables_priv") {
		return false
	}
	j.hit(catalogue, line, shown, "")
	return true
}

// graph judges Cypher's MATCH (n) DETACH DELETE n: it takes every node where no
// condition, label's key or path chooses them.
func (j *judge) graph(s span) {
	line := s.line()
	from := s.i
	for s.more() && !s.is("DELETE") && !s.is("REMOVE") && !s.is("SET") {
		s.i++
	}
	if !s.more() {
		return
	}
	what := s.upper()
	chosen := span{st: s.st, i: from, n: s.i}
	if chosen.has("LIMIT") || chosen.hasProperties() || chosen.dynamic() {
		return
	}
	if i := chosen.find("WHERE"); i >= 0 && !(rows{}).always(span{st: s.st, i: i + 1, n: s.i}, 0) {
		return
	}
	object := chosen.raw(chosen.i, min(chosen.n, chosen.i+12))
	switch {
	case what == "DELETE":
		j.hit(deleteAll, line, object, "every node that matches")
	case what == "REMOVE" && s.has("."):
		j.hit(dropColumn, line, object, s.raw(s.i, s.n))
	case what == "SET" && s.has("=") && !chosen.has("MERGE") && !chosen.has("CREATE"):
		j.hit(updateAll, line, object, s.raw(s.i, s.n))
	}
}

// hasProperties says whether a pattern names nodes by what they hold: (n {id: 3}).
func (s span) hasProperties() bool {
	depth := 0
	for i := s.i; i < s.n; i++ {
		switch t := s.st.toks[i]; {
		case t.kind == punct && s.st.src[t.from] == '(':
			depth++
		case t.kind == punct && s.st.src[t.from] == ')':
			depth--
		case depth > 0 && s.st.src[t.from] == '{':
			return true
		}
	}
	return false
}

// remove judges SurrealDB's REMOVE.
func (j *judge) remove(s span) {
	line := s.line()
	s.i++
	what := s.upper()
	s.i++
	s.ifExists()
	key, shown := s.name()
	if key == "" {
		return
	}
	switch what {
	case "TABLE":
		j.hitUnlessNew(dropTable, key, line, shown, "")
	case "DATABASE", "NAMESPACE", "DB", "NS":
		j.hit(dropDatabase, line, shown, "")
	case "FIELD":
		if s.take("ON") {
			s.take("TABLE")
			_, table := s.name()
			j.hit(dropColumn, line, table+"."+shown, "")
		}
	case "INDEX", "EVENT", "ANALYZER", "PARAM", "FUNCTION":
		j.hit(dropObject, line, shown, "")
	case "USER", "ACCESS", "SCOPE", "TOKEN":
		j.hit(dropRole, line, shown, "")
	}
}
