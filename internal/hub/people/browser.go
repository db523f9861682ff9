package people

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/api"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

// The web flow: a browser is sent to GitHub, and comes back with a code and the state
// that it was sent with. That the state is the one that this browser was given is for
// whoever sent it there. The code is worth a token to the App alone, which has a
// secret, and only with the verifier whose challenge went with the browser. The token
// is used for one question, who it belongs to, and is revoked within the same call.
// https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-user-access-token-for-a-github-app
// https://docs.github.com/en/rest/apps/oauth-applications#delete-an-app-token
var (
	codeRoute   = api.Route{Name: "POST /login/oauth/access_token", Max: 64 << 10, Timeout: 10 * time.Second, Foreign: true}
	revokeRoute = api.Route{Name: "DELETE /applications/{client_id}/token", Max: 64 << 10, Timeout: 5 * time.Second, Foreign: true}
)

// Browser tells who sits before one. It is safe for concurrent use.
type Browser struct {
	gh  *api.GitHub
	app *SignInApp
}

func NewBrowser(gh *api.GitHub, us *api.Identity) *Browser {
	return &Browser{gh: gh, app: NewSignInApp(gh, us)}
}

// Authorize is where a browser is sent, to come back at redirect with state and a
// code. The challenge is the SHA-256, in base64url, of the verifier that SignedInWith
// is given then. It is empty where nobody can sign in in a browser.
func (b *Browser) Authorize(state, challenge, redirect string) string {
	return b.authorize(url.Values{}, state, challenge, redirect)
}

// AuthorizeAnother is Authorize for somebody who wants to say first which account it
// is: GitHub takes the one that the browser has there otherwise.
func (b *Browser) AuthorizeAnother(state, challenge, redirect string) string {
	return b.authorize(url.Values{"prompt": {"select_account"}}, state, challenge, redirect)
}

func (b *Browser) authorize(q url.Values, state, challenge, redirect string) string {
	if b.off() {
		return ""
	}
	for name, value := range map[string]string{"client_id": b.gh.ClientID(), "redirect_uri": redirect, "state": state,
		"code_challenge": challenge, "code_challenge_method": "S256", "allow_signup": "false"} {
		q.Set(name, value)
	}
	return b.gh.WebURL("/login/oauth/authorize") + "?" + q.Encode()
}

func (b *Browser) off() bool { return b.gh.ClientID() == "" || b.gh.ClientSecret() == "" }

// SignedInWith tells who let gatehold know them. The redirect is the one that the
// browser was sent with, and the verifier the one of its challenge. GitHub takes a
// code once: whoever shows it again is told sign_in_expired. Other errors are
// sign_in_denied, not_human, channel_off, invalid_request, rate_limited,
// github_unavailable, github_refused and answer_too_large.
func (b *Browser) SignedInWith(ctx context.Context, code, verifier, redirect string) (gate.Actor, error) {
	if b.off() {
		return gate.Actor{}, &gate.Error{Code: "channel_off", Final: true,
			Text: "Nobody can sign in in a browser here: the server was given no client id and client secret to do it with " +
				"(GATEHOLD_CLIENT_ID, GATEHOLD_CLIENT_SECRET)."}
	}
	if !wire.IsSecret(code) || !isVerifier(verifier) {
		return gate.Actor{}, api.Invalid("This is nothing that GitHub sent a browser back with. Begin again.")
	}
	hidden := []string{code, verifier, b.gh.ClientSecret(),
		base64.StdEncoding.EncodeToString([]byte(b.gh.ClientID() + ":" + b.gh.ClientSecret()))}
	if err := b.app.Apart(ctx); err != nil {
		return gate.Actor{}, scrubbed(err, hidden)
	}
	token, err := b.token(ctx, code, verifier, redirect)
	if err != nil {
		return gate.Actor{}, scrubbed(err, hidden)
	}
	hidden = append(hidden, token)
	who, err := b.app.Whose(ctx, token)
	b.revoke(ctx, token, hidden)
	return who, scrubbed(err, hidden)
}

// A code and a verifier that nobody was ever given.
const (
	noCode     = "0000000000gatehold000"
	noVerifier = "gatehold-asks-whether-it-is-known-to-github-"
)

// CheckSignIn finds out, without a person, whether people can sign in: GitHub takes
// client id and secret, and they are of another App than the one that holds the gates.
// It shows a code that nobody was given, which GitHub refuses after it has looked at
// those. Which callback URLs the App has GitHub tells nobody but its owner. Without a
// client secret only the client id is looked at.
func (b *Browser) CheckSignIn(ctx context.Context, redirect string) error {
	if err := b.app.Apart(ctx); err != nil || b.off() {
		return err
	}
	_, err := b.token(ctx, noCode, noVerifier, redirect)
	if err == nil {
		return api.Malformed("it holds a token for a code that nobody was given")
	}
	if gate.AsError(err).Code == "sign_in_expired" { // the code, and nothing before it
		return nil
	}
	return scrubbed(err, []string{b.gh.ClientSecret()})
}

