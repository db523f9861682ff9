package backup

import "github.com/gatehold/gatehold/internal/detect"

var (
	kindOff = &detect.Kind{
		ID: "backup/switched-off", Risk: 65,
		Title:       "switches backups or what restoring needs off",
		Why:         "From now on nothing can be restored from after the last copy, and it is noticed on the day when it is needed.",
		Controls:    []string{detect.ASI02, detect.ASI10, detect.MaestroL2, detect.Manage23, detect.Manage41},
		ExamplePath: "postgresql.conf",
		Fires:       "archive_mode = off\n",
		Quiet:       "archive_mode = on\n",
	}
	kindGone = &detect.Kind{
		ID: "backup/job-removed", Risk: 60,
		Title:       "no longer makes a copy",
		Why:         "The command or schedule that made copies is gone from this file: the newest copy grows older each day.",
		Controls:    []string{detect.ASI02, detect.ASI10, detect.MaestroL2, detect.Manage23, detect.Manage41},
		ExamplePath: "scripts/nightly.sh",
		FiresBefore: "pg_dump shop > shop.sql\n",
		Fires:       "echo done\n",
		QuietBefore: "pg_dump shop > shop.sql\n",
		Quiet:       "pg_dump -Fc shop > shop.dump\n",
	}
	kindDeleted = &detect.Kind{
		ID: "backup/file-deleted", Risk: 60,
		Title:       "is deleted, and with it a backup job",
		Why:         "What made or restored copies is gone; nothing says so until somebody needs a copy.",
		Controls:    []string{detect.ASI02, detect.ASI10, detect.MaestroL2, detect.Manage23, detect.Manage41},
		ExamplePath: "scripts/backup.sh",
		FiresBefore: "pg_dump shop | gzip > /backup/shop.gz\n",
		QuietBefore: "pg_dump shop | gzip > /backup/shop.gz\n",
		Quiet:       "pg_dump -Fc shop > /backup/shop.dump\n",
	}
	kindPlanDeleted = &detect.Kind{
		ID: "backup/plan-deleted", Risk: 35,
		Title:       "is deleted: a plan for recovery",
		Why:         "On the day of an incident nobody has what to do written down.",
		Controls:    []string{detect.ASI02, detect.ASI10, detect.MaestroL2, detect.Manage23, detect.Manage41},
		ExamplePath: "runbooks/disaster-recovery.md",
		FiresBefore: "1. Call the database team\n",
		QuietBefore: "1. Call the database team\n",
		Quiet:       "1. Call the database team at once\n",
	}
	kindRetention = &detect.Kind{
		ID: "backup/retention-lowered", Risk: 55,
		Title:       "keeps copies for a shorter time",
		Why:         "Copies older than the new limit are deleted at the next run, and damage that is found later can no longer be undone.",
		Controls:    []string{detect.ASI02, detect.ASI10, detect.MaestroL2, detect.Manage23, detect.Manage41},
		ExamplePath: "backup/config.yml",
		FiresBefore: "retention_days: 30\n",
		Fires:       "retention_days: 1\n",
		QuietBefore: "retention_days: 30\n",
		Quiet:       "retention_days: 60\n",
	}
	kindPurged = &detect.Kind{
		ID: "backup/copies-purged", Risk: 70,
		Title:       "deletes copies",
		Why:         "Copies are what would bring everything else back; nothing brings them back.",
		Controls:    []string{detect.ASI02, detect.ASI10, detect.MaestroL2, detect.Manage23, detect.Manage41},
		ExamplePath: "scripts/clean.sh",
		Fires:       "restic forget --keep-last 1 --prune\n",
		Quiet:       "restic forget --keep-daily 14 --keep-weekly 8 --prune\n",
	}
	kindVersioning = &detect.Kind{
		ID: "backup/versions-off", Risk: 55,
		Title:       "keeps no former versions, or no longer locks them",
		Why:         "What is overwritten or deleted from now on is gone, whoever did it.",
		Controls:    []string{detect.ASI02, detect.ASI10, detect.MaestroL2, detect.Manage23, detect.Manage41},
		ExamplePath: "scripts/bucket.sh",
		Fires:       "gsutil versioning set off gs://shop\n",
		Quiet:       "gsutil versioning set on gs://shop\n",
	}
	kindPaused = &detect.Kind{
		ID: "backup/job-paused", Risk: 50,
		Title:       "pauses a backup job",
		Why:         "The job stays in the file and no longer runs.",
		Controls:    []string{detect.ASI02, detect.ASI10, detect.MaestroL2, detect.Manage23, detect.Manage41},
		ExamplePath: "k8s/backup-cronjob.yaml",
		Fires:       "suspend: true\n",
		Quiet:       "suspend: false\n",
	}
	kindUnsafe = &detect.Kind{
		ID: "backup/durability-off", Risk: 50,
		Title:       "may lose what it has confirmed",
		Why:         "After a crash of the machine, writes that were confirmed are gone, or the database is damaged.",
		Controls:    []string{detect.ASI02, detect.ASI10, detect.MaestroL2, detect.Manage23, detect.Manage41},
		ExamplePath: "postgresql.conf",
		Fires:       "fsync = off\n",
		Quiet:       "fsync = on\n",
	}
	kindUnreadable = &detect.Kind{
		ID: "backup/unreadable", Risk: 30,
		Title:       "could not be read",
		Why:         "Whether copies are still made cannot be judged when the text cannot be read.",
		Controls:    []string{detect.MaestroL2},
		ExamplePath: "backup/run.sh",
		Fires:       "(a file that is too large or not text)\n",
		Quiet:       "echo hello\n",
	}
)
