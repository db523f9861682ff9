package backup

import (
	"path"
	"strings"
	"sync"

	"github.com/gatehold/gatehold/internal/detect/linematch"
)

// about tells whether a path speaks of backups or recovery.
func about(p string) bool {
	l := strings.ToLower(p)
	for _, w := range [...]string{"backup", "velero", "restic", "pgbackrest", "barman", "wal-g", "walg", "borg", "snapshot",
		"litestream", "kopia", "sanoid", "volsync", "longhorn", "disaster", "recovery", "restore", "/dr/", "dump", "archive"} {
		if strings.Contains(l, w) {
			return true
		}
	}
	return false
}

// runs is what makes a copy: the programs and subcommands of backup tools.
const runs = `\b(pg_dump(?:all)?|pg_basebackup|mysqldump|mariadb-dump|mydumper|mongodump|xtrabackup|mariabackup|` +
	`restic\s+(?:-\S+\s+\S+\s+)*backup|borg(?:matic)?\s+create|` +
	`velero\s+(?:backup|schedule)\s+create|wal-g\s+(?:backup|wal)-push|wal-e\s+(?:backup|wal)-push|` +
	`pgbackrest\b.*\bbackup|pgbackrest\b.*archive-push|barman\s+backup|duplicity\s+(?:full|incr)|` +
	`kopia\s+snapshot\s+create|` +
	`etcdctl\s+snapshot\s+save|tarsnap\s+-c|rman\s+target|neo4j-admin\s+(?:database\s+)?dump|influxd?\s+backup|` +
	`clickhouse-backup\s+create|litestream\s+replicate|percona-xtrabackup|aws\s+backup\s+start|rsnapshot\s+\w+)`

// declared is a kind of object by which an operator makes copies.
const declared = `^\s*kind:\s*["']?(Schedule|ScheduledBackup|BackupSchedule|BackupStorageLocation|VolumeSnapshotSchedule|` +
	`PerconaServerMongoDBBackup|RecurringJob|ReplicationSource|BackupConfiguration|MysqlBackup|ETCDSnapshotFile)["']?\s*$`

// ofCopies is the tag of patterns that count only in a text that makes copies.
const ofCopies = "copies"

