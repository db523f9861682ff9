package cloud

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect/tree"
)

// hazards finds settings that are dangerous on any resource, new ones too:
// what is public, what runs with the host's rights, secrets written out.
func hazards(r *Resource) []issue {
	var out []issue
	tree.Walk(r.Body, func(path []string, n *tree.Node) bool {
		if len(path) > 14 || isPolicy(n) {
			return false
		}
		if len(path) == 0 || n.Kind == tree.Map {
			return !isTags(leafOf(path))
		}
		names := named(path)
		if n.Kind == tree.List {
			out = append(out, listHazards(r, names, n)...)
			return true
		}
		if n.Kind != tree.Scalar {
			return true
		}
		if doc := document(n); doc != n {
			inner := *r
			inner.Body = doc
			out = append(out, hazards(&inner)...)
			return false
		}
		if i, ok := hazardIssue(r, names, n); ok {
			out = append(out, i)
		}
		return true
	})
	return out
}

// openNew finds what a new resource is told to leave open in so many words,
// where that is dangerous whatever else it says.
func openNew(r *Resource, path []string, n *tree.Node) (Class, bool) {
	leaf := leafOf(path)
	switch {
	case leaf == "enable_legacy_abac" && n.True(), leaf == "issue_client_certificate" && n.True(),
		leaf == "role_based_access_control_enabled" && n.False(),
		leaf == "enabled" && n.False() && len(path) > 1 && path[len(path)-2] == "role_based_access_control":
		return AuthWeakened, true
	case leaf == "private" && n.False() && strings.Contains(r.Type, "repository"):
		return Exposed, true
	case leaf == "public_network_access_enabled" && n.True() && Stateful(r.Type):
		return Exposed, true
	case n.False() && (leaf == "block_public_acls" || leaf == "block_public_policy" || leaf == "ignore_public_acls" ||
		leaf == "restrict_public_buckets" || leaf == "block_public_security_group_rules"):
		return Exposed, true
	}
	return 0, false
}

// named drops the indexes of lists from a path.
func named(path []string) []string {
	out := make([]string, 0, len(path))
	for _, p := range path {
		if p == "" || p[0] < '0' || p[0] > '9' {
			out = append(out, p)
		}
	}
	return out
}

func hazardIssue(r *Resource, path []string, n *tree.Node) (issue, bool) {
	leaf := leafOf(path)
	key := "hazard:" + strings.Join(path, ".")
	if ch, ok := choiceOf(r.Type, leaf); ok {
		if ch.always && contains(ch.bad, strings.ToLower(n.Text)) {
			return issue{class: ch.class, key: key, detail: leaf + " is " + clip(n.Text), line: n.Line}, true
		}
		return issue{}, false
	}
	if i, ok := secretIssue(r, path, n); ok {
		return i, true
	}
	if c, ok := openNew(r, path, n); ok {
		return issue{class: c, key: key, detail: name(path) + " is " + clip(n.Text), line: n.Line}, true
	}
	if !switchedOn(n) {
		return issue{}, false
	}
	m := meaningOf(r.Type, path)
	if m.sense != hazard {
		return issue{}, false
	}
	switch m.class {
	case Privileged:
	case Exposed:
		// An address of its own, or the word in a nested block, says less than
		// a data store that is reachable.
		if leaf != "publicly_accessible" && !strings.Contains(leaf, "anonymous") &&
			!(strings.Contains(leaf, "public") && Stateful(r.Type) && !strings.Contains(leaf, "ip") && !m.defaultOn) {
			return issue{}, false
		}
	default:
		return issue{}, false
	}
	return issue{class: m.class, key: key, detail: leaf + " is " + clip(n.Text), line: n.Line}, true
}

func listHazards(r *Resource, path []string, n *tree.Node) []issue {
	var out []issue
	leaf := leafOf(path)
	if ch, ok := choiceOf(r.Type, leaf); ok && ch.always {
		for _, s := range n.Strings() {
			if contains(ch.bad, strings.ToLower(s)) {
				out = append(out, issue{class: ch.class, key: "hazard:" + strings.Join(path, "."),
					detail: leaf + " has " + clip(s), line: n.Line})
			}
		}
	}
	if leaf == "add" && len(path) > 1 && strings.Contains(path[len(path)-2], "capabilit") {
		for _, s := range n.Strings() {
			if u := strings.TrimPrefix(strings.ToUpper(s), "CAP_"); u != "NET_BIND_SERVICE" {
				out = append(out, issue{class: Privileged, key: "capability:" + u, detail: "adds the capability " + clip(s), line: n.Line})
			}
		}
	}
	if leaf == "host_path" && strings.HasPrefix(r.Type, "kubernetes_") {
		out = append(out, issue{class: Privileged, key: "hostpath", detail: "mounts a path of the node", line: n.Line})
	}
	return out
}

// secretIssue finds a secret written out in a setting that is for one.
func secretIssue(r *Resource, path []string, n *tree.Node) (issue, bool) {
	if !writtenSecret(leafOf(path), n) && !accessKey(n.Text) {
		return issue{}, false
	}
	return issue{class: PlainSecret, key: "secret:" + strings.Join(path, "."), detail: leafOf(path) + " is written out", line: n.Line}, true
}

// accessKey finds the id of an AWS access key, which goes with its secret.
func accessKey(s string) bool {
	i := strings.Index(s, "AKIA")
	if i < 0 || len(s) < i+20 || strings.Contains(s, "EXAMPLE") {
		return false
	}
	for _, c := range s[i : i+20] {
		if (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

// writtenSecret tells a secret from a reference to one and from a placeholder.
func writtenSecret(leaf string, n *tree.Node) bool {
	if n.Tag != "" || len(n.Text) < 6 || strings.Contains(n.Text, "${") || strings.Contains(n.Text, "{{") {
		return false
	}
	if !secretNames[strings.ToLower(leaf)] {
		return false
	}
	low := strings.ToLower(n.Text)
	for _, w := range []string{"var.", "local.", "data.", "module.", "random_", "resolve:", "changeme", "placeholder",
		"example", "arn:", "ssm:", "vault:", "secretsmanager", "<", "xxxx", "****", "dummy"} {
		if strings.Contains(low, w) {
			return false
		}
	}
	return !strings.ContainsAny(n.Text, " \n")
}

// secretNames are settings that are for a secret.
var secretNames = set(`aws_secret_access_key plaintext_value admin_pass sas_token default_password password master_password
	admin_password administrator_password administrator_login_password master_user_password db_password root_password
	secret_key access_key secret_access_key client_secret auth_token api_key private_key secret_string shared_key
	connection_password token`)
