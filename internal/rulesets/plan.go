package rulesets

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/gate"
)

const defaultBranch = "~DEFAULT_BRANCH"

// Want is what the ruleset of a lane shall say: that its check is required,
// pinned to the App, and that changes come by pull request. The ruleset is called
// like the check.
type Want struct {
	Lane         gate.Lane
	App          int64    // the App's id, not the installation's
	Organization bool     // the ruleset is an organisation's: it names repositories too
	Branches     []string // as Refs gives them
	Not          []string // refs of other lanes that it would match, and must not be about
	Drop         []string // refs of other lanes that it must not name
	// HoldCreation: branches, too, may be created only at a commit that has the
	// check. Of any lane but the default branch's that is always so: else whoever
	// may push could make a branch of the lane, or make one anew.
	HoldCreation bool
}

// Name is the name of the lane's check and of the ruleset that requires it.
func (w Want) Name() string { return w.Lane.Check() }

func (w Want) holdsCreation() bool { return w.HoldCreation || w.Lane != gate.DefaultLane }

// Planned is what is to be written, and why.
type Planned struct {
	After   json.RawMessage // the body of the request
	Changed bool            // false: the ruleset says all of it already
	Diff    string          // lines for people, "" where nothing changes
	Notes   []string        // sentences: what the ruleset leaves open
}

// LaneRefs are what the ruleset of a lane is about.
func LaneRefs(lane gate.Lane) []string {
	if lane == gate.DefaultLane {
		return []string{defaultBranch}
	}
	var refs []string
	for _, key := range lane.Keys() {
		refs = append(refs, "refs/heads/"+key)
	}
	return refs
}

// readOnly are the fields of a ruleset that GitHub tells and does not take.
var readOnly = []string{"id", "node_id", "source", "source_type", "_links", "created_at", "updated_at", "current_user_can_bypass"}

// Plan says what a ruleset must become; before is nil where there is none. All
// that it does not name stays as it is, byte for byte.
func Plan(before json.RawMessage, want Want) (Planned, error) {
	doc, old := object{}, object{}
	if before != nil {
		all, err := parseObject(before)
		if err != nil {
			return Planned{}, unreadable("the ruleset", err)
		}
		for _, m := range all {
			if !slices.Contains(readOnly, m.name) {
				doc, old = append(doc, m), append(old, m)
			}
		}
	} else {
		doc = object{{"name", encode(want.Name())}, {"target", encode("branch")}, {"enforcement", encode("active")},
			{"bypass_actors", []byte("[]")}}
	}
	if target := doc.text("target"); target != "branch" && target != "" {
		return Planned{}, &gate.Error{Code: "other_ruleset", Final: true,
			Text: fmt.Sprintf("There is a ruleset %q already, and it is about %ss, not branches. Rename it, then run this "+
				"again.", want.Name(), clip(target, 20))}
	}
	p := Planned{}
	if doc.text("enforcement") != "active" {
		doc = doc.set("enforcement", encode("active"))
	}
	doc, err := p.conditions(doc, want)
	if err != nil {
		return Planned{}, err
	}
	if doc, err = p.rules(doc, want); err != nil {
		return Planned{}, err
	}
	if doc, err = pullsOnly(doc, want); err != nil {
		return Planned{}, err
	}
	p.After = doc.bytes()
	p.Changed = before == nil || !bytes.Equal(p.After, old.bytes())
	if p.Changed {
		was := ""
		if before != nil {
			was = pretty(old.bytes())
		}
		p.Diff = diff(was, pretty(p.After))
	}
	return p, nil
}

