package fakehub

import (
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub/wire"
)

// Ruleset is a set of rules of a repository or an organisation. What it holds
// stays the JSON that it came as, so that rules of kinds that nobody here knows
// survive.
type Ruleset struct {
	ID          int64
	Repo        *Repo // nil: an organisation's
	Org         *Org
	name        string
	target      string
	enforcement string
	Bypass      []wire.Raw
	Conditions  wire.Raw
	Rules       []wire.Raw
	created     time.Time
	Updated     time.Time
}

// RulesetInput is the body of a create or an update. A nil field was not sent.
type RulesetInput struct {
	Name        *string            `json:"name"`
	Target      *string            `json:"target"`
	Enforcement *string            `json:"enforcement"`
	Bypass      *[]json.RawMessage `json:"bypass_actors"`
	Conditions  json.RawMessage    `json:"conditions"`
	Rules       *[]json.RawMessage `json:"rules"`
}

// AddRuleset adds a ruleset to the repository: JSON as
// POST /repos/{owner}/{repo}/rulesets takes it, with rules of any type.
func (r *Repo) AddRuleset(body string) (id int64, err error) {
	r.hub.State.Lock()
	defer r.hub.State.Unlock()
	return r.hub.addRulesetJSON(&Ruleset{Repo: r}, body, r.Owner)
}

// AddRuleset adds a ruleset to the organisation: JSON as
// POST /orgs/{org}/rulesets takes it.
func (o *Org) AddRuleset(body string) (id int64, err error) {
	o.hub.State.Lock()
	defer o.hub.State.Unlock()
	return o.hub.addRulesetJSON(&Ruleset{Org: o}, body, o.Account)
}

func (h *Hub) addRulesetJSON(rs *Ruleset, body string, by *Account) (int64, error) {
	var in RulesetInput
	if err := json.Unmarshal([]byte(body), &in); err != nil {
		return 0, fmt.Errorf("a ruleset that is no JSON: %w", err)
	}
	if why := h.AddRuleset(rs, in, by); why != "" {
		return 0, fmt.Errorf("a ruleset that GitHub would refuse: %s", why)
	}
	return rs.ID, nil
}

// Require makes a check of an App (0: of anybody) required on the default
// branch.
func (r *Repo) Require(check string, appID int64) error {
	context := wire.Object{"context", check}
	if appID != 0 {
		context = append(context, "integration_id", appID)
	}
	_, err := r.AddRuleset(string(wire.Encode(wire.Object{"name", "Require " + check, "enforcement", "active",
		"conditions", wire.Object{"ref_name", wire.Object{"include", wire.List{"~DEFAULT_BRANCH"}, "exclude", wire.List{}}},
		"rules", wire.List{wire.Object{"type", "required_status_checks", "parameters", wire.Object{"required_status_checks", wire.List{context},
			"strict_required_status_checks_policy", false}}}})))
	return err
}

// UseMergeQueue makes the default branch take merges through a queue only. A
// group whose checks have not completed after timeout, which is in whole
// minutes, has failed.
func (r *Repo) UseMergeQueue(timeout time.Duration) error {
	_, err := r.AddRuleset(string(wire.Encode(wire.Object{"name", "Merge queue", "enforcement", "active",
		"conditions", wire.Object{"ref_name", wire.Object{"include", wire.List{"~DEFAULT_BRANCH"}, "exclude", wire.List{}}},
		"rules", wire.List{wire.Object{"type", "merge_queue", "parameters", wire.Object{"check_response_timeout_minutes",
			int(timeout / time.Minute),
			"grouping_strategy", "ALLGREEN", "max_entries_to_build", 5, "max_entries_to_merge", 5, "merge_method", "MERGE",
			"min_entries_to_merge", 1, "min_entries_to_merge_wait_minutes", 5}}}})))
	return err
}

// AddRuleset fills a new ruleset and puts it in force; why says what GitHub
// would not take.
func (h *Hub) AddRuleset(rs *Ruleset, in RulesetInput, by *Account) (why string) {
	if in.Name == nil || in.Enforcement == nil {
		return "name and enforcement are required"
	}
	if why := h.CheckRuleset(rs, in); why != "" {
		return why
	}
	rs.ID, rs.target, rs.created, rs.Updated = h.NextID("ruleset", 9_000_001), "branch", h.Now(), h.Now()
	rs.Apply(in)
	h.Rulesets = append(h.Rulesets, rs)
	h.EmitRuleset(rs, "created", by)
	return ""
}

