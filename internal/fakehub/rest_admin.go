package fakehub

import "net/http"

// What an administrator's tools read beside rulesets: the older protection of
// single branches, and which repositories an organisation has.

// classicProtection is a protection rule of one branch, as it was before there
// were rulesets.
type classicProtection struct {
	check  string
	app    int64 // 0: of anybody
	admins bool  // holds for administrators too
}

// ProtectClassic requires a check of an App (0: of anybody) on one branch by
// the older branch protection; admins says whether it binds administrators.
func (r *Repo) ProtectClassic(branch, check string, appID int64, admins bool) {
	r.hub.mu.Lock()
	defer r.hub.mu.Unlock()
	if r.classic == nil {
		r.classic = map[string]classicProtection{}
	}
	r.classic[branch] = classicProtection{check: check, app: appID, admins: admins}
}

func adminRoutes() []route {
	return []route{
		{method: "GET", template: "/orgs/{org}/repos", who: byToken, need: "metadata:read", fn: (*Hub).orgRepos},
		{method: "GET", template: "/repos/{owner}/{repo}/branches/{branch}/protection", who: byToken,
			need: "administration:read", fn: (*Hub).getProtection},
	}
}

func (h *Hub) orgRepos(c *call) answer {
	o := c.org()
	if o == nil {
		return notFound()
	}
	var all []*Repo
	for _, r := range h.reposByID() {
		if r.owner == o.Account && c.auth.sees(r) {
			all = append(all, r)
		}
	}
	from, to, link := c.page(len(all))
	out := list{}
	for _, r := range all[from:to] {
		out = append(out, r.json())
	}
	ans := ok(out)
	ans.link = link
	return ans
}

// getProtection is for administrators only, as on GitHub.
func (h *Hub) getProtection(c *call) answer {
	if c.auth.kind == byUser && c.repo.permission(c.auth.grant.user) != "admin" {
		return notFound()
	}
	branch := c.r.PathValue("branch")
	p, protected := c.repo.classic[branch]
	if !protected {
		return failed(http.StatusNotFound, "Branch not protected")
	}
	var app any
	if p.app != 0 {
		app = p.app
	}
	url := c.repo.api() + "/branches/" + escapePath(branch) + "/protection"
	return ok(obj{"url", url,
		"required_status_checks", obj{"url", url + "/required_status_checks", "strict", false, "contexts", list{p.check},
			"contexts_url", url + "/required_status_checks/contexts", "checks", list{obj{"context", p.check, "app_id", app}}},
		"enforce_admins", obj{"url", url + "/enforce_admins", "enabled", p.admins}})
}