// set is all patterns about single lines.
var set = sync.OnceValue(func() *linematch.Set {
	return linematch.New([]linematch.Pattern{
		{Kind: kindOff, Words: []string{"archive_mode", "wal_level", "archive_command"},
			Expr: `^\s*-?\s*["']?(?:archive_mode["']?\s*[=:]\s*["']?off|wal_level["']?\s*[=:]\s*["']?minimal|` +
				`archive_command["']?\s*[=:]\s*["']{0,2}\s*(?:/bin/true|true|''|"")?["']*\s*$)`, Says: "the write-ahead log is no longer kept"},
		{Kind: kindOff, Words: []string{"backup"},
			Expr: `(?i)^\s*-?\s*["']?([\w.-]*backups?(?:[_-]?(?:enabled?|active|on|job|schedule))?|(?:enable|with|run|` +
				`automatic|automated|do)[_-]?backups?[\w-]*)["']?\s*[:=]\s*["']?(?:false|no|off|disabled|none|never|` +
				`0)["']?\s*,?\s*$`, Not: `(?i)(?:nobackup|no_backup|skip|disable|before_restore|on_backup_fail)`},
		{Kind: kindOff, Words: []string{"disable_backup", "skip_backup", "no_backup", "disablebackup", "skipbackup"},
			Expr: `(?i)["']?\b(?:disable|skip|no)[_-]?backups?["']?\s*[:=]\s*["']?(?:true|yes|on|1)\b`},
		{Kind: kindOff, Words: []string{"pitr", "point_in_time", "pointintime", "point-in-time"},
			Expr: `(?i)["']?[\w-]*(?:pitr|point[_-]?in[_-]?time(?:[_-]?recovery)?)[\w-]*["']?\s*[:=]\s*["']?(?:false|no|` +
				`off|disabled|0)\b|--no-enable-point-in-time`, Says: "a point in time can no longer be restored"},
		{Kind: kindOff, Words: []string{"skip-log-bin", "skip_log_bin", "log_bin", "disable-log-bin"},
			Expr: `(?i)^\s*(?:skip[-_]log[-_]bin|disable-log-bin)\b|^\s*log_bin\s*=\s*(?:0|off)\b`,
			Says: "the binary log is no longer kept"},
		{Kind: kindUnsafe, Words: []string{"fsync", "full_page_writes", "appendonly", "innodb_flush_log", "innodb_doublewrite",
			"innodb-doublewrite", "journal", "save"},
			Expr: `^\s*-?\s*["']?(?:fsync["']?\s*[=:]\s*["']?off|full_page_writes["']?\s*[=:]\s*["']?off|appendonly\s+no|` +
				`innodb_flush_log_at_trx_commit\s*=\s*0|` +
				`innodb_doublewrite\s*=\s*(?:0|(?i:off))|skip[-_]innodb[-_]doublewrite|save\s+""|journal:?\s*\n?\s*enabled:\s*false)`},
		{Kind: kindUnsafe, Gone: true, Words: []string{"maxmemory-policy"}, Expr: `^\s*maxmemory-policy\s+(noeviction)`,
			Says: "what is stored may be thrown out"},
		{Kind: kindOff, Words: []string{"autosnap"}, Expr: `(?i)^\s*autosnap\s*=\s*(?:no|false|0)\b`},
		{Kind: kindOff, Words: []string{"timeline_create"}, Expr: `(?i)^\s*TIMELINE_CREATE\s*=\s*["']?no\b`},
		{Kind: kindOff, Words: []string{"active", "archiver", "disable-snapshots"}, In: about,
			Expr: `(?i)^\s*(?:active|archiver)\s*=\s*(?:false|off)\b`},
		{Kind: kindOff, Words: []string{"disable-snapshots"}, Expr: `(?i)^\s*etcd-disable-snapshots\s*:\s*true\b`},
		{Kind: kindGone, Gone: true, Words: []string{"backup"}, In: rsnapshot, Expr: `^backup\s+(\S+)`},
		{Kind: kindElsewhere, Words: []string{"repository"}, Expr: `(?i)^\s*(?:export\s+)?(RESTIC_REPOSITORY|BORG_REPO|KOPIA_REPOSITORY)` +
			`\s*[:=]\s*["']?/(?:tmp|dev|var/tmp)\b`},
		{Kind: kindVersioning, Words: []string{"versioning", "object_lock", "object-lock", "objectlock", "legal-hold",
			"retention"},
			Expr: `(?i)(?:bucket[_-]?versioning|versioning)["']?\s*[:=]\s*["']?(?:suspended|disabled|false|off)\b|` +
				`Status["']?\s*[:=]\s*["']?Suspended|object[_-]?lock[\w-]*["']?\s*[:=]\s*["']?(?:false|disabled|off)\b|` +
				`gsutil\s+versioning\s+set\s+off|mc\s+(?:version\s+suspend|retention\s+clear)|--no-versioning`},
		{Kind: kindPaused, Words: []string{"suspend", "paused"}, Expr: `^\s*(?:suspend|paused):\s*["']?true`, In: about},
		{Kind: kindPurged, Words: []string{"restic", "borg", "wal-g", "wal-e", "pgbackrest", "barman", "velero", "duplicity",
			"kopia", "vssadmin", "wbadmin", "wmic", "tmutil", "clickhouse-backup"},
			Expr: `\b(restic\b.*\bforget\b.*--keep-last[ =][12]\b.*|restic\b.*\bforget\b(?:.*--prune)?\s+[0-9a-f]{8}\S*|` +
				`borg\s+delete|borg\s+prune\b.*--keep-(?:last|daily)[ =][12]\b.*|wal-[ge]\s+delete\s+(?:everything|` +
				`retain\s+(?:FULL\s+)?[12]\b).*|pgbackrest\b.*(?:stanza-delete|expire\b.*--set)|barman\s+delete|` +
				`velero\s+(?:backup|schedule|restore)\s+delete|duplicity\s+remove-all\S*|kopia\s+(?:snapshot|` +
				`repository)\s+delete|vssadmin\s+(?i:delete\s+shadows)|wbadmin\s+delete|wmic\s+shadowcopy\s+delete|` +
				`tmutil\s+delete\S*|clickhouse-backup\s+delete)`},
		{Kind: kindGone, Gone: true, Words: []string{"pg_dump", "pg_basebackup", "mysqldump", "mariadb-dump", "mydumper",
			"mongodump", "xtrabackup", "mariabackup", "restic", "borg", "velero", "wal-g", "wal-e", "pgbackrest", "barman",
			"duplicity", "kopia", "etcdctl", "tarsnap", "rman", "neo4j-admin", "influx", "clickhouse-backup", "litestream",
			"aws backup", "rsnapshot"}, Expr: runs},
		{Kind: kindGone, Gone: true, Words: []string{"kind:"}, Expr: declared},
		{Kind: kindGone, Gone: true, Words: []string{"image:"}, Expr: `^\s*-?\s*image:\s*["']?` +
			`(\S*(?:backup|backrest|wal-g|litestream)\S*)`},
		{Kind: kindGone, Gone: true, Tag: ofCopies, Says: "copies are brought nowhere else", Words: []string{"aws s3", "gsutil", "rclone",
			"scp ", "rsync", "gcloud storage", "az storage", "mc cp", "mc mirror", "b2 ", "curl", "sftp", "s3cmd"},
			Expr: `\b(aws\b.*\bs3\s+(?:cp|sync|mv)|gsutil\b.*\b(?:cp|rsync)|rclone\s+(?:copy|sync|copyto|rcat|move)|scp\s|rsync\s|` +
				`gcloud\s+storage\s+(?:cp|rsync)|az\s+storage\s+blob\s+upload|mc\s+(?:cp|mirror|pipe)|b2\s+(?:upload|sync)|` +
				`curl\b.*\s(?:-T|--upload-file)\s|sftp\s|s3cmd\s+(?:put|sync))`},
		{Kind: kindGone, Gone: true, Words: []string{"barmanobjectstore", "archive_command", "archive_mode", "backupschedule",
			"backup_schedule", "scheduledbackup"},
			Expr: `(?i)^\s*-?\s*["']?(barmanObjectStore|archive_command|archive_mode|backup_?schedule)["']?\s*[:=]`,
			Not:  `(?i)archive_mode["']?\s*[:=]\s*["']?off|/bin/true|archive_command["']?\s*[=:]\s*["']{2}\s*$`},
		{Kind: kindGone, Gone: true, Words: []string{"backup"},
			Expr: `^\s*(?:@\w+|[\d*,/-]+\s+[\d*,/-]+\s+[\d*,/-]+\s+[\w*,/-]+\s+[\w*,/-]+)\s+.*(\S*backup\S*)`, In: cron},
	})
})

func rsnapshot(p string) bool { return strings.Contains(path.Base(p), "rsnapshot") }

func cron(p string) bool {
	b := path.Base(p)
	return strings.Contains(p, "cron") || path.Ext(b) == "" || strings.HasSuffix(b, ".txt")
}
