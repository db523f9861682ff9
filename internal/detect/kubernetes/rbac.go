package kubernetes

import (
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/place"
	"github.com/gatehold/gatehold/internal/detect/tree"
)

// ruleSet answers what a role's rules let do.
type ruleSet []*tree.Node

func (r ruleSet) may(group, resource string, verbs ...string) *tree.Node {
	for _, rule := range r {
		if matches(rule.Get("apiGroups"), group) && matchesResource(rule.Get("resources"), resource) {
			for _, v := range verbs {
				if matches(rule.Get("verbs"), v) {
					return rule
				}
			}
		}
	}
	return nil
}

// named is may for a rule that is not for objects of certain names alone.
func (r ruleSet) named(group, resource string, verbs ...string) *tree.Node {
	for i, rule := range r {
		if len(rule.Get("resourceNames").Each()) == 0 && r[i:i+1].may(group, resource, verbs...) != nil {
			return rule
		}
	}
	return nil
}

// production says that an object is for production, by its place or namespace.
func production(o *object) bool {
	return slices.Contains(place.Environments(o.path), "production") || slices.Contains(place.Environments(o.namespace+"/"), "production")
}

func matches(list *tree.Node, want string) bool {
	for _, s := range list.Strings() {
		if s == "*" || strings.EqualFold(s, want) {
			return true
		}
	}
	return false
}

// matchesResource knows "*/sub" for a subresource of any resource.
func matchesResource(list *tree.Node, want string) bool {
	for _, s := range list.Strings() {
		if s == "*" || s == want {
			return true
		}
		if _, sub, ok := strings.Cut(want, "/"); ok && s == "*/"+sub {
			return true
		}
	}
	return false
}

const (
	rbacGroup  = "rbac.authorization.k8s.io"
	certGroup  = "certificates.k8s.io"
	admitGroup = "admissionregistration.k8s.io"
)

// roleIssues reads a role for powers that lead to all others. Creating roles
// or bindings is not one by itself: the API lets nobody hand out what he does
// not hold, unless he may "escalate" or "bind".
// https://kubernetes.io/docs/concepts/security/rbac-good-practices/
func roleIssues(o *object) []issue {
	rules := ruleSet(o.body.Get("rules").Each())
	var out []issue
	add := func(kind *detect.Kind, key, detail string, at *tree.Node, rank int) {
		if at != nil {
			out = append(out, issue{kind: kind, key: "role:" + key, detail: detail, line: at.At(), group: "role", rank: rank})
		}
	}
	for _, rule := range rules {
		all := 0
		for _, field := range []string{"verbs", "resources", "apiGroups"} {
			for _, s := range rule.Get(field).Strings() {
				if s == "*" {
					all++
					add(kinds.wildcard, "all "+field, "all "+field, rule.Get(field), 2)
				}
			}
		}
		if all >= 3 {
			add(kinds.admin, "admin", "everything", rule, 5)
		}
	}
	for _, verb := range []string{"escalate", "bind"} {
		for _, resource := range []string{"roles", "clusterroles", "rolebindings", "clusterrolebindings"} {
			add(kinds.escalate, verb, "may "+verb+" roles", rules.may(rbacGroup, resource, verb), 4)
		}
	}
	for _, resource := range []string{"users", "groups", "serviceaccounts"} {
		add(kinds.escalate, "impersonate", "may impersonate others", rules.may("", resource, "impersonate"), 3)
	}
	if rules.may(certGroup, "signers", "approve") != nil {
		add(kinds.escalate, "approve", "may approve certificates",
			rules.may(certGroup, "certificatesigningrequests/approval", "update", "patch"), 3)
	}
	for _, resource := range []string{"mutatingwebhookconfigurations", "validatingwebhookconfigurations"} {
		add(kinds.escalate, "webhooks", "may change admission webhooks",
			rules.may(admitGroup, resource, "create", "update", "patch", "delete"), 3)
	}
	add(kinds.escalate, "token", "may make tokens of service accounts", rules.may("", "serviceaccounts/token", "create"), 3)
	add(kinds.escalate, "nodesproxy", "may reach every pod through nodes/proxy", rules.may("", "nodes/proxy", "get", "create"), 3)
	for _, resource := range []string{"pods/exec", "pods/attach", "pods/portforward", "pods/ephemeralcontainers"} {
		add(kinds.powers, "exec", "may run commands in pods", rules.may("", resource, "create", "get", "update", "patch"), 2)
	}
	secrets := rules.may("", "secrets", "get", "list", "watch")
	add(kinds.powers, "secrets", "may read secrets", secrets, 2)
	if production(o) {
		add(kinds.secrets, "all secrets", "may read every secret of production", rules.named("", "secrets", "get", "list", "watch"), 3)
	}
	return out
}

// bindingIssues reads who is given which role.
func bindingIssues(o *object) []issue {
	role := o.body.Get("roleRef", "name").Str()
	var out []issue
	for _, s := range o.body.Get("subjects").Each() {
		name := s.Get("name").Str()
		who := s.Get("kind").Str() + " " + name
		switch {
		case name == "system:anonymous" || name == "system:unauthenticated" || name == "system:authenticated" ||
			name == "system:serviceaccounts":
			out = append(out, issue{kind: kinds.admin, key: "binding:everyone:" + name, detail: role + " for " + name, line: s.At()})
		case role == "cluster-admin" || name == "system:masters":
			out = append(out, issue{kind: kinds.admin, key: "binding:admin:" + who, detail: "cluster-admin for " + who, line: s.At()})
		case (role == "admin" || role == "edit") && o.kind == "ClusterRoleBinding":
			out = append(out, issue{kind: kinds.powers, key: "binding:" + role + who,
				detail: role + " of the whole cluster for " + who, line: s.At()})
		case (role == "admin" || role == "edit") && production(o):
			out = append(out, issue{kind: kinds.powers, key: "binding:" + role + who,
				detail: role + " of a namespace of production for " + who, line: s.At()})
		case name == "default" && s.Get("kind").Str() == "ServiceAccount":
			out = append(out, issue{kind: kinds.powers, key: "binding:default",
				detail: role + " for every pod without an account of its own", line: s.At()})
		}
	}
	return out
}
