package pulls

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/api"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

// Bounds of one look at everything, in pages of a hundred.
const (
	maxPullPages = 100 // open pull requests of one repository

	maxListedPullAnswer = 64 << 20
)

var (
	pullsRoute = api.Route{Name: "GET /repos/{owner}/{repo}/pulls", Need: "pull_requests: read", Max: maxListedPullAnswer, Cache: true}
)

// pullAnswer is a pull request as lists show it.
type pullAnswer struct {
	Number int `json:"number"`
	Head   struct {
		SHA string `json:"sha"`
	} `json:"head"`
	Base struct {
		SHA  string    `json:"sha"`
		Ref  string    `json:"ref"`
		Repo wire.Repo `json:"repo"`
	} `json:"base"`
	wire.PullState
}

// OpenPulls lists the open pull requests of a repository as if each had just
// been seen, oldest first, to be compared with what events have told. The pages
// are not one snapshot: what is opened or closed meanwhile tells of itself, or
// is found the next time. More than 10,000 are an error, returned with those.
// https://docs.github.com/en/rest/pulls/pulls#list-pull-requests
func (ps *Pulls) OpenPulls(ctx context.Context, repo gate.Repo) ([]gate.Look, error) {
	c, err := ps.gh.Of(ctx, repo)
	if err != nil {
		return nil, err
	}
	var out []gate.Look
	listed := map[int]bool{}
	for page := range maxPullPages {
		n := 0
		var odd error
		err := c.Get(ctx, api.Request{
			Route: pullsRoute,
			URL:   fmt.Sprintf("%s/pulls?state=open&sort=created&direction=asc&per_page=%d&page=%d", api.RepoPath(repo), api.PerPage, page+1),
			Doing: "list the open pull requests of " + repo.FullName(),
		}, func(body io.Reader) error {
			n, odd = 0, nil
			return wire.Array(json.NewDecoder(body), func(a *pullAnswer) {
				n++
				seen, err := a.look(repo)
				if err != nil {
					odd = err
				} else if !listed[a.Number] {
					listed[a.Number] = true
					out = append(out, seen)
				}
			})
		})
		if err = errors.Join(err, odd); err != nil {
			return out, gate.AsError(err)
		}
		if n < api.PerPage {
			return out, nil
		}
	}
	return out, api.TooMany("open pull requests of "+repo.FullName(), maxPullPages)
}

// look names the repository as it is named now. Names are used again: what is
// listed under one must be of the repository that was asked about.
func (a *pullAnswer) look(repo gate.Repo) (gate.Look, error) {
	now := a.Base.Repo.Repo(repo.Installation)
	switch {
	case now.ID != repo.ID && now.ID != 0:
		return gate.Look{}, api.NameTaken(repo)
	case api.CheckRepo(now) != nil || a.Number <= 0 || !wire.IsSHA(a.Head.SHA) || !wire.IsSHA(a.Base.SHA) || a.Base.Ref == "":
		return gate.Look{}, api.Malformed("a pull request in it lacks its number, head or base")
	}
	return gate.Look{
		Subject: gate.Subject{Kind: gate.PullRequest, Repo: now, Number: a.Number},
		Why:     gate.Reconciled,
		Head:    a.Head.SHA, Base: a.Base.SHA, BaseRef: a.Base.Ref, Said: a.Said(a.Head.SHA, a.Base.Ref),
	}, nil
}
