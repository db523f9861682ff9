package gateconfig

import (
	"slices"
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
	p := protections{was: flatten(old), is: flatten(now), report: r}
	for _, path := range inOrder(old) {
		p.existing(path)
	}
	for _, path := range inOrder(now) {
		if p.was[path] == nil {
			p.added(path)
		}
	}
}

// protections are the settings of one file before and after.
type protections struct {
	was, is flat
	report  *detect.Report
}

func (p protections) weaker(n *tree.Node, gone bool, path, detail string) {
	p.report.Add(detect.Observation{Kind: protectionWeakened, Line: n.At(), Removed: gone, Object: shownPath(path), Detail: detail})
}

// existing looks at what became of a setting that was there.
func (p protections) existing(path string) {
	before, after := p.was[path], p.is[path]
	switch {
	case parentGone(path, p.is): // told once, where it begins
	case after == nil || after.Kind == tree.Null:
		if before.Kind != tree.Null && holdsBack(path, before) {
			p.weaker(before, true, path, "taken away")
		}
	case loosened(lastKey(path), before, after):
		p.weaker(after, false, path, before.Str()+" to "+after.Str())
	}
}

// holdsBack says whether changes are freer without a setting.
func holdsBack(path string, n *tree.Node) bool {
	key := lastKey(path)
	return guards[key] && !n.False() || counts[key] || keepers[key] || keepers[lastKey(parent(path))] || key == "enforcement"
}

// loosened says whether a setting holds changes back less than before.
func loosened(key string, before, after *tree.Node) bool {
	switch {
	case key == "enforcement":
		return before.Str() == "active" && after.Str() != "active"
	case key == "visibility":
		return after.Str() == "public" && before.Str() != "public"
	case guards[key]:
		return before.Kind == tree.Scalar && !disabled(before) && disabled(after)
	case openings[key]:
		return !before.True() && after.True()
	case counts[key]:
		return lower(before, after)
	}
	return false
}

func disabled(n *tree.Node) bool { return n.False() || n.Str() == "disabled" }

// added looks at a setting that was not there.
func (p protections) added(path string) {
	after, key := p.is[path], lastKey(path)
	switch {
	case p.excepts(path):
		p.weaker(after, false, path, "added")
	case openings[key] && after.True():
		p.weaker(after, false, path, "turned on")
	case (key == "permission" || key == "role_name") && (after.Str() == "admin" || after.Str() == "maintain"):
		p.weaker(after, false, path, "gets "+after.Str())
	}
}

// excepts says whether a new entry is one of those a rule does not hold for.
func (p protections) excepts(path string) bool {
	list := parent(path)
	return exceptions[lastKey(list)] ||
		exceptions[lastKey(parent(list))] && p.is[path].Kind == tree.Scalar && p.was[list] != nil
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
	low := strings.ToLower(path)
	for _, p := range inOrder(now) {
		after, before := is[p], was[p]
		if before != nil && tree.Equal(before, after) {
			continue
		}
		if detail := unattended(low, p, after, before == nil); detail != "" {
			r.Add(detect.Observation{Kind: autoMerge, Line: after.At(), Object: shownPath(p), Detail: detail})
		}
	}
}

var (
	// mergesAlone are switches by which a bot merges or approves without a person.
	mergesAlone = set("automerge platformautomerge ignoretests autoapprove allow_auto_merge merge_without_review")
	// mergeActions are the actions of Mergify that do.
	mergeActions = []string{"actions" + step + "merge", "actions" + step + "review", "actions" + step + "queue"}
)

// unattended says what a bot whose settings are at low does by itself because
// of the new value n at path p, or nothing.
func unattended(low, p string, n *tree.Node, fresh bool) string {
	key := lastKey(p)
	switch {
	case mergesAlone[key] && n.True():
		return "true"
	case runsOthers(key, n):
		return "code of others runs"
	case strings.Contains(low, "dependabot") && key == "open-pull-requests-limit" && n.Str() == "0":
		return "no updates any more"
	case strings.Contains(low, "mergify") && fresh && mergeAction(p):
		return "merges or approves by itself"
	}
	return ""
}

// runsOthers says whether a setting lets a bot run the code of what it updates.
func runsOthers(key string, n *tree.Node) bool {
	switch key {
	case "insecure-external-code-execution":
		return n.Str() == "allow"
	case "allowpostupgradecommandtemplating", "allowscripts":
		return n.True()
	}
	return false
}

func mergeAction(path string) bool {
	return slices.ContainsFunc(mergeActions, func(action string) bool { return strings.HasSuffix(path, action) })
}
