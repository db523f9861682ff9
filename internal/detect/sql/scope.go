package sql

import (
	"maps"
	"strings"
)

// scope is where a script is when a statement runs: what it made elsewhere, or
// took back, does not count here.
type scope struct {
	place  string // the database, as the last USE or \connect named it
	path   string // the schema that names without one belong to; empty: the default one
	places map[string]map[string]*table

	levels []level // of the transaction: one for BEGIN, one for each SAVEPOINT
	first  int     // the hits that were there before the transaction
	temps  []string

	unsure bool // what is created here may never be: a branch, a loop, a routine
	open   int  // blocks of an IF or WHILE that began in an earlier statement
	asked  int  // \if of psql that are open
}

// level is what to put back when a part of a transaction is rolled back.
type level struct {
	name string
	path string
	was  map[string]*table // nil: was not known
}

const (
	maxPlaces = 1000 // databases of one script that are remembered
	maxLevels = 200  // savepoints likewise
	maxSaved  = 1000 // columns of a table that a transaction can put back
)

// norm is a name's key where the script is: that of the schema that it is in.
func (j *judge) norm(key string) string {
	if strings.IndexByte(key, '.') < 0 {
		if j.path == "" || key == "" || key[0] == '#' || key[0] == '@' {
			return key
		}
		return j.path + "." + key
	}
	if j.place != "" {
		key = strings.TrimPrefix(key, j.place+".")
	}
	return bare(key)
}

// look returns what is known of a name, nil for nothing. A name with its schema
// is never that of a temporary table.
func (j *judge) look(key string) *table {
	t := j.known[j.norm(key)]
	if t != nil && t.temp && strings.IndexByte(key, '.') >= 0 {
		return t.shadow
	}
	return t
}

// table returns what is known of a name, remembering it from now on.
func (j *judge) table(key string) *table {
	id := j.norm(key)
	t := j.known[id]
	j.save(id, t)
	if t == nil {
		t = &table{}
		if len(j.known) < maxTables {
			j.known[id] = t
		}
	}
	if t.temp && strings.IndexByte(key, '.') >= 0 {
		if t.shadow == nil {
			t.shadow = &table{}
		}
		return t.shadow
	}
	return t
}

// save keeps what is known of a name for a ROLLBACK.
func (j *judge) save(id string, t *table) {
	if len(j.levels) == 0 {
		return
	}
	was := j.levels[len(j.levels)-1].was
	if _, ok := was[id]; ok || len(was) >= maxTables {
		return
	}
	was[id] = t.copy()
}

func (t *table) copy() *table {
	if t == nil {
		return nil
	}
	c := *t
	c.columns, c.checks, c.valid, c.shadow = nil, nil, nil, t.shadow.copy()
	if len(t.columns)+len(t.checks)+len(t.valid) <= maxSaved {
		c.columns, c.checks, c.valid = maps.Clone(t.columns), maps.Clone(t.checks), maps.Clone(t.valid)
	}
	return &c
}

// isNew says whether nothing of worth can be in the table, nor anybody wait
// for it: it is temporary or was created by this script.
func (j *judge) isNew(key string) bool {
	if strings.HasPrefix(key, "#") || strings.HasPrefix(key, "pg_temp.") || strings.HasPrefix(key, "@") {
		return true
	}
	t := j.look(key)
	return t != nil && (t.fresh && (!t.back || j.rollback) || t.temp)
}

// empty is isNew for what destroys: a statement that is new here must not rely
// on one that stood here before, and ran long ago.
func (j *judge) empty(key string) bool {
	if !j.isNew(key) {
		return false
	}
	t := j.look(key)
	return t == nil || t.temp || !t.stale || j.old
}

// isLight is isNew, or created here if it did not exist: good enough for locks.
func (j *judge) isLight(key string) bool {
	t := j.look(key)
	return j.isNew(key) || t != nil && t.maybe
}

// createTemp makes a temporary table, which hides another of the same name for
// as long as it lives.
func (j *judge) createTemp(s span, key string) {
	if i := strings.LastIndexByte(key, '.'); i >= 0 {
		key = key[i+1:]
	}
	ends := s.has("ON", "COMMIT", "DROP")
	if ends && !j.inTx && j.depth == 0 || j.unsure {
		return // gone as soon as it is made, or perhaps never made
	}
	t := j.table(key)
	if t.temp {
		return
	}
	shadow := *t
	*t = table{fresh: true, temp: true, ends: ends, shadow: &shadow}
	if len(j.temps) < maxTables {
		j.temps = append(j.temps, j.norm(key))
	}
}

// unveil takes a temporary table away from before what it hid.
func (j *judge) unveil(t *table) {
	if t.temp && t.shadow != nil {
		*t = *t.shadow
	}
}

// begins opens a transaction.
func (j *judge) begins() {
	j.inTx = true
	if j.depth == 0 && len(j.levels) == 0 {
		j.first = len(j.hits)
		j.savepoint("")
	}
}

