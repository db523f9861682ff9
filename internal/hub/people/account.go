package people

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/api"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

var (
	loginRoute    = api.Route{Name: "GET /users/{username}", Max: 1 << 20}
	teamNameRoute = api.Route{Name: "GET /orgs/{org}/teams/{team_slug}", Need: "members: read", Max: 1 << 20, Cache: true}
)

// Account is the account that has a login now. The zero Actor is nobody's: there
// is no such login, or what was named can be none. What GitHub refuses to tell is
// an error that is Final; being out of reach, or limited, is one to try again.
// https://docs.github.com/en/rest/users/users#get-a-user
func (ps *People) Account(ctx context.Context, repo gate.Repo, login string) (gate.Actor, error) {
	if !wire.IsName(strings.TrimSuffix(login, "[bot]")) {
		return gate.Actor{}, nil
	}
	c, err := ps.gh.Of(ctx, repo)
	if err != nil {
		return gate.Actor{}, err
	}
	var user wire.Account
	err = c.Get(ctx, api.Request{Route: loginRoute, URL: "users/" + url.PathEscape(login),
		Doing: "ask whose the login " + login + " is"}, api.Into(&user))
	switch {
	case err != nil && api.StatusOf(err) == http.StatusNotFound:
		return gate.Actor{}, nil
	case err != nil:
		return gate.Actor{}, err
	case user.ID <= 0 || !strings.EqualFold(user.Login, login):
		return gate.Actor{}, api.Malformed("it does not say whose login it is")
	}
	return gate.Actor{Login: user.Login, ID: user.ID, Type: wire.Clip(user.Type, 40)}, nil
}

// Team is the id of the team that has a name, org/team, now; 0 where none has it,
// and for the teams of other organisations than the repository's. What GitHub
// refuses to tell is an error that is Final.
// https://docs.github.com/en/rest/teams/teams#get-a-team-by-name
func (ps *People) Team(ctx context.Context, repo gate.Repo, name string) (int64, error) {
	org, slug, _ := strings.Cut(name, "/")
	if !wire.IsName(org) || !wire.IsName(slug) || !strings.EqualFold(org, repo.Owner) {
		return 0, nil
	}
	c, err := ps.gh.Of(ctx, repo)
	if err != nil {
		return 0, err
	}
	return teamNamed(ctx, c, org, slug)
}

func teamNamed(ctx context.Context, c *api.Client, org, slug string) (int64, error) {
	var team struct {
		ID   int64  `json:"id"`
		Slug string `json:"slug"`
	}
	err := c.Get(ctx, api.Request{Route: teamNameRoute, URL: "orgs/" + url.PathEscape(org) + "/teams/" + url.PathEscape(slug),
		Doing: "ask which team @" + org + "/" + slug + " is"}, api.Into(&team))
	switch {
	case err != nil && api.StatusOf(err) == http.StatusNotFound:
		return 0, nil
	case err != nil:
		return 0, err
	case team.ID <= 0 || !strings.EqualFold(team.Slug, slug):
		return 0, api.Malformed("it does not say which team has that name")
	}
	return team.ID, nil
}