// CheckRuleset says what GitHub would not take, "" where it takes all.
func (h *Hub) CheckRuleset(rs *Ruleset, in RulesetInput) (why string) {
	targets := []string{"branch", "tag", "push"}
	if rs.Org != nil {
		targets = append(targets, "repository")
	}
	switch {
	case in.Name != nil && strings.TrimSpace(*in.Name) == "":
		return "Name can't be blank"
	case in.Name != nil && slices.ContainsFunc(h.Rulesets, func(o *Ruleset) bool {
		return o.ID != rs.ID && o.Repo == rs.Repo && o.Org == rs.Org && o.name == *in.Name
	}):
		return "Name must be unique"
	case in.Enforcement != nil && !slices.Contains([]string{"disabled", "active", "evaluate"}, *in.Enforcement):
		return *in.Enforcement + " is no enforcement"
	case in.Target != nil && !slices.Contains(targets, *in.Target):
		return *in.Target + " is no target"
	}
	var c conditions
	if len(in.Conditions) > 0 && json.Unmarshal(in.Conditions, &c) != nil {
		return "the conditions cannot be read"
	}
	if in.Rules == nil {
		return ""
	}
	return rs.checkRules(*in.Rules)
}

func (rs *Ruleset) checkRules(rules []json.RawMessage) (why string) {
	for _, rule := range rules {
		var head struct{ Type string }
		if json.Unmarshal(rule, &head) != nil || head.Type == "" {
			return "a rule has no type"
		}
		if head.Type == "merge_queue" && rs.Org != nil {
			return "Invalid rule 'merge_queue': it is for repositories only"
		}
	}
	return ""
}

// Apply takes what was sent; the rest stays.
func (rs *Ruleset) Apply(in RulesetInput) {
	for to, from := range map[*string]*string{&rs.name: in.Name, &rs.target: in.Target, &rs.enforcement: in.Enforcement} {
		if from != nil {
			*to = *from
		}
	}
	if in.Bypass != nil {
		rs.Bypass = rawList(*in.Bypass)
	}
	if in.Conditions != nil {
		rs.Conditions = wire.Raw(in.Conditions)
	}
	if in.Rules != nil {
		rs.Rules = rawList(*in.Rules)
	}
}

func rawList(items []json.RawMessage) []wire.Raw {
	out := make([]wire.Raw, len(items))
	for i, item := range items {
		out[i] = wire.Raw(item)
	}
	return out
}

// conditions say what a ruleset is about.
type conditions struct {
	Ref            *patterns `json:"ref_name"`
	RepositoryName *patterns `json:"repository_name"`
	RepositoryID   *struct {
		IDs []int64 `json:"repository_ids"`
	} `json:"repository_id"`
	// Repositories have no properties here: a condition on them is never met.
	Property json.RawMessage `json:"repository_property"`
}

type patterns struct {
	Include []string `json:"include"`
	Exclude []string `json:"exclude"`
}

// Covers says whether the ruleset is about a repository.
func (rs *Ruleset) Covers(r *Repo) bool {
	if rs.Repo != nil {
		return rs.Repo == r
	}
	c, ok := rs.parsed()
	if !ok || rs.Org.ID != r.Owner.ID || len(c.Property) > 0 {
		return false
	}
	if c.RepositoryID != nil && !slices.Contains(c.RepositoryID.IDs, r.ID) {
		return false
	}
	return c.RepositoryName == nil || c.RepositoryName.match(r.Name, func(string) bool { return false })
}

func (rs *Ruleset) parsed() (c conditions, ok bool) {
	return c, len(rs.Conditions) == 0 || json.Unmarshal(rs.Conditions, &c) == nil
}

// holds says whether the ruleset is in force on a branch.
func (rs *Ruleset) holds(r *Repo, branch string) bool {
	if rs.enforcement != "active" || rs.target != "branch" || !rs.Covers(r) {
		return false
	}
	c, _ := rs.parsed()
	return c.Ref != nil && c.Ref.match("refs/heads/"+branch, func(pattern string) bool {
		return pattern == "~DEFAULT_BRANCH" && branch == r.DefaultBranch
	})
}

// match says whether a name is included and not excluded; other knows the
// patterns that have a meaning of their own.
func (p *patterns) match(name string, other func(string) bool) bool {
	met := func(pattern string) bool { return pattern == "~ALL" || other(pattern) || glob(pattern, name) }
	return slices.ContainsFunc(p.Include, met) && !slices.ContainsFunc(p.Exclude, met)
}

