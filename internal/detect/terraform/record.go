package terraform

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/cloud"
)

// recordValues are under what names records of a domain say where it points.
var recordValues = []string{"records", "record", "value", "values", "content", "rrdatas", "target", "target_hostname", "answers", "data"}

// isRecord says whether a type is that of a record of a domain.
func isRecord(typ string) bool {
	t := strings.ToLower(typ)
	return strings.Contains(t, "route53_record") || strings.Contains(t, "dns_") && (strings.Contains(t, "record") ||
		strings.Contains(t, "recordset")) || strings.HasSuffix(t, "_record") || strings.HasSuffix(t, "_dns_record_set") ||
		strings.Contains(t, "domain_record")
}

// repointed reports a name that leads somewhere else: where nothing is left of
// the places that it named, and all of them are written out.
func repointed(before, after *cloud.Resource, r *detect.Report) {
	if before == nil || !isRecord(after.Type) || before.Body.Get("name").Str() != after.Body.Get("name").Str() {
		return
	}
	switch strings.ToUpper(after.Body.Get("type").Str()) {
	case "", "A", "AAAA", "CNAME", "ALIAS", "MX", "NS", "SRV":
	default:
		return // a text for others to read
	}
	for _, key := range recordValues {
		from, to := before.Body.Get(key), after.Body.Get(key)
		if from == nil || to == nil {
			continue
		}
		had := map[string]bool{}
		for _, v := range from.Each() {
			if v.Tag != "" || v.Str() == "" || strings.Contains(v.Str(), "${") {
				return
			}
			had[strings.ToLower(strings.TrimSuffix(v.Str(), "."))] = true
		}
		for _, v := range to.Each() {
			if v.Tag != "" || v.Str() == "" || strings.Contains(v.Str(), "${") || had[strings.ToLower(strings.TrimSuffix(v.Str(), "."))] {
				return
			}
		}
		if len(had) == 0 || len(to.Each()) == 0 {
			return
		}
		r.Add(detect.Observation{Kind: kinds.repointed, Line: to.At(), Object: after.Address,
			Detail: key + " " + strings.Join(from.Strings(), ", ") + " to " + strings.Join(to.Strings(), ", ")})
		return
	}
}
