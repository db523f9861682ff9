package people

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/api"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

// SignInApp is the App that people sign in to. It is an App of its own, which may do
// nothing. A client id is public: whoever knows it can start a device flow without us
// and keep the token, if they get somebody to enter the code. A token of an App that
// may write checks writes them in that App's name: the required check itself could be
// forged.
// https://docs.github.com/en/rest/authentication/endpoints-available-for-github-app-user-access-tokens
type SignInApp struct {
	gh    *api.GitHub
	us    *api.Identity
	apart atomic.Bool // the client id is known to be another App's
}

func NewSignInApp(gh *api.GitHub, us *api.Identity) *SignInApp { return &SignInApp{gh: gh, us: us} }

var whoRoute = api.Route{Name: "GET /user", Max: 1 << 20, Timeout: 10 * time.Second, Foreign: true}

// Apart refuses to sign anybody in to the App that holds the gates. GitHub is asked
// once.
func (a *SignInApp) Apart(ctx context.Context) error {
	if a.apart.Load() {
		return nil
	}
	own, err := a.us.ClientID(ctx)
	if err != nil {
		return err
	}
	switch own {
	case "":
		return &gate.Error{Code: "channel_off", Final: true,
			Text: "Nobody can sign in here: GitHub does not say which client id the App that holds the gates has, and " +
				"people must not sign in to that one."}
	case a.gh.ClientID():
		return &gate.Error{Code: "channel_off", Final: true,
			Text: "Nobody can sign in here: GATEHOLD_CLIENT_ID is of the App that holds the gates. With a token of that App " +
				"its check could be forged: register another App without any permission, and disable the device flow of this one."}
	}
	a.apart.Store(true)
	return nil
}

// Whose asks whose token it is. The answer's id is what counts. A token comes once:
// where GitHub cannot be reached, it is asked once more before the token is lost.
// https://docs.github.com/en/rest/users/users#get-the-authenticated-user
func (a *SignInApp) Whose(ctx context.Context, token string) (gate.Actor, error) {
	who, err := a.holder(ctx, token)
	if err != nil && gate.AsError(err).Code == "github_unavailable" {
		return a.holder(ctx, token)
	}
	return who, err
}

func (a *SignInApp) holder(ctx context.Context, token string) (gate.Actor, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, a.gh.URL("user"), nil)
	if err != nil {
		return gate.Actor{}, a.gh.Refusal(err, "ask who signed in", whoRoute)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Accept", "application/vnd.github+json")
	var user wire.Account
	status, err := a.exchange(req, whoRoute, "ask who signed in", &user)
	switch {
	case err != nil:
		return gate.Actor{}, err
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return gate.Actor{}, &gate.Error{Code: "sign_in_denied", Final: true, Text: "GitHub does not say who signed in. Begin again."}
	case status != http.StatusOK:
		return gate.Actor{}, unexpected(status)
	case user.ID <= 0 || !wire.IsName(strings.TrimSuffix(user.Login, "[bot]")):
		return gate.Actor{}, api.Malformed("it does not say whose account it is")
	case user.Type != "User":
		return gate.Actor{}, &gate.Error{Code: "not_human", Final: true,
			Text: fmt.Sprintf("@%s is not a person. Only people sign in here.", user.Login)}
	}
	return gate.Actor{Login: user.Login, ID: user.ID, Type: user.Type}, nil
}

// Ask asks GitHub's web host something for a sign-in. GitHub refuses with status 200
// and an error in the answer; other statuses are trouble.
func (a *SignInApp) Ask(ctx context.Context, r api.Route, path string, form url.Values, into any) error {
	const doing = "sign somebody in"
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.gh.WebURL(path), strings.NewReader(form.Encode()))
	if err != nil {
		return a.gh.Refusal(err, doing, r)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	status, err := a.exchange(req, r, doing, into)
	switch {
	case err != nil:
		return err
	case status == http.StatusNotFound:
		return UnknownClient()
	case status != http.StatusOK:
		return unexpected(status)
	}
	return nil
}

// exchange sends a request of a sign-in. That there were too many of them is no
// installation's limit.
func (a *SignInApp) exchange(req *http.Request, r api.Route, doing string, into any) (status int, err error) {
	status, err = a.gh.Exchange(req, r, doing, into)
	if e := gate.AsError(err); err != nil && e.Code == "rate_limited" {
		e.Text = fmt.Sprintf("GitHub signs nobody in for this App before %s: too many have asked.",
			e.Until.UTC().Format("15:04:05 MST"))
		return 0, e
	}
	return status, err
}

func unexpected(status int) *gate.Error {
	return &gate.Error{Code: "github_unavailable",
		Text: fmt.Sprintf("gatehold could not sign somebody in: GitHub answered %d. Try again in a moment.", status)}
}

// UnknownClient is that GitHub knows no App of the client id.
func UnknownClient() *gate.Error {
	return &gate.Error{Code: "channel_off", Final: true,
		Text: "GitHub does not know the client id: check GATEHOLD_CLIENT_ID, which is not an App ID."}
}
