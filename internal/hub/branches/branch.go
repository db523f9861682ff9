package branches

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/api"
	"github.com/gatehold/gatehold/internal/hub/ranges"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

// HasCommit reports whether a branch has a commit now: as its tip, or before it.
// A workflow run names its branch by a word that may be a tag's as well, which
// whoever may push can make of any commit. It takes one request, and one more
// where the commit is not the tip.
// https://docs.github.com/en/rest/branches/branches#get-a-branch
func (bs *Branches) HasCommit(ctx context.Context, repo gate.Repo, branch, sha string) (bool, error) {
	if branch == "" || !wire.IsSHA(sha) {
		return false, api.Invalid("A branch is looked for by its name, and a commit by its full SHA.")
	}
	c, err := bs.gh.Of(ctx, repo)
	if err != nil {
		return false, err
	}
	var answer struct {
		Name   string `json:"name"`
		Commit struct {
			SHA string `json:"sha"`
		} `json:"commit"`
	}
	err = c.Get(ctx, api.Request{
		Route: branchRoute, Doing: fmt.Sprintf("read the branch %s of %s", wire.Clip(branch, 100), repo.FullName()),
		URL: api.RepoPath(repo) + "/branches/" + url.PathEscape(branch),
	}, api.Into(&answer))
	switch {
	case api.StatusOf(err) == http.StatusNotFound:
		return false, nil
	case err != nil:
		return false, err
	case answer.Name != branch: // renamed since
		return false, nil
	case answer.Commit.SHA == sha:
		return true, nil
	case !wire.IsSHA(answer.Commit.SHA):
		return false, api.Malformed("the branch lacks its tip")
	}
	r, err := ranges.Compare(ctx, c, repo, sha, answer.Commit.SHA)
	if api.StatusOf(err) == http.StatusNotFound { // no history in common
		return false, nil
	}
	return err == nil && r.MergeBase == sha, err
}

// Follows reports whether a commit came after another one on its branch: as far
// as GitHub knows both, and where they are not the same. One request, which costs
// none of the quota where it was asked before.
func (bs *Branches) Follows(ctx context.Context, repo gate.Repo, earlier, later string) (bool, error) {
	if !wire.IsSHA(earlier) || !wire.IsSHA(later) {
		return false, api.Invalid("Commits are compared by their full SHAs.")
	}
	c, err := bs.gh.Of(ctx, repo)
	if err != nil {
		return false, err
	}
	r, err := ranges.Compare(ctx, c, repo, earlier, later)
	if status := api.StatusOf(err); status == http.StatusNotFound || status == http.StatusUnprocessableEntity {
		return false, nil // one of them is not known there, or they have no history in common
	}
	return err == nil && r.MergeBase == earlier, err
}

var branchRoute = api.Route{Name: "GET /repos/{owner}/{repo}/branches/{branch}", Need: "contents: read", Max: 8 << 20, Cache: true}

// DefaultBranch is the name of a repository's default branch, as the last list
// of repositories told it. GitHub is asked where none did.
// https://docs.github.com/en/rest/repos/repos#get-a-repository
func (bs *Branches) DefaultBranch(ctx context.Context, repo gate.Repo) (string, error) {
	bs.mu.Lock()
	branch, known := bs.defaults.Get(repo.ID)
	bs.mu.Unlock()
	if known {
		return branch, nil
	}
	c, err := bs.gh.Of(ctx, repo)
	if err != nil {
		return "", err
	}
	answer, err := c.Repository(ctx, repo, "read "+repo.FullName())
	switch {
	case err != nil:
		return "", err
	case answer.ID != repo.ID:
		return "", api.NameTaken(repo)
	}
	return answer.Default, nil
}

// Remember remembers what a list of repositories says.
func (bs *Branches) Remember(id int64, branch string) {
	if branch == "" {
		return
	}
	bs.mu.Lock()
	defer bs.mu.Unlock()
	bs.defaults.Put(id, branch, 1)
}

// Branch reads a branch as GitHub sends it, with what classic branch protection
// requires, which whoever can read the branch is told.
// https://docs.github.com/en/rest/branches/branches#get-a-branch
func (bs *Branches) Branch(ctx context.Context, repo gate.Repo, branch string) (json.RawMessage, error) {
	return bs.raw(ctx, repo, api.Request{
		Route: branchRoute, Doing: fmt.Sprintf("read the branch %s of %s", wire.Clip(branch, 100), repo.FullName()),
		URL: api.RepoPath(repo) + "/branches/" + url.PathEscape(branch),
	})
}

var activityRoute = api.Route{Name: "GET /repos/{owner}/{repo}/activity", Need: "contents: read", Max: 4 << 20}

// Tip is the commit at which a branch is, its repository's default branch where
// none is named. A branch that did not move since it was asked for costs none of
// the quota.
// https://docs.github.com/en/rest/branches/branches#get-a-branch
func (bs *Branches) Tip(ctx context.Context, repo gate.Repo, branch string) (string, error) {
	if branch == "" {
		var err error
		if branch, err = bs.DefaultBranch(ctx, repo); err != nil {
			return "", err
		}
	}
	c, err := bs.gh.Of(ctx, repo)
	if err != nil {
		return "", err
	}
	var answer struct {
		Commit struct {
			SHA string `json:"sha"`
		} `json:"commit"`
	}
	err = c.Get(ctx, api.Request{
		Route: branchRoute, Doing: "read the branch " + wire.Clip(branch, 100) + " of " + repo.FullName(),
		URL: api.RepoPath(repo) + "/branches/" + url.PathEscape(branch),
	}, api.Into(&answer))
	if err == nil && !wire.IsSHA(answer.Commit.SHA) {
		err = api.Malformed("the branch lacks its tip")
	}
	return answer.Commit.SHA, err
}