// glob is Ruby's fnmatch with FNM_PATHNAME, which GitHub uses: a star stops at
// a slash, and ** before a slash is any number of folders.
func glob(pattern, name string) bool {
	parts, names := strings.Split(pattern, "/"), strings.Split(name, "/")
	reach := make([]bool, len(names)+1) // what the parts so far have used up
	reach[0] = true
	for i, part := range parts {
		next := make([]bool, len(names)+1)
		for n := range reach {
			switch {
			case !reach[n]:
			case part == "**" && i < len(parts)-1:
				for k := n; k <= len(names); k++ {
					next[k] = true
				}
			case n < len(names):
				ok, err := path.Match(part, names[n])
				next[n+1] = next[n+1] || ok && err == nil
			}
		}
		reach = next
	}
	return reach[len(names)]
}

// RulesOn are the rules in force on a branch, as
// GET /repos/{owner}/{repo}/rules/branches/{branch} lists them: those of all
// active rulesets, and those that SetBranchRules put there.
func (r *Repo) RulesOn(branch string) []wire.Raw {
	rules := slices.Clone(r.branchRules[branch])
	for _, rs := range r.hub.Rulesets {
		if !rs.holds(r, branch) {
			continue
		}
		kind, source := rs.source()
		more := wire.Encode(wire.Object{"ruleset_source_type", kind, "ruleset_source", source, "ruleset_id", rs.ID})
		for _, rule := range rs.Rules {
			rules = append(rules, merged(rule, more))
		}
	}
	return rules
}

// merged puts the fields of a second object behind those of the first.
func merged(first, second wire.Raw) wire.Raw {
	var head map[string]json.RawMessage
	if json.Unmarshal(first, &head) != nil || len(head) == 0 {
		return second
	}
	end := strings.LastIndexByte(string(first), '}')
	out := append(slices.Clone(first[:end]), ',')
	return append(out, second[1:]...)
}

// DropRuleset takes a ruleset of the repository away, as an administrator can
// on its settings page. Whoever may hear of rulesets is told.
func (r *Repo) DropRuleset(id int64) error {
	h := r.hub
	h.State.Lock()
	defer h.State.Unlock()
	i := slices.IndexFunc(h.Rulesets, func(rs *Ruleset) bool { return rs.Repo == r && rs.ID == id })
	if i < 0 {
		return fmt.Errorf("%s has no ruleset %d", r.FullName(), id)
	}
	gone := h.Rulesets[i]
	h.Rulesets = slices.Delete(slices.Clone(h.Rulesets), i, i+1)
	h.EmitRuleset(gone, "deleted", r.Owner)
	return nil
}

// Brief is a ruleset in a list: what it is, and not what it holds.
func (rs *Ruleset) Brief() wire.Object {
	kind, source := rs.source()
	var api, html string
	if rs.Repo != nil {
		api, html = rs.Repo.API(), rs.Repo.HTML()+"/rules/"
	} else {
		url := rs.Org.hub.URL()
		api, html = url+"/orgs/"+rs.Org.Login, url+"/organizations/"+rs.Org.Login+"/settings/rules/"
	}
	return wire.Object{"id", rs.ID, "name", rs.name, "target", rs.target, "source_type", kind, "source", source, "enforcement", rs.enforcement,
		"node_id", wire.NodeID("RRS", rs.ID), "_links", wire.Object{"self", wire.Object{"href", fmt.Sprintf("%s/rulesets/%d", api, rs.ID)},
			"html", wire.Object{"href", fmt.Sprintf("%s%d", html, rs.ID)}}, "created_at", rs.created, "updated_at", rs.Updated}
}

// EmitRuleset tells the Apps that hear of rulesets, which needs
// administration: read. Those of an organisation are told to nobody here.
func (h *Hub) EmitRuleset(rs *Ruleset, action string, by *Account) {
	if rs.Repo == nil || !h.Listens(rs.Repo, "repository_ruleset") {
		return
	}
	shown := append(rs.Brief(), "rules", append([]wire.Raw{}, rs.Rules...))
	if len(rs.Conditions) > 0 {
		shown = append(shown, "conditions", rs.Conditions)
	}
	h.Emit(rs.Repo, "repository_ruleset", action,
		wire.Object{"action", action, "repository_ruleset", shown, "repository", rs.Repo.JSON(), "sender", by.JSON()})
}

func (rs *Ruleset) source() (kind, name string) {
	if rs.Repo != nil {
		return "Repository", rs.Repo.FullName()
	}
	return "Organization", rs.Org.Login
}
