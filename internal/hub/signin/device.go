package signin

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/api"
	"github.com/gatehold/gatehold/internal/hub/people"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

// The device flow: a person enters a code at GitHub, and GitHub tells us who
// that was. Both questions go to GitHub's web host, with a client id and nothing
// else; the token that comes of it is used for one question, who it belongs to,
// and let go of within the same call.
//
// The client id is of an App of its own, which may do nothing: people.SignInApp
// says why.
// https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps#device-flow
var (
	deviceCodeRoute  = api.Route{Name: "POST /login/device/code", Max: 64 << 10, Timeout: 10 * time.Second, Foreign: true}
	deviceTokenRoute = api.Route{Name: "POST /login/oauth/access_token", Max: 64 << 10, Timeout: 10 * time.Second, Foreign: true}
)

const deviceGrant = "urn:ietf:params:oauth:grant-type:device_code"

// Bounds of what GitHub says of a code: its own values are 5 seconds and 15
// minutes.
const (
	shortestInterval = time.Second
	usualInterval    = 5 * time.Second
	longestInterval  = time.Minute
	longestSignIn    = 15 * time.Minute
)

// SignIns tells who signs in at GitHub. It is safe for concurrent use.
type SignIns struct {
	gh  *api.GitHub
	app *people.SignInApp
}

func New(gh *api.GitHub, us *api.Identity) *SignIns {
	return &SignIns{gh: gh, app: people.NewSignInApp(gh, us)}
}

// SignIn asks for a code that a person enters at GitHub. Its error is a
// *gate.Error: channel_off where there is no client id, where it is that of the
// App that holds the gates, or where its App does not allow the device flow;
// rate_limited, github_unavailable.
func (ss *SignIns) SignIn(ctx context.Context) (gate.SignIn, error) {
	if ss.gh.ClientID() == "" {
		return gate.SignIn{}, &gate.Error{Code: "channel_off", Final: true,
			Text: "Nobody can sign in here: the server was given no client id to sign in with (GATEHOLD_CLIENT_ID)."}
	}
	if err := ss.app.Apart(ctx); err != nil {
		return gate.SignIn{}, err
	}
	var answer struct {
		Device   string `json:"device_code"`
		UserCode string `json:"user_code"`
		Address  string `json:"verification_uri"`
		Life     int64  `json:"expires_in"`
		Interval int64  `json:"interval"`
		Error    string `json:"error"`
	}
	form := url.Values{"client_id": {ss.gh.ClientID()}}
	if err := ss.app.Ask(ctx, deviceCodeRoute, "/login/device/code", form, &answer); err != nil {
		return gate.SignIn{}, err
	}
	if answer.Error != "" {
		return gate.SignIn{}, deviceRefusal(answer.Error)
	}
	if !wire.IsSecret(answer.Device) || !wire.IsToken(answer.UserCode) || len(answer.UserCode) > 20 || !webAddress(answer.Address) {
		return gate.SignIn{}, api.Malformed("it holds no code to sign in with")
	}
	return gate.SignIn{
		Device: answer.Device, UserCode: answer.UserCode, Address: answer.Address,
		Interval: interval(answer.Interval),
		Life:     min(max(seconds(answer.Life), shortestInterval), longestSignIn),
	}, nil
}

// SignedIn asks whether the code was entered, and by whom. An actor without an
// id means: not yet; wait is how long GitHub wants the next question to be away
// then, 0 where it is as before. GitHub tells it once: whoever asks after that
// is told sign_in_expired. Other errors are sign_in_denied, not_human,
// channel_off, rate_limited and github_unavailable.
func (ss *SignIns) SignedIn(ctx context.Context, device string) (who gate.Actor, wait time.Duration, err error) {
	if ss.gh.ClientID() == "" || !wire.IsSecret(device) {
		return gate.Actor{}, 0, api.Invalid("There is no such code.")
	}
	var answer struct {
		Token    string `json:"access_token"`
		Type     string `json:"token_type"`
		Error    string `json:"error"`
		Interval int64  `json:"interval"`
	}
	form := url.Values{"client_id": {ss.gh.ClientID()}, "device_code": {device}, "grant_type": {deviceGrant}}
	if err := ss.app.Ask(ctx, deviceTokenRoute, "/login/oauth/access_token", form, &answer); err != nil {
		return gate.Actor{}, 0, err
	}
	switch answer.Error {
	case "":
	case "authorization_pending":
		return gate.Actor{}, 0, nil
	case "slow_down":
		return gate.Actor{}, interval(answer.Interval), nil
	default:
		return gate.Actor{}, 0, deviceRefusal(answer.Error)
	}
	if !wire.IsSecret(answer.Token) || !strings.EqualFold(answer.Type, "bearer") {
		return gate.Actor{}, 0, api.Malformed("it holds no token")
	}
	who, err = ss.app.Whose(ctx, answer.Token)
	return who, 0, err
}

// deviceRefusal says what GitHub's code means for the person who waits.
// https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps#error-codes-for-the-device-flow
func deviceRefusal(code string) *gate.Error {
	switch code {
	case "expired_token", "incorrect_device_code":
		return &gate.Error{Code: "sign_in_expired", Final: true, Text: "The code has run out, or was used already. Begin again."}
	case "access_denied":
		return &gate.Error{Code: "sign_in_denied", Final: true, Text: "Whoever entered the code did not let gatehold know them."}
	case "device_flow_disabled":
		return &gate.Error{Code: "channel_off", Final: true,
			Text: "The App that people sign in with does not allow the device flow: an owner of it can enable that in its " +
				"settings at GitHub."}
	case "incorrect_client_credentials":
		return people.UnknownClient()
	}
	return &gate.Error{Code: "github_refused", Final: true,
		Text: fmt.Sprintf("GitHub does not sign anybody in for this App: it says %q.", wire.Clip(code, 60))}
}

func interval(n int64) time.Duration {
	if n <= 0 {
		return usualInterval
	}
	return min(max(seconds(n), shortestInterval), longestInterval)
}

// seconds is a number of GitHub's as a duration, bounded to a day.
func seconds(n int64) time.Duration {
	return time.Duration(min(max(n, 0), 24*60*60)) * time.Second
}

// webAddress holds for an address that people can be sent to.
func webAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && len(s) <= 200 && wire.IsSecret(s) && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil
}
