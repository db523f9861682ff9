package sql

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"

	_ "modernc.org/sqlite"

	"github.com/gatehold/gatehold/internal/detect/detecttest"
)

// tables are as many canaries as a text can have.
const tables = 40

// What SQLite itself runs is seen: no shell reads the text before it, and what is
// wrong ends it.
func TestWhatSQLiteRunsIsSeen(t *testing.T) {
	var here []string
	for _, c := range canaries {
		here = append(here, strings.ReplaceAll(c, "public.", "main."))
	}
	soup := detecttest.Soup{Canaries: here, Pieces: slices.Concat(everywhere, shellOfSQLite), Joins: []string{" ", "\n", ";"}, Most: 5}
	soup.Against(t, 1, 1500, sqliteRuns(t), seenAs("sqlite"))
}

// sqliteRuns gives what has texts run by SQLite in this process: what was run of a
// text are the tables that are gone.
func sqliteRuns(t *testing.T) func([]string) ([]detecttest.Numbers, error) {
	t.Helper()
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	db.SetMaxOpenConns(1)
	return func(texts []string) ([]detecttest.Numbers, error) {
		var out []detecttest.Numbers
		for _, text := range texts {
			gone, err := runOne(db, text)
			if err != nil {
				return nil, err
			}
			out = append(out, gone)
		}
		return out, nil
	}
}

func runOne(db *sql.DB, text string) (detecttest.Numbers, error) {
	var make strings.Builder
	gone := detecttest.Numbers{}
	for n := range tables {
		fmt.Fprintf(&make, "CREATE TABLE IF NOT EXISTS canary_%d(a);", n)
		gone[n] = true
	}
	if _, err := db.Exec(make.String() + "CREATE TABLE IF NOT EXISTS t(a);"); err != nil {
		return nil, err
	}
	_, _ = db.Exec(text)       // most are wrong somewhere
	_, _ = db.Exec("ROLLBACK") // where one was begun
	rows, err := db.Query("SELECT substr(name, 8) FROM sqlite_schema WHERE name LIKE 'canary%'")
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var n int
		if err := rows.Scan(&n); err != nil {
			return nil, err
		}
		delete(gone, n)
	}
	return gone, rows.Err()
}
