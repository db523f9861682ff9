package command

import "github.com/gatehold/gatehold/internal/detect"

var (
	kindDeleteRoot = &kind{
		ID: "command/delete-root", Risk: 90,
		Title:       "deletes a system folder or a home",
		Why:         "Everything below it goes at once and without a way back: the system, its users' files, what is mounted there.",
		Controls:    []string{detect.ASI02, detect.MaestroL2, detect.MaestroL4, detect.Manage23},
		ExamplePath: "scripts/deploy.sh",
		Fires:       "rm -rf /var/lib/\n",
		Quiet:       "rm -rf /var/lib/apt/lists/*\n",
	}
	kindDeleteTree = &kind{
		ID: "command/delete-working-tree", Risk: 25,
		Title:       "deletes the whole working tree or its history",
		Why:         "What was not pushed is lost; what was can be fetched again.",
		Controls:    []string{detect.ASI02, detect.MaestroL4},
		ExamplePath: "scripts/deploy.sh",
		Fires:       "rm -rf .git\n",
		Quiet:       "rm -rf .cache\n",
	}
	kindDeleteData = &kind{
		ID: "command/delete-data", Risk: 65,
		Title:       "deletes a folder of data",
		Why:         "Databases, uploads, volumes and backups are not in the repository: what is deleted there comes back from a backup or not at all.",
		Controls:    []string{detect.ASI02, detect.MaestroL2, detect.MaestroL4, detect.Manage23},
		ExamplePath: "scripts/deploy.sh",
		Fires:       "rm -rf /var/lib/postgresql/data\n",
		Quiet:       "rm -rf build/data\n",
	}
	kindDeleteVariable = &kind{
		ID: "command/delete-variable", Risk: 50,
		Title:       "deletes below a variable that may be empty",
		Why:         "Where the variable is not set, what is deleted begins at the root.",
		Controls:    []string{detect.ASI02, detect.MaestroL2, detect.MaestroL4, detect.Manage23},
		ExamplePath: "scripts/deploy.sh",
		Fires:       "rm -rf \"$TARGET\"/*\n",
		Quiet:       "rm -rf \"${TARGET:?}\"/*\n",
	}
	kindDeleteOld = &kind{
		ID: "command/delete-old", Risk: 30,
		Title:       "deletes old files of data",
		Why:         "Files are deleted by their age, in a folder of data: a wrong clock, mount or pattern takes more than was meant.",
		Controls:    []string{detect.ASI02, detect.MaestroL2},
		ExamplePath: "scripts/deploy.sh",
		Fires:       "find /data/exports -mtime +30 -delete\n",
		Quiet:       "find ./dist -mtime +30 -delete\n",
	}
	kindWipe = &kind{
		ID: "command/wipe-disk", Risk: 90,
		Title:       "overwrites a disk, volume or file system",
		Why:         "What is on the device is overwritten or its table is gone; no undelete brings it back.",
		Controls:    []string{detect.ASI02, detect.MaestroL2, detect.MaestroL4, detect.Manage23},
		ExamplePath: "scripts/deploy.sh",
		Fires:       "mkfs.ext4 /dev/sdb1\n",
		Quiet:       "mkfs.ext4 root.img\n",
	}
	kindDropDatabase = &kind{
		ID: "command/drop-database", Risk: 80,
		Title:       "drops a database or schema",
		Why:         "All tables and their rows go at once, and no transaction holds them; only a backup brings them back.",
		Controls:    []string{detect.ASI02, detect.MaestroL2, detect.MaestroL4, detect.Manage23},
		ExamplePath: "scripts/deploy.sh",
		Fires:       "dropdb shop\n",
		Quiet:       "dropdb shop_test\n",
	}
	kindDropTable = &kind{
		ID: "command/drop-table", Risk: 65,
		Title:       "drops or empties a table",
		Why:         "The rows are gone when the statement ends; only a backup brings them back.",
		Controls:    []string{detect.ASI02, detect.MaestroL2, detect.MaestroL4, detect.Manage23},
		ExamplePath: "scripts/deploy.sh",
		Fires:       "psql -c \"DROP TABLE orders\"\n",
		Quiet:       "psql -c \"SELECT 1 FROM orders\"\n",
	}
	kindReset = &kind{
		ID: "command/reset-database", Risk: 65,
		Title:       "empties or rolls back a database through its framework",
		Why:         "The command is made for development: run against another database it drops what is there, and rebuilds it empty.",
		Controls:    []string{detect.ASI02, detect.MaestroL2, detect.MaestroL4, detect.Manage23},
		ExamplePath: "scripts/deploy.sh",
		Fires:       "npx prisma migrate reset --force\n",
		Quiet:       "npx prisma migrate deploy\n",
	}
	kindResetProduction = &kind{
		ID: "command/reset-production-database", Risk: 90,
		Title:       "empties a database with the check for production overridden",
		Why:         "The framework asks before it destroys a production database, and this line answers for everybody.",
		Controls:    []string{detect.ASI02, detect.MaestroL2, detect.MaestroL4, detect.Manage23},
		ExamplePath: "scripts/deploy.sh",
		Fires:       "DISABLE_DATABASE_ENVIRONMENT_CHECK=1 rails db:reset\n",
		Quiet:       "RAILS_ENV=production rails db:migrate\n",
	}
	kindThrowaway = &kind{
		ID: "command/reset-test-database", Risk: 10,
		Title:       "empties a database that is for tests",
		Why:         "The name says that nobody needs what is in it.",
		Controls:    []string{detect.ASI02},
		ExamplePath: "scripts/deploy.sh",
		Fires:       "RAILS_ENV=test rails db:reset\n",
		Quiet:       "RAILS_ENV=test rails db:migrate\n",
	}
	kindFlush = &kind{
		ID: "command/flush-store", Risk: 65,
		Title:       "empties a store, queue or index",
		Why:         "All keys, messages or documents go at once; a store without persistence cannot be restored.",
		Controls:    []string{detect.ASI02, detect.MaestroL2, detect.MaestroL4, detect.Manage23},
		ExamplePath: "scripts/deploy.sh",
		Fires:       "redis-cli FLUSHALL\n",
		Quiet:       "redis-cli PING\n",
	}
	kindOverwrite = &kind{
		ID: "command/overwrite-on-restore", Risk: 55,
		Title:       "restores over what is there",
		Why:         "The restore first drops what it is about to write: what changed since the backup is lost.",
		Controls:    []string{detect.ASI02, detect.MaestroL2, detect.MaestroL4, detect.Manage23},
		ExamplePath: "scripts/deploy.sh",
		Fires:       "pg_restore --clean -d shop dump.pgc\n",
		Quiet:       "pg_restore -d shop_copy dump.pgc\n",
	}
	kindResetWAL = &kind{
		ID: "command/reset-wal", Risk: 80,
		Title:       "throws a database's write-ahead log away",
		Why:         "Transactions that stood only there are lost, and the database may be inconsistent from then on.",
		Controls:    []string{detect.ASI02, detect.MaestroL2, detect.MaestroL4, detect.Manage23},
		ExamplePath: "scripts/deploy.sh",
		Fires:       "pg_resetwal -f /srv/pg\n",
		Quiet:       "pg_controldata /srv/pg\n",
	}
	kindVault = &kind{
		ID: "command/destroy-secrets", Risk: 65,
		Title:       "destroys secrets or an engine of secrets",
		Why:         "Destroyed versions cannot be recovered, and whatever encrypts with them can no longer be read.",
		Controls:    []string{detect.ASI02, detect.NHI02, detect.MaestroL4},
		ExamplePath: "scripts/deploy.sh",
		Fires:       "vault kv destroy -versions=2 secret/db\n",
		Quiet:       "vault kv get secret/db\n",
	}
	kindClusterData = &kind{
		ID: "command/cluster-delete-data", Risk: 70,
		Title:       "deletes what holds data in a cluster",
		Why:         "A namespace, volume claim or custom resource takes the data under it along; with the usual reclaim policy the disks go too.",
		Controls:    []string{detect.ASI02, detect.MaestroL2, detect.MaestroL4, detect.Manage23},
		ExamplePath: "scripts/deploy.sh",
		Fires:       "kubectl delete namespace shop\n",
		Quiet:       "kubectl get namespace shop\n",
	}
)
