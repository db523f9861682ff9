package fakehub

import (
	"maps"
	"net/http"
	"slices"
)

// accountsBegan is when all accounts and teams say that they were made.
const accountsBegan = "2020-01-01T00:00:00Z"

func (h *Hub) getUser(c *call) answer { return ok(c.auth.grant.user.publicJSON()) }

func (h *Hub) getAccount(c *call) answer {
	a := h.accounts[fold(c.r.PathValue("username"))]
	if a == nil {
		return notFound()
	}
	return ok(a.publicJSON())
}

// accountByID finds an account by the number that stays when a login changes.
func (h *Hub) accountByID(c *call) answer {
	if a := h.byID[c.number("account_id")]; a != nil {
		return ok(a.publicJSON())
	}
	return notFound()
}

// orgMember answers whether somebody is a member, by the status alone.
func (h *Hub) orgMember(c *call) answer {
	o, a := c.org(), h.accounts[fold(c.r.PathValue("username"))]
	if o == nil || a == nil || o.members[a.ID] == "" {
		return notFound()
	}
	return answer{status: http.StatusNoContent}
}

// publicJSON is an account's page.
func (a *Account) publicJSON() raw {
	more := encode(obj{"name", a.Name, "company", nil, "blog", "", "location", nil, "email", nil, "hireable", nil, "bio", nil,
		"twitter_username", nil, "public_repos", 0, "public_gists", 0, "followers", 0, "following", 0,
		"created_at", accountsBegan, "updated_at", accountsBegan})
	simple := a.json()
	return append(append(slices.Clone(simple[:len(simple)-1]), ','), more[1:]...)
}

// org is the organisation in the path, if the caller may ask about it.
func (c *call) org() *Org {
	a := c.hub.accounts[fold(c.r.PathValue("org"))]
	if a == nil || c.hub.orgs[a.ID] == nil {
		return nil
	}
	if c.auth.kind == byInstall && c.auth.grant.install.account != a {
		return nil
	}
	return c.hub.orgs[a.ID]
}

func (h *Hub) orgMembership(c *call) answer {
	o, a := c.org(), h.accounts[fold(c.r.PathValue("username"))]
	if o == nil || a == nil || o.members[a.ID] == "" {
		return notFound()
	}
	url := h.URL() + "/orgs/" + o.Login
	return ok(obj{"url", url + "/memberships/" + a.Login, "state", "active", "role", o.members[a.ID], "organization_url", url,
		"organization", o.orgJSON(), "user", a.json(), "direct_membership", true})
}

func (c *call) team() *Team {
	o := c.org()
	if o == nil {
		return nil
	}
	return o.teams[fold(c.r.PathValue("team_slug"))]
}

func (h *Hub) getTeam(c *call) answer {
	t := c.team()
	if t == nil {
		return notFound()
	}
	var parent any
	if t.parent != nil {
		parent = t.parent.json()
	}
	return ok(append(t.json(), "parent", parent, "members_count", len(t.members), "repos_count", 0, "created_at", accountsBegan,
		"updated_at", accountsBegan, "organization",
		append(t.org.orgJSON(), "html_url", h.URL()+"/"+t.org.Login, "has_organization_projects", true,
			"has_repository_projects", true, "public_repos", 0, "public_gists", 0, "followers", 0, "following", 0, "type", "Organization",
			"created_at", accountsBegan, "updated_at", accountsBegan, "archived_at", nil)))
}

func (t *Team) json() obj {
	url := t.org.hub.URL() + "/organizations/" + t.org.Login + "/team/" + t.Slug
	return obj{"id", t.ID, "node_id", nodeID("T", t.ID), "url", url, "html_url",
		t.org.hub.URL() + "/orgs/" + t.org.Login + "/teams/" + t.Slug,
		"name", t.Slug, "slug", t.Slug, "description", "", "privacy", "closed", "notification_setting", "notifications_enabled",
		"permission", "pull", "members_url", url + "/members{/member}", "repositories_url", url + "/repos", "type", "organization",
		"organization_id", t.org.ID}
}

// teamMembers lists the members of the team and of its children.
func (h *Hub) teamMembers(c *call) answer {
	t := c.team()
	if t == nil {
		return notFound()
	}
	ids := map[int64]bool{}
	t.collect(ids, 0)
	sorted := slices.Sorted(maps.Keys(ids))
	from, to, link := c.page(len(sorted))
	out := list{}
	for _, id := range sorted[from:to] {
		out = append(out, h.byID[id].json())
	}
	ans := ok(out)
	ans.link = link
	return ans
}

func (t *Team) collect(ids map[int64]bool, depth int) {
	for id := range t.members {
		ids[id] = true
	}
	for _, c := range t.children {
		if depth < 32 {
			c.collect(ids, depth+1)
		}
	}
}

func (h *Hub) teamMembership(c *call) answer {
	t, a := c.team(), h.accounts[fold(c.r.PathValue("username"))]
	if t == nil || a == nil {
		return notFound()
	}
	role, active := t.role(a.ID, 0)
	if role == "" {
		return notFound()
	}
	state := "pending"
	if active {
		state = "active"
		if t.org.members[a.ID] == "admin" { // owners of the organisation are maintainers of every team they are in
			role = "maintainer"
		}
	}
	return ok(obj{"url", h.URL() + "/orgs/" + t.org.Login + "/teams/" + t.Slug + "/memberships/" + a.Login, "role", role, "state", state})
}

func roleRank(role string) int {
	return slices.Index([]string{"", "read", "triage", "write", "maintain", "admin"}, role)
}

// permission is the role that an account has in a repository: its own, what
// its teams have, or what the organisation gives its owners and members; none
// where it may not even read.
func (r *Repo) permission(a *Account) string {
	best := r.collaborators[a.ID]
	raise := func(role string) {
		if roleRank(role) > roleRank(best) {
			best = role
		}
	}
	if a == r.owner {
		raise("admin")
	}
	if o := r.hub.orgs[r.owner.ID]; o != nil {
		switch o.members[a.ID] {
		case "admin":
			raise("admin")
		case "member":
			raise("read")
		}
	}
	for t, role := range r.teams {
		if _, in := t.role(a.ID, 0); in {
			raise(role)
		}
	}
	if !r.private {
		raise("read")
	}
	return orElse(best, "none")
}

func (h *Hub) collaboratorPermission(c *call) answer {
	a := h.accounts[fold(c.r.PathValue("username"))]
	if a == nil {
		return failed(http.StatusNotFound, c.r.PathValue("username")+" is not a user")
	}
	role := c.repo.permission(a)
	permission := map[string]string{"maintain": "write", "triage": "read"}[role]
	simple := a.json()
	rank := roleRank(role)
	user := raw(append(append(slices.Clone(simple[:len(simple)-1]), ','), encode(obj{"role_name", role, "permissions",
		obj{"pull", rank >= 1, "triage", rank >= 2, "push", rank >= 3, "maintain", rank >= 4, "admin", rank >= 5}})[1:]...))
	return ok(obj{"permission", orElse(permission, role), "role_name", role, "user", user})
}
