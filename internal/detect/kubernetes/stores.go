package kubernetes

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/datafiles"
	"github.com/gatehold/gatehold/internal/detect/deed"
	"github.com/gatehold/gatehold/internal/detect/kept"
	"github.com/gatehold/gatehold/internal/detect/tree"
)

// lastingVolumes are the names of a workload's volumes that outlive its pods.
func lastingVolumes(o *object) map[string]bool {
	out := map[string]bool{}
	for _, c := range o.body.Get("spec", "volumeClaimTemplates").Each() {
		out[c.Get("metadata", "name").Str()] = true
	}
	for _, v := range o.body.Get("spec", "template", "spec", "volumes").Each() {
		if v.Has("persistentVolumeClaim") {
			out[v.Get("name").Str()] = true
		}
	}
	return out
}

// storeWorse reports a container that keeps data and now looks for it elsewhere,
// or cannot read it.
func storeWorse(before, after *object, r reporter) {
	if !strings.HasPrefix(after.body.Get("apiVersion").Str(), "apps/") || trial(after) {
		return
	}
	lasting := lastingVolumes(before)
	if len(lasting) == 0 {
		return
	}
	now := map[string]*tree.Node{}
	for _, c := range after.body.Get("spec", "template", "spec", "containers").Each() {
		now[c.Get("name").Str()] = c
	}
	for _, c := range before.body.Get("spec", "template", "spec", "containers").Each() {
		is := now[c.Get("name").Str()]
		if is == nil {
			continue
		}
		for _, m := range c.Get("volumeMounts").Each() {
			name, from := m.Get("name").Str(), strings.TrimRight(m.Get("mountPath").Str(), "/")
			if !lasting[name] || from == "" || filledIn(from) {
				continue
			}
			if to := mountedAt(is, name); to != nil && strings.TrimRight(to.Str(), "/") != from && !filledIn(to.Str()) {
				r.Add(detect.Observation{Kind: kinds.mounted, Line: to.At(), Object: after.label(), Detail: name + " at " + from + " to " + to.Str()})
			}
			if image := is.Get("image"); datafiles.Refused(c.Get("image").Str(), image.Str()) {
				r.Add(detect.Observation{Kind: kinds.version, Line: image.At(), Object: after.label(),
					Detail: c.Get("image").Str() + " to " + image.Str()})
				break
			}
		}
	}
}

func mountedAt(container *tree.Node, volume string) *tree.Node {
	for _, m := range container.Get("volumeMounts").Each() {
		if m.Get("name").Str() == volume {
			return m.Get("mountPath")
		}
	}
	return nil
}

// told are what tells an operator to stop, to empty or to delete what it
// keeps, where it said otherwise before: the values of a field of any object of
// the group, or of one whose group ends so.
// https://rook.io/docs/rook/latest/Storage-Configuration/ceph-teardown/
// https://cloudnative-pg.io/documentation/current/declarative_hibernation/
var told = []struct {
	group string
	path  []string
	bad   string
	kind  **detect.Kind
}{
	{"ceph.rook.io", []string{"spec", "cleanupPolicy", "confirmation"}, "yes-really-destroy-data", &kinds.unguarded},
	{"ceph.rook.io", []string{"spec", "cleanupPolicy", "allowUninstallWithVolumes"}, "true", &kinds.unguarded},
	{"cnpg.io", []string{"metadata", "annotations", "cnpg.io/hibernation"}, "on", &kinds.scaled},
	{"strimzi.io", []string{"spec", "kafka", "storage", "type"}, "ephemeral", &kinds.reclaim},
	{"strimzi.io", []string{"spec", "storage", "type"}, "ephemeral", &kinds.reclaim},
	{"app.terraform.io", []string{"spec", "deletionPolicy"}, "destroy", &kinds.unguarded},
	{"app.terraform.io", []string{"spec", "allowDestroyPlan"}, "true", &kinds.unguarded},
	{"infra.contrib.fluxcd.io", []string{"spec", "destroyResourcesOnDeletion"}, "true", &kinds.unguarded},
	{"pulumi.com", []string{"spec", "destroyOnFinalize"}, "true", &kinds.unguarded},
}

// otherwise are groups of objects that keep no data themselves, whatever their
// words: they watch, they bring, they are certificates.
var otherwise = []string{"k8s.io", "monitoring.coreos.com", "toolkit.fluxcd.io", "argoproj.io", "cert-manager.io", "external-secrets.io",
	"istio.io", "cilium.io", "projectcalico.org", "knative.dev", "keda.sh", "tekton.dev", "grafana.com", "opentelemetry.io", "traefik.io",
	"kyverno.io", "gatekeeper.sh", "karpenter.sh", "victoriametrics.com"}

