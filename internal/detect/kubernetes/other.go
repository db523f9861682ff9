package kubernetes

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect/tree"
)

// otherIssues reads the kinds that run nothing themselves.
func otherIssues(o *object) []issue {
	if read := otherReaders[o.kind]; read != nil {
		return read(o)
	}
	return nil
}

// otherReaders find the issues of the kinds that run nothing themselves.
var otherReaders = map[string]func(*object) []issue{
	"Service":                        serviceIssues,
	"Ingress":                        ingressIssues,
	"Route":                          ingressIssues,
	"HTTPRoute":                      ingressIssues,
	"NetworkPolicy":                  networkPolicyIssues,
	"PersistentVolume":               volumeIssues,
	"StatefulSet":                    claimIssues,
	"MutatingWebhookConfiguration":   admissionIssues,
	"ValidatingWebhookConfiguration": admissionIssues,
	"ValidatingAdmissionPolicy":      admissionIssues,
	"ClusterPolicy":                  policyIssues,
	"Policy":                         policyIssues,
	"Application":                    argoIssues,
	"ApplicationSet":                 argoIssues,
	"AppProject":                     projectIssues,
	"HelmRelease":                    fluxIssues,
	"GitRepository":                  fluxIssues,
	"OCIRepository":                  fluxIssues,
	"HelmRepository":                 fluxIssues,
	"APIService":                     apiIssues,
	"PolicyException":                exceptionIssues,
	"VolumeSnapshotClass":            volumeIssues,
}

func ingressIssues(o *object) []issue {
	return []issue{{kind: kinds.ingress, key: "ingress", detail: hostOf(o.body.Get("spec")), line: o.body.At()}}
}

func networkPolicyIssues(o *object) []issue {
	var out []issue
	spec := o.body.Get("spec")
	if types := spec.Get("policyTypes"); len(types.Each()) > 0 && !contains(types.Strings(), "Ingress") {
		return nil // what it says of ingress is not asked
	}
	for _, rule := range spec.Get("ingress").Each() {
		if admitsAll(rule.Get("from").Each()) && (rule.IsMap() || rule.Kind == tree.Null) {
			out = append(out, issue{kind: kinds.netpol, key: "open:" + rule.Get("ports", "0", "port").Str(),
				detail: "lets everyone in", line: max(rule.At(), spec.At())})
		}
	}
	return out
}

// admitsAll says whether one of the sources of a rule is every address, which
// a rule without sources means too.
func admitsAll(from []*tree.Node) bool {
	open, halves := len(from) == 0, 0
	for _, f := range from {
		cidr := f.Get("ipBlock", "cidr").Str()
		open = open || (cidr == "0.0.0.0/0" || cidr == "::/0") && !f.Has("ipBlock", "except")
		halves = halves + strings.Count(cidr, "0.0.0.0/1") + strings.Count(cidr, "128.0.0.0/1")
	}
	return open || halves > 1
}

func volumeIssues(o *object) []issue {
	var out []issue
	for _, n := range []*tree.Node{o.body.Get("reclaimPolicy"), o.body.Get("spec", "persistentVolumeReclaimPolicy"),
		o.body.Get("deletionPolicy")} {
		if strings.EqualFold(n.Str(), "Delete") {
			out = append(out, issue{kind: kinds.reclaim, key: "reclaim", detail: "reclaim policy Delete", line: n.At()})
		}
	}
	return out
}

func claimIssues(o *object) []issue {
	var out []issue
	for _, f := range []string{"whenDeleted", "whenScaled"} {
		if n := o.body.Get("spec", "persistentVolumeClaimRetentionPolicy", f); n.Str() == "Delete" {
			out = append(out, issue{kind: kinds.reclaim, key: "claims:" + f, detail: f + " Delete", line: n.At()})
		}
	}
	return out
}

func admissionIssues(o *object) []issue {
	var out []issue
	for _, w := range append(o.body.Get("webhooks").Each(), o.body.Get("spec")) {
		if n := w.Get("failurePolicy"); n.Str() == "Ignore" {
			out = append(out, issue{kind: kinds.admission, key: "ignore:" + w.Get("name").Str(),
				detail: "failurePolicy Ignore", line: n.At()})
		}
	}
	return out
}

func policyIssues(o *object) []issue {
	n := o.body.Get("spec", "validationFailureAction")
	if !strings.EqualFold(n.Str(), "audit") {
		return nil
	}
	return []issue{{kind: kinds.admission, key: "audit", detail: "validationFailureAction audit", line: n.At()}}
}

func apiIssues(o *object) []issue {
	n := o.body.Get("spec", "insecureSkipTLSVerify")
	if !n.True() {
		return nil
	}
	return []issue{{kind: kinds.controlPlane, key: "insecure", detail: "insecureSkipTLSVerify", line: n.At()}}
}

func hostOf(spec *tree.Node) string {
	for _, p := range [][]string{{"rules", "0", "host"}, {"host"}, {"hostnames", "0"}} {
		if s := spec.Get(p...).Str(); s != "" {
			return s
		}
	}
	return ""
}

