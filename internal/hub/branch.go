package hub

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

// HasCommit reports whether a branch has a commit now: as its tip, or before it.
// A workflow run names its branch by a word that may be a tag's as well, which
// whoever may push can make of any commit. It takes one request, and one more
// where the commit is not the tip.
// https://docs.github.com/en/rest/branches/branches#get-a-branch
func (h *Hub) HasCommit(ctx context.Context, repo gate.Repo, branch, sha string) (bool, error) {
	if branch == "" || !wire.IsSHA(sha) {
		return false, invalid("A branch is looked for by its name, and a commit by its full SHA.")
	}
	c, err := h.clientOf(ctx, repo)
	if err != nil {
		return false, err
	}
	var answer struct {
		Name   string `json:"name"`
		Commit struct {
			SHA string `json:"sha"`
		} `json:"commit"`
	}
	err = c.get(ctx, request{
		route: branchRoute, doing: fmt.Sprintf("read the branch %s of %s", wire.Clip(branch, 100), repo.FullName()),
		url: repoPath(repo) + "/branches/" + url.PathEscape(branch),
	}, into(&answer))
	switch {
	case statusOf(err) == http.StatusNotFound:
		return false, nil
	case err != nil:
		return false, err
	case answer.Name != branch: // renamed since
		return false, nil
	case answer.Commit.SHA == sha:
		return true, nil
	case !wire.IsSHA(answer.Commit.SHA):
		return false, malformed("the branch lacks its tip")
	}
	r, err := c.compare(ctx, repo, sha, answer.Commit.SHA)
	if statusOf(err) == http.StatusNotFound { // no history in common
		return false, nil
	}
	return err == nil && r.mergeBase == sha, err
}

// Follows reports whether a commit came after another one on its branch: as far
// as GitHub knows both, and where they are not the same. One request, which costs
// none of the quota where it was asked before.
func (h *Hub) Follows(ctx context.Context, repo gate.Repo, earlier, later string) (bool, error) {
	if !wire.IsSHA(earlier) || !wire.IsSHA(later) {
		return false, invalid("Commits are compared by their full SHAs.")
	}
	c, err := h.clientOf(ctx, repo)
	if err != nil {
		return false, err
	}
	r, err := c.compare(ctx, repo, earlier, later)
	if status := statusOf(err); status == http.StatusNotFound || status == http.StatusUnprocessableEntity {
		return false, nil // one of them is not known there, or they have no history in common
	}
	return err == nil && r.mergeBase == earlier, err
}
