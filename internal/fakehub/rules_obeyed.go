package fakehub

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// RuleViolation is what GitHub says to a push or a merge that rules in force
// do not allow.
type RuleViolation struct {
	Ref     string // refs/heads/main
	Reasons []string
}

func (v *RuleViolation) Error() string {
	return "GH013: Repository rule violations found for " + v.Ref + ": " + strings.Join(v.Reasons, "; ")
}

// Make makes a commit that no branch has: what somebody has in a clone, and can
// Push. The parent is one that the repository knows.
func (r *Repo) Make(parent string, c NewCommit) (sha string, err error) {
	r.hub.State.Lock()
	defer r.hub.State.Unlock()
	made, sig, err := r.build(c, parent)
	if err != nil {
		return "", err
	}
	sha, err = r.Store.PutCommit(made)
	if err == nil && sig != nil {
		r.Signatures[sha] = sig
	}
	return sha, err
}

// Push points a branch at a commit, "" deleting it, as git push does: who may
// not write is refused, and so is what the rules in force on the branch do not
// allow, with a *RuleViolation. A required check alone lets a commit pass on
// which it is green, wherever it became so. Commit, CommitOn, SetBranch and
// DeleteBranch ask no rules.
func (r *Repo) Push(branch, sha string, by *Account) error {
	r.hub.State.Lock()
	defer r.hub.State.Unlock()
	return r.PushLocked(branch, sha, by)
}

// PushLocked is Push for a caller that holds the state's lock.
func (r *Repo) PushLocked(branch, sha string, by *Account) error {
	if err := r.Refused(); err != nil {
		return err
	}
	switch {
	case !r.Writes(by):
		return fmt.Errorf("permission to %s.git denied to %s", r.FullName(), by.Login)
	case sha != "" && r.Store.Commit(sha) == nil:
		return fmt.Errorf("%s has no commit %s", r.FullName(), sha)
	case sha == "" && r.Refs[branch] == "":
		return fmt.Errorf("%s has no branch %s", r.FullName(), branch)
	}
	if reasons := r.pushViolations(branch, sha, by); len(reasons) > 0 {
		return &RuleViolation{Ref: "refs/heads/" + branch, Reasons: reasons}
	}
	if sha == "" {
		for _, p := range r.byHead[branch] {
			if p.Status == "open" {
				p.close(by)
			}
		}
	}
	r.move(branch, sha, by)
	return nil
}

// ruleInForce is one rule, as far as pushes and merges are held against it.
type ruleInForce struct {
	Type       string `json:"type"`
	Parameters struct {
		Checks          []RequiredCheck `json:"required_status_checks"`
		Strict          bool            `json:"strict_required_status_checks_policy"`
		NotOnCreate     bool            `json:"do_not_enforce_on_create"`
		Approvals       int             `json:"required_approving_review_count"`
		AllowedMethods  []string        `json:"allowed_merge_methods"`
		LastPushApprove bool            `json:"require_last_push_approval"`
	} `json:"parameters"`
}

// binding are the rules on a branch that bind somebody: all but those of
// rulesets that they bypass. merging says that it is by a pull request, where
// more can bypass.
func (r *Repo) binding(branch string, who *Account, merging bool) []ruleInForce {
	texts := slices.Clone(r.branchRules[branch])
	for _, rs := range r.hub.Rulesets {
		if rs.holds(r, branch) && !rs.bypassed(r, who, merging) {
			texts = append(texts, rs.Rules...)
		}
	}
	var out []ruleInForce
	for _, text := range texts {
		var rule ruleInForce
		if json.Unmarshal(text, &rule) == nil {
			out = append(out, rule)
		}
	}
	if c, protected := r.Classic[branch]; protected && (c.Admins || r.Permission(who) != "admin") {
		rule := ruleInForce{Type: "required_status_checks"}
		rule.Parameters.Checks = []RequiredCheck{{Context: c.Check, App: c.App}}
		out = append(out, rule)
	}
	return out
}

// pushViolations are the reasons for which a branch cannot be moved to a
// commit from outside of a pull request.
func (r *Repo) pushViolations(branch, sha string, by *Account) (reasons []string) {
	before := r.Refs[branch]
	kind := r.KindOfPush(before, sha)
	for _, rule := range r.binding(branch, by, false) {
		if why := r.pushViolation(rule, kind, sha); why != "" {
			reasons = append(reasons, why)
		}
	}
	return reasons
}

// onlyThrough is what rules say that let nobody push commits to a branch that is
// there.
var onlyThrough = map[string]string{
	"pull_request": "Changes must be made through a pull request.",
	"merge_queue":  "Changes must be made through the merge queue.",
	"update":       "Cannot update this protected ref.",
}

