// Package source reads programs in other languages just well enough to find
// what they do to a database: what a path says of a file, and the tokens of a
// text with comments gone and string literals whole.
//
// It accepts any bytes, never fails, and is linear in the text.
package source

import "strings"

// Path is what the path of a file says about it.
type Path struct {
	Base string // last element, lower case
	Ext  string // ".sql", ".rb"; of templates the one before ".erb", ".j2"

	Migration bool // lies under a migrations folder, or is named like a migration
	Versioned bool // named with a version: it is applied once and must not change
	Rollback  bool // undoes a migration: x.down.sql, U7__x.sql
	OneWay    bool // its name alone says the direction: x.up.sql, V7__x.sql
	Schema    bool // declares a whole schema: structure.sql, schema.rb
	Models    bool // lies in a folder of dbt's models
	Test      bool // test code, fixtures, examples
	Database  Database
}

// Database is the product that a path names.
type Database uint8

// The databases that a path can name.
const (
	AnyDatabase Database = iota
	PostgreSQL
	MySQL
	SQLServer
	SQLite
	Oracle
)

// Look reads a path.
func Look(path string) Path {
	lower := strings.ToLower(path)
	parts := strings.Split(lower, "/")
	p := Path{Base: parts[len(parts)-1]}
	dirs := parts[:len(parts)-1]
	name := p.Base
	for _, t := range [...]string{".erb", ".j2", ".jinja", ".jinja2", ".tmpl", ".tpl", ".template", ".eex", ".mustache", ".hbs",
		".gotmpl", ".liquid"} {
		name = strings.TrimSuffix(name, t)
	}
	p.Ext = extension(name)
	stem := strings.TrimSuffix(name, p.Ext)
	for i, d := range dirs {
		p.Migration = p.Migration || isMigrationDir(d, i == len(dirs)-1)
		p.Test = p.Test || isTestDir(d)
		p.Models = p.Models || d == "models"
	}
	parent := ""
	if len(dirs) > 0 {
		parent = dirs[len(dirs)-1]
	}
	p.direction(stem, parent)
	p.version(stem, parent)
	p.Schema = isSchema(name) && !p.Versioned
	p.Migration = p.Migration || strings.Contains(stem, "changelog") &&
		(p.Ext == ".xml" || p.Ext == ".yaml" || p.Ext == ".yml" || p.Ext == ".json" || p.Ext == ".sql")
	p.Test = p.Test || isTestName(name, stem)
	p.Database = databaseOf(dirs, stem)
	return p
}

func extension(name string) string {
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		return name[i:]
	}
	return ""
}

func isMigrationDir(d string, last bool) bool {
	switch d {
	case "migrate", "migration", "migrations", "changelog", "changelogs", "changesets", "evolutions", "flyway", "liquibase",
		"upgrades", "alters", "deltas", "schema_changes", "db_changes":
		return true
	case "versions":
		return last // Alembic's
	}
	return strings.Contains(d, "migration") && !strings.Contains(d, "guide")
}

// direction reads whether a file goes forward or back.
func (p *Path) direction(stem, parent string) {
	back := [...]string{"down", "undo", "rollback", "revert", "downgrade"}
	for _, w := range back {
		glued := strings.HasSuffix(stem, "_"+w) || strings.HasSuffix(stem, "-"+w)
		if stem == w || strings.HasSuffix(stem, "."+w) || parent == w || parent == w+"s" || glued && p.goesBack(stem, w) {
			p.Rollback = true
		}
	}
	for _, w := range [...]string{"up", "do", "forward", "deploy", "upgrade", "migration"} {
		if stem == w || strings.HasSuffix(stem, "."+w) || strings.HasSuffix(stem, "_"+w) || parent == w {
			p.OneWay = true
		}
	}
	if n := flywayVersion(stem); n > 0 && (p.Ext == ".sql" || strings.Contains(stem, "__")) {
		p.OneWay, p.Versioned = true, true
		p.Rollback = p.Rollback || stem[0] == 'u'
		p.Migration = true
	}
	if p.Rollback {
		p.OneWay = true
	}
}

