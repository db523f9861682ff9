package api

import (
	"encoding/json"
	"net/http"
	"slices"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/access"
	"github.com/gatehold/gatehold/internal/fakehub/wire"
)

// The rulesets of a repository or, where the path names one, an organisation.

func rulesetRoutes() []route {
	return []route{
		{method: "GET", template: "/repos/{owner}/{repo}/rulesets", who: access.ByToken, need: "metadata:read", public: true,
			fn: listRulesets},
		{method: "POST", template: "/repos/{owner}/{repo}/rulesets", who: access.ByToken, need: "administration:write", write: true,
			fn: createRuleset},
		{method: "GET", template: "/repos/{owner}/{repo}/rulesets/{ruleset_id}", who: access.ByToken, need: "metadata:read",
			public: true, fn: getRuleset},
		{method: "PUT", template: "/repos/{owner}/{repo}/rulesets/{ruleset_id}", who: access.ByToken, need: "administration:write",
			write: true, fn: updateRuleset},
		{method: "DELETE", template: "/repos/{owner}/{repo}/rulesets/{ruleset_id}", who: access.ByToken, need: "administration:write",
			write: true, fn: deleteRuleset},
		{method: "GET", template: "/orgs/{org}/rulesets", who: access.ByToken, need: "organization_administration:write", fn: listRulesets},
		{method: "POST", template: "/orgs/{org}/rulesets", who: access.ByToken, need: "organization_administration:write", write: true,
			fn: createRuleset},
		{method: "GET", template: "/orgs/{org}/rulesets/{ruleset_id}", who: access.ByToken, need: "organization_administration:write",
			fn: getRuleset},
		{method: "PUT", template: "/orgs/{org}/rulesets/{ruleset_id}", who: access.ByToken, need: "organization_administration:write",
			write: true, fn: updateRuleset},
		{method: "DELETE", template: "/orgs/{org}/rulesets/{ruleset_id}", who: access.ByToken,
			need: "organization_administration:write", write: true, fn: deleteRuleset},
	}
}

// administers says whether the caller may change the rulesets of what the path
// names, and so see who can bypass them.
func (c *call) administers() bool {
	if c.auth.Kind == access.ByUser {
		if c.repo != nil {
			return c.repo.Permission(c.auth.Grant.User) == "admin"
		}
		o := c.org()
		return o != nil && o.Members[c.auth.Grant.User.ID] == "admin"
	}
	g, name := c.auth.Grant, "administration"
	if c.repo == nil {
		name = "organization_administration"
	}
	return fakehub.Allows(g.Permissions, name, "write") && fakehub.Allows(g.Install.Permissions, name, "write")
}

// refuseRulesets is the answer to a caller who may not do this here: an
// organisation's rulesets are for its owners alone, reading included.
func (c *call) refuseRulesets() (answer, bool) {
	if c.repo == nil && c.org() == nil {
		return notFound(), true
	}
	if (c.repo == nil || c.route.write) && !c.administers() {
		if c.repo == nil {
			return notFound(), true
		}
		return failed(http.StatusForbidden, "Must have admin rights to Repository."), true
	}
	return answer{}, false
}

// here says whether a ruleset belongs to what the path names: a repository has
// its own and, unless they are not wanted, those of its organisation that
// cover it.
func (c *call) here(rs *fakehub.Ruleset) bool {
	if c.repo == nil {
		return rs.Org != nil && rs.Org == c.org()
	}
	if rs.Repo == nil && (c.query("includes_parents") == "false" || c.route.write) {
		return false
	}
	return rs.Covers(c.repo)
}

func (c *call) ruleset() *fakehub.Ruleset {
	id := c.number("ruleset_id")
	i := slices.IndexFunc(c.hub.Rulesets, func(rs *fakehub.Ruleset) bool { return rs.ID == id && c.here(rs) })
	if i < 0 {
		return nil
	}
	return c.hub.Rulesets[i]
}

func listRulesets(c *call) answer {
	if refused, bad := c.refuseRulesets(); bad {
		return refused
	}
	var all []*fakehub.Ruleset
	for _, rs := range c.hub.Rulesets {
		if c.here(rs) {
			all = append(all, rs)
		}
	}
	from, to, link := c.page(len(all))
	out := make([]wire.Object, 0, to-from)
	for _, rs := range all[from:to] {
		out = append(out, rs.Brief())
	}
	ans := ok(out)
	ans.link = link
	return ans
}

func getRuleset(c *call) answer {
	if refused, bad := c.refuseRulesets(); bad {
		return refused
	}
	if rs := c.ruleset(); rs != nil {
		return ok(c.rulesetJSON(rs))
	}
	return notFound()
}

func createRuleset(c *call) answer {
	if refused, bad := c.refuseRulesets(); bad {
		return refused
	}
	var in fakehub.RulesetInput
	if json.Unmarshal(c.body, &in) != nil {
		return badRequest("Problems parsing JSON")
	}
	rs := &fakehub.Ruleset{Repo: c.repo}
	if c.repo == nil {
		rs.Org = c.org()
	}
	if why := c.hub.AddRuleset(rs, in, c.auth.Person()); why != "" {
		return failed(http.StatusUnprocessableEntity, "Validation Failed", why)
	}
	return created(c.rulesetJSON(rs))
}

func updateRuleset(c *call) answer {
	if refused, bad := c.refuseRulesets(); bad {
		return refused
	}
	rs := c.ruleset()
	var in fakehub.RulesetInput
	switch {
	case rs == nil:
		return notFound()
	case !c.decode(&in):
		return badRequest("Problems parsing JSON")
	}
	if why := c.hub.CheckRuleset(rs, in); why != "" {
		return failed(http.StatusUnprocessableEntity, "Validation Failed", why)
	}
	rs.Apply(in)
	rs.Updated = c.hub.Now()
	c.hub.EmitRuleset(rs, "edited", c.auth.Person())
	return ok(c.rulesetJSON(rs))
}

func deleteRuleset(c *call) answer {
	if refused, bad := c.refuseRulesets(); bad {
		return refused
	}
	rs := c.ruleset()
	if rs == nil {
		return notFound()
	}
	c.hub.Rulesets = slices.DeleteFunc(slices.Clone(c.hub.Rulesets), func(o *fakehub.Ruleset) bool { return o == rs })
	c.hub.EmitRuleset(rs, "deleted", c.auth.Person())
	return answer{status: http.StatusNoContent}
}

// rulesetJSON is all of a ruleset that the caller may see.
func (c *call) rulesetJSON(rs *fakehub.Ruleset) wire.Object {
	o := rs.Brief()
	if c.repo != nil {
		o = append(o, "current_user_can_bypass", rs.BypassMode(c.repo, c.auth.Person()))
	}
	if c.administers() {
		o = append(o, "bypass_actors", append([]wire.Raw{}, rs.Bypass...))
	}
	if len(rs.Conditions) > 0 {
		o = append(o, "conditions", rs.Conditions)
	}
	return append(o, "rules", append([]wire.Raw{}, rs.Rules...))
}
