package api

import (
	"context"
	"net/http"

	"github.com/gatehold/gatehold/internal/gate"
)

var installationRoute = Route{Name: "GET /repos/{owner}/{repo}/installation"}

// Of returns the client for a repository. Where the event did not name
// the installation, GitHub is asked for it, once for each repository.
// https://docs.github.com/en/rest/apps/apps#get-a-repository-installation-for-the-authenticated-app
func (g *GitHub) Of(ctx context.Context, repo gate.Repo) (*Client, error) {
	if err := CheckRepo(repo); err != nil {
		return nil, err
	}
	if repo.Installation > 0 {
		return g.Installed(repo.Installation)
	}
	g.mu.Lock()
	id, known := g.homes.Get(repo.ID)
	g.mu.Unlock()
	if known {
		return g.Installed(id)
	}
	app, err := g.AsApp()
	if err != nil {
		return nil, err
	}
	var found struct {
		ID int64 `json:"id"`
	}
	err = app.do(ctx, app.rest, Request{
		Route: installationRoute, Method: http.MethodGet, URL: RepoPath(repo) + "/installation",
		Doing: "find the App's installation on " + repo.FullName(),
	}, Into(&found))
	if err != nil {
		return nil, err
	}
	g.mu.Lock()
	g.homes.Put(repo.ID, found.ID, 1)
	g.mu.Unlock()
	return g.Installed(found.ID)
}

// forgetHomes has the installation of its repositories looked up again: one
// that is gone may have been replaced by a new one.
func (g *GitHub) forgetHomes(installation int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.homes.RemoveIf(func(id int64) bool { return id == installation })
}

// Accepted drops an installation's client where the account has granted more
// since its token was given out: that token never gets it. It comes with an
// event that asks for such a list.
func (g *GitHub) Accepted(installation int64, permissions map[string]string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	c, ok := g.clients.Get(installation)
	if !ok || c.slots.granted.Load() == nil {
		return
	}
	for name, level := range permissions {
		if !c.slots.may(name, level) {
			g.clients.Remove(installation)
			return
		}
	}
}
