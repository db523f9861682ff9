package fakehub

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
)

// The rulesets of a repository or, where the path names one, an organisation.

func rulesetRoutes() []route {
	return []route{
		{method: "GET", template: "/repos/{owner}/{repo}/rulesets", who: byToken, need: "metadata:read", public: true,
			fn: (*Hub).listRulesets},
		{method: "POST", template: "/repos/{owner}/{repo}/rulesets", who: byToken, need: "administration:write", write: true,
			fn: (*Hub).createRuleset},
		{method: "GET", template: "/repos/{owner}/{repo}/rulesets/{ruleset_id}", who: byToken, need: "metadata:read",
			public: true, fn: (*Hub).getRuleset},
		{method: "PUT", template: "/repos/{owner}/{repo}/rulesets/{ruleset_id}", who: byToken, need: "administration:write",
			write: true, fn: (*Hub).updateRuleset},
		{method: "DELETE", template: "/repos/{owner}/{repo}/rulesets/{ruleset_id}", who: byToken, need: "administration:write",
			write: true, fn: (*Hub).deleteRuleset},
		{method: "GET", template: "/orgs/{org}/rulesets", who: byToken, need: "organization_administration:write", fn: (*Hub).listRulesets},
		{method: "POST", template: "/orgs/{org}/rulesets", who: byToken, need: "organization_administration:write", write: true,
			fn: (*Hub).createRuleset},
		{method: "GET", template: "/orgs/{org}/rulesets/{ruleset_id}", who: byToken, need: "organization_administration:write",
			fn: (*Hub).getRuleset},
		{method: "PUT", template: "/orgs/{org}/rulesets/{ruleset_id}", who: byToken, need: "organization_administration:write",
			write: true, fn: (*Hub).updateRuleset},
		{method: "DELETE", template: "/orgs/{org}/rulesets/{ruleset_id}", who: byToken,
			need: "organization_administration:write", write: true, fn: (*Hub).deleteRuleset},
	}
}

