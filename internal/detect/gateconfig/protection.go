package gateconfig

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/tree"
)

// flat is a tree as a map from path to value. Items of a list are named by
// what identifies them, not by where they stand.
//
// Steps of a path are joined by a character that no key holds in earnest.
type flat map[string]*tree.Node

// The bounds of what is flattened: values, and bytes of a path.
const (
	maxValues = 20_000
	maxPath   = 600
)

func tooMany(n *tree.Node) bool {
	count, long := 0, false
	tree.Walk(n, func(path []string, n *tree.Node) bool {
		count++
		bytes := 0
		for _, key := range path {
			bytes += len(key) + 1
		}
		long = long || bytes > maxPath
		return count <= maxValues && !long
	})
	return long || count > maxValues
}

func flatten(n *tree.Node) flat {
	out := flat{}
	out.fill("", n)
	return out
}

func (f flat) fill(path string, n *tree.Node) {
	if n == nil {
		return
	}
	if path != "" {
		f[path] = n
	}
	for _, field := range n.Entries() {
		f.fill(path+step+strings.ToLower(field.Key), field.Value)
	}
	if n.IsList() {
		for _, item := range n.Items {
			f.fill(path+step+identify(item), item)
		}
	}
}

func identify(n *tree.Node) string {
	if n == nil {
		return "="
	}
	if n.Kind == tree.Scalar {
		return "=" + cut(n.Text)
	}
	id := "="
	for _, key := range []string{"type", "name", "id", "actor_id", "actor_type", "context", "username", "slug", "pattern",
		"environment", "package-ecosystem", "directory"} {
		if s := n.Get(key).Str(); s != "" {
			id += key + ":" + cut(s) + " "
		}
	}
	return strings.TrimSpace(id)
}

const step = "\x1f"

func shownPath(path string) string {
	return strings.ReplaceAll(strings.TrimPrefix(path, step), step, "/")
}

func cut(s string) string { return s[:min(len(s), 100)] }

func lastKey(path string) string { return path[strings.LastIndex(path, step)+1:] }

// the settings that hold changes back, by how they get weaker.
var (
	// weaker when turned off or taken away
	guards = set("enforce_admins require_code_owner_reviews require_code_owner_review dismiss_stale_reviews " +
		"dismiss_stale_reviews_on_push required_signatures " +
		"required_linear_history require_last_push_approval required_conversation_resolution " +
		"required_review_thread_resolution strict strict_required_status_checks_policy " +
		"prevent_self_review enable_vulnerability_alerts enable_automated_security_fixes private " +
		"web_commit_signoff_required protected_branches advanced_security secret_scanning secret_scanning_push_protection " +
		"require_signed_commits lock_branch block_creations")
	// weaker when turned on
	openings = set("allow_force_pushes allow_deletions allow_auto_merge can_admins_bypass admins_can_bypass allow_forking " +
		"bypass allow_force_push allow_merge_without_review")
	// weaker when lower
	counts = set("required_approving_review_count required_approvals required_reviewers wait_timer approvals minimum_approvals")
	// weaker when something in it is gone
	keepers = set("contexts checks required_status_checks required_checks required_deployments " +
		"required_deployment_environments reviewers rules branches include environments protection " +
		"required_pull_request_reviews restrictions deployment_branch_policy rulesets branch_protection required_workflows workflows")
	// weaker when something is added to it
	exceptions = set("bypass_actors bypass_pull_request_allowances exclude bypassers bypass_teams bypass_users " +
		"push_allowances force_push_bypassers exclusions")
)

func set(words string) map[string]bool {
	out := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		out[w] = true
	}
	return out
}

