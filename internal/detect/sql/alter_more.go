package sql

import (
	"strconv"
	"strings"

	"github.com/gatehold/gatehold/internal/detect"
)

func (j *judge) hitUnlessNew(k *detect.Kind, key string, line int, object, detail string) {
	if !j.isNew(key) || softer(k) != nil && !j.empty(key) {
		j.hit(k, line, object, detail)
	}
}

// hitLock reports what blocks others while it runs; SQLite has no others.
func (j *judge) hitLock(key string, line int, object, detail string) {
	if !j.isLight(key) && j.dialect != sqlite {
		j.hit(lockTable, line, object, detail)
	}
}

// setOnTable judges SET inside ALTER TABLE.
func (j *judge) setOnTable(s span, key, shown string, line int) {
	j.keeps(s, shown, line)
	switch {
	case s.take("UNUSED"):
		s.take("COLUMN")
		j.dropColumn(s, key, shown)
	case s.is("UNLOGGED"):
		j.hitUnlessNew(unlogged, key, line, shown, "")
	case s.is("LOGGED"), s.is("TABLESPACE"), s.is("ACCESS"):
		j.hitLock(key, line, shown, s.raw(s.i-1, s.n))
	case s.is("SCHEMA"):
		j.hitUnlessNew(rename, key, line, shown, "to schema "+s.raw(s.i+1, s.n))
	}
}

// keeps judges how long a table keeps its rows, or what was deleted of it.
func (j *judge) keeps(s span, shown string, line int) {
	for c := s; c.i < c.n; c.i++ {
		switch c.upper() {
		case "DATA_RETENTION_TIME_IN_DAYS", "PARTITION_EXPIRATION_DAYS", "EXPIRATION_TIMESTAMP":
			v := c.st.str(c.i + 2)
			if c.isAt(1, "=") && v != "" && !strings.EqualFold(v, "NULL") && (c.upper() != "DATA_RETENTION_TIME_IN_DAYS" || v == "0") {
				j.hit(retention, line, shown, s.raw(s.i, s.n))
				return
			}
		}
	}
}

// hours is a number of them, a great one for what is none.
func hours(s string) int {
	if n, err := strconv.Atoi(s); err == nil {
		return n
	}
	return 1 << 20
}

// partition judges what ALTER TABLE does to parts of a table.
func (j *judge) partition(s span, key, shown, verb string, line int) {
	detail := s.raw(s.i, s.n)
	switch verb {
	case "TRUNCATE":
		j.hitUnlessNew(truncate, key, line, shown, detail)
	case "DISCARD", "CLEAR":
		j.hitUnlessNew(dropPartition, key, line, shown, detail)
	case "DELETE": // ClickHouse
		s.i++
		if c := j.where(s, key); c == everything {
			j.hitUnlessNew(deleteAll, key, line, shown, "")
		}
	case "DETACH":
		if !s.has("CONCURRENTLY") && !s.has("FINALIZE") {
			j.hitLock(key, line, shown, detail)
		}
	case "ATTACH":
	default:
		j.hitLock(key, line, shown, detail)
	}
}

// modifiesTable judges what ClickHouse calls MODIFY and is about the table: how it is
// sorted, and when its rows go. A column of MySQL may have such a name, and has a type
// behind it.
// https://clickhouse.com/docs/sql-reference/statements/alter
func (j *judge) modifiesTable(s span, key, shown string) bool {
	rest := s.raw(min(s.i+1, s.n), s.n)
	switch {
	case s.is("ORDER", "BY"), s.is("SAMPLE", "BY"), s.is("SQL", "SECURITY"), s.is("REFRESH", "EVERY"), s.is("REFRESH", "AFTER"),
		s.is("QUERY", "SELECT"), s.is("QUERY", "WITH"), s.is("COMMENT") && strings.HasPrefix(rest, "'"),
		(s.is("SETTING") || s.is("DEFINER")) && strings.Contains(rest, "="):
		return true
	case expires(s):
		j.hitUnlessNew(retention, key, s.line(), shown, s.raw(s.i, s.n))
		return true
	}
	return false
}

// expires reports whether a term is next after which rows or values go.
func expires(s span) bool {
	rest := s.raw(min(s.i+1, s.n), s.n)
	return s.is("TTL") && (strings.Contains(rest, "+") || strings.Contains(strings.ToLower(rest), "interval"))
}