// administers says whether the caller may change the rulesets of what the path
// names, and so see who can bypass them.
func (c *call) administers() bool {
	if c.auth.kind == byUser {
		if c.repo != nil {
			return c.repo.permission(c.auth.grant.user) == "admin"
		}
		o := c.org()
		return o != nil && o.members[c.auth.grant.user.ID] == "admin"
	}
	g, name := c.auth.grant, "administration"
	if c.repo == nil {
		name = "organization_administration"
	}
	return allows(g.permissions, name, "write") && allows(g.install.permissions, name, "write")
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
func (c *call) here(rs *ruleset) bool {
	if c.repo == nil {
		return rs.org != nil && rs.org == c.org()
	}
	if rs.repo == nil && (c.query("includes_parents") == "false" || c.route.write) {
		return false
	}
	return rs.covers(c.repo)
}

func (c *call) ruleset() *ruleset {
	id := c.number("ruleset_id")
	i := slices.IndexFunc(c.hub.rulesets, func(rs *ruleset) bool { return rs.id == id && c.here(rs) })
	if i < 0 {
		return nil
	}
	return c.hub.rulesets[i]
}

func (h *Hub) listRulesets(c *call) answer {
	if refused, bad := c.refuseRulesets(); bad {
		return refused
	}
	var all []*ruleset
	for _, rs := range h.rulesets {
		if c.here(rs) {
			all = append(all, rs)
		}
	}
	from, to, link := c.page(len(all))
	out := make([]obj, 0, to-from)
	for _, rs := range all[from:to] {
		out = append(out, rs.brief())
	}
	ans := ok(out)
	ans.link = link
	return ans
}

func (h *Hub) getRuleset(c *call) answer {
	if refused, bad := c.refuseRulesets(); bad {
		return refused
	}
	if rs := c.ruleset(); rs != nil {
		return ok(c.rulesetJSON(rs))
	}
	return notFound()
}

func (h *Hub) createRuleset(c *call) answer {
	if refused, bad := c.refuseRulesets(); bad {
		return refused
	}
	var in rulesetInput
	if json.Unmarshal(c.body, &in) != nil {
		return badRequest("Problems parsing JSON")
	}
	rs := &ruleset{repo: c.repo}
	if c.repo == nil {
		rs.org = c.org()
	}
	if why := h.addRuleset(rs, in, c.person()); why != "" {
		return failed(http.StatusUnprocessableEntity, "Validation Failed", why)
	}
	return created(c.rulesetJSON(rs))
}

func (h *Hub) updateRuleset(c *call) answer {
	if refused, bad := c.refuseRulesets(); bad {
		return refused
	}
	rs := c.ruleset()
	var in rulesetInput
	switch {
	case rs == nil:
		return notFound()
	case !c.decode(&in):
		return badRequest("Problems parsing JSON")
	}
	if why := h.checkRuleset(rs, in); why != "" {
		return failed(http.StatusUnprocessableEntity, "Validation Failed", why)
	}
	rs.apply(in)
	rs.updated = h.now()
	h.emitRuleset(rs, "edited", c.person())
	return ok(c.rulesetJSON(rs))
}

func (h *Hub) deleteRuleset(c *call) answer {
	if refused, bad := c.refuseRulesets(); bad {
		return refused
	}
	rs := c.ruleset()
	if rs == nil {
		return notFound()
	}
	h.rulesets = slices.DeleteFunc(slices.Clone(h.rulesets), func(o *ruleset) bool { return o == rs })
	h.emitRuleset(rs, "deleted", c.person())
	return answer{status: http.StatusNoContent}
}

// person is whose token the caller has: somebody's own, or the App's bot.
func (c *call) person() *Account {
	if c.auth.kind == byUser {
		return c.auth.grant.user
	}
	return c.auth.app.Bot
}

// brief is a ruleset in a list: what it is, and not what it holds.
func (rs *ruleset) brief() obj {
	kind, source := rs.source()
	var api, html string
	if rs.repo != nil {
		api, html = rs.repo.api(), rs.repo.html()+"/rules/"
	} else {
		url := rs.org.hub.URL()
		api, html = url+"/orgs/"+rs.org.Login, url+"/organizations/"+rs.org.Login+"/settings/rules/"
	}
	return obj{"id", rs.id, "name", rs.name, "target", rs.target, "source_type", kind, "source", source, "enforcement", rs.enforcement,
		"node_id", nodeID("RRS", rs.id), "_links", obj{"self", obj{"href", fmt.Sprintf("%s/rulesets/%d", api, rs.id)},
			"html", obj{"href", fmt.Sprintf("%s%d", html, rs.id)}}, "created_at", rs.created, "updated_at", rs.updated}
}

// rulesetJSON is all of a ruleset that the caller may see.
func (c *call) rulesetJSON(rs *ruleset) obj {
	o := rs.brief()
	if c.repo != nil {
		o = append(o, "current_user_can_bypass", rs.bypassMode(c.repo, c.person()))
	}
	if c.administers() {
		o = append(o, "bypass_actors", append([]raw{}, rs.bypass...))
	}
	if len(rs.conditions) > 0 {
		o = append(o, "conditions", rs.conditions)
	}
	return append(o, "rules", append([]raw{}, rs.rules...))
}

// roleOf are the ids that GitHub gives its roles among the actors of a bypass.
var roleOf = map[int64]string{2: "maintain", 4: "write", 5: "admin"}

// bypassMode says how somebody can go past a ruleset of a repository.
func (rs *ruleset) bypassMode(r *Repo, who *Account) string {
	best := "never"
	for _, item := range rs.bypass {
		var actor struct {
			ID   int64  `json:"actor_id"`
			Type string `json:"actor_type"`
			Mode string `json:"bypass_mode"`
		}
		if json.Unmarshal(item, &actor) != nil || !r.actsAs(who, actor.Type, actor.ID) {
			continue
		}
		switch {
		case actor.Mode == "pull_request" && best == "never":
			best = "pull_requests_only"
		case actor.Mode == "exempt":
			best = "exempt"
		case actor.Mode != "pull_request" && best != "exempt":
			best = "always"
		}
	}
	return best
}

// actsAs says whether somebody is meant by an actor of a bypass.
func (r *Repo) actsAs(who *Account, kind string, id int64) bool {
	o := r.hub.orgs[r.owner.ID]
	switch kind {
	case "Integration":
		app := r.hub.appOf(who)
		return app != nil && app.ID == id
	case "User":
		return who.ID == id
	case "OrganizationAdmin":
		return o != nil && o.members[who.ID] == "admin"
	case "RepositoryRole":
		return roleOf[id] != "" && roleRank(r.permission(who)) >= roleRank(roleOf[id])
	case "Team":
		if o == nil {
			return false
		}
		for _, t := range o.teams {
			if _, in := t.role(who.ID, 0); t.ID == id && in {
				return true
			}
		}
	}
	return false
}

// emitRuleset tells the Apps that hear of rulesets, which needs
// administration: read. Those of an organisation are told to nobody here.
func (h *Hub) emitRuleset(rs *ruleset, action string, by *Account) {
	if rs.repo == nil || !h.listens(rs.repo, "repository_ruleset") {
		return
	}
	shown := append(rs.brief(), "rules", append([]raw{}, rs.rules...))
	if len(rs.conditions) > 0 {
		shown = append(shown, "conditions", rs.conditions)
	}
	h.emit(rs.repo, "repository_ruleset", action,
		obj{"action", action, "repository_ruleset", shown, "repository", rs.repo.json(), "sender", by.json()})
}
