package command

import (
	"github.com/gatehold/gatehold/internal/detect/shell"
	"regexp"
	"strings"
	"sync"
)

// destructiveSQL are statements that a shell must hand to no database unseen.
var destructiveSQL = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)\b(?:(drop\s+(?:database|schema|keyspace)\s+(?:if\s+exists\s+)?([\w"'$\x60.{}-]+))|(drop\s+table\s+(?:if\s+exists\s+)?([\w"'$\x60.{}-]+))|(truncate\s+(?:table\s+)?([\w"'$\x60.{}]+))|(delete\s+from\s+([\w"'$\x60.{}]+))\s*(?:;|"|'|$))`)
})

// sqlIn looks for a destructive statement in what a database client is told,
// or in a here-document.
func sqlIn(text string) []finding {
	m := destructiveSQL().FindStringSubmatch(text)
	if m == nil {
		return nil
	}
	object := ""
	for _, i := range [...]int{2, 4, 6, 8} {
		if m[i] != "" {
			object = strings.Trim(m[i], "\"'`")
		}
	}
	kind := kindDropTable
	if m[1] != "" {
		kind = kindDropDatabase
	}
	if m[5] != "" && !strings.Contains(strings.ToLower(m[5]), "table") && len(object) < 3 {
		return nil
	}
	if throwaway(object) {
		kind = kindThrowaway
	}
	return found(kind, object, strings.Join(strings.Fields(m[0]), " "))
}

// throwaway tells whether a database is named as one for tests.
func throwaway(name string) bool {
	l := strings.ToLower(name)
	for _, w := range [...]string{"test", "_ci", "ci_", "tmp", "temp", "scratch", "shadow", "dummy", "example", "sandbox"} {
		if strings.Contains(l, w) {
			return true
		}
	}
	return false
}

// client looks at what a database's command line client is told.
func client(c *command) []finding {
	return sqlIn(shell.Join(c.words[1:]))
}

func dropdb(c *command) []finding {
	plain, _ := c.args()
	if len(plain) == 0 {
		return nil
	}
	name := plain[len(plain)-1]
	if throwaway(name) {
		return found(kindThrowaway, name, "dropdb")
	}
	return found(kindDropDatabase, name, "dropdb")
}

func mysqladmin(c *command) []finding {
	plain, _ := c.args()
	for i, p := range plain {
		if p == "drop" && i+1 < len(plain) {
			if throwaway(plain[i+1]) {
				return found(kindThrowaway, plain[i+1], "mysqladmin drop")
			}
			return found(kindDropDatabase, plain[i+1], "mysqladmin drop")
		}
	}
	return nil
}

// stores are clients of key-value stores, queues and search engines.
func stores(c *command) []finding {
	name := c.name
	switch {
	case name == "redis-cli" || name == "valkey-cli" || name == "keydb-cli":
		if c.has("flushall", "flushdb") {
			return found(kindFlush, name, "flush")
		}
	case name == "mongosh" || name == "mongo":
		if c.has("dropdatabase(", ".drop(", "deletemany({})", "remove({})") {
			if c.has("test") {
				return found(kindThrowaway, name, "drop")
			}
			return found(kindDropDatabase, name, "drop")
		}
	case name == "mongorestore" && c.flag("--drop"), name == "pg_restore" && c.flag("--clean", "-c"):
		return found(kindOverwrite, name, "what is there is dropped first")
	case name == "etcdctl" && c.has(" del ") && c.has("--prefix", "--from-key"):
		return found(kindFlush, name, "del --prefix")
	case name == "consul" && c.has("kv delete") && c.has("-recurse"):
		return found(kindFlush, name, "kv delete -recurse")
	case strings.HasPrefix(name, "kafka-topics") && c.flag("--delete"),
		name == "rabbitmqctl" && c.has(" reset", "purge_queue", "delete_vhost", "delete_queue"),
		name == "influx" && c.has(" delete"), name == "cqlsh" && c.has("drop keyspace", "truncate"):
		return found(kindFlush, name, "")
	case name == "pg_resetwal" || name == "pg_resetxlog":
		return found(kindResetWAL, strings.Join(func() []string { p, _ := c.args(); return p }(), " "), name)
	case name == "vault" && c.has(" destroy", "secrets disable", "metadata delete", "kv delete", "auth disable", "audit disable"):
		return found(kindVault, strings.Join(func() []string { p, _ := c.args(); return p }(), " "), "vault")
	}
	return nil
}

// orm is a framework's command that empties or rolls back a database.
type orm struct {
	parts []string // all must stand in the command
	lower bool     // ordinary in tests and development: counts only with a sign of production
}

var orms = []orm{
	{parts: []string{"db:drop"}}, {parts: []string{"db:reset"}}, {parts: []string{"db:purge"}}, {parts: []string{"db:truncate_all"}},
	{parts: []string{"db:migrate:reset"}}, {parts: []string{"db:schema:load"}, lower: true},
	{parts: []string{"db:setup"}, lower: true}, {parts: []string{"db:structure:load"}, lower: true},
	{parts: []string{"prisma", "migrate", "reset"}}, {parts: []string{"prisma", "db", "push", "--accept-data-loss"}},
	{parts: []string{"prisma", "db", "push", "--force-reset"}},
	{parts: []string{"flyway", "clean"}}, {parts: []string{"flywayclean"}}, {parts: []string{"liquibase", "dropall"}},
	{parts: []string{"liquibase", "drop-all"}},
	{parts: []string{"liquibase:dropall"}}, {parts: []string{"alembic", "downgrade", "base"}},
	{parts: []string{"flask", "db", "downgrade", "base"}},
	{parts: []string{"artisan", "migrate:fresh"}}, {parts: []string{"artisan", "migrate:refresh"}},
	{parts: []string{"artisan", "migrate:reset"}}, {parts: []string{"artisan", "db:wipe"}},
	{parts: []string{"manage.py", "flush"}}, {parts: []string{"manage.py", "reset_db"}},
	{parts: []string{"manage.py", "migrate", " zero"}}, {parts: []string{"django-admin", "flush"}},
	{parts: []string{"sequelize", "db:migrate:undo:all"}}, {parts: []string{"knex", "migrate:rollback", "--all"}},
	{parts: []string{"typeorm", "schema:drop"}},
	{parts: []string{"mikro-orm", "schema:drop"}}, {parts: []string{"mikro-orm", "schema:fresh"}},
	{parts: []string{"mikro-orm", "migration:fresh"}},
	{parts: []string{"mix", "ecto.drop"}}, {parts: []string{"mix", "ecto.reset"}}, {parts: []string{"mix", "ecto.rollback", "--all"}},
	{parts: []string{"goose", " reset"}}, {parts: []string{"goose", "down-to", " 0"}}, {parts: []string{"dbmate", " drop"}},
	{parts: []string{"sqlx", "database", "drop"}}, {parts: []string{"sqlx", "database", "reset"}},
	{parts: []string{"diesel", "database", "reset"}}, {parts: []string{"dotnet", "ef", "database", "drop"}},
	{parts: []string{"doctrine:database:drop"}}, {parts: []string{"doctrine:schema:drop"}},
	{parts: []string{"migrate", "-database", " drop"}}, {parts: []string{"migrate", "-path", " drop"}},
	{parts: []string{"migrate", "-database", "down", "-all"}},
	{parts: []string{"supabase", "db", "reset", "--linked"}}, {parts: []string{"drizzle-kit", "push", "--force"}},
	{parts: []string{"drizzle-kit", "drop"}}, {parts: []string{"hasura", "migrate", "apply", "--down"}},
	{parts: []string{"heroku", "pg:reset"}}, {parts: []string{"atlas", "schema", "clean"}},
	{parts: []string{"sea-orm-cli", "migrate", "fresh"}}, {parts: []string{"yii", "migrate/fresh"}},
	{parts: []string{"payload", "migrate:fresh"}},
}

// frameworks looks for what empties a database through a framework.
func frameworks(c *command, where func() string) []finding {
	all := strings.ToLower(shell.Join(c.words))
	env := strings.ToLower(strings.Join(c.vars, " "))
	for _, o := range orms {
		hit := true
		for _, p := range o.parts {
			hit = hit && strings.Contains(all, p)
		}
		if !hit {
			continue
		}
		name := strings.Join(o.parts, " ")
		production := strings.Contains(env, "production") || strings.Contains(all, "production") ||
			strings.Contains(env, "disable_database_environment_check") ||
			strings.Contains(all, "disable_database_environment_check")
		tests := strings.Contains(env, "=test") || strings.Contains(all, "=test") || strings.Contains(all, " test") ||
			strings.Contains(where(), "rails_env=test")
		switch {
		case production:
			return found(kindResetProduction, name, "with the check for production overridden, or in production")
		case o.lower || tests:
			return found(kindThrowaway, name, "")
		}
		return found(kindReset, name, "")
	}
	return nil
}
