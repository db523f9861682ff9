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

	origin
}

// origin is by what a hit of the text before is found again in the text after:
// the same statement does the same where it runs in the same place.
type origin struct {
	old    bool   // its statement stood in the text before
	key    uint64 // of the statement
	place  string // the database in which it runs
	undone bool   // the transaction was rolled back
}

// judge reads the statements of one script in order and remembers what they
// made, because a table made a line above can be dropped without loss.
type judge struct {
	dialect dialect
	dump    bool // a dump or a whole schema: drops before creates are its habit

	known map[string]*table // by key: what this script created, or changed
	inTx  bool              // between a BEGIN and its COMMIT
	scope                   // of the database, the schema and the transaction

	old      bool   // the statement stood in the text before
	key      uint64 // the statement's
	rollback bool
	routine  bool
	strict   bool // the text is a string of some program: only what reads like a statement to its end counts
	depth    int  // of SQL inside SQL
	work     int  // bytes of SQL inside SQL still to be read

	hits     []hit
	making   string           // the routine whose body is read
	promised map[string][]hit // what routines of this script will do, by name

	vars variables // of the client and of the session
}

// table is what is known of a table from the script itself.
type table struct {
	fresh   bool   // created here for certain, so it holds nothing of worth
	stale   bool   // created by a statement that stood here before: it ran long ago
	back    bool   // created on the way back, which has no part in the way forward
	ends    bool   // temporary, and gone with the transaction
	shadow  *table // of a temporary one: what has the same name without it
	maybe   bool   // CREATE TABLE IF NOT EXISTS: small enough to lock, perhaps full
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
	case j.rollback && softer(k) == nil && !privilege(k):
		return 0 // a lock or a rename on the way back
	case j.rollback && softer(k) != nil:
		k = softer(k)
	case j.routine && destroys(k):
		j.promise(k, object)
		k = routineDestroys
	case j.routine && !privilege(k):
		return 0
	}
	if len(j.hits) >= maxHits {
		return 0
	}
	j.hits = append(j.hits, hit{k, line, object, detail, origin{j.old, j.key, j.place + "/" + j.path, false}})
	return len(j.hits)
}

// statement judges one statement, or several that no semicolon divides.
func (j *judge) statement(st *statement) {
	if st.toks[0].kind == meta {
		j.command(st)
		return
	}
	all := span{st: st, n: len(st.toks)}
	j.templates(all)
	if st.sent == `\gexec` {
		j.runs(all, all.line())
	}
	defer j.branches(all)()
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
	if j.opaque(s) {
		return
	}
	if j.depth > 0 || j.routine {
		j.assignments(s)
	}
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
	case "LOCK", "REINDEX", "VACUUM", "CLUSTER", "REFRESH", "OPTIMIZE":
		j.lock(s)
	case "MATCH", "OPTIONAL", "DETACH":
		j.graph(s)
	case "REMOVE":
		j.remove(s)
	case "COPY", "DISABLE", "SECURITY", "DELIMITER", "PRAGMA", "SELECT", "PERFORM", "LOAD":
		j.other(s)
	}
	j.rare(s)
	j.session(s)
}

// session judges what makes nothing by itself: it tells where the statements
// run, what is kept of them, and what variables say.
func (j *judge) session(s span) {
	switch s.upper() {
	case "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "SAVE":
		j.ends(s)
	case "USE", "DISCARD", "RESET":
		j.moves(s)
	case "SET":
		j.set(s)
	case "FOR", "FOREACH":
		j.loops(s)
	case "DECLARE":
		j.declare(s)
	case "EXPLAIN":
		j.explained(s)
	}
}

// begin steps over what begins a transaction or a group before the statement.
func (j *judge) begin(s *span) {
	for s.more() && (s.is("BEGIN") || s.is("START", "TRANSACTION") || s.kind() == end || s.is("(")) {
		if s.is("BEGIN") || s.is("START") {
			j.begins()
		}
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
func (j *judge) within(st *statement, t token) { j.body(literalOf(st, t), t.line) }

// body judges a text as SQL that runs within another statement.
func (j *judge) body(body string, line int) {
	if j.depth >= maxDepth || len(body) > j.work {
		return
	}
	j.work -= len(body)
	j.depth++
	was := j.unsure
	j.unsure = was || branching(body)
	inner := splitter{lex: lexer{src: body, line: line}}
	inner.each(j.statement)
	j.unsure = was
	j.depth--
}

// routineBody judges what a function, procedure, trigger or rule will do when
// it is called: nothing happens now, but what it can destroy is told.
func (j *judge) routineBody(s span) {
	j.routineHead(s)
	was, unsure := j.routine, j.unsure
	j.routine, j.unsure = !isRule(s), true
	defer func() { j.routine, j.unsure, j.making = was, unsure, "" }()
	for i := s.i; i < s.n; i++ {
		if k := s.st.toks[i].kind; k == dollar || k == text && wordIs(s.st.src, s.st.toks[i-1], "AS") {
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

// isRule says whether a routine is PostgreSQL's rule or MySQL's event, which
// nobody calls: they act when somebody else writes, or when it is time.
func isRule(s span) bool {
	s.i++
	s.take("OR", "REPLACE")
	for s.more() && !s.is("RULE") && !s.is("EVENT") && !oneOf(s.upper(), "FUNCTION", "PROCEDURE", "TRIGGER", "ON") {
		s.i++
	}
	return s.is("RULE") || s.is("EVENT") && s.has("SCHEDULE")
}

// secondReading learns from any statement which tables it copies whole.
func (j *judge) secondReading(s span) {
	if !s.is("INSERT") && !s.is("CREATE", "TABLE") {
		return
	}
	if s.find("WHERE") >= 0 || s.find("LIMIT") >= 0 || s.find("TOP") >= 0 || s.find("FETCH") >= 0 || s.find("TABLESAMPLE") >= 0 ||
		s.has("WITH", "NO", "DATA") {
		return // not every row
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
