package fakehub

import (
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"
)

// ruleset is a set of rules of a repository or an organisation. What it holds
// stays the JSON that it came as, so that rules of kinds that nobody here knows
// survive.
type ruleset struct {
	id          int64
	repo        *Repo // nil: an organisation's
	org         *Org
	name        string
	target      string
	enforcement string
	bypass      []raw
	conditions  raw
	rules       []raw
	created     time.Time
	updated     time.Time
}

// rulesetInput is the body of a create or an update. A nil field was not sent.
type rulesetInput struct {
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
	r.hub.mu.Lock()
	defer r.hub.mu.Unlock()
	return r.hub.addRulesetJSON(&ruleset{repo: r}, body, r.owner)
}

// AddRuleset adds a ruleset to the organisation: JSON as
// POST /orgs/{org}/rulesets takes it.
func (o *Org) AddRuleset(body string) (id int64, err error) {
	o.hub.mu.Lock()
	defer o.hub.mu.Unlock()
	return o.hub.addRulesetJSON(&ruleset{org: o}, body, o.Account)
}

func (h *Hub) addRulesetJSON(rs *ruleset, body string, by *Account) (int64, error) {
	var in rulesetInput
	if err := json.Unmarshal([]byte(body), &in); err != nil {
		return 0, fmt.Errorf("a ruleset that is no JSON: %w", err)
	}
	if why := h.addRuleset(rs, in, by); why != "" {
		return 0, fmt.Errorf("a ruleset that GitHub would refuse: %s", why)
	}
	return rs.id, nil
}

// Require makes a check of an App (0: of anybody) required on the default
// branch.
func (r *Repo) Require(check string, appID int64) error {
	context := obj{"context", check}
	if appID != 0 {
		context = append(context, "integration_id", appID)
	}
	_, err := r.AddRuleset(string(encode(obj{"name", "Require " + check, "enforcement", "active",
		"conditions", obj{"ref_name", obj{"include", list{"~DEFAULT_BRANCH"}, "exclude", list{}}},
		"rules", list{obj{"type", "required_status_checks", "parameters", obj{"required_status_checks", list{context},
			"strict_required_status_checks_policy", false}}}})))
	return err
}

// UseMergeQueue makes the default branch take merges through a queue only. A
// group whose checks have not completed after timeout, which is in whole
// minutes, has failed.
func (r *Repo) UseMergeQueue(timeout time.Duration) error {
	_, err := r.AddRuleset(string(encode(obj{"name", "Merge queue", "enforcement", "active",
		"conditions", obj{"ref_name", obj{"include", list{"~DEFAULT_BRANCH"}, "exclude", list{}}},
		"rules", list{obj{"type", "merge_queue", "parameters", obj{"check_response_timeout_minutes", int(timeout / time.Minute),
			"grouping_strategy", "ALLGREEN", "max_entries_to_build", 5, "max_entries_to_merge", 5, "merge_method", "MERGE",
			"min_entries_to_merge", 1, "min_entries_to_merge_wait_minutes", 5}}}})))
	return err
}

// addRuleset fills a new ruleset and puts it in force; why says what GitHub
// would not take.
func (h *Hub) addRuleset(rs *ruleset, in rulesetInput, by *Account) (why string) {
	if in.Name == nil || in.Enforcement == nil {
		return "name and enforcement are required"
	}
	if why := h.checkRuleset(rs, in); why != "" {
		return why
	}
	rs.id, rs.target, rs.created, rs.updated = h.id("ruleset", 9_000_001), "branch", h.now(), h.now()
	rs.apply(in)
	h.rulesets = append(h.rulesets, rs)
	h.emitRuleset(rs, "created", by)
	return ""
}

func (h *Hub) checkRuleset(rs *ruleset, in rulesetInput) (why string) {
	targets := []string{"branch", "tag", "push"}
	if rs.org != nil {
		targets = append(targets, "repository")
	}
	switch {
	case in.Name != nil && strings.TrimSpace(*in.Name) == "":
		return "Name can't be blank"
	case in.Name != nil && slices.ContainsFunc(h.rulesets, func(o *ruleset) bool {
		return o.id != rs.id && o.repo == rs.repo && o.org == rs.org && o.name == *in.Name
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

func (rs *ruleset) checkRules(rules []json.RawMessage) (why string) {
	for _, rule := range rules {
		var head struct{ Type string }
		if json.Unmarshal(rule, &head) != nil || head.Type == "" {
			return "a rule has no type"
		}
		if head.Type == "merge_queue" && rs.org != nil {
			return "Invalid rule 'merge_queue': it is for repositories only"
		}
	}
	return ""
}

// apply takes what was sent; the rest stays.
func (rs *ruleset) apply(in rulesetInput) {
	for to, from := range map[*string]*string{&rs.name: in.Name, &rs.target: in.Target, &rs.enforcement: in.Enforcement} {
		if from != nil {
			*to = *from
		}
	}
	if in.Bypass != nil {
		rs.bypass = rawList(*in.Bypass)
	}
	if in.Conditions != nil {
		rs.conditions = raw(in.Conditions)
	}
	if in.Rules != nil {
		rs.rules = rawList(*in.Rules)
	}
}

func rawList(items []json.RawMessage) []raw {
	out := make([]raw, len(items))
	for i, item := range items {
		out[i] = raw(item)
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

// covers says whether the ruleset is about a repository.
func (rs *ruleset) covers(r *Repo) bool {
	if rs.repo != nil {
		return rs.repo == r
	}
	c, ok := rs.parsed()
	if !ok || rs.org.ID != r.owner.ID || len(c.Property) > 0 {
		return false
	}
	if c.RepositoryID != nil && !slices.Contains(c.RepositoryID.IDs, r.ID) {
		return false
	}
	return c.RepositoryName == nil || c.RepositoryName.match(r.Name, func(string) bool { return false })
}

func (rs *ruleset) parsed() (c conditions, ok bool) {
	return c, len(rs.conditions) == 0 || json.Unmarshal(rs.conditions, &c) == nil
}

// holds says whether the ruleset is in force on a branch.
func (rs *ruleset) holds(r *Repo, branch string) bool {
	if rs.enforcement != "active" || rs.target != "branch" || !rs.covers(r) {
		return false
	}
	c, _ := rs.parsed()
	return c.Ref != nil && c.Ref.match("refs/heads/"+branch, func(pattern string) bool {
		return pattern == "~DEFAULT_BRANCH" && branch == r.defaultBranch
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

// rulesOn are the rules in force on a branch, as
// GET /repos/{owner}/{repo}/rules/branches/{branch} lists them: those of all
// active rulesets, and those that SetBranchRules put there.
func (r *Repo) rulesOn(branch string) []raw {
	rules := slices.Clone(r.branchRules[branch])
	for _, rs := range r.hub.rulesets {
		if !rs.holds(r, branch) {
			continue
		}
		kind, source := rs.source()
		more := encode(obj{"ruleset_source_type", kind, "ruleset_source", source, "ruleset_id", rs.id})
		for _, rule := range rs.rules {
			rules = append(rules, merged(rule, more))
		}
	}
	return rules
}

// merged puts the fields of a second object behind those of the first.
func merged(first, second raw) raw {
	var head map[string]json.RawMessage
	if json.Unmarshal(first, &head) != nil || len(head) == 0 {
		return second
	}
	end := strings.LastIndexByte(string(first), '}')
	out := append(slices.Clone(first[:end]), ',')
	return append(out, second[1:]...)
}

func (rs *ruleset) source() (kind, name string) {
	if rs.repo != nil {
		return "Repository", rs.repo.fullName()
	}
	return "Organization", rs.org.Login
}
