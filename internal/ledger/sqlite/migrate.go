package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

//go:embed schema/*.sql
var schema embed.FS

// migrate brings a database to this version's schema: every file of schema/
// that it has not met by name, in the order of the names, all in one
// transaction. Files are never changed once released.
func migrate(ctx context.Context, conn *sql.Conn) error {
	done, err := applied(ctx, conn)
	if err != nil {
		return err
	}
	if pending, err := missing(done); err != nil || len(pending) == 0 {
		return err
	}
	if _, err := conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	if err := apply(ctx, conn); err != nil {
		conn.ExecContext(ctx, "ROLLBACK")
		return err
	}
	_, err = conn.ExecContext(ctx, "COMMIT")
	return err
}

// apply looks again, now that it holds the write lock: another process may
// have been faster.
func apply(ctx context.Context, conn *sql.Conn) error {
	const table = `CREATE TABLE IF NOT EXISTS migration (
  name TEXT PRIMARY KEY,
  at   TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
) STRICT`
	if _, err := conn.ExecContext(ctx, table); err != nil {
		return err
	}
	done, err := applied(ctx, conn)
	if err != nil {
		return err
	}
	pending, err := missing(done)
	if err != nil {
		return err
	}
	for _, name := range pending {
		text, err := schema.ReadFile("schema/" + name + ".sql")
		if err != nil {
			return err
		}
		if _, err := conn.ExecContext(ctx, string(text)); err != nil {
			return fmt.Errorf("schema %s: %w", name, err)
		}
		if _, err := conn.ExecContext(ctx, "INSERT INTO migration (name) VALUES (?)", name); err != nil {
			return err
		}
	}
	return nil
}

// applied lists the migrations that the database has met. One that holds
// tables but no such list is somebody else's.
func applied(ctx context.Context, conn *sql.Conn) (map[string]bool, error) {
	var ours, all int
	err := conn.QueryRowContext(ctx,
		"SELECT count(*) FILTER (WHERE name = 'migration'), count(*) FROM sqlite_schema WHERE type = 'table'").Scan(&ours, &all)
	switch {
	case err != nil:
		return nil, err
	case all == 0:
		return nil, nil
	case ours == 0:
		return nil, fmt.Errorf("it is a database of something else: give gatehold a file of its own")
	}
	rows, err := conn.QueryContext(ctx, "SELECT name FROM migration")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	done := make(map[string]bool)
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		done[name] = true
	}
	return done, rows.Err()
}

// missing lists the migrations that are not done, in order. A database that
// has met one that this binary does not know was written by a newer gatehold.
func missing(done map[string]bool) ([]string, error) {
	files, err := fs.Glob(schema, "schema/*.sql")
	if err != nil {
		return nil, err
	}
	var pending []string
	known := make(map[string]bool)
	for _, file := range files {
		name := strings.TrimSuffix(path.Base(file), ".sql")
		known[name] = true
		if !done[name] {
			pending = append(pending, name)
		}
	}
	for name := range done {
		if !known[name] {
			return nil, fmt.Errorf("it was written by a newer gatehold (schema %s): run that one, or go back to a backup", name)
		}
	}
	return pending, nil
}
