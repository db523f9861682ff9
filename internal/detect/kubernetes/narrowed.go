package kubernetes

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/tree"
)

// narrowed reports a guard that is still there and holds less than it did.
func narrowed(before, after *object, r reporter) {
	read := narrowers[after.kind]
	if read == nil && after.group == "constraints.gatekeeper.sh" {
		read = constraintNarrowed
	}
	if read == nil {
		return
	}
	read(before.body, after.body, func(kind *detect.Kind, line int, detail string) {
		r.Add(detect.Observation{Kind: kind, Line: max(line, after.body.At()), Object: after.label(), Detail: detail})
	})
}

// lesser takes what is less.
type lesser func(kind *detect.Kind, line int, detail string)

var narrowers = map[string]func(before, after *tree.Node, add lesser){
	"NetworkPolicy":                    networkNarrowed,
	"CiliumNetworkPolicy":              ciliumNarrowed,
	"CiliumClusterwideNetworkPolicy":   ciliumNarrowed,
	"PodDisruptionBudget":              budgetNarrowed,
	"ValidatingWebhookConfiguration":   webhooksNarrowed,
	"MutatingWebhookConfiguration":     webhooksNarrowed,
	"ValidatingAdmissionPolicy":        admissionNarrowed,
	"ValidatingAdmissionPolicyBinding": admissionNarrowed,
	"ClusterPolicy":                    kyvernoNarrowed,
	"Policy":                           kyvernoNarrowed,
	"PeerAuthentication":               meshNarrowed,
	"AuthorizationPolicy":              accessNarrowed,
	"ResourceQuota":                    quotaNarrowed,
	"AppProject":                       windowsNarrowed,
	"Ingress":                          rangesNarrowed,
}

// empty says that a selector selects everything, as one that is not there does.
func empty(n *tree.Node) bool {
	return n == nil || n.Kind != tree.Scalar && len(n.Fields)+len(n.Items) == 0
}

// selects reports a selector by which a guard holds for some only now.
func selects(before, after *tree.Node, add lesser, fields ...string) {
	for _, f := range fields {
		if n := after.Get(f); empty(before.Get(f)) && !empty(n) {
			add(kinds.guardNarrowed, n.At(), f+" leaves out what it held for")
		}
	}
}

func networkNarrowed(before, after *tree.Node, add lesser) {
	b, a := before.Get("spec"), after.Get("spec")
	if n := a.Get("podSelector"); b.Has("podSelector") && empty(b.Get("podSelector")) && !empty(n) {
		add(kinds.netpol, n.At(), "holds no longer for every pod")
	}
	if !opens(b, "egress", "to") && contains(b.Get("policyTypes").Strings(), "Egress") && opens(a, "egress", "to") {
		add(kinds.netpol, a.Get("egress").At(), "lets everything out")
	}
	if !wholeCluster(b) && wholeCluster(a) {
		add(kinds.netpol, a.Get("ingress").At(), "lets every namespace in")
	}
}

// opens says whether one of the rules holds for every address.
func opens(spec *tree.Node, field, peers string) bool {
	for _, rule := range spec.Get(field).Each() {
		if (rule.IsMap() || rule.Kind == tree.Null) && admitsAll(rule.Get(peers).Each()) && empty(rule.Get("ports")) {
			return true
		}
	}
	return false
}

func wholeCluster(spec *tree.Node) bool {
	for _, rule := range spec.Get("ingress").Each() {
		for _, f := range rule.Get("from").Each() {
			if f.Has("namespaceSelector") && empty(f.Get("namespaceSelector")) && empty(f.Get("podSelector")) {
				return true
			}
		}
	}
	return false
}

func ciliumNarrowed(before, after *tree.Node, add lesser) {
	b, a := before.Get("spec"), after.Get("spec")
	if n := a.Get("endpointSelector"); b.Has("endpointSelector") && empty(b.Get("endpointSelector")) && !empty(n) {
		add(kinds.netpol, n.At(), "holds no longer for every pod")
	}
	for _, way := range [][2]string{{"ingress", "fromEntities"}, {"egress", "toEntities"}} {
		had := map[string]bool{}
		for _, rule := range b.Get(way[0]).Each() {
			for _, e := range rule.Get(way[1]).Strings() {
				had[e] = true
			}
		}
		for _, rule := range a.Get(way[0]).Each() {
			for _, e := range rule.Get(way[1]).Strings() {
				if (e == "world" || e == "all") && !had[e] {
					add(kinds.netpol, rule.At(), way[1]+" "+e)
				}
			}
		}
	}
}