// goesBack says whether a word at the end of a name tells a direction, and not
// merely what the migration is about. Tools run a V7__x_rollback.sql, and a
// program of any name, as the way forward; of names that begin with a time,
// they take the one that ends in down for the other half of a pair.
func (p *Path) goesBack(stem, w string) bool {
	switch {
	case LanguageOf(p.Ext) != NoLanguage:
		return false
	case flywayVersion(stem) > 0 && stem[0] == 'v':
		return false
	case digits(stem) >= 14:
		return w == "down"
	}
	return true
}

// version reads whether the name carries a version.
func (p *Path) version(stem, parent string) {
	if digits(stem) >= 3 || digits(stem) > 0 && p.Migration && len(stem) > digits(stem) &&
		strings.ContainsRune("_-.", rune(stem[digits(stem)])) {
		p.Versioned = true
	}
	if (stem == "up" || stem == "down" || stem == "migration" || stem == "steps") && digits(parent) >= 3 {
		p.Versioned, p.Migration = true, true
	}
	if n := hexes(stem); n >= 10 && n < len(stem) && stem[n] == '_' {
		p.Versioned = true // Alembic's revisions
	}
	if digits(stem) >= 14 && p.Ext == ".sql" || strings.HasSuffix(stem, ".up") || strings.HasSuffix(stem, ".down") {
		p.Migration = true
	}
	p.Versioned = p.Versioned && p.Migration
}

// flywayVersion returns the length of V1_2__, U1__ at the start, or 0.
func flywayVersion(stem string) int {
	if stem == "" || stem[0] != 'v' && stem[0] != 'u' {
		return 0
	}
	i := 1
	for i < len(stem) && (stem[i] >= '0' && stem[i] <= '9' || stem[i] == '.' ||
		stem[i] == '_' && i+1 < len(stem) && stem[i+1] >= '0' && stem[i+1] <= '9') {
		i++
	}
	if i == 1 || i >= len(stem) {
		return 0
	}
	if stem[i] == '_' || stem[i-1] == '.' || stem[i] == '.' {
		return i
	}
	return 0
}

func digits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}

func hexes(s string) int {
	n := 0
	for n < len(s) && (s[n] >= '0' && s[n] <= '9' || s[n] >= 'a' && s[n] <= 'f') {
		n++
	}
	return n
}

func isSchema(name string) bool {
	switch name {
	case "schema.rb", "schema.sql", "structure.sql", "schema.prisma", "schema.rs", "schema.hcl", "tables.sql", "schema.pgsql", "schema.ddl":
		return true
	}
	return strings.HasSuffix(name, ".prisma") || strings.HasSuffix(name, "_schema.sql") ||
		strings.HasSuffix(name, "_structure.sql") || strings.HasSuffix(name, "-schema.sql") ||
		strings.HasSuffix(name, "_schema.rb") || strings.HasSuffix(name, "schema.pg.sql")
}

func isTestDir(d string) bool {
	switch d {
	case "test", "tests", "spec", "specs", "__tests__", "testdata", "fixtures", "fixture", "example", "examples", "e2e",
		"testing", "mocks", "__mocks__", "benchmarks":
		return true
	}
	return false
}

func isTestName(name, stem string) bool {
	return strings.HasSuffix(stem, "_test") || strings.HasSuffix(stem, ".test") || strings.HasSuffix(stem, "_spec") ||
		strings.HasSuffix(stem, ".spec") ||
		strings.HasPrefix(name, "test_") || name == "conftest.py" ||
		strings.HasSuffix(stem, "test") && strings.HasSuffix(name, ".java") || strings.HasSuffix(stem, "tests")
}

func databaseOf(dirs []string, stem string) Database {
	found := AnyDatabase
	look := func(s string) {
		for _, w := range strings.FieldsFunc(s, func(r rune) bool { return r == '_' || r == '-' || r == '.' || r == ' ' }) {
			switch w {
			case "postgres", "postgresql", "pg", "psql", "pgsql", "cockroachdb", "cockroach", "timescaledb", "redshift", "supabase":
				found = PostgreSQL
			case "mysql", "mariadb", "tidb":
				found = MySQL
			case "mssql", "sqlserver", "tsql", "azuresql":
				found = SQLServer
			case "sqlite", "sqlite3", "d1", "turso":
				found = SQLite
			case "oracle", "plsql":
				found = Oracle
			}
		}
	}
	for _, d := range dirs {
		look(d)
	}
	look(stem)
	return found
}
