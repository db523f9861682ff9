package sql

import "strings"

// create learns what a script makes, and judges what is made dangerously.
func (j *judge) create(s span) {
	line := s.line()
	s.i++
	replace := s.take("OR", "REPLACE")
	s.take("OR", "ALTER")
	temp := false
	for s.takeAny("GLOBAL", "LOCAL", "TEMP", "TEMPORARY", "VOLATILE", "UNLOGGED", "FOREIGN", "EXTERNAL", "TRANSIENT", "SECURE",
		"RECURSIVE", "DEFINER") {
		temp = temp || strings.HasPrefix(strings.ToUpper(s.st.str(s.i-1)), "TEMP") || strings.EqualFold(s.st.str(s.i-1), "VOLATILE")
	}
	switch what := s.upper(); what {
	case "TABLE":
		s.i++
		j.createTable(s, line, replace, temp)
	case "VIEW", "MATERIALIZED":
		s.i++
		s.take("VIEW")
		s.ifExists()
		key, _ := s.name()
		j.created(dropView, key, nil)
	case "UNIQUE", "INDEX", "CLUSTERED", "NONCLUSTERED", "FULLTEXT", "SPATIAL", "BITMAP", "COLUMNSTORE":
		j.createIndex(s, line)
	case "TYPE", "DOMAIN", "SEQUENCE", "EXTENSION", "SERVER", "PUBLICATION", "AGGREGATE":
		s.i++
		ifNot := s.ifExists()
		key, _ := s.name()
		if !ifNot && !j.unsure {
			j.table("type " + key).fresh = true
		}
		j.created(dropObject, key, nil)
	case "SCHEMA", "DATABASE":
		s.i++
		if !s.ifExists() && !j.unsure {
			key, _ := s.name()
			t := j.table("schema " + key)
			t.stale, t.back = j.old && !t.gone, j.rollback
			t.fresh = true
		}
	case "POLICY", "ROW":
		j.createPolicy(s, line)
	case "ROLE", "USER", "LOGIN":
		j.createRole(s, line)
	case "STATISTICS":
	}
}

func (j *judge) createTable(s span, line int, replace, temp bool) {
	ifNot := s.ifExists()
	key, shown := s.name()
	if key == "" {
		return
	}
	if temp {
		j.createTemp(s, key)
		return
	}
	if j.dialect == mysql || j.dialect == oracle {
		j.levels = nil // a CREATE commits, and cannot be rolled back
	}
	t := j.table(key)
	switch {
	case replace && !j.isNew(key) && !t.gone:
		j.hit(replaceTable, line, shown, "")
	case (ifNot || j.unsure) && !t.gone:
		t.maybe = true
		return
	}
	if j.dump && t.gone && t.dropHit > 0 && j.hits[t.dropHit-1].kind == dropTable {
		j.hits[t.dropHit-1].kind = dumpDrop
	}
	*t = table{fresh: true, stale: j.old && !t.gone, back: j.rollback, dropHit: t.dropHit}
}

// asksForLock says whether MySQL is told to let nobody write meanwhile.
func (s *span) asksForLock() bool {
	return s.has("ALGORITHM", "=", "COPY") || s.has("LOCK", "=", "SHARED") || s.has("LOCK", "=", "EXCLUSIVE")
}

// asksForNoLock says whether a database is told to let others write meanwhile.
func (s *span) asksForNoLock() bool {
	return s.has("ONLINE", "=", "ON") || s.has("ALGORITHM", "=", "INPLACE") || s.has("LOCK", "=", "NONE") || s.has("ONLINE")
}

// createIndex judges CREATE INDEX. On PostgreSQL writes wait until it is
// built; MySQL and SQLite build it while others write, or have no others.
func (j *judge) createIndex(s span, line int) {
	i := s.find("INDEX")
	if i < 0 {
		return
	}
	unique := s.is("UNIQUE")
	slow := s.is("FULLTEXT") || s.is("SPATIAL") || s.asksForLock()
	s.i = i + 1
	online := s.takeAny("CONCURRENTLY", "ASYNC") || s.asksForNoLock()
	s.ifExists()
	name, shown := "", ""
	if !s.is("ON") {
		name, shown = s.name()
	}
	if !s.take("ON") {
		return
	}
	s.take("ONLY")
	key, shownTable := s.name()
	if name != "" {
		j.table("index " + name).fresh = true
	}
	if shown == "" {
		shown = shownTable
	}
	switch {
	case j.isLight(key) || online:
	case unique && (j.dialect == sqlite || j.dialect == mysql && !slow):
		j.hit(addConstraint, line, shown, "fails on rows that are alike, and refuses them from now on")
	case j.dialect == sqlite, j.dialect == mysql && !slow:
	default:
		j.hit(addIndex, line, shown, "on "+shownTable)
	}
}