func budgetNarrowed(before, after *tree.Node, add lesser) {
	b, a := before.Get("spec"), after.Get("spec")
	from, to := b.Get("minAvailable").Str(), a.Get("minAvailable").Str()
	if to == "0" || to == "0%" || from != "" && to == "" && !a.Has("maxUnavailable") {
		if from != "0" && from != "0%" {
			add(kinds.guardNarrowed, a.Get("minAvailable").At(), "minAvailable "+from+" to "+to)
		}
	}
	if n := a.Get("maxUnavailable"); n.Str() == "100%" && b.Get("maxUnavailable").Str() != "100%" {
		add(kinds.guardNarrowed, n.At(), "maxUnavailable 100%")
	}
}

func webhooksNarrowed(before, after *tree.Node, add lesser) {
	now := map[string]*tree.Node{}
	for _, w := range after.Get("webhooks").Each() {
		now[w.Get("name").Str()] = w
	}
	for _, b := range before.Get("webhooks").Each() {
		name := b.Get("name").Str()
		a := now[name]
		if a == nil {
			add(kinds.admission, after.Get("webhooks").At(), "webhook "+name+" taken out")
			continue
		}
		selects(b, a, add, "namespaceSelector", "objectSelector", "matchConditions")
		if len(a.Get("rules").Each()) < len(b.Get("rules").Each()) {
			add(kinds.guardNarrowed, a.Get("rules").At(), "fewer rules of "+name)
		}
	}
}

func admissionNarrowed(before, after *tree.Node, add lesser) {
	b, a := before.Get("spec"), after.Get("spec")
	if n := a.Get("validationActions"); contains(b.Get("validationActions").Strings(), "Deny") && !contains(n.Strings(), "Deny") {
		add(kinds.admission, n.At(), "denies no more")
	}
	if len(a.Get("validations").Each()) < len(b.Get("validations").Each()) {
		add(kinds.guardNarrowed, a.Get("validations").At(), "fewer validations")
	}
	selects(b, a, add, "matchConditions")
	selects(b.Get("matchConstraints"), a.Get("matchConstraints"), add, "namespaceSelector", "objectSelector", "excludeResourceRules")
	selects(b.Get("matchResources"), a.Get("matchResources"), add, "namespaceSelector", "objectSelector", "excludeResourceRules")
}

func kyvernoNarrowed(before, after *tree.Node, add lesser) {
	now := map[string]*tree.Node{}
	for _, rule := range after.Get("spec", "rules").Each() {
		now[rule.Get("name").Str()] = rule
	}
	for _, b := range before.Get("spec", "rules").Each() {
		name := b.Get("name").Str()
		a := now[name]
		if a == nil {
			add(kinds.guardNarrowed, after.Get("spec", "rules").At(), "rule "+name+" taken out")
			continue
		}
		if n := a.Get("validate", "failureAction"); strings.EqualFold(n.Str(), "audit") &&
			!strings.EqualFold(b.Get("validate", "failureAction").Str(), "audit") {
			add(kinds.admission, n.At(), "failureAction audit")
		}
		if n := a.Get("exclude"); !empty(n) && !tree.Equal(n, b.Get("exclude")) && size(n) > size(b.Get("exclude")) {
			add(kinds.guardNarrowed, n.At(), "rule "+name+" leaves out more")
		}
	}
}

// rangesNarrowed reads the annotations by which controllers of ingresses let in
// some addresses only.
func rangesNarrowed(before, after *tree.Node, add lesser) {
	for _, e := range before.Get("metadata", "annotations").Entries() {
		key := strings.ToLower(e.Key)
		if !strings.Contains(key, "list-source-range") && !strings.Contains(key, "inbound-cidrs") &&
			!strings.Contains(key, "allowed-source") && !strings.Contains(key, "allow-list") {
			continue
		}
		now := after.Get("metadata", "annotations", e.Key)
		if open := "/0"; !strings.Contains(e.Value.Str(), open) && (now.Str() == "" || strings.Contains(now.Str(), open)) {
			add(kinds.guardNarrowed, now.At(), e.Key+" lets every address in")
		}
	}
}