// conditions adds the branches that are missing, and, for an organisation
// whose ruleset names no repositories, all of them.
func (p *Planned) conditions(doc object, want Want) (object, error) {
	all, err := inner(doc.get("conditions"), "the ruleset's conditions")
	if err != nil {
		return nil, err
	}
	ref, err := inner(all.get("ref_name"), "the ruleset's branches")
	if err != nil {
		return nil, err
	}
	var include, exclude []string
	if json.Unmarshal(orEmpty(ref.get("include")), &include) != nil || json.Unmarshal(orEmpty(ref.get("exclude")), &exclude) != nil {
		return nil, unreadable("the ruleset's branches", errNoObject)
	}
	changed := false
	for _, branch := range want.Branches {
		if !slices.Contains(include, branch) && !slices.Contains(include, "~ALL") {
			include, changed = append(include, branch), true
		}
	}
	dropped := func(ref string) bool { return slices.Contains(want.Drop, ref) }
	if slices.ContainsFunc(include, dropped) {
		include, changed = slices.DeleteFunc(include, dropped), true
	}
	not := len(exclude)
	for _, other := range want.Not {
		if !slices.Contains(exclude, other) {
			exclude, changed = append(exclude, other), true
		}
	}
	if changed {
		ref = ref.set("include", encode(include))
		if len(exclude) > not {
			ref = ref.set("exclude", encode(exclude))
		}
		if ref.get("exclude") == nil {
			ref = ref.set("exclude", []byte("[]"))
		}
		all = all.set("ref_name", ref.bytes())
	}
	if more := without(include, want.Branches); len(more) > 0 {
		p.note("It is about the branches %s as well, which must be of this lane: to others the check %s says nothing.",
			quoted(more), want.Name())
	}
	if exclude = without(exclude, want.Not); len(exclude) > 0 {
		p.note("It leaves out the branches %s.", quoted(exclude))
	}
	if want.Organization && !slices.ContainsFunc(all, func(m member) bool { return strings.HasPrefix(m.name, "repository_") }) {
		all, changed = all.set("repository_name", []byte(`{"include":["~ALL"],"exclude":[]}`)), true
	}
	p.repositories(all, want)
	if changed {
		doc = doc.set("conditions", all.bytes())
	}
	return doc, nil
}

func without(list, those []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return slices.Contains(those, s) })
}

// repositories notes where an organisation's ruleset is not about all of them.
func (p *Planned) repositories(conditions object, want Want) {
	if !want.Organization {
		return
	}
	var name struct{ Include, Exclude []string }
	_ = json.Unmarshal(conditions.get("repository_name"), &name) // unreadable: not all of them
	if !slices.Contains(name.Include, "~ALL") || len(name.Exclude) > 0 {
		p.note("It is about some of the organisation's repositories only, as its conditions say.")
	}
}

// rules sees to it that one rule requires the check, pinned to the App.
func (p *Planned) rules(doc object, want Want) (object, error) {
	var rules []json.RawMessage
	if err := json.Unmarshal(orEmpty(doc.get("rules")), &rules); err != nil {
		return nil, unreadable("the ruleset's rules", err)
	}
	at, first := -1, -1 // the rule that names the check, and the first that could
	for i, rule := range rules {
		r, err := parseObject(rule)
		if err != nil {
			return nil, unreadable("a rule of the ruleset", err)
		}
		if r.text("type") != statusChecks {
			continue
		}
		if first < 0 {
			first = i
		}
		if at < 0 && names(r, want.Name()) {
			at = i
		}
	}
	if at < 0 {
		at = first
	}
	if at < 0 {
		creation := encode(!want.holdsCreation())
		rules = append(rules, object{{"type", encode(statusChecks)}, {"parameters", object{
			{"required_status_checks", joined([]json.RawMessage{entry(want)})},
			{"strict_required_status_checks_policy", []byte("false")},
			{"do_not_enforce_on_create", creation},
		}.bytes()}}.bytes())
		return doc.set("rules", joined(rules)), nil
	}
	rule, changed, err := pin(rules[at], want)
	if err != nil || !changed {
		return doc, err
	}
	rules[at] = rule
	return doc.set("rules", joined(rules)), nil
}

