package kept

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/detect/tree"
)

var names = map[Sort]string{Off: "off", Shorter: "shorter", Logs: "logs", Less: "less", Checks: "checks", Bound: "bound", Emptied: "emptied", Entry: "entry"}

func read(t *testing.T, text string) *tree.Node {
	t.Helper()
	docs, err := tree.ParseYAML(text)
	if err != nil || len(docs) != 1 {
		t.Fatalf("%s: %v", text, err)
	}
	return docs[0]
}

func said(losses []Loss) string {
	var out []string
	for _, l := range losses {
		out = append(out, fmt.Sprintf("%s %s", names[l.Sort], l.Path))
	}
	return strings.Join(out, ", ")
}

func TestCompare(t *testing.T) {
	for _, c := range []struct {
		of                  Of
		before, after, want string
	}{
		{Of{}, "backup: {enabled: true}", "backup: {enabled: false}", "off backup.enabled"},
		{Of{}, "backup: {paused: false}", "backup: {paused: true}", "off backup.paused"},
		{Of{Copies: true}, "spec: {a: 1}", "spec: {a: 1, suspend: true}", "off suspend"},
		{Of{}, "db: {snapshots: {keep: 30}}", "db: {snapshots: {keep: 1}}", "shorter db.snapshots.keep"},
		{Of{}, "db: {snapshots: {keep: 30}}", "db: {snapshots: {keep: 60}}", ""},
		{Of{}, "db: {snapshots: {keep: 30}}", "db: {}", "off db.snapshots"},
		{Of{}, "backup: {retention: 720h}", "backup: {retention: 24h}", "shorter backup.retention"},
		{Of{}, "backup: {retention: 1d}", "backup: {retention: 48h}", ""},
		{Of{}, "backup: {failedJobsHistoryLimit: 5}", "backup: {failedJobsHistoryLimit: 1}", ""},
		{Of{}, "limits: {retention_period: 30d}", "limits: {retention_period: 1d}", "logs limits.retention_period"},
		{Of{Copies: true}, "sources: [a, b]", "sources: [a]", "less sources"},
		{Of{Copies: true}, "exclude: [a, b]", "exclude: [a]", ""},
		{Of{Copies: true}, "checks: [{name: a}]", "{}", "checks checks"},
		{Of{}, "reclaimPolicy: Retain", "reclaimPolicy: Delete", "bound reclaimPolicy"},
		{Of{}, "reclaimPolicy: Delete", "reclaimPolicy: Retain", ""},
		{Of{}, "deletionPolicy: DoNotTerminate", "deletionPolicy: WipeOut", "bound deletionPolicy"},
		{Of{}, "storage: {type: persistent-claim}", "storage: {type: ephemeral}", "bound storage.type"},
		{Of{}, "persistence: aof", "persistence: disabled", "bound persistence"},
		{Of{}, "persistence: {enabled: true}", "persistence: {enabled: false}", "bound persistence.enabled"},
		{Of{Store: true}, "racks: [{name: a, members: 3}]", "racks: [{name: a, members: 0}]", "emptied racks.members"},
		{Of{}, "racks: [{name: a, members: 3}]", "racks: [{name: a, members: 0}]", ""},
		{Of{Store: true}, "keyspaces: [{name: a}, {name: b}]", "keyspaces: [{name: a}]", "entry keyspaces"},
		{Of{Store: true}, "keyspaces: [{name: a}]", "keyspaces: [{name: a}, {name: b}]", ""},
		{Of{}, "cache: {ttl: 3600}", "cache: {ttl: 60}", "logs cache.ttl"},
	} {
		if got := said(Compare(read(t, c.before), read(t, c.after), c.of)); got != c.want {
			t.Errorf("%s to %s: %q, want %q", c.before, c.after, got, c.want)
		}
	}
}

func TestLines(t *testing.T) {
	for _, c := range []struct {
		of                  Of
		before, after, want string
	}{
		{Of{}, "MAX_FULL_BACKUPS=12\n", "MAX_FULL_BACKUPS=1\n", "shorter MAX_FULL_BACKUPS"},
		{Of{}, "BACKUP_RETENTION_DAYS=30\n", "export BACKUP_RETENTION_DAYS=1 # less\n", "shorter BACKUP_RETENTION_DAYS"},
		{Of{Copies: true}, "[main]\nenabled = yes\n", "[main]\nenabled = no\n", "off main.enabled"},
		{Of{}, "vzdump: backup-daily\n\tenabled 1\n", "vzdump: backup-daily\n\tenabled 0\n", "off vzdump backup-daily.enabled"},
		{Of{}, "# backup_retention_days = 30\n", "# backup_retention_days = 1\n", ""},
		{Of{Copies: true}, "Volume Retention = 365 days\n", "Volume Retention = 1 days\n", "shorter Volume_Retention"},
		{Of{}, "binlog_expire_logs_seconds = 1209600\n", "binlog_expire_logs_seconds = 60\n", "shorter binlog_expire_logs_seconds"},
		{Of{}, "x = {\n", "", ""},
	} {
		if got := said(Compare(Lines(c.before), Lines(c.after), c.of)); got != c.want {
			t.Errorf("%q to %q: %q, want %q", c.before, c.after, got, c.want)
		}
	}
}

func TestCompareIsLinear(t *testing.T) {
	var b strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&b, "backup_%d_keep = %d\n", i, i+10)
	}
	if got := Compare(Lines(b.String()), Lines(strings.ReplaceAll(b.String(), "= 1", "= 0")), Of{}); len(got) == 0 || len(got) > maxLines {
		t.Errorf("%d", len(got))
	}
}
