package sql

import "github.com/gatehold/gatehold/internal/detect"

// plain is where most examples lie.
const plain = "db/migrations/0007_example.sql"

// What can be destroyed. None of it can be taken back without a backup.
var (
	dropDatabase = &detect.Kind{
		ID: "sql/drop-database", Risk: 95, Title: "drops a database",
		Why:      "Every table of the database is gone at once; only a restore from a backup brings them back, without what was written since.",
		Controls: loss, ExamplePath: plain,
		Fires: "DROP DATABASE shop;", Quiet: "CREATE DATABASE shop;",
	}
	dropSchema = &detect.Kind{
		ID: "sql/drop-schema", Risk: 85, Title: "drops a schema, tablespace or all that a role owns",
		Why:      "All tables in it go with it; only a restore from a backup brings them back.",
		Controls: loss, ExamplePath: plain,
		Fires: "DROP SCHEMA billing CASCADE;", Quiet: "CREATE SCHEMA tmp_load;\nDROP SCHEMA tmp_load;",
	}
	dropTable = &detect.Kind{
		ID: "sql/drop-table", Risk: 80, Title: "drops a table",
		Why:      "The rows are gone when the statement commits, and code that still reads the table fails; only a backup brings them back.",
		Controls: loss, ExamplePath: plain,
		Fires: "DROP TABLE invoices;", Quiet: "CREATE TABLE load_tmp (id bigint);\nDROP TABLE load_tmp;",
	}
	replaceTable = &detect.Kind{
		ID: "sql/replace-table", Risk: 75, Title: "replaces a table or its whole content",
		Why:      "The statement throws away every row that the table has now; only a backup or time travel brings them back.",
		Controls: loss, ExamplePath: plain,
		Fires: "CREATE OR REPLACE TABLE orders (id int);", Quiet: "CREATE TABLE orders (id int);",
	}
	dropColumn = &detect.Kind{
		ID: "sql/drop-column", Risk: 70, Title: "drops a column",
		Why:      "The column's values are gone for every row, and code that still names it fails; adding the column again brings back no value.",
		Controls: loss, ExamplePath: plain,
		Fires: "ALTER TABLE users DROP COLUMN email;", Quiet: "ALTER TABLE users ALTER COLUMN email DROP DEFAULT;",
	}
	dropPartition = &detect.Kind{
		ID: "sql/drop-partition", Risk: 75, Title: "drops a part of a table's data",
		Why:      "All rows of the partition, chunk or tablespace are gone at once; only a backup brings them back.",
		Controls: loss, ExamplePath: plain,
		Fires: "ALTER TABLE sales DROP PARTITION p2023;", Quiet: "ALTER TABLE sales ADD PARTITION (PARTITION p2027 VALUES LESS THAN (2028));",
	}
	dropCascade = &detect.Kind{
		ID: "sql/drop-cascade", Risk: 60, Title: "drops a type, sequence or extension with all that uses it",
		Why:      "CASCADE takes along every column and table that depends on the object; which these are is not in the statement.",
		Controls: loss, ExamplePath: plain,
		Fires: "DROP TYPE order_state CASCADE;", Quiet: "CREATE TYPE order_state AS ENUM ('new');",
	}
	truncate = &detect.Kind{
		ID: "sql/truncate", Risk: 80, Title: "empties a table",
		Why:      "TRUNCATE removes every row without looking at any; in most databases it cannot even be rolled back.",
		Controls: loss, ExamplePath: plain,
		Fires: "TRUNCATE TABLE events;", Quiet: "CREATE TEMP TABLE batch (id int);\nTRUNCATE batch;",
	}
	deleteAll = &detect.Kind{
		ID: "sql/delete-all", Risk: 75, Title: "deletes every row",
		Why:      "No condition limits the DELETE, so the whole table is emptied; only a backup brings the rows back.",
		Controls: loss, ExamplePath: plain,
		Fires: "DELETE FROM sessions WHERE 1 = 1;", Quiet: "DELETE FROM sessions WHERE expires_at < '2024-01-01';",
	}
	updateAll = &detect.Kind{
		ID: "sql/update-all", Risk: 60, Title: "overwrites a column in every row",
		Why:      "No condition limits the UPDATE: what each row held before is gone, and every row is locked until it commits.",
		Controls: loss, ExamplePath: plain,
		Fires: "UPDATE users SET active = false;", Quiet: "UPDATE users SET active = false WHERE id = 7;",
	}
	tableGone = &detect.Kind{
		ID: "sql/schema-table-gone", Risk: 65, Title: "is no longer in the schema file",
		Why:      "A table that leaves the declared schema is dropped with its rows where the file is applied, or was dropped by a migration.",
		Controls: loss, ExamplePath: "db/structure.sql",
		FiresBefore: "CREATE TABLE a (id int);\nCREATE TABLE b (id int);", Fires: "CREATE TABLE a (id int);",
		QuietBefore: "CREATE TABLE a (id int);", Quiet: "CREATE TABLE a (id int);\nCREATE TABLE b (id int);",
	}
	columnGone = &detect.Kind{
		ID: "sql/schema-column-gone", Risk: 55, Title: "is no longer a column in the schema file",
		Why:      "A column that leaves the declared schema is dropped with its values where the file is applied, or was dropped by a migration.",
		Controls: loss, ExamplePath: "db/structure.sql",
		FiresBefore: "CREATE TABLE a (id int, email text);", Fires: "CREATE TABLE a (id int);",
		QuietBefore: "CREATE TABLE a (id int);", Quiet: "CREATE TABLE a (id int, email text);",
	}
	changeType = &detect.Kind{
		ID: "sql/change-type", Risk: 50, Title: "changes a column's type",
		Why:      "Values that do not fit the new type are cut off or refused, the table may be rewritten under an exclusive lock, and the old values are not kept.",
		Controls: loss, ExamplePath: plain,
		Fires: "ALTER TABLE users ALTER COLUMN age TYPE smallint;", Quiet: "CREATE TABLE users (age int);\nALTER TABLE users ALTER COLUMN age TYPE bigint;",
	}
	unlogged = &detect.Kind{
		ID: "sql/unlogged", Risk: 50, Title: "takes a table out of the write-ahead log",
		Why:      "An unlogged table is emptied after a crash and is not on replicas; setting it back rewrites it under an exclusive lock.",
		Controls: loss, ExamplePath: plain,
		Fires: "ALTER TABLE events SET UNLOGGED;", Quiet: "ALTER TABLE events SET (fillfactor = 90);",
	}
)

