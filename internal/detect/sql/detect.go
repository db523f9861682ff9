// Package sql finds what SQL destroys, narrows, locks or opens up, in plain
// files and inside programs of other languages.
//
// It reads with a lexer of its own that accepts any text of any dialect and
// never fails, so that a file no parser takes is still read. Where dialects
// contradict each other (does \ escape a quote? does # begin a comment?) and
// the path does not tell which one it is, the text is read each way and what any
// reading shows is reported. Comments and strings are never taken for
// statements, except MySQL's executable comments, bodies of DO, and strings
// that a statement executes. A comment that asks for silence is not heard.
//
// Danger is judged in the context of the whole file: a table that the same
// file creates can be dropped without loss, if it was created there for certain,
// in the same place, and not long ago. The text before is judged likewise: a
// statement that stood in it is reported only for what it did not do there. Time
// and memory are linear in the text.
package sql

import (
	"cmp"
	"hash/maphash"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/bound"
	"github.com/gatehold/gatehold/internal/detect/source"
)

type detector struct{}

// New returns the detector "sql". It holds no state.
func New() detect.Detector { return detector{} }

func (detector) Name() string { return "sql" }

func (detector) Kinds() []*detect.Kind { return shipped.All() }

// Wants takes SQL files, migrations in other languages, and code that may hold
// SQL in its strings.
func (detector) Wants(f *change.File) bool {
	p := source.Look(f.Path)
	if f.Mode == change.ModeSymlink {
		return linked(f, p)
	}
	if f.Mode == change.ModeSubmodule {
		return false
	}
	return isScript(p) || source.LanguageOf(p.Ext) != source.NoLanguage || p.Migration && isMarkup(p.Ext) || isSettings(p) || holdsQueries(p)
}

func isSQL(ext string) bool {
	switch ext {
	case ".sql", ".ddl", ".dml", ".pgsql", ".psql", ".plsql", ".mysql", ".tsql", ".hql", ".cql", ".cypher", ".cyp", ".surql", ".surrealql",
		".sqlx", ".pks", ".pkb", ".prc":
		return true
	}
	return false
}

func isMarkup(ext string) bool {
	return ext == ".xml" || ext == ".yaml" || ext == ".yml" || ext == ".json"
}

// isScript says whether a file is SQL: by its ending, or as a migration by its
// version alone, which tools can be told to take with any ending.
func isScript(p source.Path) bool { return isSQL(p.Ext) || p.Versioned && p.Ext == ".txt" }

// linked says whether a migration is a link: what it leads to is run.
func linked(f *change.File, p source.Path) bool {
	return f.Mode == change.ModeSymlink && f.Status != change.Removed &&
		(p.Migration && isSQL(p.Ext) || oneOf(p.Base, "migrations", "migrate", "migration"))
}

// isPointer says whether a text is Git LFS' word for another one.
func isPointer(body string) bool {
	return strings.HasPrefix(body, "version https://git-lfs.github.com/spec/")
}

// Detect reports what the file's new statements do.
// Closely: of programs those in which a string may hold a statement.
func (detector) Closely(f *change.File) int {
	p := source.Look(f.Path)
	if f.PreviousPath == "" && !isScript(p) && !p.Migration && !isDbt(p) && !mayDestroy(f.After.Body) {
		return 0
	}
	return len(f.Before.Body) + len(f.After.Body)
}

func (detector) Detect(f *change.File, r *detect.Report) {
	p := source.Look(f.Path)
	plain := isScript(p)
	if linked(f, p) || plain && f.After.State == change.Loaded && isPointer(f.After.Body) && f.Before.Body != f.After.Body {
		r.Add(detect.Observation{Kind: elsewhere, Line: 1, Object: clip(strings.TrimSpace(f.After.Body))})
		return
	}
	if f.After.State == change.Unreadable || f.After.State == change.NotLoaded {
		if plain || p.Migration {
			r.Add(detect.Observation{Kind: unread, Object: f.Path, Detail: f.After.Reason})
		}
		return
	}
	if plain && strings.HasPrefix(f.After.Body, "\x00") || strings.Contains(f.After.Body[:min(len(f.After.Body), 4096)], "\x00\x00") {
		if plain {
			r.Add(detect.Observation{Kind: unread, Object: f.Path, Detail: "not text"})
		}
		return
	}
	switch {
	case plain:
		script(f, p, r)
	case f.After.State == change.Loaded:
		embedded(f, p, r)
	}
}

// script judges a file of SQL.
func script(f *change.File, p source.Path, r *detect.Report) {
	declared := p.Schema && !p.Migration
	if f.After.State != change.Loaded {
		return
	}
	hits, err := everyWay(f, p, declared)
	if err != nil {
		r.Add(detect.Observation{Kind: unread, Object: f.Path, Detail: err.Error(), Bound: true})
	}
	if p.Test && !p.Migration && !operations(f.Path) {
		reportCode(hits, p, r)
		return
	}
	for _, h := range hits {
		r.Add(detect.Observation{Kind: h.kind, Line: h.line, Object: h.object, Detail: h.detail})
	}
}

