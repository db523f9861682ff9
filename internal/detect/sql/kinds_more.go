package sql

import "github.com/gatehold/gatehold/internal/detect"

// What makes others wait.
var (
	addIndex = &detect.Kind{
		ID: "sql/add-index", Risk: 30, Title: "is built while writes to the table wait",
		Why:      "Without CONCURRENTLY every write waits until the index is built, on a large table for minutes or hours.",
		Controls: outage, ExamplePath: plain,
		Fires: "CREATE INDEX users_email ON users (email);", Quiet: "CREATE INDEX CONCURRENTLY users_email ON users (email);",
	}
	dropIndex = &detect.Kind{
		ID: "sql/drop-index", Risk: 25, Title: "is dropped under an exclusive lock",
		Why:      "Reads and writes wait behind the lock, and queries that used the index become slow until it is built again.",
		Controls: outage, ExamplePath: plain,
		Fires: "DROP INDEX users_email;", Quiet: "DROP INDEX CONCURRENTLY users_email;",
	}
	dropIndexOnline = &detect.Kind{
		ID: "sql/drop-index-online", Risk: 12, Title: "is dropped without a long lock",
		Why:      "Queries that used the index become slow until it is built again.",
		Controls: outage, ExamplePath: plain,
		Fires: "DROP INDEX CONCURRENTLY users_email;", Quiet: "CREATE INDEX CONCURRENTLY users_email ON users (email);",
	}
	addConstraint = &detect.Kind{
		ID: "sql/add-constraint", Risk: 30, Title: "checks every row of a table under a lock",
		Why:      "Writes wait while existing rows are checked or indexed, and the statement fails if one of them does not fit.",
		Controls: outage, ExamplePath: plain,
		Fires: "ALTER TABLE orders ADD CONSTRAINT fk FOREIGN KEY (user_id) REFERENCES users (id);", Quiet: "ALTER TABLE orders ADD CONSTRAINT fk FOREIGN KEY (user_id) REFERENCES users (id) NOT VALID;",
	}
	validateHere = &detect.Kind{
		ID: "sql/validate-at-once", Risk: 25, Title: "is validated in the transaction that added it",
		Why:      "The lock that adding took is held while every row is read, so NOT VALID has won nothing.",
		Controls: outage, ExamplePath: plain,
		Fires: "BEGIN;\nALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID;\nALTER TABLE t VALIDATE CONSTRAINT c;\nCOMMIT;", Quiet: "ALTER TABLE t VALIDATE CONSTRAINT c;",
	}
	setNotNull = &detect.Kind{
		ID: "sql/set-not-null", Risk: 30, Title: "must not be NULL from now on",
		Why:      "Every row is read under an exclusive lock, the statement fails if one holds NULL, and running code that writes NULL fails.",
		Controls: outage, ExamplePath: plain,
		Fires: "ALTER TABLE users ALTER COLUMN email SET NOT NULL;", Quiet: "ALTER TABLE users VALIDATE CONSTRAINT users_email_not_null;\nALTER TABLE users ALTER COLUMN email SET NOT NULL;",
	}
	addRequired = &detect.Kind{
		ID: "sql/add-required-column", Risk: 30, Title: "is added as NOT NULL without a default",
		Why:      "The statement fails on a table that has rows, and running code that does not know the column can no longer insert.",
		Controls: outage, ExamplePath: plain,
		Fires: "ALTER TABLE users ADD COLUMN plan text NOT NULL;", Quiet: "ALTER TABLE users ADD COLUMN plan text NOT NULL DEFAULT 'free';",
	}
	rewrite = &detect.Kind{
		ID: "sql/rewrite-table", Risk: 30, Title: "makes the database rewrite the whole table",
		Why:      "A value that must be computed for each row rewrites the table under an exclusive lock: neither reads nor writes get through.",
		Controls: outage, ExamplePath: plain,
		Fires: "ALTER TABLE users ADD COLUMN token uuid DEFAULT gen_random_uuid();", Quiet: "ALTER TABLE users ADD COLUMN seen timestamptz DEFAULT now();",
	}
	lockTable = &detect.Kind{
		ID: "sql/lock-table", Risk: 30, Title: "is locked or rebuilt while others wait",
		Why:      "Reads or writes of the table wait until the statement is done, on a large table for minutes or hours.",
		Controls: outage, ExamplePath: plain,
		Fires: "VACUUM FULL events;", Quiet: "VACUUM events;",
	}
	dropKey = &detect.Kind{
		ID: "sql/drop-primary-key", Risk: 35, Title: "loses its primary key",
		Why:      "Nothing keeps rows apart any more, foreign keys and logical replication break, and rebuilding the key locks the table.",
		Controls: outage, ExamplePath: plain,
		Fires: "ALTER TABLE users DROP CONSTRAINT users_pkey;", Quiet: "ALTER TABLE users DROP CONSTRAINT users_age_check;",
	}
)

