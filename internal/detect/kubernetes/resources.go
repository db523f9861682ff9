package kubernetes

import (
	"strconv"
	"strings"

	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/cloud"
	"github.com/gatehold/gatehold/internal/detect/tree"
)

// resourceOf reads a custom resource that stands for a resource of a cloud, or
// for what an operator keeps data with; nil for any other object.
// Crossplane, AWS Controllers for Kubernetes, Config Connector, Azure Service
// Operator, and the operators of databases.
func resourceOf(o *object) *cloud.Resource {
	spec := o.body.Get("spec")
	provider, service := providerOf(o.group)
	switch {
	case spec.Get("forProvider").IsMap():
		if provider == "" {
			provider = "crossplane"
		}
		spec = spec.Get("forProvider")
	case provider == "" && !(strings.Contains(o.group, ".") && (removal(o) == kinds.stateful || keepsData(o))):
		return nil
	}
	return &cloud.Resource{Address: o.label(), Type: strings.Trim(provider+"_"+service+"_"+cloud.Snake(o.kind), "_"),
		Body: tree.Rekeyed(spec, cloud.Snake), Line: o.body.At()}
}

// providerOf tells by the API group whose resource it is.
func providerOf(group string) (provider, service string) {
	service, _, _ = strings.Cut(group, ".")
	switch {
	case strings.HasSuffix(group, ".services.k8s.aws"), strings.Contains(group, ".aws."):
		return "aws", service
	case strings.HasSuffix(group, ".cnrm.cloud.google.com"), strings.Contains(group, ".gcp."):
		return "google", service
	case strings.HasSuffix(group, ".azure.com"), strings.Contains(group, ".azure."):
		return "azurerm", service
	}
	return "", ""
}

// classes are what is worse in such a resource.
var classes = map[cloud.Class]*detect.Kind{
	cloud.StatefulReplaced: kinds.resourceReplaced, cloud.DeletionUnguarded: kinds.unguarded, cloud.RecoveryWeakened: kinds.recovery,
	cloud.DataExpiry: kinds.recovery, cloud.Exposed: kinds.resourceOpen, cloud.IsolationWeakened: kinds.resourceOpen,
	cloud.WorldOpenAdmin: kinds.resourceOpen, cloud.WorldOpenPort: kinds.resourceOpen, cloud.PolicyPublic: kinds.resourceOpen,
	cloud.EncryptionWeakened: kinds.resourceWeaker, cloud.TLSWeakened: kinds.resourceWeaker, cloud.AuthWeakened: kinds.resourceWeaker,
	cloud.LoggingWeakened: kinds.resourceWeaker, cloud.HardeningRemoved: kinds.resourceWeaker,
	cloud.PolicyAdmin: kinds.admin, cloud.PolicyWildcard: kinds.wildcard, cloud.PolicySensitive: kinds.powers,
	cloud.TrustWidened: kinds.powers, cloud.RoleBroad: kinds.powers, cloud.Privileged: kinds.resourceWeaker,
}

// resourceWorse compares what stands for a resource outside the cluster.
func resourceWorse(before, after *object, r reporter) {
	b, a := resourceOf(before), resourceOf(after)
	if b == nil || a == nil {
		return
	}
	for _, f := range cloud.Compare(b, a) {
		if kind := classes[f.Class]; kind != nil {
			r.Add(detect.Observation{Kind: kind, Line: f.Line, Removed: f.Removed, Object: after.label(), Detail: f.Detail})
		}
	}
	if outlives(before) && !outlives(after) {
		r.Add(detect.Observation{Kind: kinds.unguarded, Line: after.body.At(), Object: after.label(), Detail: "is deleted with its object"})
	}
	const force = "cnrm.cloud.google.com/force-destroy"
	if n := after.body.Get("metadata", "annotations", force); n.True() && !before.body.Get("metadata", "annotations", force).True() {
		r.Add(detect.Observation{Kind: kinds.unguarded, Line: n.At(), Object: after.label(), Detail: force})
	}
	retention(before, after, r)
}

