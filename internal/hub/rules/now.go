package rules

import (
	"context"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/api"
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
` + Fragment

var rulesNowRoute = api.Route{Name: "POST /graphql (rules)", Need: "contents: read", Max: 4 << 20}

// RulesOn reads the rules that are in force on a branch: its own and the
// organisation's, in one request. Of the facts that it returns nothing else is
// filled in.
func (rs *Rules) RulesOn(ctx context.Context, repo gate.Repo, branch string) (f change.Facts, err error) {
	c, err := rs.gh.Of(ctx, repo)
	if err != nil {
		return f, err
	}
	err = rs.gh.ByName(ctx, repo, func(repo gate.Repo) (err error) {
		f, err = rulesOn(c, ctx, repo, branch)
		return err
	})
	return f, err
}

func rulesOn(c *api.Client, ctx context.Context, repo gate.Repo, branch string) (change.Facts, error) {
	var answer struct {
		Repository *struct {
			DatabaseID    int64     `json:"databaseId"`
			NameWithOwner string    `json:"nameWithOwner"`
			PushedAt      wire.Time `json:"pushedAt"`
			Ref           *Ref      `json:"ref"`
		} `json:"repository"`
		Org *Org `json:"org"`
	}
	r := api.Request{Route: rulesNowRoute, Doing: "read the rules on " + wire.Clip(branch, 100) + " of " + repo.FullName()}
	vars := map[string]any{"owner": repo.Owner, "name": repo.Name, "branch": "refs/heads/" + branch, "rules": wire.RulesPath}
	errs, err := c.Query(ctx, r, rulesNowQuery, vars, &answer)
	if err != nil {
		return change.Facts{}, err
	}
	var orgErr *api.GraphError
	for _, e := range errs {
		if e.Path[0] != "org" {
			return change.Facts{}, c.GraphRefusal(e, r)
		}
		orgErr = Worse(orgErr, e)
	}
	now := answer.Repository
	if now == nil {
		return change.Facts{}, api.Malformed("it lacks the repository")
	}
	if repo, err = api.Placed(repo, now.DatabaseID, now.NameWithOwner); err != nil {
		return change.Facts{}, err
	}
	return change.Facts{
		Tip: now.Ref.Tip(), Repo: OfBranch(repo, branch, now.Ref), Org: OfOrg(c, repo.Owner, answer.Org, orgErr),
		Rules: answer.Org.Place(branch, now.PushedAt),
	}, nil
}

var defaultRulesRoute = api.Route{Name: "POST /graphql (rules)", Need: "contents: read", Max: 8 << 20}

const defaultRulesQuery = `query($owner: String!, $name: String!, $rules: String!) {
  repository(owner: $owner, name: $name) {
    databaseId
    nameWithOwner
    defaultBranchRef { name target { oid ... on Commit { file(path: $rules) {
      mode oid object { __typename ... on Blob { byteSize isBinary isTruncated text } }
    } } } }
  }
}`

// DefaultRules reads the rules file at the tip of a repository's default
// branch, and that branch's name, "" for a repository without commits.
func (rs *Rules) DefaultRules(ctx context.Context, repo gate.Repo) (branch string, file change.RulesFile, err error) {
	c, err := rs.gh.Of(ctx, repo)
	if err != nil {
		return "", change.RulesFile{}, err
	}
	var answer struct {
		Repository *struct {
			ID      int64 `json:"databaseId"`
			Default *Ref  `json:"defaultBranchRef"`
		} `json:"repository"`
	}
	r := api.Request{Route: defaultRulesRoute, Doing: "read the rules of " + repo.FullName()}
	errs, err := c.Query(ctx, r, defaultRulesQuery, map[string]any{"owner": repo.Owner, "name": repo.Name, "rules": wire.RulesPath}, &answer)
	if err == nil && len(errs) > 0 {
		err = c.GraphRefusal(errs[0], r)
	}
	switch {
	case err != nil:
		return "", change.RulesFile{}, err
	case answer.Repository == nil || answer.Repository.ID != repo.ID:
		return "", change.RulesFile{}, api.Malformed("it lacks the repository, or tells of another")
	case answer.Repository.Default == nil:
		return "", change.RulesFile{State: change.RulesAbsent, Name: repo.FullName() + "/" + wire.RulesPath}, nil
	case answer.Repository.Default.Target == nil:
		return "", change.RulesFile{}, api.Malformed("it lacks the tip of the default branch")
	}
	return answer.Repository.Default.Name, OfFile(repo.FullName(), answer.Repository.Default.Target.File), nil
}
