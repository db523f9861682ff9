package migration

import (
	"path"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/bound"
	"github.com/gatehold/gatehold/internal/detect/place"
	"github.com/gatehold/gatehold/internal/detect/schema"
	"github.com/gatehold/gatehold/internal/detect/source"
	"github.com/gatehold/gatehold/internal/detect/sql"
)

// manner is how a schema is declared. Files of one are compared with each other.
type manner uint8

const (
	noManner manner = iota
	ofPrisma
	ofRails
	ofSQL
	ofDrizzle
	ofAtlas
	ofDbt
	ofBigQuery
	manners
)

// mannerOf tells from a path how a file may declare a schema. A program or a
// script that may has to be looked into.
func mannerOf(p source.Path) manner {
	switch {
	case p.Ext == ".prisma":
		return ofPrisma
	case p.Migration:
		return noManner
	case p.Ext == ".rb" && p.Schema, p.Base == "schemafile", p.Ext == ".schema": // the latter two are Ridgepole's
		return ofRails
	case isSQL(p):
		return ofSQL
	case p.Ext == ".hcl":
		return ofAtlas
	case p.Models && (p.Ext == ".yml" || p.Ext == ".yaml"):
		return ofDbt
	case p.Ext == ".json":
		return ofBigQuery
	case source.LanguageOf(p.Ext) == source.JavaScript && p.Ext != ".vue" && p.Ext != ".svelte":
		return ofDrizzle
	}
	return noManner
}

// maybeTables says whether a path is one where programs and scripts declare tables:
// others are not looked into.
func maybeTables(file string) bool {
	low := strings.ToLower(file)
	for _, w := range [...]string{"schema", "drizzle", "db", "database", "table", "model", "entit", "sql/", "ddl", "dump", "structure",
		"skeema"} {
		if strings.Contains(low, w) {
			return true
		}
	}
	return false
}

// maybeColumns says whether a file of JSON may be the schema of a table.
func maybeColumns(file string) bool {
	low := "/" + strings.ToLower(file)
	return strings.Contains(low, "schema") || strings.Contains(low, "bigquery") || strings.Contains(low, "/bq") ||
		strings.Contains(low, "table")
}

// declarer is a file that may declare a schema: in which manner it did, and does.
type declarer struct {
	file     *change.File
	was, is  manner
	path     source.Path
	old, now string // the texts, where they declare
}

// declares looks at one file of a change.
func declares(f *change.File) (d declarer, ok bool) {
	from := f.Path
	if f.PreviousPath != "" && f.Status != change.Copied {
		from = f.PreviousPath
	}
	d = declarer{file: f, path: source.Look(f.Path)}
	if f.Before.State == change.Loaded {
		d.was, d.old = mannerIn(from, f.Before.Body), f.Before.Body
	}
	if f.After.State == change.Loaded {
		d.is, d.now = mannerIn(f.Path, f.After.Body), f.After.Body
		if d.is == noManner && d.was == ofSQL && from == f.Path {
			d.is = ofSQL // what it declared may be all gone
		}
	}
	if place.Aside(path.Dir(f.Path)) && !place.Aside(path.Dir(from)) {
		d.is = noManner
	}
	if d.was == noManner && d.is == noManner || from == f.Path && d.old == d.now {
		return d, false
	}
	return d, true
}

// mannerIn is the manner of a text that declares a schema.
func mannerIn(file, body string) manner {
	p := source.Look(file)
	switch f := mannerOf(p); f {
	case ofSQL:
		if !declaresTables(p, file, body) {
			return noManner
		}
		return f
	case ofDrizzle:
		if !maybeTables(file) || p.Test || !schema.Drizzled(body) || len(body) > maxText {
			return noManner
		}
		return f
	case ofBigQuery:
		if p.Test || !maybeColumns(file) || !strings.HasPrefix(strings.TrimSpace(body), "[") || !strings.Contains(body, `"mode"`) {
			return noManner
		}
		return f
	case ofAtlas:
		if !p.Schema && !strings.Contains(body, "\ntable \"") && !strings.HasPrefix(body, "table \"") {
			return noManner
		}
		return f
	default:
		if len(body) > 4*maxText {
			return noManner
		}
		return f
	}
}

