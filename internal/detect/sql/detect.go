// Package sql finds what SQL destroys, narrows, locks or opens up, in plain
// files and inside programs of other languages.
//
// It reads with a lexer of its own that accepts any text of any dialect and
// never fails, so that a file no parser takes is still read. Where dialects
// contradict each other (does \ escape a quote? does # begin a comment?) and
// the path does not tell which one it is, the text is read both ways and what
// either reading shows is reported. Comments and strings are never taken for
// statements, except MySQL's executable comments, bodies of DO, and strings
// that a statement executes. A comment that asks for silence is not heard.
//
// Danger is judged in the context of the whole file: a table that the same
// file creates can be dropped without loss. Only statements that are new in
// the text after are reported. Time and memory are linear in the text.
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
	if f.Mode == change.ModeSymlink || f.Mode == change.ModeSubmodule {
		return false
	}
	p := source.Look(f.Path)
	return isSQL(p.Ext) || source.LanguageOf(p.Ext) != source.NoLanguage || p.Migration && isMarkup(p.Ext)
}

func isSQL(ext string) bool {
	switch ext {
	case ".sql", ".ddl", ".dml", ".pgsql", ".psql", ".plsql", ".mysql", ".tsql", ".hql", ".cql", ".pks", ".pkb", ".prc":
		return true
	}
	return false
}

func isMarkup(ext string) bool {
	return ext == ".xml" || ext == ".yaml" || ext == ".yml" || ext == ".json"
}

// Detect reports what the file's new statements do.
func (detector) Detect(f *change.File, r *detect.Report) {
	p := source.Look(f.Path)
	plain := isSQL(p.Ext)
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
	if declared || isDump(f.Before.Body) {
		compareSchemas(f, r)
	}
	if f.After.State != change.Loaded {
		return
	}
	hits, err := bothWays(f, p, declared)
	if err != nil {
		r.Add(detect.Observation{Kind: unread, Object: f.Path, Detail: err.Error(), Bound: true})
	}
	if p.Test && !p.Migration {
		reportCode(hits, p, r)
		return
	}
	for _, h := range hits {
		r.Add(detect.Observation{Kind: h.kind, Line: h.line, Object: h.object, Detail: h.detail})
	}
}

// bothWays reads the text in the reading that its path suggests, and in the
// other one too if the path suggests none and they differ.
// Where a reading was stopped, what it had found counts all the same.
func bothWays(f *change.File, p source.Path, declared bool) ([]hit, error) {
	first := reading{mysql: p.Database == source.MySQL}
	first.ansi = p.Database != source.MySQL && p.Database != source.AnyDatabase
	hits, forked, err := read(f, p, declared, first)
	if !forked || p.Database != source.AnyDatabase {
		return hits, err
	}
	more, _, again := read(f, p, declared, reading{mysql: true})
	seen := make(map[hit]bool, len(hits))
	for _, h := range hits {
		h.detail = ""
		seen[h] = true
	}
	for _, h := range more {
		bare := h
		bare.detail = ""
		if !seen[bare] {
			hits = append(hits, h)
		}
	}
	return hits, cmp.Or(err, again)
}

// read judges the text after in one reading, and says whether it met a place
// that another reading takes otherwise. The error says why it was stopped.
func read(f *change.File, p source.Path, declared bool, way reading) (hits []hit, forked bool, err error) {
	seed := maphash.MakeSeed()
	was := map[uint64]int{}
	marks := !p.OneWay
	if f.Before.State == change.Loaded && f.Before.Body != "" {
		old := splitter{lex: lexer{src: f.Before.Body, reading: way}, seed: seed, keyed: true, marks: marks}
		err = bound.Catch(func() { old.each(func(st *statement) { was[st.key]++ }) })
	}
	j := newJudge(dialectOf(p))
	j.dump = declared
	s := splitter{lex: lexer{src: f.After.Body, reading: way}, seed: seed, keyed: len(was) > 0, marks: marks}
	stopped := bound.Catch(func() {
		s.each(func(st *statement) {
			j.rollback = st.rollback || p.Rollback
			if j.old = was[st.key] > 0; j.old {
				was[st.key]--
			}
			j.statement(st)
		})
	})
	return j.found(), s.lex.forked, cmp.Or(err, stopped)
}

// found returns the hits that were not taken back.
func (j *judge) found() []hit {
	out := j.hits[:0]
	for _, h := range j.hits {
		if h.kind != nil {
			out = append(out, h)
		}
	}
	return out
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

// isDump says whether a text begins like the output of a dump tool.
func isDump(body string) bool {
	head := body[:min(len(body), 600)]
	for _, w := range [...]string{"-- PostgreSQL database dump", "-- MySQL dump", "-- MariaDB dump", "-- phpMyAdmin SQL Dump",
		"mysqldump"} {
		if strings.Contains(head, w) {
			return true
		}
	}
	return false
}
