package sql

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect"
)

// drop judges DROP and Oracle's PURGE.
func (j *judge) drop(s span) {
	line := s.line()
	if s.take("PURGE") {
		if s.takeAny("RECYCLEBIN", "DBA_RECYCLEBIN", "TABLE", "TABLESPACE") {
			_, shown := s.name()
			j.hit(dropTable, line, shown, "the recycle bin is emptied: nothing can be flashed back")
		}
		return
	}
	s.i++
	temp := s.takeAny("TEMPORARY", "TEMP")
	for s.takeAny("FOREIGN", "PUBLIC", "EXTERNAL", "TRANSIENT", "ICEBERG", "SNAPSHOT") {
	}
	what := s.upper()
	s.i++
	switch what {
	case "TABLE", "TABLES":
		if !temp {
			j.dropTables(s, line)
		}
	case "VOLUME":
		j.dropNamed(s, dropTable, line)
	case "DATABASE", "PLUGGABLE", "KEYSPACE", "CATALOG":
		j.dropNamed(s, dropDatabase, line)
	case "SCHEMA":
		j.dropSchema(s, line)
	case "OWNED":
		s.take("BY")
		_, who := s.name()
		j.hit(dropSchema, line, who, "everything that this role owns")
	case "TABLESPACE":
		j.dropNamed(s, dropSchema, line)
	case "VIEW", "MATERIALIZED":
		s.take("VIEW")
		j.dropNamed(s, dropView, line)
	case "INDEX":
		j.dropIndex(s, line)
	case "TYPE", "DOMAIN", "EXTENSION", "SEQUENCE", "SERVER", "PUBLICATION", "SUBSCRIPTION", "AGGREGATE", "OPERATOR", "CAST",
		"COLLATION", "SYNONYM", "FOREIGN_TABLE", "DICTIONARY", "SHARE":
		j.dropNamed(s, dropObject, line)
	case "FUNCTION", "PROCEDURE", "PROC", "ROUTINE", "TRIGGER", "RULE", "PACKAGE", "EVENT", "ASSEMBLY":
		j.dropNamed(s, dropRoutine, line)
	case "ALL": // BigQuery: DROP ALL ROW ACCESS POLICIES ON t
		if s.take("ROW", "ACCESS", "POLICIES", "ON") {
			_, shown := s.name()
			j.hit(dropPolicy, line, shown, "all of them")
		}
	case "POLICY", "SECURITY", "ROW":
		s.takeAny("POLICY", "ACCESS")
		s.take("POLICY")
		j.dropNamed(s, dropPolicy, line)
	case "ROLE", "USER", "LOGIN", "GROUP":
		j.dropNamed(s, dropRole, line)
	case "STATISTICS", "CONSTRAINT", "DEFAULT", "STAGE", "STREAM", "TASK", "PIPE":
	}
}

// dropTables judges the list of DROP TABLE.
func (j *judge) dropTables(s span, line int) {
	s.ifExists()
	cascade, purge := s.has("CASCADE"), s.has("PURGE")
	for s.more() {
		at := s.line()
		key, shown := s.name()
		if key == "" {
			if j.depth > 0 || s.more() { // built at run time
				j.hit(dropTable, line, "", "the name is not in the text")
			}
			return
		}
		t := j.table(key)
		detail := ""
		if purge {
			detail = "PURGE: not even the recycle bin keeps it"
		} else if cascade {
			detail = "CASCADE: and what depends on it"
		}
		switch {
		case j.empty(key):
		case j.strict && s.more() && !s.is(",") && !s.takeAny("CASCADE", "RESTRICT", "PURGE"): // prose
		case t.gone: // dropped above already
		default:
			t.dropHit = j.hit(dropTable, at, shown, detail)
		}
		if t.temp {
			j.unveil(t)
		} else {
			*t = table{gone: !j.unsure, copied: t.copied, dropHit: t.dropHit}
		}
		if !s.take(",") {
			return
		}
	}
}

// dropSchema judges DROP SCHEMA, which is DROP DATABASE in MySQL.
func (j *judge) dropSchema(s span, line int) {
	s.ifExists()
	for s.more() {
		key, shown := s.name()
		detail := ""
		if s.is("CASCADE") {
			detail = "CASCADE: with every table in it"
		}
		if key != "" && !j.empty("schema "+key) {
			j.hit(dropSchema, line, shown, detail)
		}
		if key == "" || !s.take(",") {
			return
		}
	}
}

