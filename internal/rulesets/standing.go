package rulesets

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/gatehold/gatehold/internal/gate"
)

const (
	statusChecks = "required_status_checks"
	pullRequest  = "pull_request"
	update       = "update"
	creation     = "creation"
	deletion     = "deletion"
)

// Standing is how a branch stands: whether its lane's check is required on it,
// by whom that can be published, and whether there is a way around it.
type Standing string

// The standings, the best first. Only Pinned holds anything.
const (
	Pinned    Standing = "pinned"    // required, from the App and nobody else, of all that reaches the branch
	Creatable Standing = "creatable" // and yet a branch of the lane can be made at any commit
	Bypassed  Standing = "bypassed"  // and yet tokens that agents use as well can bypass it
	Pushable  Standing = "pushable"  // and yet a commit whose check is green can be pushed without a pull request
	Unpinned  Standing = "unpinned"  // required by its name: anybody who may write checks can pass it
	OtherApp  Standing = "other_app" // required from another App: it can never pass
	OtherLane Standing = "other_lane"
	Missing   Standing = "missing" // not required
)

// Requirement is one place that requires the check.
type Requirement struct {
	Source  string `json:"source"`            // "acme", "acme/shop" or "branch protection"
	Kind    string `json:"kind"`              // Repository, Organization, Enterprise, BranchProtection
	Ruleset int64  `json:"ruleset,omitempty"` // 0 for branch protection
	App     int64  `json:"app,omitempty"`     // 0: of any App
	// Created says that a branch may be made at a commit without the check.
	Created bool `json:"created,omitempty"`
}

// Demands are what GitHub demands of a branch, as far as it concerns a lane.
type Demands struct {
	Lane     gate.Lane
	Wide     bool          // several branches belong to the lane
	Required []Requirement // of the lane's check
	Others   []string      // checks of other lanes that are required, each once
	// Pulls are what has changes come by pull request only, or lets nobody change
	// the branch.
	Pulls    []Requirement
	Creation bool // only who is allowed to may make such a branch
	Deletion bool // only who is allowed to may delete it
	Guarded  bool // something guards the branch at all
}

// Read takes what is demanded from the rules in force on a branch, as
// GET /repos/{owner}/{repo}/rules/branches/{branch} lists them. A rule that
// cannot be read demands nothing.
func Read(rules []json.RawMessage, lane gate.Lane, wide bool) Demands {
	d := Demands{Lane: lane, Wide: wide}
	for _, rule := range rules {
		r, err := parseObject(rule)
		if err != nil {
			continue
		}
		from := Requirement{Source: clip(r.text("ruleset_source"), 140), Kind: clip(r.text("ruleset_source_type"), 40),
			Ruleset: r.number("ruleset_id")}
		switch r.text("type") {
		case pullRequest, update:
			d.Pulls, d.Guarded = append(d.Pulls, from), true
		case creation:
			d.Creation = true
		case deletion:
			d.Deletion = true
		case statusChecks:
			if parameters, err := parseObject(r.get("parameters")); err == nil {
				from.Created = string(parameters.get("do_not_enforce_on_create")) == "true"
				d.checks(parameters, from)
			}
		}
	}
	return d
}

func (d *Demands) checks(parameters object, from Requirement) {
	for _, item := range parameters.list(statusChecks) {
		c, err := parseObject(item)
		if err != nil {
			continue
		}
		from.App = c.number("integration_id")
		d.require(c.text("context"), from)
	}
}

// require takes one required check.
func (d *Demands) require(context string, from Requirement) {
	_, ours := gate.LaneOfCheck(context)
	switch {
	case context == d.Lane.Check():
		d.Required, d.Guarded = append(d.Required, from), true
	case ours:
		d.Guarded = true
		if !slices.Contains(d.Others, context) {
			d.Others = append(d.Others, context)
		}
	}
}

// Standing says how the branch stands for an App. One pinned requirement is
// enough: each ruleset is met for itself.
func (d Demands) Standing(app int64) Standing {
	pinned := func(r Requirement) bool { return r.App == app }
	switch {
	case slices.ContainsFunc(d.Required, pinned):
	case slices.ContainsFunc(d.Required, func(r Requirement) bool { return r.App == 0 }):
		return Unpinned
	case len(d.Required) > 0:
		return OtherApp
	case len(d.Others) > 0:
		return OtherLane
	default:
		return Missing
	}
	held := d.Creation || slices.ContainsFunc(d.Required, func(r Requirement) bool { return pinned(r) && !r.Created })
	switch {
	case len(d.Pulls) == 0:
		return Pushable
	case d.Lane != gate.DefaultLane && !held && (d.Wide || !d.Deletion):
		return Creatable
	}
	return Pinned
}

// Sentence says what the standing means and what to do.
func (d Demands) Sentence(app int64) string {
	name, run := d.Lane.Check(), "Run "+Command(d.Lane)+"."
	switch d.Standing(app) {
	case Pinned:
		for _, r := range d.Required {
			if r.App != app && r.App != 0 {
				return fmt.Sprintf("The check %s is required from App %d, and from App %d as well, which never publishes "+
					"it: nothing can be merged. Take that requirement out of %s.", name, app, r.App, r.Source)
			}
		}
		if len(d.Others) > 0 {
			return fmt.Sprintf("The check %s is required, pinned to App %d, and %s as well, which is for other branches: "+
				"nothing can be merged. Take that requirement away here.", name, app, quoted(d.Others))
		}
		return fmt.Sprintf("The check %s is required, pinned to App %d.", name, app)
	case Pushable:
		return fmt.Sprintf("The check %s is required, pinned to App %d, but not that changes come by pull request: a commit "+
			"on which it is green can be pushed to the branch. %s", name, app, run)
	case Creatable:
		return fmt.Sprintf("The check %s is required, pinned to App %d, but not of a branch that is made: whoever may push "+
			"can make one at any commit. %s", name, app, run)
	case Unpinned:
		return fmt.Sprintf("The check %s is required by its name only: whoever may write checks or statuses can pass it. %s", name, run)
	case OtherApp:
		return fmt.Sprintf("The check %s is required from App %d, and gatehold is App %d: nothing can be merged. Run "+
			"gatehold require, or correct --app-id.", name, d.Required[0].App, app)
	case OtherLane:
		return fmt.Sprintf("The check %s is not required, but %s, which says nothing of this branch. %s", name, quoted(d.Others), run)
	}
	return fmt.Sprintf("The check %s is not required: what it holds can be merged. %s", name, run)
}

// Command is how a lane's check is made required.
func Command(lane gate.Lane) string {
	if lane == gate.DefaultLane {
		return "gatehold require"
	}
	return fmt.Sprintf("gatehold require --branch '%s'", lane)
}
