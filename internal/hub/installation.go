package hub

import (
	"context"
	"net/http"

	"github.com/gatehold/gatehold/internal/gate"
)

var installationRoute = route{name: "GET /repos/{owner}/{repo}/installation"}

// clientOf returns the client for a repository. Where the event did not name
// the installation, GitHub is asked for it, once for each repository.
// https://docs.github.com/en/rest/apps/apps#get-a-repository-installation-for-the-authenticated-app
func (h *Hub) clientOf(ctx context.Context, repo gate.Repo) (*client, error) {
	if err := checkRepo(repo); err != nil {
		return nil, err
	}
	if repo.Installation > 0 {
		return h.client(repo.Installation)
	}
	h.mu.Lock()
	id, known := h.homes.get(repo.ID)
	h.mu.Unlock()
	if known {
		return h.client(id)
	}
	app, err := h.app()
	if err != nil {
		return nil, err
	}
	var found struct {
		ID int64 `json:"id"`
	}
	err = app.do(ctx, app.rest, request{
		route: installationRoute, method: http.MethodGet, url: repoPath(repo) + "/installation",
		doing: "find the App's installation on " + repo.FullName(),
	}, into(&found))
	if err != nil {
		return nil, err
	}
	h.mu.Lock()
	h.homes.put(repo.ID, found.ID, 1)
	h.mu.Unlock()
	return h.client(found.ID)
}

// forgetHomes has the installation of its repositories looked up again: one
// that is gone may have been replaced by a new one.
func (h *Hub) forgetHomes(installation int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for repo, e := range h.homes.items {
		if e.Value.(*lruItem[int64, int64]).value == installation {
			h.homes.remove(repo)
		}
	}
}
