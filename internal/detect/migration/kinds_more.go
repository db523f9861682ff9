package migration

import "github.com/gatehold/gatehold/internal/detect"

// What makes others wait, and what running code may not survive.
var (
	notNull = &detect.Kind{
		ID: "migration/set-not-null", Risk: 30, Title: "must not be NULL from now on",
		Why:      "Every row is read under an exclusive lock, the migration fails if one holds NULL, and running code that writes NULL fails.",
		Controls: outage, ExamplePath: railsPath,
		Fires: up("change_column_null :users, :email, false"), Quiet: up("change_column_null :users, :email, true"),
	}
	required = &detect.Kind{
		ID: "migration/add-required-column", Risk: 30, Title: "is added as NOT NULL without a default of the database",
		Why:      "The migration fails on a table that has rows, or running code that does not know the column can no longer insert.",
		Controls: outage, ExamplePath: djangoPath,
		Fires: "operations = [\n    migrations.AddField(model_name=\"user\", name=\"plan\", field=models.CharField(max_length=9)),\n]\n",
		Quiet: "operations = [\n    migrations.AddField(model_name=\"user\", name=\"plan\", field=models.CharField(max_length=9, null=True)),\n]\n",
	}
	rewrite = &detect.Kind{
		ID: "migration/rewrite-table", Risk: 30, Title: "makes the database rewrite the whole table",
		Why:      "A value that must be computed for each row rewrites the table under an exclusive lock: neither reads nor writes get through.",
		Controls: outage, ExamplePath: railsPath,
		Fires: up("add_column :users, :token, :uuid, default: -> { \"gen_random_uuid()\" }"), Quiet: up("add_column :users, :seen, :datetime, default: -> { \"now()\" }"),
	}
	addIndex = &detect.Kind{
		ID: "migration/add-index", Risk: 30, Title: "gets an index while writes to the table wait",
		Why:      "Without an online algorithm every write waits until the index is built, on a large table for minutes or hours.",
		Controls: outage, ExamplePath: railsPath,
		Fires: up("add_index :users, :email"), Quiet: up("add_index :users, :email, algorithm: :concurrently"),
	}
	dropIndex = &detect.Kind{
		ID: "migration/drop-index", Risk: 25, Title: "loses an index under an exclusive lock",
		Why:      "Reads and writes wait behind the lock, and queries that used the index become slow until it is built again.",
		Controls: outage, ExamplePath: railsPath,
		Fires: up("remove_index :users, :email"), Quiet: up("remove_index :users, :email, algorithm: :concurrently"),
	}
	replaceIndex = &detect.Kind{
		ID: "migration/replace-index", Risk: 25, Title: "loses an index before the one that replaces it is built",
		Why:      "Until the new index is ready, queries that used the old one read the whole table.",
		Controls: outage, ExamplePath: railsPath,
		Fires: up("remove_index :users, :a, algorithm: :concurrently\n    add_index :users, [:a, :b], algorithm: :concurrently"),
		Quiet: up("add_index :users, [:a, :b], algorithm: :concurrently\n    remove_index :users, :a, algorithm: :concurrently"),
	}
	constraint = &detect.Kind{
		ID: "migration/add-constraint", Risk: 30, Title: "checks every row of a table under a lock",
		Why:      "Writes wait while existing rows are checked or indexed, and the migration fails if one of them does not fit.",
		Controls: outage, ExamplePath: railsPath,
		Fires: up("add_foreign_key :orders, :users"), Quiet: up("add_foreign_key :orders, :users, validate: false"),
	}
	validateHere = &detect.Kind{
		ID: "migration/validate-at-once", Risk: 25, Title: "is validated in the transaction that added the constraint",
		Why:      "The lock that adding took is held while every row is read, so adding it unvalidated has won nothing.",
		Controls: outage, ExamplePath: railsPath,
		Fires: up("add_foreign_key :orders, :users, validate: false\n    validate_foreign_key :orders, :users"), Quiet: up("validate_foreign_key :orders, :users"),
	}
	lock = &detect.Kind{
		ID: "migration/lock-table", Risk: 30, Title: "is locked or copied while others wait",
		Why:      "The migration asks for an algorithm or a lock that keeps others out until it is done.",
		Controls: outage, ExamplePath: railsPath,
		Fires: up("add_column :users, :nice, :boolean, algorithm: :copy"), Quiet: up("add_column :users, :nice, :boolean, algorithm: :instant"),
	}
	rename = &detect.Kind{
		ID: "migration/rename", Risk: 30, Title: "gets another name",
		Why:      "Code that runs with the old name fails from the moment the migration has run until it is deployed anew.",
		Controls: outage, ExamplePath: railsPath,
		Fires: up("rename_column :users, :mail, :email"), Quiet: up("rename_index :users, :a, :b"),
	}
	changeDefault = &detect.Kind{
		ID: "migration/change-default", Risk: 20, Title: "gets another default",
		Why:      "Running processes have cached the old default and may write it explicitly until they are restarted.",
		Controls: outage, ExamplePath: railsPath,
		Fires: up("change_column_default :users, :plan, from: nil, to: \"free\""), Quiet: up("add_column :users, :plan, :string\n    change_column_default :users, :plan, \"free\""),
	}
	widenType = &detect.Kind{
		ID: "migration/widen-type", Risk: 15, Title: "gets a type that holds any value",
		Why:      "No value is lost, but from some types the table is rewritten under a lock, and the way back is not certain.",
		Controls: outage, ExamplePath: railsPath,
		Fires: up("change_column :users, :bio, :text"), Quiet: up("add_column :users, :bio, :text"),
	}
	addJSON = &detect.Kind{
		ID: "migration/add-json", Risk: 22, Title: "is added with a type that cannot be compared",
		Why:      "PostgreSQL's json has no equality: SELECT DISTINCT and GROUP BY over the table fail from now on; jsonb does not.",
		Controls: outage, ExamplePath: railsPath,
		Fires: up("add_column :users, :props, :json"), Quiet: up("add_column :users, :props, :jsonb"),
	}
	inherits = &detect.Kind{
		ID: "migration/inheritance-column", Risk: 22, Title: "is a column that Rails reads as a class name",
		Why:      "Processes that run when the column appears take its values for subclasses and fail to load rows.",
		Controls: outage, ExamplePath: railsPath,
		Fires: up("add_column :users, :type, :string, default: \"Member\""), Quiet: up("add_column :users, :type, :string"),
	}
	shortKey = &detect.Kind{
		ID: "migration/short-key", Risk: 20, Title: "has a key that runs out at two billion",
		Why:      "A 32-bit key that is used up stops all inserts, and widening it later rewrites the table under a lock.",
		Controls: outage, ExamplePath: railsPath,
		Fires: up("create_table :users, id: :integer"), Quiet: up("create_table :users"),
	}
	dropObject = &detect.Kind{
		ID: "migration/drop-object", Risk: 30, Title: "drops a type, extension, view or the like",
		Why:      "What uses it fails, and columns of the type may go with it.",
		Controls: outage, ExamplePath: railsPath,
		Fires: up("disable_extension \"hstore\""), Quiet: up("enable_extension \"hstore\""),
	}
)
