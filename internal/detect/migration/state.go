package migration

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/source"
)

// hit is one thing found.
type hit struct {
	kind           *detect.Kind
	line           int
	object, detail string
}

// state is what is known while a migration is read from top to bottom. The way
// up and the way back have one each.
type state struct {
	prog   *program
	path   source.Path
	fresh  map[string]bool   // tables that this migration creates
	maybe  map[string]bool   // of them those that it leaves alone where they are
	added  map[string]string // table.column added here: type
	types  map[string]column // what the way back says a column was
	valid  map[string]bool   // table.column proved NOT NULL, and constraints added unvalidated
	fks    map[string]map[string]bool
	gone   map[string][]string // table: columns or names of indexes removed above
	index  map[string]bool     // table.column that an index of this migration uses
	table  string              // of the block being read
	django bool
	block  map[string]string // block variable: table

	undo  []bool // tokens in a block that is reverted
	names named
	noTx  bool           // the migration runs outside a transaction
	was   map[string]int // calls of the text before
	old   bool           // the call stood there: learn from it, report nothing
	back  bool           // the call stands in the way back

	unknown bool // nobody here knows the language
	hits    []hit
}

// each reads every call that the language's framework knows.
func (s *state) each(f func(*call)) {
	s.prog.each(wantedBy(s.prog.lang), func(c *call) {
		s.old, s.back = false, c.back
		if len(s.was) > 0 {
			text := s.prog.text(c)
			if s.old = s.was[text] > 0; s.old {
				s.was[text]--
			}
		}
		f(c)
	})
}

func wantedBy(lang source.Language) func(string) bool {
	if lang == source.Ruby {
		return railsKnows
	}
	return othersKnow
}

// waysBack learns from the way back what columns were before.
func (s *state) waysBack() {
	s.prog.each(func(name string) bool { return name == "changecolumn" }, func(c *call) {
		if c.back {
			s.types[fold(c.pos(0))+"."+fold(c.pos(1))] = columnOf(c, 2)
		}
	})
}

// irreversible adds that what was destroyed has no way back at all.
func (s *state) irreversible() {
	for _, h := range s.hits {
		if h.kind.Read().Risk < 70 {
			continue
		}
		if !s.leadsBack() {
			h.kind, h.detail = irreversible, ""
			s.hits = append(s.hits, h)
		}
		return
	}
}

// leadsBack says whether the migration has a way back that does something, or
// a framework that derives one.
func (s *state) leadsBack() bool {
	p := s.prog
	skip := false
	for k, t := range p.toks {
		switch {
		case t.Kind == source.Newline:
			skip = false
		case t.Is("change") && p.at(k-1).Is("def"): // Rails and Ecto derive it
			return true
		case !p.back[k] || skip || t.Kind != source.Name:
		case t.Is("raise") || t.Is("throw") || isDefinition(p, k):
			skip = true // the rest of the line does nothing
		case t.Is("pass") || t.Is("end") || t.Is("return") || t.Is("def"):
		default:
			return true
		}
	}
	return s.django
}

func isDefinition(p *program, i int) bool {
	prev, next := p.at(i-1), p.at(i+1)
	return prev.Is("def") || prev.Is("function") || prev.Is("void") || prev.Is("func") || prev.Is("async") ||
		next.Is("def") || next.Is("function") || next.Is("async") || next.Is("void") || next.Is("override")
}

// column is a type with its options.
type column struct {
	typ                     string
	limit, precision, scale int
	known                   bool
}

func newState(p *program, path source.Path) *state {
	return &state{
		prog: p, path: path,
		fresh: map[string]bool{}, maybe: map[string]bool{}, added: map[string]string{}, types: map[string]column{},
		valid: map[string]bool{}, fks: map[string]map[string]bool{}, gone: map[string][]string{},
		block: map[string]string{}, index: map[string]bool{},
	}
}

const maxHits = 5_000

// hit records what was found. On the way back only what destroys is worth a
// word, and a soft one.
func (s *state) hit(k *detect.Kind, c *call, object, detail string) {
	if s.old || len(s.hits) >= maxHits {
		return
	}
	if destroys(k) && detail != undoing && s.undone(c) {
		return // it makes what it says it drops
	}
	if c.back || s.path.Rollback {
		if !destroys(k) {
			return
		}
		k = rollback
	}
	s.hits = append(s.hits, hit{k, c.line, object, detail})
}

// isNew says whether the table was created by this migration. On the way back
// nothing is new: rows may have come in since.
func (s *state) isNew(table string) bool { return !s.back && s.fresh[fold(table)] }

// isEmpty is isNew for what drops a table: one that was only to be created if it
// was not there may be full.
func (s *state) isEmpty(table string) bool { return s.isNew(table) && !s.maybe[fold(table)] }

// isNewColumn says whether the column was added by this migration.
func (s *state) isNewColumn(table, col string) bool {
	return s.isNew(table) || !s.back && s.added[fold(table)+"."+fold(col)] != ""
}

// create notes a table that a call creates.
func (s *state) create(c *call, table string) {
	t := fold(table)
	if c.is("if_not_exists", "true") || c.is("ifNotExists", "true") || strings.Contains(c.plain, "ifnotexists") {
		s.maybe[t] = s.maybe[t] || !s.fresh[t]
	}
	s.fresh[t] = true
}

func (s *state) addColumn(table, col, typ string) {
	if typ == "" {
		typ = "?"
	}
	s.added[fold(table)+"."+fold(col)] = typ
}

func fold(name string) string { return strings.ToLower(strings.Trim(name, "`\"'")) }

func join(table, col string) string {
	if table == "" || col == "" {
		return table + col
	}
	return table + "." + col
}

// online says whether a call asks the database not to block: MySQL's instant
// and in-place algorithms, PostgreSQL's CONCURRENTLY.
func (c *call) online() bool {
	return c.anywhere("algorithm", "concurrently", "inplace", "instant") || c.anywhere("lock", "none", "default") ||
		c.anywhere("concurrently", "true") ||
		c.anywhere("postgresql_concurrently", "True")
}

// copies says whether a call asks for an algorithm or lock that blocks.
func (c *call) copies() bool {
	return c.anywhere("algorithm", "copy") || c.anywhere("lock", "shared", "exclusive")
}