// keepsType reports whether ClickHouse's MODIFY COLUMN goes on with something else
// than a type: values stay as they are.
func keepsType(s span) bool {
	for _, word := range [...]string{"REMOVE", "CODEC", "MATERIALIZED", "ALIAS", "EPHEMERAL", "AFTER", "FIRST", "SETTINGS"} {
		if s.is(word) {
			return true
		}
	}
	return s.is("COMMENT") || s.is("MODIFY", "SETTING") || s.is("RESET", "SETTING")
}

// security judges what ALTER TABLE switches on or off.
func (j *judge) security(s span, key, shown, verb string, line int) {
	switch {
	case verb == "DISABLE" && s.has("ROW", "LEVEL"), verb == "NO" && s.has("FORCE", "ROW"):
		j.hitUnlessNew(disableRLS, key, line, shown, "")
	case verb == "DISABLE" && (s.has("TRIGGER") || s.has("RULE") || s.has("CONSTRAINT")), verb == "NOCHECK":
		j.hitUnlessNew(disableTrigger, key, line, shown, s.raw(s.i, s.n))
	case verb == "FORCE" && !s.has("ROW"):
		j.hitLock(key, line, shown, "FORCE rebuilds the table")
	}
}

// validate judges VALIDATE CONSTRAINT: in the transaction that added the
// constraint, the lock taken then is held while every row is read.
func (j *judge) validate(s span, key, shown string, line int) {
	s.take("CONSTRAINT")
	name, shownName := s.name()
	t := j.table(key)
	check, here := t.checks[name]
	if here && j.inTx {
		j.hitUnlessNew(validateHere, key, line, shown+"."+shownName, "")
	}
	if !here { // added by an earlier migration: its name must speak for it
		check = "\x00" + name
	}
	if t.valid == nil {
		t.valid = map[string]bool{}
	}
	t.valid[check] = true
}

// provedNotNull says whether a validated check of this script proves that the
// column holds no NULL.
func (t *table) provedNotNull(col string) bool {
	for check := range t.valid {
		if name, earlier := strings.CutPrefix(check, "\x00"); earlier {
			n := strings.ToLower(name)
			if strings.Contains(n, strings.ToLower(col)) || strings.Contains(n, "null") {
				return true
			}
		} else if strings.Contains(check, "("+col+" is not null)") {
			return true
		}
	}
	return false
}

// alterType judges ALTER TYPE and ALTER DOMAIN.
func (j *judge) alterType(s span, line int, what string) {
	key, shown := s.name()
	if j.isNew("type " + key) {
		return
	}
	switch {
	case s.has("DROP", "ATTRIBUTE"):
		j.hit(dropColumn, line, shown+"."+s.raw(s.i+2, s.i+3), "")
	case s.has("DROP", "VALUE"):
		j.hit(changeType, line, shown, s.raw(s.i, s.n))
	case s.has("ALTER", "ATTRIBUTE"):
		j.hit(changeType, line, shown, s.raw(s.i, s.n))
	case s.is("RENAME"):
		j.hit(rename, line, shown, s.raw(s.i, s.n))
	case s.has("SET", "SCHEMA"):
		j.hit(rename, line, shown, s.raw(s.i, s.n))
	case what == "DOMAIN" && s.has("ADD") && !s.has("NOT", "VALID"):
		j.hit(addConstraint, line, shown, "every column of this domain is checked")
	case what == "DOMAIN" && s.has("SET", "NOT", "NULL"):
		j.hit(setNotNull, line, shown, "")
	case s.is("OWNER"):
		j.hit(owner, line, shown, s.raw(s.i, s.n))
	}
}

// lock judges statements that do nothing but hold a table.
func (j *judge) lock(s span) {
	line := s.line()
	verb := s.upper()
	rest := s
	rest.i++
	switch verb {
	case "VACUUM":
		if i := rest.find("RETAIN"); i >= 0 && hours(rest.st.str(i+1)) < 168 {
			_, shown := rest.name()
			j.hit(retention, line, shown, s.raw(i, s.n))
			return
		}
		if !rest.has("FULL") {
			return
		}
	case "REINDEX", "REFRESH":
		if rest.has("CONCURRENTLY") || rest.has("SYSTEM") { // the catalogues are small
			return
		}
	case "LOCK":
		if rest.has("SHARE", "UPDATE") || rest.has("ACCESS", "SHARE") || rest.has("ROW") || rest.has("READ") {
			return
		}
		rest.takeAny("TABLE", "TABLES")
	case "CLUSTER", "OPTIMIZE":
	}
	rest.takeAny("MATERIALIZED", "TABLE", "INDEX", "SCHEMA", "FULL")
	rest.take("VIEW")
	rest.skipParens()
	key, shown := rest.name()
	j.hitLock(key, line, shown, s.raw(s.i, s.n))
}
