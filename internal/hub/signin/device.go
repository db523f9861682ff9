package signin

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

// The device flow: a person enters a code at GitHub, and GitHub tells us who
// that was. Both questions go to GitHub's web host, with a client id and nothing
// else; the token that comes of it is used for one question, who it belongs to,
// and let go of within the same call.
//
// The client id is of an App of its own, which may do nothing. A client id is
// public: whoever knows it can start the flow without us and keep the token, if
// they get somebody to enter the code. A token of an App that may write checks
// writes them in that App's name: the required check itself could be forged.
// https://docs.github.com/en/rest/authentication/endpoints-available-for-github-app-user-access-tokens
// https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps#device-flow
var (
	deviceCodeRoute  = api.Route{Name: "POST /login/device/code", Max: 64 << 10, Timeout: 10 * time.Second, Foreign: true}
	deviceTokenRoute = api.Route{Name: "POST /login/oauth/access_token", Max: 64 << 10, Timeout: 10 * time.Second, Foreign: true}
	whoRoute         = api.Route{Name: "GET /user", Max: 1 << 20, Timeout: 10 * time.Second, Foreign: true}
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
	gh    *api.GitHub
	us    *api.Identity
	apart atomic.Bool // the client id is known to be another App's
}

func New(gh *api.GitHub, us *api.Identity) *SignIns { return &SignIns{gh: gh, us: us} }

// SignIn asks for a code that a person enters at GitHub. Its error is a
// *gate.Error: channel_off where there is no client id, where it is that of the
// App that holds the gates, or where its App does not allow the device flow;
// rate_limited, github_unavailable.
func (ss *SignIns) SignIn(ctx context.Context) (gate.SignIn, error) {
	if ss.gh.ClientID() == "" {
		return gate.SignIn{}, &gate.Error{Code: "channel_off", Final: true,
			Text: "Nobody can sign in here: the server was given no client id to sign in with (GATEHOLD_CLIENT_ID)."}
	}
	if err := ss.separate(ctx); err != nil {
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
	if err := ss.device(ctx, deviceCodeRoute, "/login/device/code", form, &answer); err != nil {
		return gate.SignIn{}, err
	}
	if answer.Error != "" {
		return gate.SignIn{}, deviceRefusal(answer.Error)
	}
	if !plainSecret(answer.Device) || !wire.IsToken(answer.UserCode) || len(answer.UserCode) > 20 || !webAddress(answer.Address) {
		return gate.SignIn{}, api.Malformed("it holds no code to sign in with")
	}
	return gate.SignIn{
		Device: answer.Device, UserCode: answer.UserCode, Address: answer.Address,
		Interval: interval(answer.Interval),
		Life:     min(max(seconds(answer.Life), shortestInterval), longestSignIn),
	}, nil
}

// separate refuses to sign anybody in to the App that holds the gates. GitHub is
// asked once.
func (ss *SignIns) separate(ctx context.Context) error {
	if ss.apart.Load() {
		return nil
	}
	own, err := ss.us.ClientID(ctx)
	if err != nil {
		return err
	}
	switch own {
	case "":
		return &gate.Error{Code: "channel_off", Final: true,
			Text: "Nobody can sign in here: GitHub does not say which client id the App that holds the gates has, and " +
				"people must not sign in to that one."}
	case ss.gh.ClientID():
		return &gate.Error{Code: "channel_off", Final: true,
			Text: "Nobody can sign in here: GATEHOLD_CLIENT_ID is of the App that holds the gates. With a token of that App " +
				"its check could be forged: register another App without any permission, and disable the device flow of this one."}
	}
	ss.apart.Store(true)
	return nil
}

// SignedIn asks whether the code was entered, and by whom. An actor without an
// id means: not yet; wait is how long GitHub wants the next question to be away
// then, 0 where it is as before. GitHub tells it once: whoever asks after that
// is told sign_in_expired. Other errors are sign_in_denied, not_human,
// channel_off, rate_limited and github_unavailable.
func (ss *SignIns) SignedIn(ctx context.Context, device string) (who gate.Actor, wait time.Duration, err error) {
	if ss.gh.ClientID() == "" || !plainSecret(device) {
		return gate.Actor{}, 0, api.Invalid("There is no such code.")
	}
	var answer struct {
		Token    string `json:"access_token"`
		Type     string `json:"token_type"`
		Error    string `json:"error"`
		Interval int64  `json:"interval"`
	}
	form := url.Values{"client_id": {ss.gh.ClientID()}, "device_code": {device}, "grant_type": {deviceGrant}}
	if err := ss.device(ctx, deviceTokenRoute, "/login/oauth/access_token", form, &answer); err != nil {
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
	if !plainSecret(answer.Token) || !strings.EqualFold(answer.Type, "bearer") {
		return gate.Actor{}, 0, api.Malformed("it holds no token")
	}
	who, err = ss.bearer(ctx, answer.Token)
	if err != nil && gate.AsError(err).Code == "github_unavailable" { // the token comes once: one more try before it is lost
		who, err = ss.bearer(ctx, answer.Token)
	}
	return who, 0, err
}

// bearer asks whose token it is. The answer's id is what counts.
// https://docs.github.com/en/rest/users/users#get-the-authenticated-user
func (ss *SignIns) bearer(ctx context.Context, token string) (gate.Actor, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, ss.gh.URL("user"), nil)
	if err != nil {
		return gate.Actor{}, ss.gh.Refusal(err, "ask who signed in", whoRoute)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Accept", "application/vnd.github+json")
	var user wire.Account
	status, err := ss.exchange(req, whoRoute, "ask who signed in", &user)
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

// device asks one of the two questions. GitHub refuses with status 200 and an
// error in the answer; other statuses are trouble.
func (ss *SignIns) device(ctx context.Context, r api.Route, path string, form url.Values, into any) error {
	const doing = "sign somebody in"
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, ss.gh.WebURL(path), strings.NewReader(form.Encode()))
	if err != nil {
		return ss.gh.Refusal(err, doing, r)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	status, err := ss.exchange(req, r, doing, into)
	switch {
	case err != nil:
		return err
	case status == http.StatusNotFound:
		return deviceRefusal("incorrect_client_credentials")
	case status != http.StatusOK:
		return unexpected(status)
	}
	return nil
}

// exchange sends a request of a sign-in. That there were too many of them is no
// installation's limit.
func (ss *SignIns) exchange(req *http.Request, r api.Route, doing string, into any) (status int, err error) {
	status, err = ss.gh.Exchange(req, r, doing, into)
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
		return &gate.Error{Code: "channel_off", Final: true,
			Text: "GitHub does not know the client id: check GATEHOLD_CLIENT_ID, which is not an App ID."}
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

// plainSecret holds for what can stand in a form or a header as it is.
func plainSecret(s string) bool {
	return s != "" && len(s) <= 512 && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
}

// webAddress holds for an address that people can be sent to.
func webAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && len(s) <= 200 && plainSecret(s) && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil
}
