package access

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
)

// Where people are signed in, and where they are asked whether an App may know them.
const (
	LoginPath     = "/login"
	AuthorizePath = "/login/oauth/authorize"
)

// CodeLife is how long an App has to exchange the code that a browser brings it.
// https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-user-access-token-for-a-github-app
const CodeLife = 10 * time.Minute

// Asked is what an App asks of the person whose browser it sends here.
type Asked struct {
	App       *fakehub.App
	Redirect  string // where the browser goes back to: one of the App's callbacks
	State     string // the App's own, given back as it is
	Challenge string // S256 of what the App shows when it exchanges the code; "": nothing
	Choose    bool   // the person says first which account it is
}

// code is a person's yes.
type code struct {
	Asked
	by      *fakehub.Account
	expires time.Time
}

// Asked reads the query of AuthorizePath. Its error is for the person: where it is
// not certain who asks, the browser is sent nowhere.
func (b *Book) Asked(q url.Values) (Asked, error) {
	b.hub.State.RLock()
	defer b.hub.State.RUnlock()
	app, to := b.hub.AppByClient(q.Get("client_id")), q.Get("redirect_uri")
	switch {
	case app == nil:
		return Asked{}, errors.New("there is no App with this client id")
	case len(app.Callbacks) == 0:
		return Asked{}, errors.New("the App has no callback URL")
	case to == "":
		to = app.Callbacks[0]
	case !slices.Contains(app.Callbacks, to):
		return Asked{}, errors.New("the redirect_uri is not associated with this application")
	}
	challenge, method := q.Get("code_challenge"), q.Get("code_challenge_method")
	switch {
	case challenge == "" && method == "":
	case method != "S256":
		return Asked{}, errors.New("the code_challenge_method must be S256")
	case !isDigest(challenge):
		return Asked{}, errors.New("the code_challenge must be a SHA-256 in base64url")
	}
	return Asked{App: app, Redirect: to, State: q.Get("state"), Challenge: challenge, Choose: q.Get("prompt") == "select_account"}, nil
}

func isDigest(s string) bool {
	sum, err := base64.RawURLEncoding.Strict().DecodeString(s)
	return err == nil && len(sum) == sha256.Size
}

// Knows reports whether the account has let the App know it before: then GitHub does
// not ask again.
func (b *Book) Knows(app *fakehub.App, by *fakehub.Account) bool {
	b.hub.State.RLock()
	defer b.hub.State.RUnlock()
	return b.agreed[app.ID][by.ID]
}

// Agree is a person's yes: to is where their browser goes, with a code.
func (b *Book) Agree(a Asked, by *fakehub.Account) (to string, err error) {
	b.hub.State.Lock()
	defer b.hub.State.Unlock()
	if !by.Person() {
		return "", errors.New("this is nobody who could sign in")
	}
	now := b.hub.Now()
	for old, other := range b.codes {
		if !now.Before(other.expires) {
			delete(b.codes, old)
		}
	}
	if b.agreed[a.App.ID] == nil {
		b.agreed[a.App.ID] = map[int64]bool{}
	}
	b.agreed[a.App.ID][by.ID] = true
	text := fmt.Sprintf("%x", b.hub.Random.Bytes(10))
	b.codes[text] = &code{Asked: a, by: by, expires: now.Add(CodeLife)}
	return a.back("code", text), nil
}

// Declined is where the browser of somebody goes who said no.
func (a Asked) Declined() (to string) {
	return a.back("error", "access_denied", "error_description", "The user has denied your application access.", "error_uri",
		"https://docs.github.com/apps/oauth-apps/maintaining-oauth-apps/troubleshooting-authorization-request-errors#access-denied")
}

// back is the callback with names and values in turn.
func (a Asked) back(query ...string) string {
	to, err := url.Parse(a.Redirect)
	if err != nil {
		return "/" // no such callback can be asked for: see Asked
	}
	q := to.Query()
	for i := 0; i+1 < len(query); i += 2 {
		q.Set(query[i], query[i+1])
	}
	if a.State != "" {
		q.Set("state", a.State)
	}
	to.RawQuery = q.Encode()
	return to.String()
}