// What running code may not survive.
var (
	rename = &detect.Kind{
		ID: "sql/rename", Risk: 30, Title: "gets another name",
		Why:      "Code that runs with the old name fails from the moment the statement commits until it is deployed anew.",
		Controls: outage, ExamplePath: plain,
		Fires: "ALTER TABLE users RENAME COLUMN mail TO email;", Quiet: "CREATE TABLE users (mail text);\nALTER TABLE users RENAME COLUMN mail TO email;",
	}
	dropNotNull = &detect.Kind{
		ID: "sql/drop-not-null", Risk: 22, Title: "may be NULL from now on",
		Why:      "Code that takes a value for granted fails on the first NULL, and going back needs all NULLs removed first.",
		Controls: outage, ExamplePath: plain,
		Fires: "ALTER TABLE users ALTER COLUMN email DROP NOT NULL;", Quiet: "ALTER TABLE users ALTER COLUMN email SET DEFAULT '';",
	}
	addJSON = &detect.Kind{
		ID: "sql/add-json", Risk: 22, Title: "is added with a type that cannot be compared",
		Why:      "PostgreSQL's json has no equality: SELECT DISTINCT and GROUP BY over the table fail from now on; jsonb does not.",
		Controls: outage, ExamplePath: plain,
		Fires: "ALTER TABLE users ADD COLUMN props json;", Quiet: "ALTER TABLE users ADD COLUMN props jsonb;",
	}
	dropView = &detect.Kind{
		ID: "sql/drop-view", Risk: 25, Title: "drops a view",
		Why:      "What reads through the view fails; its text is in the history, a materialized view's rows must be computed again.",
		Controls: outage, ExamplePath: plain,
		Fires: "DROP VIEW active_users;", Quiet: "DROP VIEW IF EXISTS active_users;\nCREATE VIEW active_users AS SELECT 1;",
	}
	dropObject = &detect.Kind{
		ID: "sql/drop-object", Risk: 35, Title: "drops a type, sequence, extension or the like",
		Why:      "What uses it fails, and a sequence's position or a subscription's progress is lost.",
		Controls: outage, ExamplePath: plain,
		Fires: "DROP SEQUENCE invoice_number;", Quiet: "CREATE SEQUENCE invoice_number;",
	}
	dropRoutine = &detect.Kind{
		ID: "sql/drop-routine", Risk: 22, Title: "drops a function, procedure, trigger or rule",
		Why:      "What calls it fails; with a trigger the checks or the audit that it made silently stop.",
		Controls: outage, ExamplePath: plain,
		Fires: "DROP TRIGGER audit ON invoices;", Quiet: "DROP FUNCTION IF EXISTS total();\nCREATE FUNCTION total() RETURNS int AS $$ SELECT 1 $$ LANGUAGE sql;",
	}
	dropConstraint = &detect.Kind{
		ID: "sql/drop-constraint", Risk: 15, Title: "drops a constraint",
		Why:      "Rows that break the rule can come in from now on, and stand in the way of bringing it back.",
		Controls: outage, ExamplePath: plain,
		Fires: "ALTER TABLE orders DROP CONSTRAINT positive_total;", Quiet: "ALTER TABLE orders ALTER COLUMN total DROP DEFAULT;",
	}
	unread = &detect.Kind{
		ID: "sql/unreadable", Risk: 30, Title: "could not be read",
		Why:      "The text of this file was not to be had, so nobody can say what it does to the data.",
		Controls: loss, ExamplePath: "db/migrations/0001_init.sql",
		Fires: "\x00\x00\x00\x00binary", Quiet: "SELECT 1;",
	}
)

