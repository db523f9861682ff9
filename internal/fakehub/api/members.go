package api

import (
	"cmp"
	"maps"
	"net/http"
	"slices"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/access"
	"github.com/gatehold/gatehold/internal/fakehub/wire"
)

// accountsBegan is when all accounts and teams say that they were made.
const accountsBegan = "2020-01-01T00:00:00Z"

func getUser(c *call) answer { return ok(publicJSON(c.auth.Grant.User)) }

func getAccount(c *call) answer {
	a := c.hub.Account(c.r.PathValue("username"))
	if a == nil {
		return notFound()
	}
	return ok(publicJSON(a))
}

// accountByID finds an account by the number that stays when a login changes.
func accountByID(c *call) answer {
	if a := c.hub.AccountByID[c.number("account_id")]; a != nil {
		return ok(publicJSON(a))
	}
	return notFound()
}

// orgMember answers whether somebody is a member, by the status alone.
func orgMember(c *call) answer {
	o, a := c.org(), c.hub.Account(c.r.PathValue("username"))
	if o == nil || a == nil || o.Members[a.ID] == "" {
		return notFound()
	}
	return answer{status: http.StatusNoContent}
}

// publicJSON is an account's page.
func publicJSON(a *fakehub.Account) wire.Raw {
	more := wire.Encode(wire.Object{"name", a.Name, "company", nil, "blog", "", "location", nil, "email", nil, "hireable", nil, "bio", nil,
		"twitter_username", nil, "public_repos", 0, "public_gists", 0, "followers", 0, "following", 0,
		"created_at", accountsBegan, "updated_at", accountsBegan})
	simple := a.JSON()
	return append(append(slices.Clone(simple[:len(simple)-1]), ','), more[1:]...)
}

// org is the organisation in the path, if the caller may ask about it.
func (c *call) org() *fakehub.Org {
	a := c.hub.Account(c.r.PathValue("org"))
	if a == nil || c.hub.Orgs[a.ID] == nil {
		return nil
	}
	if c.auth.Kind == access.ByInstall && c.auth.Grant.Install.Account != a {
		return nil
	}
	return c.hub.Orgs[a.ID]
}

func orgMembership(c *call) answer {
	o, a := c.org(), c.hub.Account(c.r.PathValue("username"))
	if o == nil || a == nil || o.Members[a.ID] == "" {
		return notFound()
	}
	url := c.hub.URL() + "/orgs/" + o.Login
	return ok(wire.Object{"url", url + "/memberships/" + a.Login, "state", "active", "role", o.Members[a.ID], "organization_url", url,
		"organization", o.OrgJSON(), "user", a.JSON(), "direct_membership", true})
}

func (c *call) team() *fakehub.Team {
	o := c.org()
	if o == nil {
		return nil
	}
	return o.Teams[fakehub.Fold(c.r.PathValue("team_slug"))]
}

func getTeam(c *call) answer {
	t := c.team()
	if t == nil {
		return notFound()
	}
	var parent any
	if t.Parent != nil {
		parent = teamJSON(c.hub, t.Parent)
	}
	return ok(append(teamJSON(c.hub, t), "parent", parent, "members_count", len(t.Members), "repos_count", 0, "created_at", accountsBegan,
		"updated_at", accountsBegan, "organization",
		append(t.Org.OrgJSON(), "html_url", c.hub.URL()+"/"+t.Org.Login, "has_organization_projects", true,
			"has_repository_projects", true, "public_repos", 0, "public_gists", 0, "followers", 0, "following", 0, "type", "Organization",
			"created_at", accountsBegan, "updated_at", accountsBegan, "archived_at", nil)))
}

func teamJSON(h *fakehub.Hub, t *fakehub.Team) wire.Object {
	url := h.URL() + "/organizations/" + t.Org.Login + "/team/" + t.Slug
	return wire.Object{"id", t.ID, "node_id", wire.NodeID("T", t.ID), "url", url, "html_url",
		h.URL() + "/orgs/" + t.Org.Login + "/teams/" + t.Slug,
		"name", t.Slug, "slug", t.Slug, "description", "", "privacy", "closed", "notification_setting", "notifications_enabled",
		"permission", "pull", "members_url", url + "/members{/member}", "repositories_url", url + "/repos", "type", "organization",
		"organization_id", t.Org.ID}
}

// teamMembers lists the members of the team and of its children.
func teamMembers(c *call) answer {
	t := c.team()
	if t == nil {
		return notFound()
	}
	ids := map[int64]bool{}
	collect(t, ids, 0)
	sorted := slices.Sorted(maps.Keys(ids))
	from, to, link := c.page(len(sorted))
	out := wire.List{}
	for _, id := range sorted[from:to] {
		out = append(out, c.hub.AccountByID[id].JSON())
	}
	ans := ok(out)
	ans.link = link
	return ans
}

func collect(t *fakehub.Team, ids map[int64]bool, depth int) {
	for id := range t.Members {
		ids[id] = true
	}
	for _, c := range t.Children {
		if depth < 32 {
			collect(c, ids, depth+1)
		}
	}
}

func teamMembership(c *call) answer {
	t, a := c.team(), c.hub.Account(c.r.PathValue("username"))
	if t == nil || a == nil {
		return notFound()
	}
	role, active := t.Role(a.ID, 0)
	if role == "" {
		return notFound()
	}
	state := "pending"
	if active {
		state = "active"
		if t.Org.Members[a.ID] == "admin" { // owners of the organisation are maintainers of every team they are in
			role = "maintainer"
		}
	}
	return ok(wire.Object{"url", c.hub.URL() + "/orgs/" + t.Org.Login + "/teams/" + t.Slug + "/memberships/" + a.Login,
		"role", role, "state", state})
}

func collaboratorPermission(c *call) answer {
	a := c.hub.Account(c.r.PathValue("username"))
	if a == nil {
		return failed(http.StatusNotFound, c.r.PathValue("username")+" is not a user")
	}
	role := c.repo.Permission(a)
	permission := map[string]string{"maintain": "write", "triage": "read"}[role]
	simple := a.JSON()
	rank := fakehub.RoleRank(role)
	user := wire.Raw(append(append(slices.Clone(simple[:len(simple)-1]), ','), wire.Encode(wire.Object{"role_name", role, "permissions",
		wire.Object{"pull", rank >= 1, "triage", rank >= 2, "push", rank >= 3, "maintain", rank >= 4, "admin", rank >= 5}})[1:]...))
	return ok(wire.Object{"permission", cmp.Or(permission, role), "role_name", role, "user", user})
}
