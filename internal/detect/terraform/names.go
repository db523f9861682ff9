package terraform

import (
	"strconv"
	"strings"

	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/cloud"
	"github.com/gatehold/gatehold/internal/detect/tree"
)

// namedLosses reports values whose names alone say that something with data is gone:
// enable_rds = false, or one member less of databases. What the names are used
// for is in files that the change does not show.
func namedLosses(name string, before, after *tree.Node, r *detect.Report) {
	lost := func(detail string) {
		r.Add(detect.Observation{Kind: kinds.class[cloud.StatefulDeleted], Line: after.At(), Object: name, Detail: detail})
	}
	switch {
	case before.True() && after.False() && switches(name):
		lost("is switched off")
	case countOf(name):
		from, okB := before.Number()
		to, okA := after.Number()
		if okB && okA && to < from {
			lost(strconv.Itoa(int(from)) + " to " + strconv.Itoa(int(to)))
		}
	case holdsData(name):
		if gone := missing(before, after); len(gone) > 0 {
			lost("without " + strings.Join(gone[:min(3, len(gone))], ", "))
		}
	}
}

// switches says whether a name is that of a switch that makes something with
// data: enable_rds, create_database, redis_enabled.
func switches(name string) bool {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return r == '_' || r == '-' || r == '.' })
	verb := false
	var rest []string
	for _, w := range words {
		switch w {
		case "enable", "enabled", "create", "created", "deploy", "provision", "use", "with", "include", "install", "has", "make":
			verb = true
		default:
			rest = append(rest, w)
		}
	}
	return verb && dataNoun(rest)
}

// countOf says whether a name is that of how many of something with data there
// are: rds_count, number_of_databases.
func countOf(name string) bool {
	low := strings.ToLower(name)
	for _, affix := range []string{"_count", "count_of_", "number_of_", "num_", "_instances_count", "_instance_count"} {
		if rest := strings.Replace(low, affix, "", 1); rest != low && dataNoun(strings.Split(rest, "_")) {
			return true
		}
	}
	return false
}

// holdsData says whether a name is that of a collection of things with data, and
// not of what is said about them: allowed_buckets, bucket_arns.
func holdsData(name string) bool {
	words := strings.Split(strings.ToLower(strings.ReplaceAll(name, "-", "_")), "_")
	last := words[len(words)-1]
	if last == "instances" || last == "clusters" || last == "configs" || last == "config" {
		return len(words) > 1 && dataNoun(words[:len(words)-1])
	}
	if single := strings.TrimSuffix(last, "s"); single == last || !dataNoun([]string{single}) {
		return false
	}
	for _, w := range words[:len(words)-1] {
		if restricting[w] {
			return false
		}
	}
	return true
}

// restricting words make a list of names out of a list of things.
var restricting = map[string]bool{"allowed": true, "allow": true, "readable": true, "writable": true, "read": true, "write": true,
	"trusted": true, "excluded": true, "exclude": true, "ignored": true, "ignore": true, "monitored": true, "source": true,
	"target": true, "existing": true, "external": true, "remote": true, "shared": true, "default": true, "supported": true,
	"protected": true, "backup": true, "route": true, "routing": true, "iam": true, "access": true, "temp": true, "tmp": true,
	"test": true, "log": true, "logs": true}

// dataNouns are short names of what keeps data, beside the words of cloud.
var dataNouns = map[string]bool{"rds": true, "db": true, "dbs": true, "database": true, "databases": true, "postgres": true,
	"postgresql": true, "mysql": true, "mariadb": true, "aurora": true, "redis": true, "valkey": true, "elasticache": true,
	"memcached": false, "mongo": true, "mongodb": true, "documentdb": true, "docdb": true, "neptune": true, "dynamodb": true,
	"dynamo": true, "redshift": true, "opensearch": true, "elasticsearch": true, "kafka": true, "msk": true, "rabbitmq": true,
	"efs": true, "fsx": true, "s3": true, "gcs": true, "bucket": true, "buckets": true, "cosmosdb": true, "cosmos": true,
	"cloudsql": true, "spanner": true, "bigtable": true, "bigquery": true, "cassandra": true, "clickhouse": true,
	"timescale": true, "influxdb": true, "neo4j": true, "sqs": true, "queue": true, "queues": true, "volume": true,
	"volumes": true, "filestore": true, "keyvault": true, "vault": true, "datalake": true, "warehouse": true, "snowflake": true,
	"table": true, "tables": true, "topic": true, "topics": true, "storage": true, "alloydb": true, "mq": true, "etcd": true}

// around are words that a thing with data may stand with and still be it.
var around = map[string]bool{"instance": true, "instances": true, "cluster": true, "clusters": true, "server": true,
	"primary": true, "main": true, "global": true, "serverless": true, "sql": true, "store": true, "data": true, "aws": true,
	"azure": true, "gcp": true, "google": true, "prod": true, "production": true, "app": true, "this": true, "module": true,
	"the": true, "managed": true, "flexible": true, "backend": true, "v2": true, "uploads": true, "assets": true}

// dataNoun says whether words name something that keeps data, and nothing else:
// rds_proxy and bucket_policy are other things.
func dataNoun(words []string) bool {
	found := false
	for _, w := range words {
		switch {
		case dataNouns[w]:
			found = true
		case !around[w] && w != "":
			return false
		}
	}
	return found
}

// missing are the members that are in a collection no more.
func missing(before, after *tree.Node) []string {
	var out []string
	switch {
	case before.IsMap() && after.IsMap():
		for _, f := range before.Fields {
			if !after.Has(f.Key) {
				out = append(out, strconv.Quote(f.Key))
			}
		}
	case before.IsList() && after.IsList():
		have := map[string]bool{}
		for _, item := range after.Items {
			have[memberName(item)] = true
		}
		for _, item := range before.Items {
			if name := memberName(item); name != "" && !have[name] {
				out = append(out, strconv.Quote(name))
			}
		}
	}
	return out
}

// memberName is by what a member of a list is known.
func memberName(n *tree.Node) string {
	if n.IsMap() {
		for _, key := range []string{"name", "identifier", "id", "key"} {
			if s := n.Get(key).Str(); s != "" {
				return s
			}
		}
		return ""
	}
	if n == nil || n.Tag != "" {
		return ""
	}
	return n.Str()
}