func serviceIssues(o *object) []issue {
	spec := o.body.Get("spec")
	var out []issue
	typ := spec.Get("type")
	switch typ.Str() {
	case "LoadBalancer":
		if internalService(o) {
			return nil
		}
		ranges := spec.Get("loadBalancerSourceRanges").Strings()
		if len(ranges) == 0 || contains(ranges, "0.0.0.0/0") || contains(ranges, "::/0") {
			out = append(out, issue{kind: kinds.service, key: "public", detail: "LoadBalancer for every address", line: typ.At()})
		}
	case "NodePort":
		out = append(out, issue{kind: kinds.service, key: "public", detail: "NodePort", line: typ.At()})
	}
	if n := spec.Get("externalIPs"); len(n.Each()) > 0 {
		out = append(out, issue{kind: kinds.service, key: "externalIPs", detail: "externalIPs", line: n.At()})
	}
	return out
}

func contains(list []string, s string) bool {
	for _, v := range list {
		if v == s {
			return true
		}
	}
	return false
}

// internalService reads the annotations by which clouds keep a balancer inside.
func internalService(o *object) bool {
	for _, e := range o.body.Get("metadata", "annotations").Entries() {
		key, v := strings.ToLower(e.Key), strings.ToLower(e.Value.Str())
		if strings.Contains(key, "internal") && v != "false" ||
			strings.HasSuffix(key, "load-balancer-type") && strings.EqualFold(v, "internal") ||
			strings.HasSuffix(key, "load-balancer-scheme") && v == "internal" {
			return true
		}
	}
	return false
}

// otherGuards lists what protects beside pods.
func otherGuards(o *object) []guarded {
	var out []guarded
	if read := otherGuardReaders[o.kind]; read != nil {
		out = read(o)
	}
	out = append(out, finalizerGuards(o)...)
	for _, e := range o.body.Get("metadata", "annotations").Entries() {
		if e.Key == "helm.sh/resource-policy" && e.Value.Str() == "keep" ||
			e.Key == "argocd.argoproj.io/sync-options" && strings.Contains(e.Value.Str(), "Prune=false") {
			out = append(out, guarded{kind: kinds.reclaim, key: "keep:" + e.Key, detail: e.Key + " removed", line: e.Line})
		}
	}
	return out
}

// otherGuardReaders list what protects in the kinds that run nothing themselves.
var otherGuardReaders = map[string]func(*object) []guarded{
	"Service":          serviceGuards,
	"Ingress":          ingressGuards,
	"StatefulSet":      claimGuards,
	"PersistentVolume": retainGuards,
	"StorageClass":     retainGuards,
	"NetworkPolicy":    networkPolicyGuards,
	"ServiceAccount":   accountGuards,
}

func serviceGuards(o *object) []guarded {
	n := o.body.Get("spec", "loadBalancerSourceRanges")
	if len(n.Each()) == 0 {
		return nil
	}
	return []guarded{{kind: kinds.service, key: "ranges", detail: "loadBalancerSourceRanges removed", line: n.At(),
		scope: func(after *object) bool { return after.body.Get("spec", "type").Str() == "LoadBalancer" }}}
}

// doorkeepers end the annotations by which an ingress asks who is there.
var doorkeepers = []string{"/whitelist-source-range", "/allowlist-source-range", "/auth-url", "/auth-type", "/auth-secret"}

func ingressGuards(o *object) []guarded {
	var out []guarded
	if n := o.body.Get("spec", "tls"); len(n.Each()) > 0 {
		out = append(out, guarded{kind: kinds.ingressTLS, key: "tls", detail: "tls removed", line: n.At()})
	}
	for _, e := range o.body.Get("metadata", "annotations").Entries() {
		if endsWithAny(e.Key, doorkeepers) {
			out = append(out, guarded{kind: kinds.service, key: "annotation:" + e.Key, detail: e.Key + " removed", line: e.Line})
		}
		if strings.HasSuffix(e.Key, "ssl-redirect") && e.Value.True() {
			out = append(out, guarded{kind: kinds.ingressTLS, key: "redirect", detail: e.Key + " removed", line: e.Line})
		}
	}
	return out
}

func claimGuards(o *object) []guarded {
	var out []guarded
	for _, t := range o.body.Get("spec", "volumeClaimTemplates").Each() {
		name := t.Get("metadata", "name").Str()
		out = append(out, guarded{kind: kinds.stateful, key: "claim:" + name, detail: "volume claim template " + name, line: t.At()})
	}
	return out
}

func retainGuards(o *object) []guarded {
	var out []guarded
	for _, n := range []*tree.Node{o.body.Get("reclaimPolicy"), o.body.Get("spec", "persistentVolumeReclaimPolicy")} {
		if n.Str() == "Retain" {
			out = append(out, guarded{kind: kinds.reclaim, key: "retain", detail: "reclaim policy Retain removed", line: n.At()})
		}
	}
	return out
}

func networkPolicyGuards(o *object) []guarded {
	var out []guarded
	for _, t := range o.body.Get("spec", "policyTypes").Each() {
		out = append(out, guarded{kind: kinds.netpol, key: "type:" + t.Str(), detail: t.Str() + " is no longer limited", line: t.At()})
	}
	return out
}

func accountGuards(o *object) []guarded {
	n := o.body.Get("automountServiceAccountToken")
	if !n.False() {
		return nil
	}
	return []guarded{{kind: kinds.token, key: "automount", detail: "automountServiceAccountToken", line: n.At()}}
}

// lowered compares numbers, images and levels of one object.
func lowered(before, after *object, r reporter) {
	scaled(before, after, r)
	imagesLoosened(before, after, r)
	podSecurityLowered(before, after, r)
	redirected(before, after, r)
	narrowed(before, after, r)
	storeWorse(before, after, r)
	operated(before, after, r)
}