// What widens rights or switches off what protects.
var (
	disableRLS = &detect.Kind{
		ID: "sql/disable-row-security", Risk: 55, Title: "switches off row security",
		Why:      "Every role that may read the table sees and changes all tenants' rows from now on; what was read cannot be unread.",
		Controls: rights, ExamplePath: plain,
		Fires: "ALTER TABLE invoices DISABLE ROW LEVEL SECURITY;", Quiet: "ALTER TABLE invoices ENABLE ROW LEVEL SECURITY;",
	}
	dropPolicy = &detect.Kind{
		ID: "sql/drop-policy", Risk: 45, Title: "drops a row security policy",
		Why:      "A restrictive policy that goes shows rows to those it kept out; a permissive one that goes hides them from the application.",
		Controls: rights, ExamplePath: plain,
		Fires: "DROP POLICY tenant_only ON invoices;", Quiet: "CREATE POLICY tenant_only ON invoices USING (tenant = current_setting('app.tenant'));",
	}
	replacePolicy = &detect.Kind{
		ID: "sql/change-policy", Risk: 30, Title: "changes a row security policy",
		Why:      "Who sees which rows changes; whether it became more or less cannot be told from the statement alone.",
		Controls: rights, ExamplePath: plain,
		Fires: "ALTER POLICY tenant_only ON invoices USING (tenant IS NOT NULL);", Quiet: "CREATE POLICY tenant_only ON invoices USING (tenant = current_setting('app.tenant'));",
	}
	openPolicy = &detect.Kind{
		ID: "sql/open-policy", Risk: 45, Title: "lets every row through",
		Why:      "A policy whose condition is always true gives all rows to everybody it applies to.",
		Controls: rights, ExamplePath: plain,
		Fires: "CREATE POLICY p ON invoices USING (true);", Quiet: "CREATE POLICY p ON invoices USING (owner = current_user);",
	}
	disableTrigger = &detect.Kind{
		ID: "sql/disable-trigger", Risk: 40, Title: "switches off triggers or constraint checks",
		Why:      "Audit, checks and foreign keys that rest on them are silent: rows go in or out unseen, and are not checked later.",
		Controls: rights, ExamplePath: plain,
		Fires: "ALTER TABLE invoices DISABLE TRIGGER ALL;", Quiet: "ALTER TABLE invoices ENABLE TRIGGER ALL;",
	}
	grant = &detect.Kind{
		ID: "sql/grant", Risk: 30, Title: "is given more rights",
		Why:      "Whoever holds the role can do more than before; what is read or changed with it cannot be called back.",
		Controls: rights, ExamplePath: plain,
		Fires: "GRANT UPDATE ON accounts TO app;", Quiet: "REVOKE UPDATE ON accounts FROM app;",
	}
	grantWide = &detect.Kind{
		ID: "sql/grant-wide", Risk: 50, Title: "is given all rights, or the right to give them",
		Why:      "All rights, rights for everybody, or rights that can be handed on: the least privilege is gone, and who got what is hard to trace.",
		Controls: rights, ExamplePath: plain,
		Fires: "GRANT ALL PRIVILEGES ON ALL TABLES IN SCHEMA public TO app;", Quiet: "CREATE TABLE notes (id int);\nGRANT SELECT ON notes TO app;",
	}
	superuser = &detect.Kind{
		ID: "sql/superuser", Risk: 65, Title: "becomes an administrator of the database",
		Why:      "Such a role passes every check of the database, can read all data and hide its traces.",
		Controls: rights, ExamplePath: plain,
		Fires: "ALTER ROLE app SUPERUSER;", Quiet: "ALTER ROLE app SET search_path = app;",
	}
	dropRole = &detect.Kind{
		ID: "sql/drop-role", Risk: 35, Title: "drops a role or user",
		Why:      "What signs in with it stops working, and its rights must be given anew one by one.",
		Controls: rights, ExamplePath: plain,
		Fires: "DROP ROLE reporting;", Quiet: "CREATE ROLE reporting NOLOGIN;",
	}
	owner = &detect.Kind{
		ID: "sql/change-owner", Risk: 30, Title: "gets another owner",
		Why:      "The owner may do everything with the object, and passes its row security.",
		Controls: rights, ExamplePath: plain,
		Fires: "ALTER TABLE invoices OWNER TO app;", Quiet: "CREATE TABLE notes (id int);\nALTER TABLE notes OWNER TO app;",
	}
	definer = &detect.Kind{
		ID: "sql/security-definer", Risk: 35, Title: "runs with its owner's rights and an open search path",
		Why:      "Callers borrow the owner's rights; without a fixed search_path they can make the function call code of their own.",
		Controls: rights, ExamplePath: plain,
		Fires: "CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY DEFINER AS $$ SELECT 1 $$;", Quiet: "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;",
	}
	runsCommand = &detect.Kind{
		ID: "sql/runs-command", Risk: 65, Title: "runs a program on the database server",
		Why:      "The program runs with the server's own rights, outside of all that the database checks.",
		Controls: runs, ExamplePath: plain,
		Fires: "COPY t FROM PROGRAM 'curl http://example.com/x';", Quiet: "COPY t FROM '/data/x.csv';",
	}
	serverSetting = &detect.Kind{
		ID: "sql/server-setting", Risk: 35, Title: "changes a setting of the whole server",
		Why:      "It holds for every database and session, also after this change is reverted.",
		Controls: outage, ExamplePath: plain,
		Fires: "ALTER SYSTEM SET fsync = off;", Quiet: "SET lock_timeout = '2s';",
	}
)

var allKinds = []*detect.Kind{
	dropDatabase, dropSchema, dropTable, replaceTable, dropColumn, dropPartition, dropCascade,
	truncate, deleteAll, updateAll, tableGone, columnGone, changeType, unlogged,
	rebuildTable, dumpDrop, backfill, routineDestroys, rollbackDrops, rollbackDeletes, inTest,
	addIndex, dropIndex, dropIndexOnline, addConstraint, validateHere, setNotNull, addRequired,
	rewrite, lockTable, dropKey, rename, dropNotNull, addJSON, dropView, dropObject, dropRoutine,
	dropConstraint, unread, disableRLS, dropPolicy, replacePolicy, openPolicy, disableTrigger,
	grant, grantWide, superuser, dropRole, owner, definer, runsCommand, serverSetting,
}
