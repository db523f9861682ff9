package rules

import (
	"context"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/api"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

const trunkQuery = `query($owner: String!, $name: String!, $rules: String!) {
  repository(owner: $owner, name: $name) {
    databaseId
    nameWithOwner
    pushedAt
    updatedAt
    defaultBranchRef { name target { oid ...Rules } }
  }
  org: repository(owner: $owner, name: ".github", followRenames: false) {
    nameWithOwner
    pushedAt
    defaultBranchRef { name target { oid ...Rules } }
  }
}
fragment Rules on Commit {
  file(path: $rules) {
    mode
    oid
    object { __typename ... on Blob { byteSize isBinary isTruncated text } }
  }
}`

// Trunk is a default branch as it was told. Where it was not, its rules are not
// known, which holds.
func Trunk(repo gate.Repo, at *Ref, updated wire.Time) change.Branch {
	if at == nil || at.Name == "" || at.Target == nil || !wire.IsSHA(at.Target.Oid) {
		return change.Branch{Rules: change.RulesFile{Name: repo.FullName() + "/" + wire.RulesPath,
			Reason: "GitHub's answer does not say which branch is the default one."}}
	}
	return change.Branch{Name: at.Name, Tip: at.Target.Oid, Rules: OfFile(repo.FullName(), at.Target.File), At: updated.Time}
}

// Trunk reads a repository's default branch with its rules file, and the
// organisation's, in one query. Its name is "" for a repository without commits.
func (rs *Rules) Trunk(ctx context.Context, repo gate.Repo) (f change.Facts, err error) {
	c, err := rs.gh.Of(ctx, repo)
	if err != nil {
		return f, err
	}
	err = rs.gh.ByName(ctx, repo, func(repo gate.Repo) (err error) {
		f, err = readTrunk(ctx, c, repo)
		return err
	})
	if err == nil {
		rs.branches.Remember(repo.ID, f.Default.Name)
	}
	return f, err
}

func readTrunk(ctx context.Context, c *api.Client, repo gate.Repo) (f change.Facts, err error) {
	var answer struct {
		Repository *struct {
			DatabaseID    int64     `json:"databaseId"`
			NameWithOwner string    `json:"nameWithOwner"`
			PushedAt      wire.Time `json:"pushedAt"`
			UpdatedAt     wire.Time `json:"updatedAt"`
			Default       *Ref      `json:"defaultBranchRef"`
		} `json:"repository"`
		Org *Org `json:"org"`
	}
	r := api.Request{Route: defaultRulesRoute, Doing: "read the rules of " + repo.FullName()}
	errs, err := c.Query(ctx, r, trunkQuery, map[string]any{"owner": repo.Owner, "name": repo.Name, "rules": wire.RulesPath}, &answer)
	if err != nil {
		return f, err
	}
	var trouble *api.GraphError
	for _, e := range errs {
		if e.Path[0] != "org" {
			return f, c.GraphRefusal(e, r)
		}
		trouble = Worse(trouble, e)
	}
	now := answer.Repository
	if now == nil {
		return f, api.Malformed("it lacks the repository")
	}
	if repo, err = api.Placed(repo, now.DatabaseID, now.NameWithOwner); err != nil || now.Default == nil {
		return f, err
	}
	at := Trunk(repo, now.Default, now.UpdatedAt)
	return change.Facts{Default: at, Tip: at.Tip, Repo: at.Rules, Org: OfOrg(c, repo.Owner, answer.Org, trouble),
		Rules: answer.Org.Place(at.Name, now.PushedAt)}, nil
}
