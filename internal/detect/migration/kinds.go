package migration

import "github.com/gatehold/gatehold/internal/detect"

var (
	loss   = []string{detect.ASI02, detect.MaestroL2, detect.Manage23}
	outage = []string{detect.ASI08, detect.MaestroL4, detect.Manage41}
)

const (
	railsPath  = "db/migrate/20260101000000_example.rb"
	djangoPath = "shop/migrations/0002_example.py"
	sqlPath    = "db/migrations/20260101000000_example.sql"
)

// up wraps a line as a Rails migration.
func up(line string) string {
	return "class Example < ActiveRecord::Migration[8.0]\n  def change\n    " + line + "\n  end\nend\n"
}

// What can be destroyed.
var (
	dropTable = &detect.Kind{
		ID: "migration/drop-table", Risk: 80, Title: "drops a table",
		Why:      "The rows are gone when the migration has run, and code that still reads the table fails; only a backup brings them back.",
		Controls: loss, ExamplePath: railsPath,
		Fires: up("drop_table :invoices"), Quiet: up("create_table :invoices"),
	}
	dropColumn = &detect.Kind{
		ID: "migration/drop-column", Risk: 70, Title: "drops a column",
		Why:      "The column's values are gone for every row, and running code that has cached the column fails; adding it again brings back no value.",
		Controls: loss, ExamplePath: railsPath,
		Fires: up("remove_column :users, :email, :string"), Quiet: up("add_column :users, :email, :string"),
	}
	truncate = &detect.Kind{
		ID: "migration/truncate", Risk: 80, Title: "empties a table",
		Why:      "Every row is removed without being looked at; only a backup brings them back.",
		Controls: loss, ExamplePath: railsPath,
		Fires: up("truncate :events"), Quiet: up("text = \"long\".truncate(3)"),
	}
	deleteAll = &detect.Kind{
		ID: "migration/delete-all", Risk: 75, Title: "deletes every row",
		Why:      "No condition limits what is deleted, so the whole table is emptied; only a backup brings the rows back.",
		Controls: loss, ExamplePath: railsPath,
		Fires: up("Session.delete_all"), Quiet: up("Session.where(expired: true).delete_all"),
	}
	updateAll = &detect.Kind{
		ID: "migration/update-all", Risk: 55, Title: "overwrites a column in every row",
		Why:      "What each row held before is gone, and one transaction locks every row until it commits.",
		Controls: loss, ExamplePath: railsPath,
		Fires: up("User.update_all(active: false)"), Quiet: up("User.where(id: 1).update_all(active: false)"),
	}
	changeType = &detect.Kind{
		ID: "migration/change-type", Risk: 50, Title: "changes a column's type",
		Why:      "Values that do not fit are cut off or refused, the table may be rewritten under an exclusive lock, and the old values are not kept.",
		Controls: loss, ExamplePath: railsPath,
		Fires: up("change_column :users, :age, :integer"),
		Quiet: "class Example < ActiveRecord::Migration[8.0]\n  def up\n    change_column :users, :name, :text\n  end\n\n  def down\n    change_column :users, :name, :string\n  end\nend\n",
	}
	modelGone = &detect.Kind{
		ID: "migration/schema-table-gone", Risk: 65, Title: "is no longer in the schema file",
		Why:      "A table that leaves the declared schema is dropped with its rows where the file is applied, or was dropped by a migration.",
		Controls: loss, ExamplePath: "prisma/schema.prisma",
		FiresBefore: "model A {\n  id Int @id\n}\nmodel B {\n  id Int @id\n}\n", Fires: "model A {\n  id Int @id\n}\n",
		QuietBefore: "model A {\n  id Int @id\n}\n", Quiet: "model A {\n  id Int @id\n}\nmodel B {\n  id Int @id\n}\n",
	}
	fieldGone = &detect.Kind{
		ID: "migration/schema-column-gone", Risk: 55, Title: "is no longer a column in the schema file",
		Why:      "A column that leaves the declared schema is dropped with its values where the file is applied, or was dropped by a migration.",
		Controls: loss, ExamplePath: "prisma/schema.prisma",
		FiresBefore: "model A {\n  id Int @id\n  email String\n}\n", Fires: "model A {\n  id Int @id\n}\n",
		QuietBefore: "model A {\n  id Int @id\n}\n", Quiet: "model A {\n  id Int @id\n  email String\n}\n",
	}
)

