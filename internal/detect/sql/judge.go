package sql

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect"
)

// dialect is a family of databases, as far as the danger differs.
type dialect uint8

const (
	unknown dialect = iota
	postgres
	mysql
	mssql
	sqlite
	oracle
)

// hit is one thing found, not yet reported.
type hit struct {
	kind           *detect.Kind
	line           int
	object, detail string
}

// judge reads the statements of one script in order and remembers what they
// made, because a table made a line above can be dropped without loss.
type judge struct {
	dialect dialect
	dump    bool // a dump or a whole schema: drops before creates are its habit

	known map[string]*table // by key: what this script created, or changed
	inTx  bool              // between a BEGIN and its COMMIT

	old      bool // the statement stood in the text before: learn from it, report nothing
	rollback bool
	routine  bool
	strict   bool // the text is a string of some program: only what reads like a statement to its end counts
	depth    int  // of SQL inside SQL
	work     int  // bytes of SQL inside SQL still to be read

	hits []hit
}

// table is what is known of a table from the script itself.
type table struct {
	fresh   bool // created here for certain, so it holds nothing of worth
	maybe   bool // CREATE TABLE IF NOT EXISTS: small enough to lock, perhaps full
	temp    bool
	columns map[string]string // added here: name to type
	checks  map[string]string // constraints added NOT VALID here: name to text
	valid   map[string]bool   // columns that a validated check proves NOT NULL
	gone    bool              // dropped here
	copied  bool              // rows of it were copied elsewhere before
	dropHit int               // the record of its DROP, counted from 1
}

const (
	maxDepth  = 4       // DO inside EXECUTE inside DO …
	maxTables = 20_000  // of one script that are remembered
	maxInner  = 8 << 20 // bytes of SQL inside SQL that are read
	maxHits   = 10_000  // of one script; the report keeps fewer of each kind
)

func newJudge(d dialect) *judge {
	return &judge{dialect: d, known: map[string]*table{}, work: maxInner}
}

// hit records what was found, unless it is old or what a rollback is for. It
// returns the place of the record counted from 1, or 0.
func (j *judge) hit(k *detect.Kind, line int, object, detail string) int {
	switch {
	case j.old:
		return 0
	case j.rollback && softer(k) == nil && !privilege(k):
		return 0 // a lock or a rename on the way back
	case j.rollback && softer(k) != nil:
		k = softer(k)
	case j.routine && destroys(k):
		k = routineDestroys
	case j.routine && !privilege(k):
		return 0
	}
	if len(j.hits) >= maxHits {
		return 0
	}
	j.hits = append(j.hits, hit{k, line, object, detail})
	return len(j.hits)
}

// table returns what is known of a name, remembering it from now on.
func (j *judge) table(key string) *table {
	t := j.known[key]
	if t == nil {
		t = &table{}
		if len(j.known) < maxTables {
			j.known[key] = t
		}
	}
	return t
}

// isNew says whether nothing of worth can be in the table, nor anybody wait
// for it: it is temporary or was created by this script.
func (j *judge) isNew(key string) bool {
	t := j.known[key]
	return strings.HasPrefix(key, "#") || strings.HasPrefix(key, "pg_temp.") || strings.HasPrefix(key, "@") ||
		t != nil && (t.fresh || t.temp)
}

// isLight is isNew, or created here if it did not exist: good enough for locks.
func (j *judge) isLight(key string) bool {
	return j.isNew(key) || j.known[key] != nil && j.known[key].maybe
}

// statement judges one statement, or several that no semicolon divides.
func (j *judge) statement(st *statement) {
	all := span{st: st, n: len(st.toks)}
	if all.is("EXPLAIN") && !all.has("ANALYZE") && !all.has("ANALYSE") {
		return
	}
	if st.routine {
		j.routineBody(all)
		return
	}
	j.secondReading(all)
	if all.is("GRANT") || all.is("DENY") || all.is("REVOKE") || all.is("COMMENT") {
		j.grantOrRevoke(all)
		return
	}
	from, depth, at := 0, 0, 0
	for i := 1; i < all.n; i++ {
		t := st.toks[i]
		if t.kind == punct {
			switch st.src[t.from] {
			case '(':
				depth++
			case ')':
				depth--
				if depth < at {
					j.one(span{st: st, i: from, n: i})
					from, at = i+1, depth
				}
			}
			continue
		}
		if t.kind == end || starts(st, i, from) {
			j.one(span{st: st, i: from, n: i})
			from, at = i, depth
		}
	}
	if from < all.n {
		j.one(span{st: st, i: from, n: all.n})
	}
}

// starts says whether a statement begins at token i without a semicolon before
// it, as MSSQL scripts, IF and BEGIN bodies and WITH queries have it.
func starts(st *statement, i, from int) bool {
	t := st.toks[i]
	if t.kind != word || t.to-t.from < 4 || t.to-t.from > 8 {
		return false
	}
	switch st.src[t.from] | 0x20 {
	case 'c', 'a', 'd', 't', 'i', 'm', 'e', 'u', 'g':
	default:
		return false
	}
	if !opens(st, i, from) {
		return false
	}
	switch strings.ToUpper(st.str(i - 1)) {
	case "ON", "FOR", "WITH", "AFTER", "BEFORE", "OF", ",", ".", "GRANT", "REVOKE", "=":
		return false
	}
	return true
}

