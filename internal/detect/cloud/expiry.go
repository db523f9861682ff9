package cloud

import (
	"strconv"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/detect/tree"
)

// expires says whether the setting at path deletes data after a time.
func expires(r *Resource, path []string) bool {
	t, leaf := normalType(r.Type), leafOf(path)
	switch leaf {
	case "default_ttl", "analytical_storage_ttl":
		return strings.Contains(t, "cosmos")
	case "max_age":
		return strings.Contains(t, "gc_policy")
	}
	if !keepsObjects(t) {
		return false
	}
	joined := strings.Join(path, ".")
	switch leaf {
	case "default_table_expiration_ms", "default_partition_expiration_ms", "expiration_time", "expiration_in_days", "expiration_ms",
		"delete_after_days_since_modification_greater_than", "delete_after_days_since_creation_greater_than",
		"delete_after_days_since_last_access_time_greater_than", "delete_after":
		return !strings.Contains(joined, "snapshot.") && !strings.Contains(joined, "version.")
	case "days", "date":
		return strings.HasSuffix(joined, "expiration."+leaf) && !strings.Contains(joined, "noncurrent")
	case "age", "days_since_custom_time", "created_before":
		return strings.HasSuffix(joined, "condition."+leaf) && deletesObjects(r.Body)
	case "attribute_name", "enabled":
		return strings.HasSuffix(joined, "ttl."+leaf) || strings.HasSuffix(joined, "time_to_live_specification."+leaf)
	}
	return false
}

func keepsObjects(t string) bool {
	for _, w := range []string{"bucket", "dynamodb", "storage", "bigquery", "vault", "lifecycle", "object", "blob"} {
		if strings.Contains(t, w) {
			return true
		}
	}
	return false
}

// deletesObjects says whether one of the lifecycle rules of a bucket deletes.
func deletesObjects(body *tree.Node) bool {
	for _, rule := range body.Get("lifecycle_rule").Each() {
		if strings.EqualFold(first(rule.Get("action")).Get("type").Str(), "delete") {
			return true
		}
	}
	return false
}

// oldVersions says whether the setting at path is how long versions that were
// replaced are kept.
func oldVersions(path []string) bool {
	joined := strings.Join(path, ".")
	switch leafOf(path) {
	case "noncurrent_days", "newer_noncurrent_versions", "days_since_noncurrent_time", "num_newer_versions":
		return true
	case "days":
		return strings.Contains(joined, "noncurrent_version_expiration")
	case "delete_after_days_since_creation", "delete_after_days_since_creation_greater_than":
		return strings.Contains(joined, "snapshot.") || strings.Contains(joined, "version.")
	}
	return false
}

// sooner reports a time after which data is deleted that grew shorter, or that
// is counted at all from now on.
func (c *comparison) sooner(path []string, b, a *tree.Node) bool {
	old := oldVersions(path) && !strings.Contains(strings.Join(path, "."), "transition")
	if !old && !expires(c.after, path) {
		return false
	}
	switch from, okB := duration(b); {
	case leafOf(path) == "enabled":
		if !off(b) || off(a) {
			return true
		}
	default:
		to, okA := duration(a)
		if !okA || !okB || to >= from && from > 0 {
			return true
		}
	}
	class := DataExpiry
	if old {
		class = RecoveryWeakened
	}
	c.report(class, path, a.Line, false, "%s %s", strings.Join(path, "."), change(b.Text, a.Text))
	return true
}

// expiries are rules of a new resource by which what is in a bucket is deleted:
// the bucket may be old.
func expiries(r *Resource) []issue {
	t := normalType(r.Type)
	if !strings.HasSuffix(t, "lifecycle_configuration") && !strings.HasSuffix(t, "management_policy") {
		return nil
	}
	var out []issue
	for _, rule := range r.Body.Get("rule").Each() {
		if off(rule.Get("status")) || off(rule.Get("enabled")) || passing(rule) {
			continue
		}
		tree.Walk(rule, func(path []string, n *tree.Node) bool {
			if n.Kind == tree.Scalar && leafOf(path) != "enabled" && expires(r, named(path)) {
				out = append(out, issue{class: DataExpiry, key: "expiry", detail: strings.Join(named(path), ".") + " " + clip(n.Text), line: n.Line})
			}
			return true
		})
	}
	return out
}

// passing says whether a rule is about what is there for a while only.
func passing(rule *tree.Node) bool {
	found := false
	for _, at := range []*tree.Node{rule, first(rule.Get("filter")), first(first(rule.Get("filter")).Get("and"))} {
		for _, key := range []string{"prefix", "prefix_match", "id", "name"} {
			for _, s := range at.Get(key).Strings() {
				low := strings.ToLower(s)
				for _, w := range []string{"tmp", "temp", "cache", "log", "stag", "scratch", "trash", "abort", "incomplete", "marker"} {
					found = found || strings.Contains(low, w)
				}
			}
		}
	}
	return found
}

// units of times as they are written: 30d, 720h, P30D, "604800s".
var units = map[string]float64{"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "y": 31536000,
	"sec": 1, "min": 60, "hour": 3600, "hours": 3600, "day": 86400, "days": 86400}

// duration reads a number, or a time with its unit in seconds.
func duration(n *tree.Node) (float64, bool) {
	if n == nil || n.Tag != "" || n.Kind != tree.Scalar {
		return 0, false
	}
	s := strings.ToLower(strings.TrimSpace(n.Text))
	if f, err := strconv.ParseFloat(s, 64); err == nil {
		return f, true
	}
	if d, err := time.ParseDuration(s); err == nil {
		return d.Seconds(), true
	}
	if rest, iso := strings.CutPrefix(s, "p"); iso { // ISO 8601: months are written as m too, before the t
		days, clock, timed := strings.Cut(rest, "t")
		if timed && days == "" {
			s = clock
		} else if strings.HasSuffix(days, "m") {
			f, err := strconv.ParseFloat(strings.TrimSuffix(days, "m"), 64)
			return f * 30 * 86400, err == nil
		} else {
			s = days
		}
	}
	end := strings.LastIndexAny(s, "0123456789.") + 1
	f, err := strconv.ParseFloat(s[:end], 64)
	unit, ok := units[strings.TrimSpace(s[end:])]
	return f * unit, err == nil && ok
}
