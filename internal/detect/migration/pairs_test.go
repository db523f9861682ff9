package migration

import (
	"testing"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
)

// Two scripts that belong together are judged together.
func TestPairs(t *testing.T) {
	file := func(path, body string) change.File {
		return change.File{Path: path, Status: change.Added, Before: change.NoText(), After: change.TextOf(body)}
	}
	for name, c := range map[string]struct {
		files []change.File
		want  string
	}{
		"symmetric": {[]change.File{
			file("migrations/1_a.up.sql", "CREATE TABLE a (id int);"), file("migrations/1_a.down.sql", "DROP TABLE IF EXISTS a;"),
		}, ""},
		"takes more": {[]change.File{
			file("migrations/1_a.up.sql", "CREATE TABLE a (id int);"), file("migrations/1_a.down.sql", "DROP TABLE a, users;"),
		}, "migration/rollback-takes-more users"},
		"no way back": {[]change.File{file("migrations/2024-01-01-0000_a/up.sql", "SELECT 1;\nDROP TABLE users;")},
			"migration/irreversible users"},
		"a way back": {[]change.File{file("m/migrations/1/up.sql", "DROP TABLE users;"),
			file("m/migrations/1/down.sql", "CREATE TABLE users (id int);")}, ""},
		"rebuilt and renamed back": {[]change.File{
			file("migrations/1_a.up.sql", "CREATE TABLE n (id int); DROP TABLE o; ALTER TABLE n RENAME TO o;"),
			file("migrations/1_a.down.sql", "DROP TABLE o;"),
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := detect.NewReport("")
			New().(detect.Whole).DetectChange(&change.Change{Files: c.files}, r)
			got := ""
			for _, o := range r.Observations() {
				got += o.Kind.ID + " " + o.Object
			}
			if got != c.want {
				t.Errorf("found %q, want %q", got, c.want)
			}
		})
	}
}