// size counts the values below a node.
func size(n *tree.Node) int {
	count := 0
	tree.Walk(n, func(_ []string, n *tree.Node) bool {
		if n.Kind == tree.Scalar {
			count++
		}
		return true
	})
	return count
}

func constraintNarrowed(before, after *tree.Node, add lesser) {
	b, n := before.Get("spec", "enforcementAction").Str(), after.Get("spec", "enforcementAction")
	if to := strings.ToLower(n.Str()); (to == "dryrun" || to == "warn") && (b == "" || strings.EqualFold(b, "deny")) {
		add(kinds.admission, n.At(), "enforcementAction "+to)
	}
	had := len(before.Get("spec", "match", "excludedNamespaces").Each())
	if n := after.Get("spec", "match", "excludedNamespaces"); len(n.Each()) > had {
		add(kinds.guardNarrowed, n.At(), "more namespaces left out")
	}
	selects(before.Get("spec", "match"), after.Get("spec", "match"), add, "namespaces", "labelSelector", "namespaceSelector")
}

func meshNarrowed(before, after *tree.Node, add lesser) {
	rank := map[string]int{"DISABLE": 0, "PERMISSIVE": 1, "STRICT": 2}
	from, n := before.Get("spec", "mtls", "mode").Str(), after.Get("spec", "mtls", "mode")
	if rank[n.Str()] < rank[from] {
		add(kinds.netpol, n.At(), "mutual TLS "+from+" to "+n.Str())
	}
}

func accessNarrowed(before, after *tree.Node, add lesser) {
	b, a := before.Get("spec"), after.Get("spec")
	if n := a.Get("action"); b.Get("action").Str() == "DENY" && n.Str() != "DENY" {
		add(kinds.netpol, n.At(), "action DENY to "+n.Str())
	}
	open := func(spec *tree.Node) bool {
		for _, rule := range spec.Get("rules").Each() {
			if rule.IsMap() && empty(rule) {
				return spec.Get("action").Str() != "DENY"
			}
		}
		return false
	}
	if open(a) && !open(b) {
		add(kinds.netpol, a.Get("rules").At(), "a rule that lets everyone in")
	}
}

func quotaNarrowed(before, after *tree.Node, add lesser) {
	for _, e := range before.Get("spec", "hard").Entries() {
		if !after.Has("spec", "hard", e.Key) {
			add(kinds.guardNarrowed, after.Get("spec", "hard").At(), e.Key+" is no longer limited")
		}
	}
}

// windowsNarrowed reports the times at which Argo CD may change nothing.
func windowsNarrowed(before, after *tree.Node, add lesser) {
	denied := func(n *tree.Node) int {
		count := 0
		for _, w := range n.Get("spec", "syncWindows").Each() {
			if w.Get("kind").Str() == "deny" {
				count++
			}
		}
		return count
	}
	if denied(after) < denied(before) {
		add(kinds.guardNarrowed, after.Get("spec", "syncWindows").At(), "fewer times at which nothing may be changed")
	}
}

func exceptionIssues(o *object) []issue {
	if o.group != "kyverno.io" && o.group != "policies.kyverno.io" {
		return nil
	}
	return []issue{{kind: kinds.admission, key: "exception", detail: "an exception", line: o.body.At()}}
}

// finalizerGuards hold an object that keeps data until somebody has looked.
func finalizerGuards(o *object) []guarded {
	keeps := removal(o) == kinds.stateful
	var out []guarded
	for _, f := range o.body.Get("metadata", "finalizers").Each() {
		if keeps || strings.Contains(f.Str(), "protect") {
			out = append(out, guarded{kind: kinds.reclaim, key: "finalizer:" + f.Str(), detail: "finalizer " + f.Str() + " removed", line: f.At()})
		}
	}
	return out
}
