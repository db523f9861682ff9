package hub

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/gatehold/gatehold/internal/gate"
)

var loginRoute = route{name: "GET /users/{username}", max: 1 << 20}

// Account is the account that has a login now. The zero Actor is nobody's: there
// is no such login, or what was named can be none. What GitHub refuses to tell is
// an error that is Final; being out of reach, or limited, is one to try again.
// https://docs.github.com/en/rest/users/users#get-a-user
func (h *Hub) Account(ctx context.Context, repo gate.Repo, login string) (gate.Actor, error) {
	if !safeName(strings.TrimSuffix(login, "[bot]")) {
		return gate.Actor{}, nil
	}
	c, err := h.clientOf(ctx, repo)
	if err != nil {
		return gate.Actor{}, err
	}
	var user account
	err = c.get(ctx, request{route: loginRoute, url: "users/" + url.PathEscape(login),
		doing: "ask whose the login " + login + " is"}, into(&user))
	switch {
	case err != nil && statusOf(err) == http.StatusNotFound:
		return gate.Actor{}, nil
	case err != nil:
		return gate.Actor{}, err
	case user.ID <= 0 || !strings.EqualFold(user.Login, login):
		return gate.Actor{}, malformed("it does not say whose login it is")
	}
	return gate.Actor{Login: user.Login, ID: user.ID, Type: clip(user.Type, 40)}, nil
}
