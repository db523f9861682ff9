// Package mint makes the installation tokens that workloads are given, and ends them. It
// speaks as an App of its own, which has what may be given and no part in the gates: the
// App that holds the gates keeps its least permissions.
package mint

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/api"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

var (
	tokenRoute  = api.Route{Name: "POST /app/installations/{installation_id}/access_tokens", Max: 1 << 20, Timeout: 15 * time.Second}
	revokeRoute = api.Route{Name: "DELETE /installation/token", Max: 64 << 10, Timeout: 15 * time.Second, Foreign: true}
	proofRoute  = api.Route{Name: "GET /installation/repositories", Max: 4 << 20, Timeout: 15 * time.Second, Foreign: true}
)

// Mint makes tokens. It is safe for concurrent use.
type Mint struct{ gh *api.GitHub }

// New returns a mint of the App that gh speaks as.
func New(gh *api.GitHub) *Mint { return &Mint{gh} }

// Token makes a token for repositories of an owner, one of which is of: by their ids, and
// by names where there are others. What GitHub gives beyond what was asked for is ended
// again, and given to nobody.
// https://docs.github.com/en/rest/apps/apps#create-an-installation-access-token-for-an-app
func (m *Mint) Token(ctx context.Context, of gate.Repo, ids []int64, names []string, permissions map[string]string) (
	token string, expires time.Time, repositories []int64, err error) {
	of.Installation = 0 // that is another App's
	c, err := m.gh.Of(ctx, of)
	if err != nil {
		return "", time.Time{}, nil, refusal(err)
	}
	app, err := m.gh.AsApp()
	if err != nil {
		return "", time.Time{}, nil, err
	}
	ask := struct {
		IDs         []int64           `json:"repository_ids,omitempty"`
		Names       []string          `json:"repositories,omitempty"`
		Permissions map[string]string `json:"permissions"`
	}{IDs: ids, Permissions: permissions}
	if len(names) > 0 { // GitHub does not say what it makes of both
		ask.IDs, ask.Names = nil, slices.Clone(names)
		if len(ids) > 0 {
			ask.Names = append(ask.Names, of.Name)
		}
	}
	var got answer
	err = app.Send(ctx, api.Request{
		Route: tokenRoute, Method: http.MethodPost, URL: fmt.Sprintf("app/installations/%d/access_tokens", c.Installation),
		Body: ask, Doing: "make a token for " + of.FullName(),
	}, api.Into(&got))
	if err != nil {
		return "", time.Time{}, nil, refusal(err)
	}
	if wrong := got.beyond(ids, max(len(ask.IDs), len(ask.Names)), permissions); wrong != "" {
		err := &gate.Error{Code: "token_too_wide", Text: "GitHub gave a token that " + wrong + ". It was ended.", Final: true}
		if _, _, failed := m.Revoke(context.WithoutCancel(ctx), got.Token); failed != nil {
			err = &gate.Error{Code: "token_lost", Text: "GitHub gave a token that " + wrong + ", and it could not be ended.", Err: failed}
		}
		return "", time.Time{}, nil, err
	}
	return got.Token, got.Expires.Time, got.ids(), nil
}

// refusal says what an owner can do where GitHub makes no token.
func refusal(err error) error {
	switch api.StatusOf(err) {
	case http.StatusNotFound:
		return &gate.Error{Code: "mint_not_installed", Final: true, Err: err,
			Text: "The App whose tokens are given is not installed on this repository: install it there."}
	case http.StatusUnprocessableEntity:
		return &gate.Error{Code: "mint_refused", Final: true, Err: err,
			Text: "The App whose tokens are given has not what the rules allow: install it on the repositories that they name, " +
				"and give it the permissions."}
	}
	return err
}

// answer is what GitHub says of a token that it has made.
type answer struct {
	Token        string            `json:"token"`
	Expires      wire.Time         `json:"expires_at"`
	Permissions  map[string]string `json:"permissions"`
	Selection    string            `json:"repository_selection"`
	Repositories []wire.Repo       `json:"repositories"`
}

func (a answer) ids() (out []int64) {
	for _, r := range a.Repositories {
		out = append(out, r.ID)
	}
	return out
}

// beyond says in what a token is more than was asked for; empty: in nothing.
func (a answer) beyond(ids []int64, repositories int, permissions map[string]string) string {
	got := a.ids()
	switch {
	case a.Token == "" || a.Expires.IsZero():
		return "does not say how long it is valid"
	case a.Selection != "selected" || len(got) != repositories:
		return "is for other repositories than it was asked for"
	}
	for _, id := range ids {
		if !slices.Contains(got, id) {
			return "is for another repository of the same name"
		}
	}
	for name, level := range a.Permissions {
		if asked, did := permissions[name]; asked != level && (did || name != "metadata" || level != "read") { // which each token has
			return fmt.Sprintf("may do more than it was asked for (%s: %s)", name, level)
		}
	}
	return ""
}

// Revoke ends a token, and asks GitHub something with it: only what it refuses is ended.
// https://docs.github.com/en/rest/apps/installations#revoke-an-installation-access-token
func (m *Mint) Revoke(ctx context.Context, token string) (status, refused int, err error) {
	if strings.ContainsAny(token, "\r\n") {
		return 0, 0, api.Malformed("the token has a line break")
	}
	if status, err = m.with(ctx, http.MethodDelete, "installation/token", token, revokeRoute, "end a token"); err != nil {
		return 0, 0, err
	}
	if status != http.StatusNoContent && status != http.StatusUnauthorized {
		return status, 0, &gate.Error{Code: "github_unavailable", Text: fmt.Sprintf("GitHub answered %d when a token was to be ended.", status)}
	}
	refused, err = m.with(ctx, http.MethodGet, "installation/repositories", token, proofRoute, "see that a token has ended")
	if err == nil && refused != http.StatusUnauthorized {
		err = &gate.Error{Code: "token_alive", Text: fmt.Sprintf("GitHub ended a token and takes it still (%d). It is ended again.", refused)}
	}
	return status, refused, err
}

// with asks something with a token that was given away.
func (m *Mint) with(ctx context.Context, method, path, token string, r api.Route, doing string) (int, error) {
	req, err := http.NewRequestWithContext(ctx, method, m.gh.URL(path), nil)
	if err != nil {
		return 0, m.gh.Refusal(err, doing, r)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Accept", "application/vnd.github+json")
	var body struct{}
	return m.gh.Exchange(req, r, doing, &body)
}