// token exchanges the code.
func (b *Browser) token(ctx context.Context, code, verifier, redirect string) (string, error) {
	form := url.Values{"client_id": {b.gh.ClientID()}, "client_secret": {b.gh.ClientSecret()}, "code": {code},
		"redirect_uri": {redirect}, "code_verifier": {verifier}}
	var answer struct { // a refresh token is not read at all
		Token string `json:"access_token"`
		Type  string `json:"token_type"`
		Error string `json:"error"`
	}
	err := b.app.Ask(ctx, codeRoute, "/login/oauth/access_token", form, &answer)
	switch {
	case err != nil:
		return "", err
	case answer.Error != "":
		return "", codeRefusal(answer.Error, redirect)
	case !wire.IsSecret(answer.Token) || !strings.EqualFold(answer.Type, "bearer"):
		return "", api.Malformed("it holds no token")
	}
	return answer.Token, nil
}

// revoke has GitHub end the token. Where that fails, nobody has it any more, and
// GitHub ends it after eight hours: the person is signed in all the same.
func (b *Browser) revoke(ctx context.Context, token string, hidden []string) {
	ctx = context.WithoutCancel(ctx) // whoever asked may be gone: the token is not
	var err error
	for range 2 {
		var status int
		status, err = b.tryRevoke(ctx, token)
		switch {
		case err == nil && status == http.StatusNoContent:
			return
		case err == nil && status < 500:
			b.gh.Log().Warn("GitHub does not revoke the token of somebody who signed in", "status", status)
			return
		case err == nil:
			err = unexpected(status)
		}
	}
	b.gh.Log().Warn("the token of somebody who signed in could not be revoked", "error", scrubbed(err, hidden))
}

func (b *Browser) tryRevoke(ctx context.Context, token string) (status int, err error) {
	const doing = "revoke the token of somebody who signed in"
	body, err := json.Marshal(map[string]string{"access_token": token})
	if err != nil {
		return 0, b.gh.Refusal(err, doing, revokeRoute)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodDelete,
		b.gh.URL("applications/"+url.PathEscape(b.gh.ClientID())+"/token"), strings.NewReader(string(body)))
	if err != nil {
		return 0, b.gh.Refusal(err, doing, revokeRoute)
	}
	req.SetBasicAuth(b.gh.ClientID(), b.gh.ClientSecret())
	req.Header.Set("Accept", "application/vnd.github+json")
	req.Header.Set("Content-Type", "application/json")
	return b.app.exchange(req, revokeRoute, doing, &struct{}{})
}

// codeRefusal says what GitHub's code means for the person who waits.
// https://docs.github.com/en/apps/oauth-apps/maintaining-oauth-apps/troubleshooting-oauth-app-access-token-request-errors
func codeRefusal(code, redirect string) *gate.Error {
	refused := func(code, text string) *gate.Error { return &gate.Error{Code: code, Text: text, Final: true} }
	switch code {
	case "bad_verification_code":
		return refused("sign_in_expired", "This sign-in has run out, or was used already. Begin again.")
	case "unverified_user_email":
		return refused("sign_in_denied", "GitHub signs nobody in whose mail address is not verified: do that in your settings at GitHub, "+
			"and begin again.")
	case "access_denied":
		return refused("sign_in_denied", "Whoever was asked at GitHub did not let gatehold know them.")
	case "incorrect_client_credentials":
		return refused("channel_off", "GitHub does not take the client secret: check that GATEHOLD_CLIENT_SECRET is of the App whose "+
			"client id GATEHOLD_CLIENT_ID is, and was not deleted there.")
	case "redirect_uri_mismatch":
		return refused("channel_off", fmt.Sprintf("The App that people sign in with does not have the callback URL %s: an owner of it "+
			"can add that in its settings at GitHub, letter by letter.", wire.Clip(redirect, 200)))
	case "application_suspended":
		return refused("channel_off", "GitHub has suspended the App that people sign in with: an owner of it can ask GitHub why.")
	}
	if strings.Trim(code, "abcdefghijklmnopqrstuvwxyz_") != "" || len(code) > 60 {
		code = "something that is no code of an error"
	}
	return refused("github_refused", "GitHub does not sign anybody in for this App: it says "+code+".")
}

// isVerifier holds for what PKCE takes.
// https://datatracker.ietf.org/doc/html/rfc7636#section-4.1
func isVerifier(s string) bool {
	return len(s) >= 43 && len(s) <= 128 && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("-._~", r)
	})
}

// scrubbed is err without what must not be told, whoever has put it there: GitHub, a
// proxy on the way, or a library.
func scrubbed(err error, hidden []string) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	for _, secret := range hidden {
		if strings.Contains(text, secret) || strings.Contains(text, url.QueryEscape(secret)) {
			e := gate.AsError(err)
			return &gate.Error{Code: e.Code, Until: e.Until, Final: e.Final,
				Text: "gatehold could not sign somebody in, and what it was answered is not for showing. Begin again."}
		}
	}
	return err
}