// keepsData says of an object of an operator that nobody here knows, by the words
// of its own settings, that it keeps data: it asks for storage, or has copies made.
func keepsData(o *object) bool {
	if !strings.Contains(o.group, ".") || setting(strings.ToLower(o.kind)) {
		return false
	}
	for _, group := range otherwise {
		if o.group == group || strings.HasSuffix(o.group, "."+group) {
			return false
		}
	}
	found := false
	tree.Walk(o.body.Get("spec"), func(path []string, n *tree.Node) bool {
		if len(path) > 0 && !found {
			for _, w := range deed.Split(path[len(path)-1]) {
				found = found || dataWords[w] && n.Kind != tree.Null && !n.False()
			}
		}
		return len(path) < 4 && !found
	})
	return found
}

// dataWords are words of keys by which an object asks for what lasts.
var dataWords = map[string]bool{"storage": true, "persistence": true, "backup": true, "backups": true, "snapshot": true, "pitr": true,
	"keyspace": true, "reclaim": true}

// makesCopies says that an operator has copies be made by an object: by its kind, its
// group or its name, or because it says when and for how long.
func makesCopies(o *object) bool {
	for _, group := range otherwise {
		if o.group == group || strings.HasSuffix(o.group, "."+group) {
			return false
		}
	}
	for _, w := range append(append(deed.Split(o.kind), deed.Split(o.name)...), deed.Split(o.group)...) {
		if w == "backup" || w == "snapshot" || w == "velero" || w == "stash" || w == "kasten" || w == "pitr" {
			return true
		}
	}
	spec := o.body.Get("spec")
	when := spec.Has("schedule") || spec.Has("cron") || spec.Has("frequency") || spec.Get("backup").Has("schedule")
	return when && (spec.Has("retention") || spec.Has("retentionPolicy") || spec.Has("retain") || spec.Has("backup") || spec.Has("keep"))
}

// unkept are the kinds of what an operator's object keeps no longer.
func unkept(sort kept.Sort) *detect.Kind {
	switch sort {
	case kept.Off, kept.Shorter, kept.Less:
		return kinds.recovery
	case kept.Checks:
		return kinds.resourceWeaker
	case kept.Bound:
		return kinds.reclaim
	case kept.Emptied:
		return kinds.scaled
	case kept.Entry:
		return kinds.stateful
	}
	return nil
}

// keepsLess reports what an object of any operator keeps no longer, by its words.
func keepsLess(before, after *object, r reporter) {
	of := kept.Of{Store: keepsData(before) || removal(before) == kinds.stateful, Copies: makesCopies(before)}
	if !of.Store && !of.Copies || !strings.Contains(after.group, ".") || trial(after) {
		return
	}
	seen := map[int]bool{}
	for _, o := range r.Observations() {
		seen[o.Line] = true
	}
	for _, l := range kept.Compare(before.body, after.body, of) {
		if kind := unkept(l.Sort); kind != nil && !seen[l.Line] {
			r.Add(detect.Observation{Kind: kind, Line: l.Line, Removed: l.Removed, Object: after.label(), Detail: l.Path + " " + l.Detail})
		}
	}
}

// counts are the fields by which operators say how many of a store there are.
var counts = []string{"instances", "numberOfInstances", "members", "replicas", "size", "servers"}

// operated compares what an operator is told.
func operated(before, after *object, r reporter) {
	if !strings.Contains(after.group, ".") {
		return
	}
	for _, s := range told {
		from, n := before.body.Get(s.path...), after.body.Get(s.path...)
		if after.group != s.group && !strings.HasSuffix(after.group, "."+s.group) || n == nil {
			continue
		}
		if bad := strings.EqualFold(n.Str(), s.bad) || s.bad == "true" && n.True(); bad && !tree.Equal(from, n) {
			r.Add(detect.Observation{Kind: *s.kind, Line: n.At(), Object: after.label(), Detail: s.path[len(s.path)-1] + " " + n.Str()})
		}
	}
	if removal(after) != kinds.stateful || trial(after) {
		return
	}
	for _, field := range counts {
		from, okB := before.body.Get("spec", field).Number()
		n := after.body.Get("spec", field)
		if to, okA := n.Number(); okB && okA && from > 0 && to == 0 {
			r.Add(detect.Observation{Kind: kinds.scaled, Line: n.At(), Object: after.label(), Detail: field + " to 0"})
		}
	}
}