// What can be lost in part, or only under a condition.
var (
	rebuildTable = &detect.Kind{
		ID: "sql/rebuild-table", Risk: 30, Title: "is rebuilt by copying its rows to a new table",
		Why:      "Columns and rows that the copy leaves out are lost with the old table, and it is locked meanwhile.",
		Controls: loss, ExamplePath: plain,
		Fires: "CREATE TABLE new_users (id int);\nINSERT INTO new_users SELECT id FROM users;\nDROP TABLE users;\nALTER TABLE new_users RENAME TO users;",
		Quiet: "CREATE TABLE new_users (id int);\nINSERT INTO new_users SELECT id FROM users;",
	}
	dumpDrop = &detect.Kind{
		ID: "sql/dump-drop", Risk: 25, Title: "is dropped by a dump or schema file before it is made again",
		Why:      "Loading such a file into a database that is in use throws away its rows.",
		Controls: loss, ExamplePath: "db/structure.sql",
		Fires: "DROP TABLE IF EXISTS users;\nCREATE TABLE users (id int);", Quiet: "CREATE TABLE users (id int);",
	}
	backfill = &detect.Kind{
		ID: "sql/backfill-all", Risk: 25, Title: "fills a new column in every row at once",
		Why:      "Nothing is overwritten, but one transaction locks every row and bloats the table; in batches nobody has to wait.",
		Controls: outage, ExamplePath: plain,
		Fires: "ALTER TABLE users ADD COLUMN plan text;\nUPDATE users SET plan = 'free';", Quiet: "ALTER TABLE users ADD COLUMN plan text;\nUPDATE users SET plan = 'free' WHERE id < 1000;",
	}
	routineDestroys = &detect.Kind{
		ID: "sql/routine-destroys", Risk: 25, Title: "is destroyed by a routine or trigger that is made here",
		Why:      "Nothing happens now, but each call of the routine removes the data, outside of any review.",
		Controls: loss, ExamplePath: plain,
		Fires: "CREATE FUNCTION wipe() RETURNS void AS $$ BEGIN TRUNCATE audit_log; END $$ LANGUAGE plpgsql;",
		Quiet: "CREATE FUNCTION prune() RETURNS void AS $$ BEGIN DELETE FROM audit_log WHERE at < now() - interval '1 year'; END $$ LANGUAGE plpgsql;",
	}
	rollbackDrops = &detect.Kind{
		ID: "sql/rollback-drops", Risk: 10, Title: "is dropped on the way back",
		Why:      "A rollback script removes what its migration made; data written since is lost when somebody runs it.",
		Controls: loss, ExamplePath: "db/migrations/0007_tags.down.sql",
		Fires: "DROP TABLE tags;", Quiet: "CREATE TABLE tags (id int);",
	}
	rollbackDeletes = &detect.Kind{
		ID: "sql/rollback-deletes", Risk: 15, Title: "loses rows on the way back",
		Why:      "A rollback script that empties or overwrites a table does so to rows that its migration may not have made.",
		Controls: loss, ExamplePath: "db/migrations/0007_tags.down.sql",
		Fires: "DELETE FROM tags;", Quiet: "DELETE FROM tags WHERE name = 'new';",
	}
	inTest = &detect.Kind{
		ID: "sql/in-test", Risk: 10, Title: "is destroyed by test code",
		Why:      "Tests clean up after themselves; it is dangerous only where they run against a database that matters.",
		Controls: loss, ExamplePath: "store/db_test.go",
		Fires: "package store\n\nfunc clean() { db.Exec(\"DROP TABLE users\") }\n", Quiet: "package store\n\nfunc clean() { db.Exec(\"SELECT 1\") }\n",
	}
)

var (
	loss   = []string{detect.ASI02, detect.MaestroL2, detect.Manage23}
	outage = []string{detect.ASI08, detect.MaestroL4, detect.Manage41}
	rights = []string{detect.ASI03, detect.NHI05, detect.MaestroL6}
	runs   = []string{detect.ASI05, detect.MaestroL6, detect.Measure27}
)

// softer is what a kind becomes in a rollback, nil if it stays what it is.
func softer(k *detect.Kind) *detect.Kind {
	switch k {
	case dropTable, dropColumn, dropPartition, dropSchema, dropCascade, changeType, dumpDrop, rebuildTable, replaceTable:
		return rollbackDrops
	case truncate, deleteAll, updateAll:
		return rollbackDeletes
	}
	return nil
}

// destroys says whether a routine that does this deserves a word.
func destroys(k *detect.Kind) bool {
	switch k {
	case dropDatabase, dropSchema, dropTable, dropPartition, truncate, deleteAll:
		return true
	}
	return false
}

// privilege says whether a kind is as bad on the way back, or in a routine.
func privilege(k *detect.Kind) bool {
	switch k {
	case dropDatabase, grantWide, superuser, disableRLS, runsCommand, definer, serverSetting:
		return true
	}
	return false
}
