package pulls

import (
	"context"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/api"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

const aboutQuery = `query($owner: String!, $name: String!, $number: Int!) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) { title body headRefOid author { ...Account } }
  }
}
` + wire.AccountFragment

var aboutRoute = api.Route{Name: "POST /graphql (about)", Need: "pull_requests: read", Max: 1 << 20}

// About reads what a pull request says of itself, for people to look at.
func (ps *Pulls) About(ctx context.Context, s gate.Subject) (about change.About, err error) {
	if err := api.CheckRepo(s.Repo); err != nil {
		return change.About{}, err
	}
	c, err := ps.gh.Of(ctx, s.Repo)
	if err != nil {
		return change.About{}, err
	}
	err = c.GitHub.ByName(ctx, s.Repo, func(repo gate.Repo) error {
		var answer struct {
			Repository *struct {
				PullRequest *state `json:"pullRequest"`
			} `json:"repository"`
		}
		r := api.Request{Route: aboutRoute, Doing: "read " + s.String()}
		errs, err := c.Query(ctx, r, aboutQuery, map[string]any{"owner": repo.Owner, "name": repo.Name, "number": s.Number}, &answer)
		switch {
		case err != nil:
			return err
		case len(errs) > 0:
			return c.GraphRefusal(errs[0], r)
		case answer.Repository == nil || answer.Repository.PullRequest == nil:
			return api.Malformed("it lacks the pull request")
		}
		p := answer.Repository.PullRequest
		about = change.About{Title: p.Title, Body: p.Body, Author: p.Author.ChangeActor(), Head: p.HeadRefOid}
		return nil
	})
	return about, err
}
