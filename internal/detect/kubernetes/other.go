package kubernetes

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect/tree"
)

// otherIssues reads the kinds that run nothing themselves.
func otherIssues(o *object) []issue {
	var out []issue
	spec := o.body.Get("spec")
	switch o.kind {
	case "Service":
		return serviceIssues(o)
	case "Ingress", "Route", "HTTPRoute", "Gateway":
		if o.kind != "Gateway" {
			out = append(out, issue{kind: kinds.ingress, key: "ingress", detail: hostOf(spec), line: o.body.At()})
		}
	case "NetworkPolicy":
		for _, rule := range spec.Get("ingress").Each() {
			from := rule.Get("from").Each()
			open := len(from) == 0
			for _, f := range from {
				open = open || f.Get("ipBlock", "cidr").Str() == "0.0.0.0/0" && !f.Has("ipBlock", "except")
			}
			if open && (rule.IsMap() || rule.Kind == tree.Null) {
				out = append(out, issue{kind: kinds.netpol, key: "open:" + rule.Get("ports", "0", "port").Str(),
					detail: "lets everyone in", line: max(rule.At(), spec.At())})
			}
		}
	case "StorageClass", "PersistentVolume", "VolumeSnapshotClass":
		for _, n := range []*tree.Node{o.body.Get("reclaimPolicy"), spec.Get("persistentVolumeReclaimPolicy"),
			o.body.Get("deletionPolicy")} {
			if strings.EqualFold(n.Str(), "Delete") && o.kind == "PersistentVolume" {
				out = append(out, issue{kind: kinds.reclaim, key: "reclaim", detail: "reclaim policy Delete", line: n.At()})
			}
		}
	case "StatefulSet":
		for _, f := range []string{"whenDeleted", "whenScaled"} {
			if n := spec.Get("persistentVolumeClaimRetentionPolicy", f); n.Str() == "Delete" {
				out = append(out, issue{kind: kinds.reclaim, key: "claims:" + f, detail: f + " Delete", line: n.At()})
			}
		}
	case "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration", "ValidatingAdmissionPolicy":
		hooks := append(o.body.Get("webhooks").Each(), spec)
		for _, w := range hooks {
			if n := w.Get("failurePolicy"); n.Str() == "Ignore" {
				out = append(out, issue{kind: kinds.admission, key: "ignore:" + w.Get("name").Str(),
					detail: "failurePolicy Ignore", line: n.At()})
			}
		}
	case "ClusterPolicy", "Policy":
		if n := spec.Get("validationFailureAction"); strings.EqualFold(n.Str(), "audit") {
			out = append(out, issue{kind: kinds.admission, key: "audit", detail: "validationFailureAction audit", line: n.At()})
		}
	case "Application", "ApplicationSet", "AppProject":
		return append(out, argoIssues(o)...)
	case "APIService":
		if n := spec.Get("insecureSkipTLSVerify"); n.True() {
			out = append(out, issue{kind: kinds.controlPlane, key: "insecure", detail: "insecureSkipTLSVerify", line: n.At()})
		}
	}
	return out
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

func argoIssues(o *object) []issue {
	spec := o.body.Get("spec")
	if o.kind == "ApplicationSet" {
		spec = spec.Get("template", "spec")
	}
	var out []issue
	if n := spec.Get("syncPolicy", "automated", "prune"); n.True() {
		out = append(out, issue{kind: kinds.prune, key: "prune", detail: "syncPolicy.automated.prune", line: n.At()})
	}
	if n := spec.Get("syncPolicy", "automated", "allowEmpty"); n.True() {
		out = append(out, issue{kind: kinds.prune, key: "allowEmpty", detail: "allowEmpty", line: n.At()})
	}
	if o.kind == "AppProject" {
		for _, field := range []string{"sourceRepos", "clusterResourceWhitelist", "destinations"} {
			for _, n := range spec.Get(field).Each() {
				if n.Str() == "*" || n.Get("server").Str() == "*" || n.Get("kind").Str() == "*" && n.Get("group").Str() == "*" {
					out = append(out, issue{kind: kinds.powers, key: "project:" + field, detail: field + " *", line: n.At()})
				}
			}
		}
	}
	return out
}

// kustomizeIssues reads what a kustomization takes in or out by itself.
func kustomizeIssues(o *object) []issue {
	var out []issue
	for _, i := range o.body.Get("images").Each() {
		if n := i.Get("newTag"); n.Str() == "latest" {
			out = append(out, issue{kind: kinds.image, key: "image:" + i.Get("name").Str(),
				detail: i.Get("name").Str() + ":latest", line: n.At()})
		}
	}
	for _, list := range []string{"patches", "patchesStrategicMerge"} {
		for _, p := range o.body.Get(list).Each() {
			text := p.Str() + p.Get("patch").Str()
			if strings.Contains(text, "$patch: delete") {
				out = append(out, issue{kind: kinds.patchDelete, key: "delete:" + text, detail: "$patch: delete", line: p.At()})
			}
		}
	}
	for _, g := range append(o.body.Get("secretGenerator").Each(), o.body.Get("configMapGenerator").Each()...) {
		for _, l := range g.Get("literals").Each() {
			name, value, _ := strings.Cut(l.Str(), "=")
			if looksSecret(name, value) {
				out = append(out, issue{kind: kinds.plainSecret, key: "literal:" + name + value, detail: "literal " + name, line: l.At()})
			}
		}
	}
	return out
}

// otherGuards lists what protects beside pods.
func otherGuards(o *object) []guarded {
	var out []guarded
	spec := o.body.Get("spec")
	switch o.kind {
	case "Service":
		if n := spec.Get("loadBalancerSourceRanges"); len(n.Each()) > 0 {
			out = append(out, guarded{kind: kinds.service, key: "ranges", detail: "loadBalancerSourceRanges removed",
				line: n.At(), scope: func(a *object) bool { return a.body.Get("spec", "type").Str() == "LoadBalancer" }})
		}
	case "Ingress":
		if n := spec.Get("tls"); len(n.Each()) > 0 {
			out = append(out, guarded{kind: kinds.ingressTLS, key: "tls", detail: "tls removed", line: n.At()})
		}
		for _, e := range o.body.Get("metadata", "annotations").Entries() {
			if strings.HasSuffix(e.Key, "/whitelist-source-range") || strings.HasSuffix(e.Key, "/allowlist-source-range") ||
				strings.HasSuffix(e.Key, "/auth-url") || strings.HasSuffix(e.Key, "/auth-type") ||
				strings.HasSuffix(e.Key, "/auth-secret") {
				out = append(out, guarded{kind: kinds.service, key: "annotation:" + e.Key, detail: e.Key + " removed", line: e.Line})
			}
			if strings.HasSuffix(e.Key, "ssl-redirect") && e.Value.True() {
				out = append(out, guarded{kind: kinds.ingressTLS, key: "redirect", detail: e.Key + " removed", line: e.Line})
			}
		}
	case "StatefulSet":
		for _, t := range spec.Get("volumeClaimTemplates").Each() {
			name := t.Get("metadata", "name").Str()
			out = append(out, guarded{kind: kinds.stateful, key: "claim:" + name, detail: "volume claim template " + name, line: t.At()})
		}
	case "PersistentVolume", "StorageClass":
		for _, n := range []*tree.Node{o.body.Get("reclaimPolicy"), spec.Get("persistentVolumeReclaimPolicy")} {
			if n.Str() == "Retain" {
				out = append(out, guarded{kind: kinds.reclaim, key: "retain", detail: "reclaim policy Retain removed", line: n.At()})
			}
		}
	case "NetworkPolicy":
		for _, t := range spec.Get("policyTypes").Each() {
			out = append(out, guarded{kind: kinds.netpol, key: "type:" + t.Str(), detail: t.Str() + " is no longer limited", line: t.At()})
		}
	case "ServiceAccount":
		if n := o.body.Get("automountServiceAccountToken"); n.False() {
			out = append(out, guarded{kind: kinds.token, key: "automount", detail: "automountServiceAccountToken", line: n.At()})
		}
	}
	for _, e := range o.body.Get("metadata", "annotations").Entries() {
		if e.Key == "helm.sh/resource-policy" && e.Value.Str() == "keep" ||
			e.Key == "argocd.argoproj.io/sync-options" && strings.Contains(e.Value.Str(), "Prune=false") {
			out = append(out, guarded{kind: kinds.reclaim, key: "keep:" + e.Key, detail: e.Key + " removed", line: e.Line})
		}
	}
	return out
}

// lowered compares numbers, images and levels of one object.
func lowered(before, after *object, r reporter) {
	scaled(before, after, r)
	imagesLoosened(before, after, r)
	podSecurityLowered(before, after, r)
}
