package hub

import (
	"context"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
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

// trunk is a default branch as it was told. Where it was not, its rules are not
// known, which holds.
func trunk(repo gate.Repo, at *baseRef, updated wire.Time) change.Branch {
	if at == nil || at.Name == "" || at.Target == nil || !wire.IsSHA(at.Target.Oid) {
		return change.Branch{Rules: change.RulesFile{Name: repo.FullName() + "/" + wire.RulesPath,
			Reason: "GitHub's answer does not say which branch is the default one."}}
	}
	return change.Branch{Name: at.Name, Tip: at.Target.Oid, Rules: rulesFile(repo.FullName(), at.Target.File), At: updated.Time}
}

// Trunk reads a repository's default branch with its rules file, and the
// organisation's, in one query. Its name is "" for a repository without commits.
func (h *Hub) Trunk(ctx context.Context, repo gate.Repo) (f change.Facts, err error) {
	c, err := h.clientOf(ctx, repo)
	if err != nil {
		return f, err
	}
	err = h.byName(ctx, repo, func(repo gate.Repo) (err error) {
		f, err = c.trunk(ctx, repo)
		return err
	})
	if err == nil {
		h.tellDefault(repo.ID, f.Default.Name)
	}
	return f, err
}

func (c *client) trunk(ctx context.Context, repo gate.Repo) (f change.Facts, err error) {
	var answer stateAnswer
	r := request{route: defaultRulesRoute, doing: "read the rules of " + repo.FullName()}
	errs, err := c.query(ctx, r, trunkQuery, map[string]any{"owner": repo.Owner, "name": repo.Name, "rules": wire.RulesPath}, &answer)
	if err != nil {
		return f, err
	}
	var trouble *graphError
	for _, e := range errs {
		if e.Path[0] != "org" {
			return f, c.graphRefusal(e, r)
		}
		trouble = worse(trouble, e)
	}
	now := answer.Repository
	if now == nil {
		return f, malformed("it lacks the repository")
	}
	if repo, err = placed(repo, now.DatabaseID, now.NameWithOwner); err != nil || now.Default == nil {
		return f, err
	}
	at := trunk(repo, now.Default, now.UpdatedAt)
	return change.Facts{Default: at, Tip: at.Tip, Repo: at.Rules, Org: c.orgRules(repo.Owner, answer, trouble),
		Rules: answer.Org.place(at.Name, now.PushedAt)}, nil
}