// everyWay reads the text in the reading that its path suggests, and in each
// other one that would take it otherwise if the path suggests none.
// Where a reading was stopped, what it had found counts all the same.
func everyWay(f *change.File, p source.Path, declared bool) ([]hit, error) {
	first := reading{
		mysql: p.Database == source.MySQL, mssql: p.Database == source.SQLServer, oracle: p.Database == source.Oracle,
		psql: p.Database == source.PostgreSQL, sqlite: p.Database == source.SQLite,
		ansi: p.Database != source.MySQL && p.Database != source.AnyDatabase, client: true,
	}
	hits, forked, err := read(f, p, declared, first)
	if p.Database != source.AnyDatabase {
		return hits, err
	}
	seen := make(map[hit]bool, len(hits))
	for _, h := range hits {
		seen[h.bare()] = true
	}
	for _, way := range [...]struct {
		fork forks
		reading
	}{{toMySQL, reading{mysql: true, client: true}}, {toMSSQL, reading{mssql: true, client: true}}, {toOracle, reading{oracle: true}},
		{toSQLite, reading{ansi: true, sqlite: true, client: true}}} {
		if forked&way.fork == 0 {
			continue
		}
		more, _, again := read(f, p, declared, way.reading)
		for _, h := range more {
			if !seen[h.bare()] {
				seen[h.bare()] = true
				hits = append(hits, h)
			}
		}
		err = cmp.Or(err, again)
	}
	return hits, err
}

// bare is a hit as far as two readings of a text can find the same one.
func (h hit) bare() hit {
	h.detail, h.origin = "", origin{}
	return h
}

// read judges the text after in one reading, and says which others would take
// it otherwise. The error says why it was stopped. The text before is judged
// likewise: a statement that stood in it is only told of what it did not do
// there, in another database or within a transaction that was rolled back.
func read(f *change.File, p source.Path, declared bool, way reading) (hits []hit, forked forks, err error) {
	seed := maphash.MakeSeed()
	was := map[uint64]int{}
	pass := func(body string, each func(j *judge, key uint64)) (*judge, forks, error) {
		j := newJudge(dialectOf(p))
		j.dump = declared
		s := splitter{lex: lexer{src: body, reading: way}, seed: seed, keyed: f.Before.State == change.Loaded && f.Before.Body != "",
			marks: !p.OneWay && sections(p)}
		err := bound.Catch(func() {
			s.each(func(st *statement) {
				j.rollback, j.key = st.rollback || p.Rollback, st.key
				each(j, st.key)
				j.statement(st)
			})
		})
		return j, s.lex.forked, err
	}
	did := map[done]int{}
	if f.Before.State == change.Loaded && f.Before.Body != "" {
		before, _, stopped := pass(f.Before.Body, func(_ *judge, key uint64) { was[key]++ })
		for _, h := range before.found(nil) {
			did[h.done()]++
		}
		err = stopped
	}
	j, forked, stopped := pass(f.After.Body, func(j *judge, key uint64) {
		if j.old = was[key] > 0; j.old {
			was[key]--
		}
	})
	return j.found(did), forked, cmp.Or(err, stopped)
}

// done is what one statement did, wherever it stands in the text.
type done struct {
	key    uint64
	kind   *detect.Kind
	object string
	place  string
	undone bool
}

func (h *hit) done() done { return done{h.key, h.kind, h.object, h.place, h.undone} }

// found returns the hits that were not taken back, less those of statements
// that stood in the text before and did the same there.
func (j *judge) found(before map[done]int) []hit {
	out := j.hits[:0]
	for _, h := range j.hits {
		if h.kind == nil {
			continue
		}
		if h.old {
			if before == nil {
				continue
			}
			if d := h.done(); before[d] > 0 {
				before[d]--
				continue
			}
		}
		out = append(out, h)
	}
	return out
}

// sections says whether comments can divide the script into its two ways: that
// is for tools that apply migrations. Others run the script whole.
func sections(p source.Path) bool {
	return p.Migration || len(p.Base) > 3 && strings.Trim(p.Base[:3], "0123456789") == ""
}

// operations says whether a path lies with what is run on real systems, also
// where a folder in it is called test.
func operations(path string) bool {
	for _, d := range strings.Split(strings.ToLower(path), "/") {
		switch d {
		case "ops", "operations", "deploy", "deployment", "deployments", "infra", "infrastructure", "runbooks", "jobs", "cron",
			"maintenance", "prod", "production", "live":
			return true
		}
	}
	return false
}

func dialectOf(p source.Path) dialect {
	switch p.Database {
	case source.PostgreSQL:
		return postgres
	case source.MySQL:
		return mysql
	case source.SQLServer:
		return mssql
	case source.SQLite:
		return sqlite
	case source.Oracle:
		return oracle
	}
	return unknown
}

// IsDump says whether a text begins like the output of a dump tool.
func IsDump(body string) bool {
	head := body[:min(len(body), 600)]
	for _, w := range [...]string{"-- PostgreSQL database dump", "-- MySQL dump", "-- MariaDB dump", "-- phpMyAdmin SQL Dump",
		"mysqldump"} {
		if strings.Contains(head, w) {
			return true
		}
	}
	return false
}