// compareProtection reads rulesets, branch protection, environments and
// repository settings kept as code.
func compareProtection(old, now *tree.Node, r *detect.Report) {
	was, is := flatten(old), flatten(now)
	weaker := func(n *tree.Node, gone bool, path, detail string) {
		r.Add(detect.Observation{Kind: protectionWeakened, Line: n.At(), Removed: gone, Object: shownPath(path), Detail: detail})
	}
	for _, path := range inOrder(old) {
		before, after := was[path], is[path]
		key := lastKey(path)
		switch {
		case parentGone(path, is):
			continue // told once, where it begins
		case after == nil || after.Kind == tree.Null:
			if before.Kind == tree.Null {
				continue
			}
			if guards[key] && !before.False() || counts[key] || keepers[key] || keepers[lastKey(parent(path))] || key == "enforcement" {
				weaker(before, true, path, "taken away")
			}
		case key == "enforcement" && before.Str() == "active" && after.Str() != "active":
			weaker(after, false, path, "active to "+after.Str())
		case guards[key] && before.Kind == tree.Scalar && !before.False() && before.Str() != "disabled" &&
			(after.False() || after.Str() == "disabled"):
			weaker(after, false, path, before.Str()+" to "+after.Str())
		case openings[key] && !before.True() && after.True():
			weaker(after, false, path, before.Str()+" to "+after.Str())
		case key == "visibility" && after.Str() == "public" && before.Str() != "public":
			weaker(after, false, path, before.Str()+" to public")
		case counts[key]:
			if lower(before, after) {
				weaker(after, false, path, before.Str()+" to "+after.Str())
			}
		}
	}
	for _, path := range inOrder(now) {
		after := is[path]
		if was[path] != nil {
			continue
		}
		key := lastKey(path)
		switch {
		case exceptions[lastKey(parent(path))] ||
			exceptions[lastKey(parent(parent(path)))] && after.Kind == tree.Scalar && was[parent(path)] != nil:
			weaker(after, false, path, "added")
		case openings[key] && after.True():
			weaker(after, false, path, "turned on")
		case (key == "permission" || key == "role_name") && (after.Str() == "admin" || after.Str() == "maintain"):
			weaker(after, false, path, "gets "+after.Str())
		}
	}
}

func parent(path string) string {
	if i := strings.LastIndex(path, step); i > 0 {
		return path[:i]
	}
	return ""
}

func parentGone(path string, is flat) bool {
	p := parent(path)
	return p != "" && (is[p] == nil || is[p].Kind == tree.Null)
}

func lower(before, after *tree.Node) bool {
	b, ok1 := before.Number()
	a, ok2 := after.Number()
	return ok1 && (!ok2 || a < b)
}

// inOrder lists the paths of a tree in the order of its text.
func inOrder(n *tree.Node) []string {
	var out []string
	seen := map[string]bool{}
	var visit func(path string, n *tree.Node)
	visit = func(path string, n *tree.Node) {
		if n == nil {
			return
		}
		if path != "" && !seen[path] {
			seen[path] = true
			out = append(out, path)
		}
		for _, field := range n.Entries() {
			visit(path+step+strings.ToLower(field.Key), field.Value)
		}
		if n.IsList() {
			for _, item := range n.Items {
				visit(path+step+identify(item), item)
			}
		}
	}
	visit("", n)
	return out
}

// compareManifest reads the manifest of a GitHub App.
func compareManifest(old, now *tree.Node, r *detect.Report) {
	for _, f := range now.Get("default_permissions").Entries() {
		before := old.Get("default_permissions", f.Key).Str()
		if grade(f.Value.Str()) > grade(before) {
			r.Add(detect.Observation{Kind: manifestWidened, Line: f.Line, Object: f.Key, Detail: orNone(before) + " to " + f.Value.Str()})
		}
	}
	if now.Get("default_permissions") != nil && now.Get("public").True() && !old.Get("public").True() {
		r.Add(detect.Observation{Kind: manifestWidened, Line: now.Get("public").At(), Object: "public", Detail: "anybody can install it"})
	}
}

func grade(permission string) int {
	switch strings.ToLower(permission) {
	case "read":
		return 1
	case "write":
		return 2
	case "admin":
		return 3
	}
	return 0
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// compareMerger reads what bots may merge or approve by themselves.
func compareMerger(path string, old, now *tree.Node, r *detect.Report) {
	was, is := flatten(old), flatten(now)
	add := func(n *tree.Node, path, detail string) {
		r.Add(detect.Observation{Kind: autoMerge, Line: n.At(), Object: shownPath(path), Detail: detail})
	}
	dependabot := strings.Contains(strings.ToLower(path), "dependabot")
	mergify := strings.Contains(strings.ToLower(path), "mergify")
	for _, p := range inOrder(now) {
		after, before := is[p], was[p]
		key := lastKey(p)
		changed := before == nil || !tree.Equal(before, after)
		switch {
		case !changed:
		case (key == "automerge" || key == "platformautomerge" || key == "ignoretests" || key == "autoapprove" ||
			key == "allow_auto_merge" || key == "merge_without_review") && after.True():
			add(after, p, "true")
		case key == "insecure-external-code-execution" && after.Str() == "allow",
			key == "allowpostupgradecommandtemplating" && after.True(), key == "allowscripts" && after.True():
			add(after, p, "code of others runs")
		case dependabot && key == "open-pull-requests-limit" && after.Str() == "0":
			add(after, p, "no updates any more")
		case mergify && before == nil && (strings.HasSuffix(p, "actions"+step+"merge") ||
			strings.HasSuffix(p, "actions"+step+"review") || strings.HasSuffix(p, "actions"+step+"queue")):
			add(after, p, "merges or approves by itself")
		}
	}
}
