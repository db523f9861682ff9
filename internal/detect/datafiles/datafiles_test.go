package datafiles

import "testing"

func TestRefused(t *testing.T) {
	for _, c := range []struct {
		from, to string
		want     bool
	}{
		{"postgres:15", "postgres:16", true},
		{"postgres:15", "postgres:15.6-alpine", false},
		{"timescale/timescaledb:latest-pg15", "timescale/timescaledb:latest-pg16", true},
		{"pgvector/pgvector:pg16", "pgvector/pgvector:0.8.0-pg16", false},
		{"postgres:16", "ghcr.io/x/postgis:16-3.4", false},
		{"mysql:8.0", "mysql:8.4", false},
		{"mysql:8.4", "mysql:8.0", true},
		{"mysql:8.0", "mariadb:11", true},
		{"mongo:6.0", "mongo:7.0", false},
		{"mongo:6.0", "mongo:8.0", true},
		{"registry:5000/redis:7", "registry:5000/redis:6", true},
		{"redis:7.0@sha256:00", "redis:7.2", false},
		{"influxdb:1.8", "influxdb:2.7", true},
		{"postgres:${V}", "postgres:17", false},
		{"postgres:latest", "postgres:17", false},
		{"shop:1", "shop:2", false},
		{"", "postgres:17", false},
	} {
		if got := Refused(c.from, c.to); got != c.want {
			t.Errorf("%s to %s: %v", c.from, c.to, got)
		}
	}
}