// Authorize is a person who follows an App's address to GitHub and lets the App know
// them: to is where their browser ends up.
func (b *Book) Authorize(address, login string) (to string, err error) {
	a, by, err := b.followed(address, login)
	if err != nil {
		return "", err
	}
	return b.Agree(a, by)
}

// Decline is Authorize by a person who does not let the App know them.
func (b *Book) Decline(address, login string) (to string, err error) {
	a, _, err := b.followed(address, login)
	if err != nil {
		return "", err
	}
	return a.Declined(), nil
}

func (b *Book) followed(address, login string) (Asked, *fakehub.Account, error) {
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return Asked{}, nil, err
	case !strings.HasPrefix(address, b.hub.URL()+AuthorizePath+"?"):
		return Asked{}, nil, fmt.Errorf("%s is not where people authorize Apps", address)
	}
	b.hub.State.RLock()
	by := b.hub.Account(login)
	person := by.Person()
	b.hub.State.RUnlock()
	if !person {
		return Asked{}, nil, fmt.Errorf("%s is nobody who could sign in", login)
	}
	a, err := b.Asked(u.Query())
	return a, by, err
}

// Exchange gives an App the token of the person whose code it has, once. A code that
// was shown in the wrong way is used up. The caller holds the state's lock.
func (b *Book) Exchange(app *fakehub.App, text, verifier, redirect string) (token string, no *Refusal) {
	bad := &Refusal{Code: "bad_verification_code", Why: "The code passed is incorrect or expired."}
	c := b.codes[text]
	if c == nil || c.App != app || !b.hub.Now().Before(c.expires) {
		return "", bad
	}
	delete(b.codes, text)
	sum := sha256.Sum256([]byte(verifier))
	switch {
	case redirect != "" && redirect != c.Redirect:
		return "", &Refusal{Code: "redirect_uri_mismatch",
			Why: "The redirect_uri MUST match the registered callback URL for this application."}
	case c.Challenge != "" && c.Challenge != base64.RawURLEncoding.EncodeToString(sum[:]):
		return "", bad
	case c.by.Unverified:
		return "", &Refusal{Code: "unverified_user_email", Why: "The user must have a verified primary email."}
	case !c.by.Person():
		return "", bad
	}
	return b.userToken(app, c.by), nil
}

// ClientIs says whether a secret is the App's. An App without one has none that fits.
func ClientIs(app *fakehub.App, secret string) bool {
	return app != nil && app.Secret != "" && subtle.ConstantTimeCompare([]byte(app.Secret), []byte(secret)) == 1
}

// client is an App that shows its client id and secret.
func (b *Book) client(basic string) (who Caller, refused string) {
	text, err := base64.StdEncoding.DecodeString(basic)
	id, secret, _ := strings.Cut(string(text), ":")
	b.hub.State.RLock()
	defer b.hub.State.RUnlock()
	app := b.hub.AppByClient(id)
	if err != nil || !ClientIs(app, secret) {
		return Caller{}, "Bad credentials"
	}
	return Caller{Kind: ByClient, App: app, Who: "client ID " + id}, ""
}

// Given is a person's token that was given to an App and still lives, nil where it is
// none. The caller holds the state's lock.
func (b *Book) Given(app *fakehub.App, token string) *Grant {
	g := b.find(token)
	if g == nil || g.App != app || g.User == nil || !b.hub.Now().Before(g.Expires) {
		return nil
	}
	return g
}

// Withdraw ends all that an App has of the person whose token it is: the next time,
// they are asked anew. The caller holds the state's lock.
func (b *Book) Withdraw(of *Grant) {
	delete(b.agreed[of.App.ID], of.User.ID)
	b.mu.Lock()
	defer b.mu.Unlock()
	for text, g := range b.grants {
		if g.App == of.App && g.User == of.User {
			delete(b.grants, text)
		}
	}
}