// outlives says that what an object stands for stays when the object goes, by what
// the object itself tells its controller.
func outlives(o *object) bool {
	if o.group == "" {
		return false
	}
	notes := o.body.Get("metadata", "annotations")
	for _, e := range notes.Entries() {
		v := strings.ToLower(e.Value.Str())
		switch e.Key {
		case "services.k8s.aws/deletion-policy":
			return v == "retain"
		case "cnrm.cloud.google.com/deletion-policy":
			return v == "abandon"
		case "serviceoperator.azure.com/reconcile-policy":
			return v == "detach-on-delete" || v == "skip"
		}
	}
	return o.body.Has("spec", "forProvider") && o.body.Get("spec", "deletionPolicy").Str() == "Orphan"
}

// retention compares how long data is kept, and whether it outlives its owner.
func retention(before, after *object, r reporter) {
	add := func(kind *detect.Kind, n *tree.Node, detail string) {
		r.Add(detect.Observation{Kind: kind, Line: max(n.At(), after.body.At()), Object: after.label(), Detail: detail})
	}
	b, a := before.body.Get("spec"), after.body.Get("spec")
	if n := a.Get("managementPolicies"); mayDelete(n) && b.Has("managementPolicies") && !mayDelete(b.Get("managementPolicies")) {
		add(kinds.unguarded, n, "managementPolicies let it be deleted")
	}
	for _, at := range [][]string{{"config"}, {"kafka", "config"}} {
		for _, e := range a.Get(at...).Entries() {
			from, to := b.Get(at...).Get(e.Key).Str(), e.Value.Str()
			if strings.Contains(e.Key, "retention") && shorter(from, to) {
				add(kinds.recovery, e.Value, e.Key+" "+from+" to "+to)
			}
		}
	}
	for _, at := range [][]string{{"backup", "retentionPolicy"}, {"retentionPolicy"}, {"ttl"}, {"template", "ttl"}} {
		if from, to := b.Get(at...), a.Get(at...); shorter(from.Str(), to.Str()) {
			add(kinds.recovery, to, strings.Join(at, ".")+" "+from.Str()+" to "+to.Str())
		}
	}
	for _, field := range []string{"backup", "backups"} {
		if b.Has(field) && !empty(b.Get(field)) && empty(a.Get(field)) {
			add(kinds.recovery, a, field+" taken out")
		}
	}
	if n := a.Get("volumeClaimDeletePolicy"); strings.Contains(n.Str(), "ClusterDeletion") &&
		b.Has("volumeClaimDeletePolicy") && !strings.Contains(b.Get("volumeClaimDeletePolicy").Str(), "ClusterDeletion") {
		add(kinds.reclaim, n, "volumeClaimDeletePolicy "+n.Str())
	}
	deleteClaims(a, func(path []string, n *tree.Node) {
		if !b.Get(path...).True() {
			add(kinds.reclaim, n, strings.Join(path, ".")+" true")
		}
	})
}

// deleteClaims visits the switches by which Strimzi deletes volumes with their
// cluster.
func deleteClaims(spec *tree.Node, visit func(path []string, n *tree.Node)) {
	tree.Walk(spec, func(path []string, n *tree.Node) bool {
		if len(path) > 0 && path[len(path)-1] == "deleteClaim" && n.True() {
			visit(path, n)
		}
		return len(path) < 10
	})
}

func mayDelete(policies *tree.Node) bool {
	return contains(policies.Strings(), "*") || contains(policies.Strings(), "Delete")
}

// shorter says that a time for which something is kept became shorter. A number
// below zero is for ever.
func shorter(from, to string) bool {
	b, okB := duration(from)
	a, okA := duration(to)
	return okB && okA && a >= 0 && (b < 0 || a < b)
}

// duration reads a number, or one with a unit, in seconds where there is one.
func duration(s string) (float64, bool) {
	unit := strings.TrimLeft(s, "-0123456789.")
	n, err := strconv.ParseFloat(strings.TrimSuffix(s, unit), 64)
	if err != nil {
		return 0, false
	}
	seconds := map[string]float64{"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "y": 31536000}
	// "720h0m0s" begins with what counts
	if i := strings.IndexAny(unit, "0123456789"); i > 0 {
		unit = unit[:i]
	}
	per, ok := seconds[unit]
	return n * per, ok
}
