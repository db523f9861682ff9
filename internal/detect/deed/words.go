package deed

import "strings"

// verbs by what they do. A word that as often means something else ("kill",
// "clean", "rm") is none.
var verbs = merge(
	of(Destroys, `delete del destroy drop purge wipe erase nuke obliterate truncate terminate shred annihilate remove rm expunge
		deprovision decommission teardown unprovision scrub flush zap empty reset prune clear`),
	of(Stops, `disable deactivate suspend stop pause mask unprotect bypass`),
)

// whole are verbs of all that there is.
var whole = set("wipe destroy nuke obliterate annihilate erase teardown purge flush reset truncate")

// objects by what they are worth.
var objects = merge(
	of(Grave, `database db schema keyspace tablespace table collection bucket volume pvc disk filesystem dataset datastore
		warehouse datalake lakehouse vault keyring kms stream topic tenant customer organization organisation org realm
		postgres postgresql mysql mariadb mongo mongodb redis valkey kafka elasticsearch opensearch clickhouse cassandra dynamodb
		cosmosdb firestore bigquery rds blob storage rdb pg sqldb mailbox dbinstance dbcluster`),
	of(Some, `user account namespace project workspace environment env stack instance cluster secret key token certificate cert queue index
		zone domain dns record registry repository repo service app application site team group role member subscription deployment
		server vm machine node network vpc share pool partition shard replica resource document row rule`),
	of(Way, `backup snapshot wal archive pitr versioning retention checkpoint binlog replication`),
	of(Guard, `mfa mtls 2fa totp sso audit auditing auditlog firewall antivirus defender encryption protection monitoring logging alerting waf
		guardrail guardduty cloudtrail selinux apparmor seccomp siem edr falco policy scanning approval`),
)

// innocent are verbs of another sort.
var innocent = set(`create add get list describe show print run build test update upgrade deploy install apply plan push pull publish
	generate invoke call logs log lint format check validate verify help init import export view open start restart enable restore read
	search find exec watch serve dev bundle compile migrate rollout label annotate set config configure rename edit copy cp sync send
	tag commit merge clone fetch download upload scan`)

func of[V any](v V, list string) map[string]V {
	out := map[string]V{}
	for w := range strings.FieldsSeq(list) {
		out[w] = v
	}
	return out
}

func merge[V any](maps ...map[string]V) map[string]V {
	out := map[string]V{}
	for _, m := range maps {
		for k, v := range m {
			out[k] = v
		}
	}
	return out
}

func set(list string) map[string]bool { return of(true, list) }
