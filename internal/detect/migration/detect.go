// Package migration finds what migrations written for a framework destroy,
// narrow, lock or rename, and migrations that were merged before and are now
// edited or removed.
//
// It reads Rails, Django, Alembic, Knex, Sequelize, TypeORM, Laravel, Ecto,
// Entity Framework and Liquibase by the names of the calls they make; SQL in
// them is the detector sql's. What stands in the way back (down, downgrade) is
// judged as such, unless the way up calls it. Comments are not heard.
//
// It accepts any text. Time and memory are linear in it, and bounded.
package migration

import (
	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/source"
	"github.com/gatehold/gatehold/internal/detect/sql"
)

// maxText bounds the text of one migration that is read.
const maxText = 1 << 20

type detector struct{}

// New returns the detector "migration". It holds no state.
func New() detect.Detector { return detector{} }

func (detector) Name() string { return "migration" }

func (detector) Kinds() []*detect.Kind { return shipped.All() }

// Wants takes files under migration folders and files that may declare a schema.
func (detector) Wants(f *change.File) bool {
	if f.Mode == change.ModeSymlink || f.Mode == change.ModeSubmodule {
		return false
	}
	p := source.Look(f.Path)
	switch mannerOf(p) {
	case noManner:
	case ofBigQuery:
		if !p.Migration { // else a changelog
			return maybeColumns(f.Path) && !p.Test
		}
	case ofDrizzle, ofSQL:
		return maybeTables(f.Path) && !p.Test
	default:
		return true
	}
	return p.Migration && (isSQL(p) || source.LanguageOf(p.Ext) != source.NoLanguage || isMarkup(p.Ext)) || programmed(p)
}

func isSQL(p source.Path) bool { return p.Ext == ".sql" || p.Ext == ".pgsql" || p.Ext == ".ddl" }

func isMarkup(ext string) bool {
	return ext == ".xml" || ext == ".yaml" || ext == ".yml" || ext == ".json"
}

// Detect reports what changed in one migration. Schemas are compared where all
// files of the change are there.
func (detector) Detect(f *change.File, r *detect.Report) {
	p := source.Look(f.Path)
	declared := !p.Migration || mannerOf(p) == ofPrisma
	if f.After.State == change.Unreadable || f.After.State == change.NotLoaded || len(f.After.Body) > maxText && !isSQL(p) && !declared {
		if !declared || p.Schema {
			r.Add(detect.Observation{Kind: unreadable, Object: f.Path, Detail: f.After.Reason})
		}
		return
	}
	if declared {
		return
	}
	history(f, p, r)
	if f.After.State != change.Loaded {
		return
	}
	switch {
	case isSQL(p):
		if f.Before.State == change.Absent {
			oneWay(f, r)
		}
	case isMarkup(p.Ext):
		changelog(f, p, r)
	default:
		code(f, p, r)
	}
}

// history reports what happens to a migration that was merged before.
func history(f *change.File, p source.Path, r *detect.Report) {
	if !p.Versioned || p.Rollback {
		return
	}
	switch {
	case f.After.State == change.Absent && f.Before.State != change.Absent:
		r.Add(detect.Observation{Kind: removed, Object: p.Base, Removed: true})
	case f.Status == change.Renamed && source.Look(f.PreviousPath).Base != p.Base && source.Look(f.PreviousPath).Versioned:
		r.Add(detect.Observation{Kind: edited, Object: p.Base, Detail: "renamed from " + f.PreviousPath})
	case f.Before.State == change.Loaded && f.After.State == change.Loaded && !same(f, p):
		r.Add(detect.Observation{Kind: edited, Object: p.Base})
	}
}

// same says whether nothing but comments and layout changed.
func same(f *change.File, p source.Path) bool {
	if f.Before.Body == f.After.Body {
		return true
	}
	lang := source.LanguageOf(p.Ext)
	switch {
	case isSQL(p):
		return sql.SameStatements(f.Before.Body, f.After.Body)
	case lang == source.NoLanguage || len(f.Before.Body) > maxText:
		return false
	}
	a, b := source.Tokens(f.Before.Body, lang), source.Tokens(f.After.Body, lang)
	i, j := 0, 0
	for {
		for i < len(a) && a[i].Kind == source.Newline {
			i++
		}
		for j < len(b) && b[j].Kind == source.Newline {
			j++
		}
		if i == len(a) || j == len(b) {
			return i == len(a) && j == len(b)
		}
		if a[i].Kind != b[j].Kind || a[i].Text != b[j].Text {
			return false
		}
		i++
		j++
	}
}

// code judges a migration written in a programming language.
func code(f *change.File, p source.Path, r *detect.Report) {
	lang := source.LanguageOf(p.Ext)
	if lang == source.NoLanguage {
		s := newState(newProgram(unread(f.After.Body), source.CLike), p)
		s.unknown = true
		s.unknownCalls(f)
		s.report(r)
		return
	}
	was := map[string]int{}
	if f.Before.State == change.Loaded && len(f.Before.Body) <= maxText {
		prog := newProgram(f.Before.Body, lang)
		prog.each(wantedBy(lang), func(c *call) { was[prog.text(c)]++ })
	}
	prog := newProgram(f.After.Body, lang)
	s := newState(prog, p)
	s.was = was
	s.waysBack()
	switch lang {
	case source.Ruby:
		s.readRails()
	default:
		s.readOthers()
	}
	if prog.effort > maxEffort {
		r.Add(detect.Observation{Kind: unreadable, Object: f.Path, Detail: "its calls nest too deep", Bound: true})
	}
	s.irreversible()
	s.unknownCalls(f)
	s.report(r)
}

func (s *state) report(r *detect.Report) {
	for _, h := range s.hits {
		r.Add(detect.Observation{Kind: h.kind, Line: h.line, Object: h.object, Detail: h.detail})
	}
}
