package fakehub

import (
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// tokenLife is how long an installation token lives.
const tokenLife = time.Hour

// maxTokenRepos is how many repositories a token can be narrowed to.
const maxTokenRepos = 500

func (h *Hub) getApp(c *call) answer {
	return ok(append(c.auth.app.json(), "installations_count", len(c.auth.app.installs)))
}

// hookConfig is where the App's webhooks go; the secret is not told.
func (h *Hub) hookConfig(c *call) answer {
	o := obj{"content_type", "json", "insecure_ssl", "0", "url", c.auth.app.hookURL}
	if c.auth.app.secret != "" {
		o = append(o, "secret", "********")
	}
	return ok(o)
}

func (h *Hub) listInstallations(c *call) answer {
	all := c.auth.app.installs
	from, to, link := c.page(len(all))
	out := make([]obj, 0, to-from)
	for _, in := range all[from:to] {
		out = append(out, in.json())
	}
	ans := ok(out)
	ans.link = link
	return ans
}

// installation is the one in the path, if it is the caller's.
func (c *call) installation() *Installation {
	in := c.hub.installs[c.number("installation_id")]
	if in == nil || in.app != c.auth.app {
		return nil
	}
	return in
}

func (h *Hub) getInstallation(c *call) answer {
	if in := c.installation(); in != nil {
		return ok(in.json())
	}
	return notFound()
}

func (h *Hub) repoInstallation(c *call) answer {
	return ok(c.auth.app.installationFor(c.repo).json())
}

func (h *Hub) accountInstallation(c *call) answer {
	login := c.r.PathValue("org") + c.r.PathValue("username")
	for _, in := range c.auth.app.installs {
		if fold(in.account.Login) == fold(login) {
			return ok(in.json())
		}
	}
	return notFound()
}

func (h *Hub) createToken(c *call) answer {
	in := c.installation()
	if in == nil {
		return notFound()
	}
	if in.suspended {
		return failed(http.StatusForbidden, "This installation has been suspended")
	}
	var ask struct {
		Repositories  []string          `json:"repositories"`
		RepositoryIDs []int64           `json:"repository_ids"`
		Permissions   map[string]string `json:"permissions"`
	}
	if !c.decode(&ask) {
		return badRequest("Problems parsing JSON")
	}
	if len(ask.Repositories)+len(ask.RepositoryIDs) > maxTokenRepos {
		return unprocessable(fmt.Sprintf("A token can be narrowed to %d repositories at most.", maxTokenRepos))
	}
	g := &grant{install: in, permissions: in.permissions, expires: h.now().Add(tokenLife)}
	repos, ok := in.pick(ask.Repositories, ask.RepositoryIDs)
	if !ok {
		return unprocessable("There is at least one repository that does not exist or is not accessible to the parent installation.")
	}
	if len(repos) > 0 {
		g.repos = map[int64]bool{}
		for _, r := range repos {
			g.repos[r.ID] = true
		}
	}
	if len(ask.Permissions) > 0 {
		for name, level := range ask.Permissions {
			if !allows(in.permissions, name, level) || allows(nil, name, level) {
				return unprocessable("The permissions requested are not granted to this installation.")
			}
		}
		g.permissions = maps.Clone(ask.Permissions)
		g.permissions["metadata"] = "read"
	}
	g.token = h.newToken(in.app.ID)
	h.tokens.add(g, h.now())
	return created(g.json(repos))
}

// newToken has the form that GitHub gives installation tokens since 2026: about
// 520 characters, with dots in them.
func (h *Hub) newToken(appID int64) string {
	part := func(n int) string { return base64.RawURLEncoding.EncodeToString(h.random.bytes(n)) }
	return fmt.Sprintf("ghs_%d_%s.%s.%s", appID, part(27), part(96), part(256))
}

// pick finds the repositories that a token is narrowed to; all must be the
// installation's.
func (in *Installation) pick(names []string, ids []int64) (repos []*Repo, ok bool) {
	h := in.app.hub
	for _, name := range names {
		r := h.repos[fold(in.account.Login+"/"+name)]
		if r == nil || !in.covers(r) {
			return nil, false
		}
		repos = append(repos, r)
	}
	for _, id := range ids {
		r := h.repoByID[id]
		if r == nil || !in.covers(r) {
			return nil, false
		}
		repos = append(repos, r)
	}
	return repos, true
}

func (g *grant) json(repos []*Repo) obj {
	o := obj{"token", g.token, "expires_at", g.expires, "permissions", permissionsJSON(g.permissions)}
	if g.repos == nil {
		return append(o, "repository_selection", g.install.selection())
	}
	shown := list{}
	for _, r := range repos {
		shown = append(shown, r.json())
	}
	return append(o, "repository_selection", "selected", "repositories", shown)
}

func (h *Hub) revokeToken(c *call) answer {
	h.tokens.drop(c.auth.grant.token)
	return answer{status: http.StatusNoContent}
}

func (h *Hub) installationRepos(c *call) answer {
	var all []*Repo
	for _, r := range h.repoByID {
		if c.auth.covers(r) {
			all = append(all, r)
		}
	}
	slices.SortFunc(all, func(a, b *Repo) int { return strings.Compare(a.Name, b.Name) })
	from, to, link := c.page(len(all))
	out := list{}
	for _, r := range all[from:to] {
		out = append(out, r.json())
	}
	ans := ok(obj{"total_count", len(all), "repository_selection", c.auth.grant.install.selection(), "repositories", out})
	ans.link = link
	return ans
}

func (h *Hub) rateLimit(c *call) answer {
	return ok(h.quota.overview(c, h.now()))
}