// What breaks the history that migrations are.
var (
	edited = &detect.Kind{
		ID: "migration/edited", Risk: 40, Title: "was merged before and is edited",
		Why:      "Databases that ran it will not run it again: they silently differ from new ones from now on, or the tool refuses to start.",
		Controls: outage, ExamplePath: sqlPath,
		FiresBefore: "CREATE TABLE a (id int);", Fires: "CREATE TABLE a (id int, b int);",
		QuietBefore: "CREATE TABLE a (id int);", Quiet: "-- the first table\nCREATE TABLE a (id int);",
	}
	removed = &detect.Kind{
		ID: "migration/removed", Risk: 40, Title: "was merged before and is removed",
		Why:      "New databases are built without it, and tools that check the history refuse to start where it has run.",
		Controls: outage, ExamplePath: sqlPath,
		FiresBefore: "CREATE TABLE a (id int);", QuietBefore: "CREATE TABLE a (id int);", Quiet: "CREATE TABLE a (id int);",
	}
	irreversible = &detect.Kind{
		ID: "migration/irreversible", Risk: 20, Title: "destroys data and has no way back",
		Why:      "Nothing in the migration can undo it, so a failed release cannot be rolled back by its own means.",
		Controls: loss, ExamplePath: railsPath,
		Fires: "class Example < ActiveRecord::Migration[8.0]\n  def up\n    drop_table :invoices\n  end\nend\n",
		Quiet: "class Example < ActiveRecord::Migration[8.0]\n  def up\n    drop_table :invoices\n  end\n\n  def down\n    create_table :invoices\n  end\nend\n",
	}
	rollback = &detect.Kind{
		ID: "migration/rollback-drops", Risk: 10, Title: "is dropped on the way back",
		Why:      "A way back removes what its migration made; data written since is lost when somebody goes it.",
		Controls: loss, ExamplePath: railsPath,
		Fires: "class Example < ActiveRecord::Migration[8.0]\n  def up\n    create_table :tags\n  end\n\n  def down\n    drop_table :tags\n  end\nend\n",
		Quiet: up("create_table :tags"),
	}
	takesMore = &detect.Kind{
		ID: "migration/rollback-takes-more", Risk: 50, Title: "is dropped on the way back, though the way up did not make it",
		Why:      "Who rolls back expects to lose what the migration made, and loses a table that was there before it.",
		Controls: loss, ExamplePath: "db/changelog/0001.xml",
		Fires: "<changeSet>\n  <createTable tableName=\"a\"/>\n  <rollback><dropTable tableName=\"b\"/></rollback>\n</changeSet>",
		Quiet: "<changeSet>\n  <createTable tableName=\"a\"/>\n  <rollback><dropTable tableName=\"a\"/></rollback>\n</changeSet>",
	}
	opaque = &detect.Kind{
		ID: "migration/opaque", Risk: 20, Title: "runs SQL that is not in the text",
		Why:      "What the statement does is only known when it runs, so nobody can review it here.",
		Controls: loss, ExamplePath: railsPath,
		Fires: up("execute statement_for(:users)"), Quiet: up("execute \"SELECT 1\""),
	}
	unreadable = &detect.Kind{
		ID: "migration/unreadable", Risk: 30, Title: "could not be read",
		Why:      "The text of this migration was not to be had or does not parse, so nobody can say what it does to the data.",
		Controls: loss, ExamplePath: "db/changelog/0001.yaml",
		Fires: "databaseChangeLog: [", Quiet: "databaseChangeLog: []",
	}
)

func destroys(k *detect.Kind) bool {
	switch k {
	case dropTable, dropColumn, truncate, deleteAll, updateAll, changeType:
		return true
	}
	return false
}

var allKinds = []*detect.Kind{
	dropTable, dropColumn, truncate, deleteAll, updateAll, changeType, modelGone, fieldGone,
	edited, removed, irreversible, rollback, takesMore, opaque, unreadable,
	notNull, required, rewrite, addIndex, dropIndex, replaceIndex, constraint, validateHere, lock,
	rename, widenType, changeDefault, addJSON, inherits, shortKey, dropObject,
}
