package api

import (
	"net/http"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/access"
	"github.com/gatehold/gatehold/internal/fakehub/wire"
)

// What an administrator's tools read beside rulesets: the older protection of
// single branches, and which repositories an organisation has.

func adminRoutes() []route {
	return []route{
		{method: "GET", template: "/orgs/{org}/repos", who: access.ByToken, need: "metadata:read", fn: orgRepos},
		{method: "GET", template: "/repos/{owner}/{repo}/branches/{branch}/protection", who: access.ByToken,
			need: "administration:read", fn: getProtection},
	}
}

func orgRepos(c *call) answer {
	o := c.org()
	if o == nil {
		return notFound()
	}
	var all []*fakehub.Repo
	for _, r := range c.hub.ReposByID() {
		if r.Owner == o.Account && c.auth.Sees(r) {
			all = append(all, r)
		}
	}
	from, to, link := c.page(len(all))
	out := wire.List{}
	for _, r := range all[from:to] {
		out = append(out, r.JSON())
	}
	ans := ok(out)
	ans.link = link
	return ans
}

// getProtection is for administrators only, as on GitHub.
func getProtection(c *call) answer {
	if c.auth.Kind == access.ByUser && c.repo.Permission(c.auth.Grant.User) != "admin" {
		return notFound()
	}
	branch := c.r.PathValue("branch")
	p, protected := c.repo.Classic[branch]
	if !protected {
		return failed(http.StatusNotFound, "Branch not protected")
	}
	var app any
	if p.App != 0 {
		app = p.App
	}
	url := c.repo.API() + "/branches/" + wire.EscapePath(branch) + "/protection"
	return ok(wire.Object{"url", url,
		"required_status_checks", wire.Object{"url", url + "/required_status_checks", "strict", false, "contexts", wire.List{p.Check},
			"contexts_url", url + "/required_status_checks/contexts", "checks", wire.List{wire.Object{"context", p.Check, "app_id", app}}},
		"enforce_admins", wire.Object{"url", url + "/enforce_admins", "enabled", p.Admins}})
}