// pin puts the check into a rule's list, or the App's id onto the entry that
// is there. A second entry of the same name goes: it asks for nothing more.
func pin(rule json.RawMessage, want Want) (json.RawMessage, bool, error) {
	r, err := parseObject(rule)
	if err != nil {
		return nil, false, unreadable("a rule of the ruleset", err)
	}
	parameters, err := inner(r.get("parameters"), "the parameters of a rule")
	if err != nil {
		return nil, false, err
	}
	var kept []json.RawMessage
	found, changed := false, false
	for _, item := range parameters.list("required_status_checks") {
		c, err := parseObject(item)
		if err != nil {
			return nil, false, unreadable("a required check of the ruleset", err)
		}
		switch {
		case c.text("context") != want.Name():
			kept = append(kept, item)
		case found:
			changed = true
		case c.number("integration_id") == want.App:
			found, kept = true, append(kept, item)
		default:
			found, changed = true, true
			kept = append(kept, c.set("integration_id", encode(want.App)).bytes())
		}
	}
	if !found {
		kept, changed = append(kept, entry(want)), true
	}
	if changed {
		parameters = parameters.set("required_status_checks", joined(kept))
	}
	if want.holdsCreation() && string(parameters.get("do_not_enforce_on_create")) == "true" {
		parameters, changed = parameters.set("do_not_enforce_on_create", []byte("false")), true
	}
	return r.set("parameters", parameters.bytes()).bytes(), changed, nil
}

// names says whether a rule requires the check in some way.
func names(rule object, name string) bool {
	parameters, err := parseObject(rule.get("parameters"))
	return err == nil && slices.ContainsFunc(parameters.list("required_status_checks"), func(item json.RawMessage) bool {
		c, err := parseObject(item)
		return err == nil && c.text("context") == name
	})
}

func entry(want Want) []byte {
	return object{{"context", encode(want.Name())}, {"integration_id", encode(want.App)}}.bytes()
}

// anyPull is the rule that changes come by pull request, with nothing asked of
// one beside.
// https://docs.github.com/en/rest/repos/rules#create-a-repository-ruleset
const anyPull = `{"type":"pull_request","parameters":{"dismiss_stale_reviews_on_push":false,"require_code_owner_review":false,` +
	`"require_last_push_approval":false,"required_approving_review_count":0,"required_review_thread_resolution":false}}`

// pullsOnly sees to it that nothing reaches the branches but by pull request. A
// branch of a lane could else be deleted, and made again at any commit.
func pullsOnly(doc object, want Want) (object, error) {
	var rules []json.RawMessage
	if err := json.Unmarshal(orEmpty(doc.get("rules")), &rules); err != nil {
		return nil, unreadable("the ruleset's rules", err)
	}
	has := map[string]bool{}
	for _, rule := range rules {
		r, err := parseObject(rule)
		if err != nil {
			return nil, unreadable("a rule of the ruleset", err)
		}
		has[r.text("type")] = true
	}
	before := len(rules)
	if !has[pullRequest] && !has[update] {
		rules = append(rules, json.RawMessage(anyPull))
	}
	if want.Lane != gate.DefaultLane && !has[deletion] {
		rules = append(rules, json.RawMessage(`{"type":"deletion"}`))
	}
	if len(rules) == before {
		return doc, nil
	}
	return doc.set("rules", joined(rules)), nil
}

// inner parses an object within an object, empty where it is absent.
func inner(value json.RawMessage, what string) (object, error) {
	if value == nil {
		return object{}, nil
	}
	o, err := parseObject(value)
	if err != nil {
		return nil, unreadable(what, err)
	}
	return o, nil
}

func orEmpty(list json.RawMessage) json.RawMessage {
	if list == nil {
		return json.RawMessage("[]")
	}
	return list
}

func (p *Planned) note(format string, args ...any) {
	p.Notes = append(p.Notes, fmt.Sprintf(format, args...))
}

func quoted(names []string) string {
	var out []string
	for i, n := range names {
		if i == 10 {
			out = append(out, "...")
			break
		}
		out = append(out, fmt.Sprintf("%q", clip(n, 80)))
	}
	return strings.Join(out, ", ")
}

func unreadable(what string, err error) *gate.Error {
	return &gate.Error{Code: "github_unavailable", Err: err,
		Text: fmt.Sprintf("GitHub's answer about %s has a form that gatehold does not know, so nothing was changed.", what)}
}
