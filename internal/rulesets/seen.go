package rulesets

import "encoding/json"

// OfBranch reads what classic branch protection requires, as
// GET /repos/{owner}/{repo}/branches/{branch} tells everybody who can read the
// branch. bypass names who is not bound by it.
// https://docs.github.com/en/rest/branches/branches#get-a-branch
func OfBranch(branch json.RawMessage, repository string) (required []Requirement, bypass []Bypass, err error) {
	var b struct {
		Protection struct {
			Required struct {
				Level    string   `json:"enforcement_level"`
				Contexts []string `json:"contexts"`
				Checks   []struct {
					Context string `json:"context"`
					App     *int64 `json:"app_id"`
				} `json:"checks"`
			} `json:"required_status_checks"`
		} `json:"protection"`
	}
	if err := json.Unmarshal(branch, &b); err != nil {
		return nil, nil, unreadable("a branch", err)
	}
	checks := b.Protection.Required
	if checks.Level == "off" {
		return nil, nil, nil
	}
	source := Requirement{Source: "branch protection of " + repository, Kind: "BranchProtection"}
	for _, check := range checks.Checks {
		if check.Context != Name {
			continue
		}
		r := source
		if check.App != nil && *check.App > 0 { // -1 and null: any App
			r.App = *check.App
		}
		required = append(required, r)
	}
	for _, context := range checks.Contexts {
		if context == Name && len(required) == 0 {
			required = append(required, source)
		}
	}
	if len(required) > 0 && checks.Level == "non_admins" {
		bypass = append(bypass, Bypass{Source: "the " + source.Source, Who: "administrators of the repository", Mode: "always"})
	}
	return required, bypass, nil
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