func (j *judge) savepoint(name string) {
	if len(j.levels) < maxLevels {
		j.levels = append(j.levels, level{name: name, path: j.path, was: map[string]*table{}})
	}
}

// ends judges what ends a transaction, or a part of it.
func (j *judge) ends(s span) {
	verb := s.upper()
	s.i++
	s.takeAny("TRANSACTION", "TRAN", "WORK")
	switch {
	case s.is("PREPARED"):
	case verb == "END" && (j.depth > 0 || j.routine):
		j.inTx = false
	case verb == "SAVEPOINT", verb == "SAVE":
		name, _ := s.name()
		if len(j.levels) > 0 {
			j.savepoint(name)
		}
	case verb == "ROLLBACK" || verb == "ABORT":
		s.take("TO")
		s.take("SAVEPOINT")
		name, _ := s.name()
		j.undo(name)
	default:
		j.commit()
	}
}

func (j *judge) commit() {
	j.inTx, j.levels = false, nil
	for _, id := range j.temps {
		if t := j.known[id]; t != nil && t.ends {
			j.unveil(t)
		}
	}
}

// undo puts back what was known before the savepoint of that name, or before
// the transaction. What the statements did is still told: only that it is no
// more is known.
func (j *judge) undo(name string) {
	to := 0
	for i, l := range j.levels {
		if name != "" && l.name == name {
			to = i
		}
	}
	for i := len(j.levels) - 1; i >= to; i-- {
		for id, was := range j.levels[i].was {
			if was == nil {
				delete(j.known, id)
			} else {
				j.known[id] = was
			}
		}
		j.path = j.levels[i].path
		j.levels[i].was = map[string]*table{}
	}
	if to > 0 {
		j.levels = j.levels[:to+1]
		return
	}
	if len(j.levels) > 0 {
		for i := j.first; i < len(j.hits); i++ {
			j.hits[i].undone = true
		}
	}
	j.inTx, j.levels = false, nil
}

// moves judges USE, DISCARD and RESET.
func (j *judge) moves(s span) {
	verb := s.upper()
	s.i++
	switch {
	case verb == "DISCARD" && (s.is("ALL") || s.is("TEMP") || s.is("TEMPORARY")):
		j.forget()
	case verb == "RESET" && s.is("search_path"), verb == "RESET" && s.is("SEARCH_PATH"):
		j.path = ""
	case verb != "USE", s.is("WAREHOUSE"), s.is("ROLE"), s.is("SECONDARY"), s.is("CATALOG"):
	case s.take("SCHEMA"):
		key, _ := s.name()
		j.inSchema(key)
	default:
		s.take("DATABASE")
		if key, _ := s.name(); key != "" {
			j.moveTo(key)
		}
	}
}

// inSchema has names without a schema belong to another one from now on.
func (j *judge) inSchema(key string) {
	if j.path = key; oneOf(key, "public", "dbo", "main", "default", "$user") {
		j.path = ""
	}
}

// moveTo goes to another database.
func (j *judge) moveTo(place string) {
	if place == j.place {
		return
	}
	j.undo("")
	if j.places == nil {
		j.places = map[string]map[string]*table{}
	}
	if len(j.places) < maxPlaces {
		j.places[j.place] = j.known
	}
	if j.place, j.known = place, j.places[place]; j.known == nil {
		j.known = map[string]*table{}
	}
	j.path = ""
}

// forget ends a session: its temporary tables are no more.
func (j *judge) forget() {
	for _, id := range j.temps {
		if t := j.known[id]; t != nil && t.temp {
			j.unveil(t)
		}
	}
	j.temps = j.temps[:0]
}

// branches follows IF, WHILE and their blocks through a script, and returns what
// to do behind the statement.
func (j *judge) branches(s span) func() {
	was := j.unsure
	if j.depth > 0 || s.st.routine {
		return func() {}
	}
	if j.open > 0 || s.is("IF") || s.is("WHILE") || s.is("ELSE") {
		j.unsure = true
		for i := s.i; i < s.n; i++ {
			c := span{st: s.st, i: i, n: s.n}
			switch {
			case c.is("BEGIN") && !c.isAt(1, "TRAN") && !c.isAt(1, "TRANSACTION"), c.is("CASE"):
				j.open++
			case c.is("END"):
				j.open = max(0, j.open-1)
			}
		}
	}
	return func() { j.unsure = was }
}

// branching says whether a body has branches or loops, or catches what fails in
// it: then nobody knows which of its statements run.
func branching(body string) bool {
	for i := 0; i+4 <= len(body); i++ {
		if i > 0 && class[body[i-1]]&(cWord|cDigit) != 0 {
			continue
		}
		switch body[i] | 0x20 {
		case 't', 'l', 'w', 'c', 'e', 'r':
			for _, w := range [...]string{"THEN", "LOOP", "WHILE", "CASE", "EXCEPTION", "RETURN"} {
				if hasWord(body[i:], w) {
					return true
				}
			}
		}
	}
	return false
}
