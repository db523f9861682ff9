package rulesets

import (
	"encoding/json"
	"fmt"
	"slices"
)

const statusChecks = "required_status_checks"

// Standing is how a branch stands: whether the check is required on it, and by
// whom it can be published.
type Standing string

// The standings, the best first. Only Pinned holds anything.
const (
	Pinned   Standing = "pinned"    // required, from the App and nobody else
	Unpinned Standing = "unpinned"  // required by its name: anybody who may write checks can pass it
	OtherApp Standing = "other_app" // required from another App: it can never pass
	Missing  Standing = "missing"   // not required
)

// Requirement is one place that requires the check.
type Requirement struct {
	Source  string `json:"source"`            // "acme", "acme/shop" or "branch protection"
	Kind    string `json:"kind"`              // Repository, Organization, Enterprise, BranchProtection
	Ruleset int64  `json:"ruleset,omitempty"` // 0 for branch protection
	App     int64  `json:"app,omitempty"`     // 0: of any App
}

// Required reads what is required from the rules in force on a branch, as
// GET /repos/{owner}/{repo}/rules/branches/{branch} lists them. A rule that
// cannot be read requires nothing.
func Required(rules []json.RawMessage) []Requirement {
	var out []Requirement
	for _, rule := range rules {
		r, err := parseObject(rule)
		if err != nil || r.text("type") != statusChecks {
			continue
		}
		parameters, err := parseObject(r.get("parameters"))
		if err != nil {
			continue
		}
		for _, item := range parameters.list("required_status_checks") {
			c, err := parseObject(item)
			if err != nil || c.text("context") != Name {
				continue
			}
			out = append(out, Requirement{
				Source: clip(r.text("ruleset_source"), 140), Kind: clip(r.text("ruleset_source_type"), 40),
				Ruleset: r.number("ruleset_id"), App: c.number("integration_id"),
			})
		}
	}
	return out
}

// Judge says how a branch stands for an App. One pinned requirement is enough:
// each ruleset is met for itself.
func Judge(required []Requirement, app int64) Standing {
	has := func(match func(Requirement) bool) bool { return slices.ContainsFunc(required, match) }
	switch {
	case has(func(r Requirement) bool { return r.App == app }):
		return Pinned
	case has(func(r Requirement) bool { return r.App == 0 }):
		return Unpinned
	case len(required) > 0:
		return OtherApp
	}
	return Missing
}

// Sentence says what a standing means and what to do.
func (s Standing) Sentence(required []Requirement, app int64) string {
	switch s {
	case Pinned:
		for _, r := range required {
			if r.App != app && r.App != 0 {
				return fmt.Sprintf("The check %s is required from App %d, and from App %d as well, which never publishes it: nothing can be merged. Take that requirement out of %s.", Name, app, r.App, r.Source)
			}
		}
		return fmt.Sprintf("The check %s is required, pinned to App %d.", Name, app)
	case Unpinned:
		return fmt.Sprintf("The check %s is required by its name only: whoever may write checks or statuses can pass it. Run gatehold require.", Name)
	case OtherApp:
		return fmt.Sprintf("The check %s is required from App %d, and gatehold is App %d: nothing can be merged. Run gatehold require, or correct --app-id.", Name, required[0].App, app)
	}
	return fmt.Sprintf("The check %s is not required: what it holds can be merged. Run gatehold require.", Name)
}