// dropIndex judges DROP INDEX. Where it needs no exclusive lock it only costs
// speed.
func (j *judge) dropIndex(s span, line int) {
	online := s.take("CONCURRENTLY") || s.has("ONLINE", "=", "ON") || s.has("ALGORITHM", "=", "INPLACE") || s.has("LOCK", "=", "NONE")
	copying := s.has("ALGORITHM", "=", "COPY") || s.has("LOCK", "=", "SHARED") || s.has("LOCK", "=", "EXCLUSIVE")
	s.ifExists()
	for s.more() {
		key, shown := s.name()
		if key == "" {
			return
		}
		on := ""
		if s.is("ON") {
			o := s
			o.i++
			on, _ = o.name()
		}
		light := on != "" && j.isLight(on) || j.isNew("index "+key)
		switch {
		case light:
		case copying:
			j.hit(dropIndex, line, shown, "copies or locks the table")
		case online || on != "" || j.dialect == mysql || j.dialect == sqlite:
			j.hit(dropIndexOnline, line, shown, "")
		default:
			j.hit(dropIndex, line, shown, "")
		}
		if !s.take(",") {
			return
		}
	}
}

// dropNamed judges a DROP of objects that hold no rows themselves. What is
// made again under the same name further down is replaced, not lost: such a
// hit is taken back by created.
func (j *judge) dropNamed(s span, k *detect.Kind, line int) {
	s.ifExists()
	cascade := s.has("CASCADE") || s.has("FORCE")
	for s.more() {
		key, shown := s.name()
		if key == "" {
			return
		}
		id := k.ID + " " + key
		s.skipParens()
		if k == dropPolicy && s.take("ON") {
			on, shownOn := s.name()
			id += " " + on
			shown += " on " + shownOn
		}
		if j.strict && s.more() && !oneOf(s.upper(), "CASCADE", "RESTRICT", "WITH", "FORCE") && !s.is(",") {
			return // prose
		}
		detail := ""
		if cascade {
			detail = "CASCADE: and what depends on it"
		}
		if k == dropObject && cascade {
			k = dropCascade
		}
		if !j.isNew(id) {
			t := j.table(id)
			t.gone = true
			t.dropHit = j.hit(k, line, shown, detail)
		}
		if !s.take(",") {
			return
		}
	}
}

// created takes back the hit of a DROP whose object is made again. keep is the
// kind that remains, nil for none.
func (j *judge) created(k *detect.Kind, key string, keep *detect.Kind) {
	id := k.ID + " " + key
	t := j.look(id)
	if t == nil {
		j.table(id).fresh = true
		return
	}
	if t.dropHit > 0 {
		j.hits[t.dropHit-1].kind = keep
	}
	t.dropHit, t.fresh = 0, true
}

// truncate judges TRUNCATE [TABLE] a, b.
func (j *judge) truncate(s span) {
	line := s.line()
	s.i++
	s.take("TABLE")
	s.take("ONLY")
	s.ifExists()
	cascade := s.has("CASCADE")
	for s.more() {
		if s.is("(") {
			return // a function of that name
		}
		key, shown := s.name()
		s.take("*")
		if key == "" {
			if s.more() {
				j.hit(truncate, line, "", "the name is not in the text")
			}
			return
		}
		if !j.empty(key) && (!j.strict || !s.more() || s.is(",") || s.is("CASCADE") || s.is("RESTART") || s.is("CONTINUE")) {
			detail := ""
			if cascade {
				detail = "CASCADE: and every table that refers to it"
			}
			j.hit(truncate, line, shown, detail)
		}
		if !s.take(",") {
			return
		}
		s.take("ONLY")
	}
}

// rename judges MySQL's RENAME TABLE and its kin.
func (j *judge) rename(s span) {
	line := s.line()
	s.i++
	if !s.takeAny("TABLE", "TABLES", "USER", "DATABASE", "SCHEMA") {
		return
	}
	for s.more() {
		from, shown := s.name()
		s.take("TO")
		to, shownTo := s.name()
		if from == "" || to == "" {
			return
		}
		j.moved(from, to, shown, shownTo, line)
		if !s.take(",") {
			return
		}
	}
}

// moved follows a table to its new name. A table that this script built and
// that takes the place of one whose rows it holds is a rebuild.
func (j *judge) moved(from, to, shown, shownTo string, line int) {
	if i := strings.LastIndexByte(from, '.'); i >= 0 && !strings.Contains(to, ".") {
		to = from[:i+1] + to
	}
	src, dst := j.table(from), j.table(to)
	if dst.gone && dst.copied && dst.dropHit > 0 && j.hits[dst.dropHit-1].kind == dropTable && src.fresh {
		j.hits[dst.dropHit-1].kind = rebuildTable
	}
	if !j.isNew(from) {
		j.hit(rename, line, shown, "to "+shownTo)
	}
	moved := *src
	moved.gone = false
	*j.table(to) = moved
	*src = table{gone: true}
}
