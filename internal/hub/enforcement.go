package hub

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

// What makes GitHub wait for gatehold is read again and again, so these answers
// are kept: one that has not changed costs none of the quota.

var (
	repositoryRoute = route{name: "GET /repos/{owner}/{repo}", need: "metadata: read", max: 1 << 20, cache: true}
	branchRoute     = route{name: "GET /repos/{owner}/{repo}/branches/{branch}", need: "contents: read", max: 8 << 20, cache: true}
	rulesetRoute    = route{name: "GET /repos/{owner}/{repo}/rulesets/{ruleset_id}", need: "metadata: read", max: 4 << 20, cache: true}
)

// DefaultBranch is the name of a repository's default branch, as the last list
// of repositories told it. GitHub is asked where none did.
// https://docs.github.com/en/rest/repos/repos#get-a-repository
func (h *Hub) DefaultBranch(ctx context.Context, repo gate.Repo) (string, error) {
	h.mu.Lock()
	branch, known := h.defaults.get(repo.ID)
	h.mu.Unlock()
	if known {
		return branch, nil
	}
	c, err := h.clientOf(ctx, repo)
	if err != nil {
		return "", err
	}
	var answer wire.Repo
	err = c.get(ctx, request{route: repositoryRoute, url: repoPath(repo), doing: "read " + repo.FullName()}, into(&answer))
	switch {
	case err != nil:
		return "", err
	case answer.ID != repo.ID:
		return "", &gate.Error{Code: "not_found", Text: fmt.Sprintf("%s is another repository by now.", repo.FullName()), Final: true}
	}
	return answer.Default, nil
}

// tellDefault remembers what a list of repositories says.
func (h *Hub) tellDefault(id int64, branch string) {
	if branch == "" {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.defaults.put(id, branch, 1)
}

// Branch reads a branch as GitHub sends it, with what classic branch protection
// requires, which whoever can read the branch is told.
// https://docs.github.com/en/rest/branches/branches#get-a-branch
func (h *Hub) Branch(ctx context.Context, repo gate.Repo, branch string) (json.RawMessage, error) {
	return h.raw(ctx, repo, request{
		route: branchRoute, doing: fmt.Sprintf("read the branch %s of %s", wire.Clip(branch, 100), repo.FullName()),
		url: repoPath(repo) + "/branches/" + url.PathEscape(branch),
	})
}

// Ruleset reads a ruleset that is in force in a repository, as GitHub sends it.
// Who can bypass it is shown only to who can change it.
// https://docs.github.com/en/rest/repos/rules#get-a-repository-ruleset
func (h *Hub) Ruleset(ctx context.Context, repo gate.Repo, id int64) (json.RawMessage, error) {
	return h.raw(ctx, repo, request{
		route: rulesetRoute, doing: "read a ruleset of " + repo.FullName(),
		url: fmt.Sprintf("%s/rulesets/%d", repoPath(repo), id),
	})
}

func (h *Hub) raw(ctx context.Context, repo gate.Repo, r request) (json.RawMessage, error) {
	c, err := h.clientOf(ctx, repo)
	if err != nil {
		return nil, err
	}
	var text json.RawMessage
	err = c.get(ctx, r, into(&text))
	return text, err
}
