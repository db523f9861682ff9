// Package datafiles tells which program of a database reads the files of which
// other: by the images of containers, their products and versions.
package datafiles

import (
	"path"
	"strconv"
	"strings"

	"github.com/gatehold/gatehold/internal/pattern"
)

// store is how the programs of a database treat files of another version.
type store struct {
	product string
	exact   bool // only its own major version reads them
	step    int  // how many major versions up it reads them; 0 for any number
	minor   bool // the second number counts too, downwards
}

// stores are by the last part of an image's name.
// https://www.postgresql.org/docs/current/upgrading.html
// https://www.mongodb.com/docs/manual/release-notes/8.0-upgrade-standalone/
var stores = map[string]store{
	"postgres": postgres, "postgresql": postgres, "postgis": postgres, "pgvector": postgres, "timescaledb": postgres,
	"timescaledb-ha": postgres, "pgautoupgrade": {product: "PostgreSQL"},
	"mysql": {product: "MySQL", minor: true}, "mysql-server": {product: "MySQL", minor: true}, "percona": {product: "MySQL", minor: true},
	"mariadb": {product: "MariaDB", minor: true}, "mongo": {product: "MongoDB", step: 1}, "mongodb": {product: "MongoDB", step: 1},
	"elasticsearch": {product: "Elasticsearch", step: 1}, "opensearch": {product: "OpenSearch", step: 1},
	"redis": {product: "Redis"}, "valkey": {product: "Valkey"}, "neo4j": {product: "Neo4j", step: 1},
	"influxdb":  {product: "InfluxDB", exact: true},
	"cassandra": {product: "Cassandra", step: 1}, "clickhouse-server": {product: "ClickHouse"}, "couchdb": {product: "CouchDB"},
	"rabbitmq": {product: "RabbitMQ", step: 1}, "meilisearch": {product: "Meilisearch", exact: true, minor: true},
}

var postgres = store{product: "PostgreSQL", exact: true}

var (
	// ofExtension finds the version of PostgreSQL in tags such as 0.8.0-pg16.
	ofExtension = pattern.Of(`(?:^|-)pg(\d+)()`)
	ofVersion   = pattern.Of(`^v?(\d+)(?:\.(\d+))?`)
)

// storeOf reads what an image runs, and its major and minor version.
func storeOf(image string) (s store, major, minor int, ok bool) {
	image, _, _ = strings.Cut(image, "@")
	i := strings.LastIndexByte(image, ':')
	if i < 0 || strings.ContainsAny(image, "${") {
		return s, 0, 0, false
	}
	s, ok = stores[path.Base(image[:i])]
	m := ofExtension().FindStringSubmatch(image[i+1:])
	if m == nil {
		m = ofVersion().FindStringSubmatch(image[i+1:])
	}
	if !ok || m == nil {
		return s, 0, 0, false
	}
	major, _ = strconv.Atoi(m[1])
	minor, _ = strconv.Atoi(m[2])
	return s, major, minor, true
}

// Refused says whether the program of one image does not read, or damages, what
// that of another has left. What is not known is not refused.
func Refused(before, after string) bool {
	from, major, minor, okB := storeOf(before)
	to, now, nowMinor, okA := storeOf(after)
	switch {
	case !okB || !okA || before == after:
		return false
	case from.product != to.product:
		return true
	case to.exact && now != major, now < major, to.step > 0 && now > major+to.step:
		return true
	}
	return now == major && to.minor && (nowMinor < minor || to.exact && nowMinor != minor)
}