// opens says whether the words at token i are the first of a statement.
func opens(st *statement, i, from int) bool {
	s := span{st: st, i: i, n: len(st.toks)}
	next := span{st: st, i: i + 1, n: len(st.toks)}
	switch s.upper() {
	case "CREATE":
		return oneOf(next.upper(), "TABLE", "INDEX", "UNIQUE", "TEMP", "TEMPORARY", "VIEW", "SCHEMA", "DATABASE", "TYPE",
			"SEQUENCE", "OR", "POLICY", "MATERIALIZED", "NONCLUSTERED", "CLUSTERED", "USER", "ROLE", "EXTENSION")
	case "ALTER":
		return oneOf(next.upper(), "TABLE", "DATABASE", "SCHEMA", "TYPE", "ROLE", "USER", "VIEW", "SEQUENCE", "LOGIN", "DOMAIN", "SYSTEM")
	case "DROP":
		return oneOf(next.upper(), "TABLE", "DATABASE", "SCHEMA", "VIEW", "USER", "ROLE", "LOGIN", "PROCEDURE", "FUNCTION",
			"TYPE", "SEQUENCE", "OWNED") ||
			next.is("INDEX") && !wordIs(st.src, st.toks[from], "ALTER")
	case "TRUNCATE":
		return next.is("TABLE")
	case "DELETE":
		return next.is("FROM")
	case "INSERT", "MERGE":
		return next.is("INTO")
	case "EXEC", "EXECUTE":
		return next.kind() != punct || next.is("(")
	case "UPDATE":
		next.takeAny("ONLY")
		k, _ := next.name()
		next.take("AS")
		if !next.is("SET") && next.kind() == word {
			next.i++
		}
		return k != "" && k != "set" && next.is("SET")
	case "GRANT":
		return true
	}
	return false
}

func oneOf(s string, list ...string) bool {
	for _, w := range list {
		if s == w {
			return true
		}
	}
	return false
}

// one judges a single statement.
func (j *judge) one(s span) {
	j.begin(&s)
	switch s.upper() {
	case "CREATE":
		j.create(s)
	case "DROP", "PURGE":
		j.drop(s)
	case "ALTER":
		j.alter(s)
	case "TRUNCATE":
		j.truncate(s)
	case "DELETE":
		j.delete(s)
	case "UPDATE":
		j.update(s)
	case "MERGE":
		j.merge(s)
	case "INSERT", "REPLACE":
		j.insert(s)
	case "RENAME":
		j.rename(s)
	case "GRANT", "REVOKE", "DENY":
		j.grantOrRevoke(s)
	case "DO":
		j.inner(s)
	case "EXEC", "EXECUTE", "CALL", "PREPARE":
		j.execute(s)
	case "SET":
		j.set(s)
	case "COMMIT", "END", "ROLLBACK":
		j.inTx = false
	case "LOCK", "REINDEX", "VACUUM", "CLUSTER", "REFRESH", "OPTIMIZE":
		j.lock(s)
	case "COPY", "DISABLE", "SECURITY", "DELIMITER", "PRAGMA", "SELECT", "LOAD":
		j.other(s)
	}
	if s.is("EXPLAIN") {
		j.explained(s)
	}
}

// begin steps over what begins a transaction or a group before the statement.
func (j *judge) begin(s *span) {
	for s.more() && (s.is("BEGIN") || s.is("START", "TRANSACTION") || s.kind() == end || s.is("(")) {
		j.inTx = j.inTx || s.is("BEGIN") || s.is("START")
		s.i++
	}
	s.takeAny("TRANSACTION", "TRAN", "WORK")
}

// explained judges what EXPLAIN is asked about: with ANALYZE it runs.
func (j *judge) explained(s span) {
	s.i++
	for s.more() && !oneOf(s.upper(), "DELETE", "UPDATE", "INSERT", "MERGE") {
		s.i++
	}
	if s.more() {
		j.one(s)
	}
}

// inner judges the bodies in a statement's dollar quotes and, of DO, strings.
func (j *judge) inner(s span) {
	for i := s.i; i < s.n; i++ {
		if t := s.st.toks[i]; t.kind == dollar || t.kind == text {
			j.within(s.st, t)
		}
	}
}

// within judges a string literal as SQL.
func (j *judge) within(st *statement, t token) {
	body := st.src[t.from:t.to]
	switch t.kind {
	case dollar:
		n := strings.IndexByte(body[1:], '$') + 2
		body = body[n : len(body)-n]
	case text:
		i := strings.IndexByte(body, '\'')
		if i < 0 || len(body) < i+2 {
			return
		}
		body = body[i+1 : len(body)-1]
		if strings.Contains(body, "''") {
			body = strings.ReplaceAll(body, "''", "'")
		}
	}
	if j.depth >= maxDepth || len(body) > j.work {
		return
	}
	j.work -= len(body)
	j.depth++
	inner := splitter{lex: lexer{src: body, line: t.line}}
	inner.each(j.statement)
	j.depth--
}

// routineBody judges what a function, procedure, trigger or rule will do when
// it is called: nothing happens now, but what it can destroy is told.
func (j *judge) routineBody(s span) {
	j.routineHead(s)
	was := j.routine
	j.routine = true
	defer func() { j.routine = was }()
	for i := s.i; i < s.n; i++ {
		if s.st.toks[i].kind == dollar {
			j.within(s.st, s.st.toks[i])
		}
	}
	body := *s.st
	body.routine = false
	from := s.i + 1
	for i := from; i < s.n; i++ {
		if s.st.toks[i].kind == end || starts(s.st, i, from) {
			j.one(span{st: &body, i: from, n: i})
			from = i
		}
	}
	if from > s.i+1 {
		j.one(span{st: &body, i: from, n: s.n})
	}
}

// secondReading learns from any statement which tables it reads rows from.
func (j *judge) secondReading(s span) {
	if !s.is("INSERT") && !s.is("CREATE", "TABLE") {
		return
	}
	for c := s; c.i < c.n; c.i++ {
		if c.is("FROM") {
			c.i++
			if k, _ := c.name(); k != "" {
				j.table(k).copied = true
			}
			c.i--
		}
	}
}
