package api

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/access"
	"github.com/gatehold/gatehold/internal/fakehub/wire"
)

// tokenLife is how long an installation token lives.
const tokenLife = time.Hour

// maxTokenRepos is how many repositories a token can be narrowed to.
const maxTokenRepos = 500

func getApp(c *call) answer {
	return ok(append(c.auth.App.JSON(), "installations_count", len(c.auth.App.Installs)))
}

// hookConfig is where the App's webhooks go; the secret is not told.
func hookConfig(c *call) answer {
	o := wire.Object{"content_type", "json", "insecure_ssl", "0", "url", c.auth.App.Hook.URL}
	if c.auth.App.Hook.Secret != "" {
		o = append(o, "secret", "********")
	}
	return ok(o)
}

func listInstallations(c *call) answer {
	all := c.auth.App.Installs
	from, to, link := c.page(len(all))
	out := make([]wire.Object, 0, to-from)
	for _, in := range all[from:to] {
		out = append(out, in.JSON())
	}
	ans := ok(out)
	ans.link = link
	return ans
}

// installation is the one in the path, if it is the caller's.
func (c *call) installation() *fakehub.Installation {
	in := c.hub.Installs[c.number("installation_id")]
	if in == nil || in.App != c.auth.App {
		return nil
	}
	return in
}

func getInstallation(c *call) answer {
	if in := c.installation(); in != nil {
		return ok(in.JSON())
	}
	return notFound()
}

func repoInstallation(c *call) answer {
	return ok(c.auth.App.InstallationFor(c.repo).JSON())
}

func accountInstallation(c *call) answer {
	login := c.r.PathValue("org") + c.r.PathValue("username")
	for _, in := range c.auth.App.Installs {
		if fakehub.Fold(in.Account.Login) == fakehub.Fold(login) {
			return ok(in.JSON())
		}
	}
	return notFound()
}

func createToken(c *call) answer {
	in := c.installation()
	if in == nil {
		return notFound()
	}
	if in.Suspended {
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
	g := &access.Grant{Install: in, Permissions: in.Permissions, Expires: c.hub.Now().Add(tokenLife)}
	repos, ok := in.Pick(ask.Repositories, ask.RepositoryIDs)
	if !ok {
		return unprocessable("There is at least one repository that does not exist or is not accessible to the parent installation.")
	}
	if len(repos) > 0 {
		g.Repos = map[int64]bool{}
		for _, r := range repos {
			g.Repos[r.ID] = true
		}
	}
	if len(ask.Permissions) > 0 {
		for name, level := range ask.Permissions {
			if !fakehub.Allows(in.Permissions, name, level) || fakehub.Allows(nil, name, level) {
				return unprocessable("The permissions requested are not granted to this installation.")
			}
		}
		g.Permissions = maps.Clone(ask.Permissions)
		g.Permissions["metadata"] = "read"
	}
	c.server.Book.Issue(g)
	return created(grantJSON(g, repos))
}

func grantJSON(g *access.Grant, repos []*fakehub.Repo) wire.Object {
	o := wire.Object{"token", g.Token, "expires_at", g.Expires, "permissions", fakehub.PermissionsJSON(g.Permissions)}
	if g.Repos == nil {
		return append(o, "repository_selection", g.Install.Selection())
	}
	shown := wire.List{}
	for _, r := range repos {
		shown = append(shown, r.JSON())
	}
	return append(o, "repository_selection", "selected", "repositories", shown)
}

func revokeToken(c *call) answer {
	c.server.Book.Drop(c.auth.Grant.Token)
	return answer{status: http.StatusNoContent}
}

func installationRepos(c *call) answer {
	var all []*fakehub.Repo
	for _, r := range c.hub.RepoByID {
		if c.auth.Covers(r) {
			all = append(all, r)
		}
	}
	slices.SortFunc(all, func(a, b *fakehub.Repo) int { return strings.Compare(a.Name, b.Name) })
	from, to, link := c.page(len(all))
	out := wire.List{}
	for _, r := range all[from:to] {
		out = append(out, r.JSON())
	}
	ans := ok(wire.Object{"total_count", len(all), "repository_selection", c.auth.Grant.Install.Selection(), "repositories", out})
	ans.link = link
	return ans
}

func rateLimit(c *call) answer {
	return ok(c.server.Quotas.overview(c, c.hub.Now()))
}