// declaresTables says whether a script says what tables there are, for a tool that
// makes the database like it: by its name, by the folder that it lies in, as a
// dump, or because it is named for the one table in it.
func declaresTables(p source.Path, file, body string) bool {
	if p.Test || !maybeTables(file) {
		return false
	}
	if p.Schema || sql.IsDump(body) {
		return true
	}
	dirs := strings.Split(strings.ToLower(path.Dir(file)), "/")
	for _, d := range dirs {
		switch d {
		case "seed", "seeds", "queries", "query", "docs", "initdb", "docker-entrypoint-initdb.d", "init", "functions", "procedures":
			return false
		}
	}
	for _, d := range dirs {
		switch d {
		case "schema", "schemas", "tables", "declarative", "ddl", "dbschema", "db_schema", "database_schema", "skeema", "sqldef":
			return true
		}
	}
	stem := strings.TrimSuffix(p.Base, p.Ext)
	stem = stem[strings.LastIndexByte(stem, '.')+1:]
	low := strings.ToLower(body[:min(len(body), 64<<10)])
	if strings.Count(low, "create table") != 1 || stem == "" {
		return false
	}
	made, _ := sql.Tables(body)
	for name := range made {
		if name[strings.LastIndexByte(name, '.')+1:] == stem {
			return true
		}
	}
	return false
}

// compareDeclared reports how the schemas that the files of a change declare
// differ from what they were.
func compareDeclared(c *change.Change, r *detect.Report) {
	var found [manners][]declarer
	told := false // by a migration, which is judged by itself
	for i := range c.Files {
		told = told || migrates(&c.Files[i])
		d, ok := declares(&c.Files[i])
		if !ok {
			continue
		}
		for f := noManner + 1; f < manners; f++ {
			if d.was == f || d.is == f {
				found[f] = append(found[f], d)
			}
		}
	}
	for f := noManner + 1; f < manners; f++ {
		var out []schema.Difference
		err := bound.Catch(func() { out = schema.Compare(sourcesOf(f, found[f])) })
		if err != nil {
			o := detect.Unread(unreadable, err)
			o.Path, o.Object = found[f][0].file.Path, found[f][0].file.Path
			r.Add(o)
		}
		for _, d := range out {
			if told && differs[d.What].Read().Risk < 40 {
				continue
			}
			r.Add(detect.Observation{Kind: differs[d.What], Path: d.Path, Line: d.Line, Removed: d.Removed, Object: d.Object, Detail: d.Detail})
		}
	}
}

// migrates says whether a file is a migration that comes with the change.
func migrates(f *change.File) bool {
	p := source.Look(f.Path)
	return f.Status == change.Added && p.Versioned && !p.Rollback
}

// sourcesOf are files as one manner reads them.
func sourcesOf(f manner, files []declarer) []schema.Source {
	before, after := make([]string, len(files)), make([]string, len(files))
	for i, d := range files {
		if d.was == f {
			before[i] = d.old
		}
		if d.is == f {
			after[i] = d.now
		}
	}
	out := make([]schema.Source, len(files))
	olds, news := readAll(f, files, before), readAll(f, files, after)
	for i, d := range files {
		out[i] = schema.Source{Path: d.file.Path, Before: olds[i], After: news[i], Gone: d.is != f}
	}
	return out
}

func readAll(f manner, files []declarer, bodies []string) []*schema.Schema {
	if f == ofPrisma {
		return schema.Prisma(bodies)
	}
	out := make([]*schema.Schema, len(bodies))
	for i, body := range bodies {
		switch f {
		case ofSQL:
			out[i] = sql.Declared(body, files[i].path)
		case ofRails:
			out[i] = schema.Rails(body)
		case ofDrizzle:
			out[i] = schema.Drizzle(body)
		case ofDbt:
			out[i] = schema.Dbt(body)
		case ofBigQuery:
			out[i] = schema.BigQuery(strings.TrimSuffix(files[i].path.Base, files[i].path.Ext), body)
		default:
			out[i] = schema.Atlas(body)
		}
	}
	return out
}
