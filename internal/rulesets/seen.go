package rulesets

import "encoding/json"

// OfBranch adds what classic branch protection requires, as
// GET /repos/{owner}/{repo}/branches/{branch} tells everybody who can read the
// branch. bypass names who is not bound by it. unseen says that there is such a
// protection with required checks: whether it demands pull requests as well GitHub
// does not tell here.
// https://docs.github.com/en/rest/branches/branches#get-a-branch
func (d *Demands) OfBranch(branch json.RawMessage, repository string) (bypass []Bypass, unseen bool, err error) {
	var b struct {
		Protection struct {
			Required struct {
				Level    string         `json:"enforcement_level"`
				Contexts []string       `json:"contexts"`
				Checks   []classicCheck `json:"checks"`
			} `json:"required_status_checks"`
		} `json:"protection"`
	}
	if err := json.Unmarshal(branch, &b); err != nil {
		return nil, false, unreadable("a branch", err)
	}
	if level := b.Protection.Required.Level; level == "off" || level == "" {
		return nil, false, nil
	}
	source := Requirement{Source: "branch protection of " + repository, Kind: "BranchProtection"}
	before := len(d.Required)
	d.classic(b.Protection.Required.Checks, b.Protection.Required.Contexts, source)
	if len(d.Required) > before && b.Protection.Required.Level == "non_admins" {
		bypass = append(bypass, Bypass{Source: "the " + source.Source, Who: "administrators of the repository", Mode: "always"})
	}
	d.Guarded = true
	return bypass, true, nil
}

type classicCheck struct {
	Context string `json:"context"`
	App     *int64 `json:"app_id"`
}

// classic takes the checks that branch protection requires: the list of names is
// for those that the list with Apps leaves out.
func (d *Demands) classic(checks []classicCheck, contexts []string, source Requirement) {
	told := map[string]bool{}
	for _, check := range checks {
		r := source
		if check.App != nil && *check.App > 0 { // -1 and null: any App
			r.App = *check.App
		}
		told[check.Context] = true
		d.require(check.Context, r)
	}
	for _, context := range contexts {
		if !told[context] {
			told[context] = true
			d.require(context, source)
		}
	}
}

// Bypasses reads, from a ruleset as GitHub sends it, who can go past it. shown
// is false where the asker may not see that. own is how the asker itself can:
// "always", "pull_requests_only", "exempt", or "never".
func Bypasses(ruleset json.RawMessage, r Requirement) (list []Bypass, shown bool, own string, err error) {
	doc, err := parseObject(ruleset)
	if err != nil {
		return nil, false, "", unreadable("a ruleset", err)
	}
	for _, item := range doc.list("bypass_actors") {
		list = append(list, bypassOf(item, r))
	}
	return list, doc.get("bypass_actors") != nil, clip(doc.text("current_user_can_bypass"), 40), nil
}