// pushViolation is why one rule does not allow it, "" where it does.
func (r *Repo) pushViolation(rule ruleInForce, kind, sha string) string {
	creates, deletes := kind == activityCreation, kind == activityDeletion
	switch rule.Type {
	case "required_status_checks":
		if !deletes && !(creates && rule.Parameters.NotOnCreate) {
			return r.checksMissing(rule, sha)
		}
	case "pull_request", "merge_queue", "update":
		if !creates && !deletes {
			return onlyThrough[rule.Type]
		}
	case "creation":
		if creates {
			return "Cannot create ref due to creations being restricted."
		}
	case "deletion":
		if deletes {
			return "Cannot delete this protected ref."
		}
	case "non_fast_forward":
		if kind == ActivityForced {
			return "Cannot force-push to this branch."
		}
	case "required_linear_history":
		if c := r.Store.Commit(sha); c != nil && len(c.Parents) > 1 {
			return "This branch must not contain merge commits."
		}
	}
	return ""
}

// checksMissing names the checks of a rule that have not passed on a commit.
func (r *Repo) checksMissing(rule ruleInForce, sha string) string {
	var missing []string
	for _, c := range rule.Parameters.Checks {
		if !r.CheckState(sha, c.Context, c.App).Passes && !slices.Contains(missing, c.Context) {
			missing = append(missing, c.Context)
		}
	}
	switch len(missing) {
	case 0:
		return ""
	case 1:
		return fmt.Sprintf("Required status check %q is expected.", missing[0])
	}
	return fmt.Sprintf("%d of %d required status checks are expected: %s.",
		len(missing), len(rule.Parameters.Checks), strings.Join(missing, ", "))
}

// TryMerge merges as the button on the page of the pull request and
// PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge do: who may not write is
// refused, and so is what the rules of the base do not allow, with a
// *RuleViolation. Merge and Squash ask no rules. method is merge or squash.
func (p *Pull) TryMerge(by *Account, method string) (sha string, err error) {
	p.Repo.hub.State.Lock()
	defer p.Repo.hub.State.Unlock()
	return p.TryMergeLocked(by, method)
}

// TryMergeLocked is TryMerge for a caller that holds the state's lock.
func (p *Pull) TryMergeLocked(by *Account, method string) (sha string, err error) {
	method = cmp.Or(method, "merge")
	switch {
	case p.Repo.Refused() != nil:
		return "", p.Repo.Refused()
	case !p.Repo.Writes(by):
		return "", fmt.Errorf("%s may not write to %s", by.Login, p.Repo.FullName())
	case p.Status != "open" || p.Draft:
		return "", fmt.Errorf("pull request %d is %s", p.Number, p.ShownState())
	case method != "merge" && method != "squash":
		return "", fmt.Errorf("fakehub cannot merge by %s", method)
	}
	if reasons := p.mergeViolations(by, method); len(reasons) > 0 {
		return "", &RuleViolation{Ref: "refs/heads/" + p.Base, Reasons: reasons}
	}
	return p.mergeNow(by, method)
}

func (p *Pull) mergeViolations(by *Account, method string) (reasons []string) {
	for _, rule := range p.Repo.binding(p.Base, by, true) {
		if why := p.mergeViolation(rule, method); why != "" {
			reasons = append(reasons, why)
		}
	}
	return reasons
}

// mergeViolation is why one rule does not allow the merge, "" where it does.
// Nobody reviews here: a rule that wants reviews is never met.
func (p *Pull) mergeViolation(rule ruleInForce, method string) string {
	in := rule.Parameters
	switch rule.Type {
	case "required_status_checks":
		if in.Strict && len(p.Repo.Store.Between(p.Head, p.Repo.Refs[p.Base]).Ahead) > 0 {
			return "Head branch is out of date."
		}
		return p.Repo.checksMissing(rule, p.Head)
	case "pull_request":
		switch {
		case in.Approvals > 0 || in.LastPushApprove:
			return fmt.Sprintf("At least %d approving review is required by reviewers with write access.", max(1, in.Approvals))
		case len(in.AllowedMethods) > 0 && !slices.Contains(in.AllowedMethods, method):
			return "Merge method " + method + " is not allowed."
		}
	case "merge_queue":
		return "Changes must be made through the merge queue."
	case "update":
		return "Cannot update this protected ref."
	case "required_linear_history":
		if method == "merge" {
			return "This branch must not contain merge commits."
		}
	}
	return ""
}

// classicProtection is a protection rule of one branch, as it was before there
// were rulesets.
type classicProtection struct {
	Check  string
	App    int64 // 0: of anybody
	Admins bool  // holds for administrators too
}

// ProtectClassic requires a check of an App (0: of anybody) on one branch by
// the older branch protection; admins says whether it binds administrators.
func (r *Repo) ProtectClassic(branch, check string, appID int64, admins bool) {
	r.hub.State.Lock()
	defer r.hub.State.Unlock()
	if r.Classic == nil {
		r.Classic = map[string]classicProtection{}
	}
	r.Classic[branch] = classicProtection{Check: check, App: appID, Admins: admins}
}
