package hub

import (
	"context"
	"net/url"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

const rulesNowQuery = `query($owner: String!, $name: String!, $branch: String!, $rules: String!) {
  repository(owner: $owner, name: $name) {
    databaseId
    nameWithOwner
    pushedAt
    ref(qualifiedName: $branch) { name target { oid ...Rules } }
  }
  org: repository(owner: $owner, name: ".github", followRenames: false) {
    nameWithOwner
    pushedAt
    defaultBranchRef { name target { oid ...Rules } }
  }
}
` + rulesFragment

var rulesNowRoute = route{name: "POST /graphql (rules)", need: "contents: read", max: 4 << 20}

// Tip is the commit at which a branch is, its repository's default branch where
// none is named. A branch that did not move since it was asked for costs none of
// the quota.
// https://docs.github.com/en/rest/branches/branches#get-a-branch
func (h *Hub) Tip(ctx context.Context, repo gate.Repo, branch string) (string, error) {
	if branch == "" {
		var err error
		if branch, err = h.DefaultBranch(ctx, repo); err != nil {
			return "", err
		}
	}
	c, err := h.clientOf(ctx, repo)
	if err != nil {
		return "", err
	}
	var answer struct {
		Commit struct {
			SHA string `json:"sha"`
		} `json:"commit"`
	}
	err = c.get(ctx, request{
		route: branchRoute, doing: "read the branch " + wire.Clip(branch, 100) + " of " + repo.FullName(),
		url: repoPath(repo) + "/branches/" + url.PathEscape(branch),
	}, into(&answer))
	if err == nil && !wire.IsSHA(answer.Commit.SHA) {
		err = malformed("the branch lacks its tip")
	}
	return answer.Commit.SHA, err
}

// RulesOn reads the rules that are in force on a branch: its own and the
// organisation's, in one request. Of the facts that it returns nothing else is
// filled in.
func (h *Hub) RulesOn(ctx context.Context, repo gate.Repo, branch string) (f change.Facts, err error) {
	c, err := h.clientOf(ctx, repo)
	if err != nil {
		return f, err
	}
	err = h.byName(ctx, repo, func(repo gate.Repo) (err error) {
		f, err = c.rulesOn(ctx, repo, branch)
		return err
	})
	return f, err
}

func (c *client) rulesOn(ctx context.Context, repo gate.Repo, branch string) (change.Facts, error) {
	var answer struct {
		Repository *struct {
			DatabaseID    int64     `json:"databaseId"`
			NameWithOwner string    `json:"nameWithOwner"`
			PushedAt      wire.Time `json:"pushedAt"`
			Ref           *baseRef  `json:"ref"`
		} `json:"repository"`
		Org *orgAnswer `json:"org"`
	}
	r := request{route: rulesNowRoute, doing: "read the rules on " + wire.Clip(branch, 100) + " of " + repo.FullName()}
	vars := map[string]any{"owner": repo.Owner, "name": repo.Name, "branch": "refs/heads/" + branch, "rules": wire.RulesPath}
	errs, err := c.query(ctx, r, rulesNowQuery, vars, &answer)
	if err != nil {
		return change.Facts{}, err
	}
	var orgErr *graphError
	for _, e := range errs {
		if e.Path[0] != "org" {
			return change.Facts{}, c.graphRefusal(e, r)
		}
		orgErr = worse(orgErr, e)
	}
	now := answer.Repository
	if now == nil {
		return change.Facts{}, malformed("it lacks the repository")
	}
	if repo, err = placed(repo, now.DatabaseID, now.NameWithOwner); err != nil {
		return change.Facts{}, err
	}
	p := &present{state: &state{BaseRef: now.Ref, BaseRefName: branch}, repo: repo}
	if now.Ref != nil && now.Ref.Target != nil {
		p.tip = now.Ref.Target.Oid
	}
	return change.Facts{
		Tip: p.tip, Repo: repoRules(p), Org: c.orgRules(repo.Owner, stateAnswer{Org: answer.Org}, orgErr),
		Rules: answer.Org.place(branch, now.PushedAt),
	}, nil
}
