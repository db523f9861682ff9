package kept

import (
	"strconv"
	"strings"
)

var (
	// copies are words for what one comes back by.
	copies = set(`backup snapshot pitr disaster noncurrent archive archiving backups snapshots walarchiving binlog barman restic velero
		pgbackrest copies dump dumps`)
	// spans are words for how long or how many are kept; retained say it by themselves.
	spans = set(`retention retain retained keep kept history ttl expire expiration expiry expires days weeks
		months years count
		copies window
		redundancy period generations last latest hourly daily weekly monthly yearly full age limit`)
	retained = set("retention retain retained")
	retries  = set("failed jobs success successful job error errors timeout concurrency parallelism")
	// logs are what is kept to look at; audit is what is kept to prove.
	logs = set(`log logs metric metrics trace traces loki prometheus thanos mimir tempo cache session revision
		revisions history
		build artifact artifacts`)
	audit = set("audit compliance security legal worm")
	// timing are words for when copies are made; state those that switch.
	timing = set("schedule cron interval enabled")
	state  = set("enabled enable active on backup backups")
	// against turn a switch round; left are lists of what is left out.
	against = set("disable disabled skip no without pause paused suspend suspended exclude excluded ignore")
	left    = set("exclude excluded ignore ignored skip excludes")
	// checks are words for looking whether copies can be used.
	checks = set("check checks verify verification validation test")
	// covers are lists of what copies are made of; stores are lists of stores.
	covers = set(`include included includes source sources database databases db namespace namespaces volume
		volumes directory
		directories path paths repository repositories replica replicas bucket table collection schema keyspace index indices resource
		resources location locations`)
	stores = set(`keyspace database db topic bucket collection schema table stream queue volume dataset tenant
		nodepool pool shard`)
	// fate are words for what happens to data with its owner, and policies what says so.
	fate = set(`reclaim retention deletion delete deleted termination terminate removal remove cleanup retain destroy destroyed
		turndown scaledown scaled prune orphan uninstall`)
	policies = set("policy confirmation behavior behaviour strategy mode action on when type")
	keeps    = set(`retain retained orphan keep abandon snapshot none donotterminate halt donotdelete prevent
		requireidle protect preserve never false detach`)
	ends = set("delete destroy wipeout remove immediate purge discard cascade wipe true always yesreallydestroydata")
	// lasting are words for whether data outlives a process, and passing values that say no.
	lasting = set("persistence persistent storage durability durable aof journal journaling")
	passing = set("ephemeral memory inmemory emptydir none off disabled false no tmpfs transient nonpersistent disable")
	yes     = set("true yes on enabled enable active always 1")
	no      = set("false no off disabled disable none never inactive 0")
	// counts are keys for how many instances of a store there are.
	counts = set(`replicas instances members count size nodes nodeCount servers brokers shards numberOfInstances
		replicaCount node_count replica_count`)
	// aside is what says nothing of what is kept.
	aside = set(`metadata status resources affinity tolerations nodeSelector labels annotations description env`)
)

func set(list string) map[string]bool {
	out := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		out[w] = true
	}
	return out
}

// hours of the units that amounts have.
var hours = map[string]float64{"": 1, "s": 1.0 / 3600, "sec": 1.0 / 3600, "seconds": 1.0 / 3600, "m": 1.0 / 60, "min": 1.0 / 60,
	"minutes": 1.0 / 60, "h": 1, "hr": 1, "hour": 1, "hours": 1, "d": 24, "day": 24, "days": 24, "w": 168, "week": 168, "weeks": 168,
	"mo": 720, "month": 720, "months": 720, "y": 8760, "year": 8760, "years": 8760, "ms": 1.0 / 3600000}

// amount reads a number, or one with a unit of time: the first where there are
// several, as in 720h0m0s. A number below zero stands for ever.
func amount(s string) (float64, bool) {
	s = strings.TrimSpace(s)
	end := 0
	for end < len(s) && end < 20 && (s[end] >= '0' && s[end] <= '9' || s[end] == '.' || end == 0 && s[end] == '-') {
		end++
	}
	n, err := strconv.ParseFloat(s[:end], 64)
	if err != nil {
		return 0, false
	}
	unit := strings.ToLower(strings.TrimSpace(s[end:]))
	if i := strings.IndexAny(unit, "0123456789"); i > 0 {
		unit = unit[:i]
	}
	per, ok := hours[unit]
	if n < 0 {
		return 1e12, ok
	}
	return n * per, ok
}
