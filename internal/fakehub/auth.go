package fakehub

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// auth is who a request comes from.
type auth struct {
	kind  int // byNobody, byApp, byInstall, byUser
	app   *App
	grant *grant // of a token
	who   string // whose quota it is; "": anybody's
}

// grant is what a token stands for. It does not change.
type grant struct {
	token       string
	install     *Installation // nil: a person's token
	user        *Account
	app         *App           // that a person signed in to; nil: a token with all that the person may do
	repos       map[int64]bool // nil: all of the installation
	permissions map[string]string
	expires     time.Time
	saml        bool // a person's, and authorized for single sign-on
}

type tokenTable struct {
	mu     sync.Mutex
	grants map[string]*grant
	sweep  int
}

func (t *tokenTable) add(g *grant, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.grants[g.token] = g
	if t.sweep++; t.sweep >= 1000 {
		t.sweep = 0
		for k, old := range t.grants {
			if !old.expires.IsZero() && now.After(old.expires) {
				delete(t.grants, k)
			}
		}
	}
}

func (t *tokenTable) find(token string) *grant {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.grants[token]
}

func (t *tokenTable) drop(token string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.grants, token)
}

// PersonalToken is a token of a person, with all that the person may do and no
// limit in time. It can read; of checks it may write none, as on GitHub.
func (h *Hub) PersonalToken(a *Account) string {
	token := "ghp_" + base64.RawURLEncoding.EncodeToString(h.random.bytes(27))
	h.tokens.add(&grant{token: token, user: a}, h.now())
	return token
}

// authenticate finds out who calls; bad comes with the answer that says why it
// cannot be believed.
func (h *Hub) authenticate(c *call) (refused answer, bad bool) {
	kind, token, _ := strings.Cut(c.r.Header.Get("Authorization"), " ")
	if kind == "" {
		c.auth = auth{kind: byNobody}
		return answer{}, false
	}
	if !strings.EqualFold(kind, "bearer") && !strings.EqualFold(kind, "token") {
		return failed(http.StatusUnauthorized, "Bad credentials"), true
	}
	if g := h.tokens.find(token); g != nil {
		holder, ended := h.holder(g)
		if !g.expires.IsZero() && !h.now().Before(g.expires) || ended {
			return failed(http.StatusUnauthorized, "Bad credentials"), true
		}
		c.auth = holder
		return answer{}, false
	}
	if strings.HasPrefix(token, "gh") || strings.Count(token, ".") != 2 {
		return failed(http.StatusUnauthorized, "Bad credentials"), true
	}
	app, why := h.verifyJWT(token)
	if why != "" {
		return failed(http.StatusUnauthorized, why), true
	}
	c.auth = auth{kind: byApp, app: app, who: fmt.Sprintf("app ID %d", app.ID)}
	return answer{}, false
}

// holder says whose a token is, and whether that installation or person is gone.
func (h *Hub) holder(g *grant) (of auth, ended bool) {
	h.mu.RLock() // all of it: a hub that answers from the past is another one for a moment
	defer h.mu.RUnlock()
	if g.install != nil {
		return auth{kind: byInstall, grant: g, app: g.install.app, who: fmt.Sprintf("installation ID %d", g.install.ID)}, g.install.gone
	}
	return auth{kind: byUser, grant: g, who: fmt.Sprintf("user ID %d", g.user.ID)}, g.user.deleted
}

// verifyJWT checks an App's JWT: RS256 by the App's key, not yet expired, and
// for ten minutes at most.
func (h *Hub) verifyJWT(token string) (*App, string) {
	const undecodable = "A JSON web token could not be decoded"
	parts := strings.Split(token, ".")
	var head struct {
		Alg string `json:"alg"`
	}
	var claims struct {
		Iss json.RawMessage `json:"iss"`
		Iat *float64        `json:"iat"`
		Exp *float64        `json:"exp"`
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil || !decodePart(parts[0], &head) || !decodePart(parts[1], &claims) || head.Alg != "RS256" {
		return nil, undecodable
	}
	app := h.appByIssuer(strings.Trim(string(claims.Iss), `"`))
	if app == nil {
		return nil, "Integration not found"
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if rsa.VerifyPKCS1v15(app.public, crypto.SHA256, sum[:], signature) != nil {
		return nil, undecodable
	}
	now := float64(h.opt.Now().Unix())
	switch {
	case claims.Iat == nil || *claims.Iat > now+60:
		return nil, "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued."
	case claims.Exp == nil || *claims.Exp <= now:
		return nil, "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires."
	case *claims.Exp > now+600:
		return nil, "'Expiration time' claim ('exp') is too far in the future"
	}
	return app, ""
}

func decodePart(part string, v any) bool {
	data, err := base64.RawURLEncoding.DecodeString(part)
	return err == nil && json.Unmarshal(data, v) == nil
}

// appByIssuer takes the App's id, or its client id.
func (h *Hub) appByIssuer(iss string) *App {
	h.mu.RLock()
	defer h.mu.RUnlock()
	id, err := strconv.ParseInt(strings.TrimPrefix(iss, "Iv23li"), 10, 64)
	if err != nil {
		return nil
	}
	return h.apps[id]
}

// wrongKind is the answer to a caller that a route is not for.
func (c *call) wrongKind() answer {
	switch {
	case c.auth.kind == byNobody:
		return failed(http.StatusUnauthorized, "Requires authentication")
	case c.route.who == byApp:
		return failed(http.StatusUnauthorized, "A JSON web token could not be decoded")
	case c.auth.kind == byApp:
		return failed(http.StatusForbidden, "This endpoint must be called with an installation access token, not with the App's JWT")
	}
	return forbidden()
}

// sees says whether a repository exists for the caller.
func (a auth) sees(r *Repo) bool {
	switch a.kind {
	case byApp:
		return a.app.installationFor(r) != nil
	case byInstall:
		return !r.private || a.covers(r)
	case byUser:
		if app := a.grant.app; app != nil && r.private && app.installationFor(r) == nil {
			return false
		}
		return r.permission(a.grant.user) != "none"
	}
	return !r.private
}

// covers says whether the token was issued for the repository.
func (a auth) covers(r *Repo) bool {
	g := a.grant
	return g.install.covers(r) && (g.repos == nil || g.repos[r.ID])
}

// permitted checks the permission that the route needs.
func (c *call) permitted() bool {
	name, level, needed := strings.Cut(c.route.need, ":")
	if !needed || c.auth.kind == byApp {
		return true
	}
	if c.auth.kind == byUser {
		// A check run is written by an App only.
		return c.route.need != "checks:write" && c.appPermits(name, level)
	}
	g := c.auth.grant
	if g.install.suspended {
		return false
	}
	if c.repo != nil && !c.auth.covers(c.repo) {
		return c.route.public
	}
	return allows(g.permissions, name, level) && allows(g.install.permissions, name, level)
}

// accepted is the permission that a route needs, as
// X-Accepted-GitHub-Permissions tells an App. A person's classic token, which
// has scopes and no permissions, is told nothing.
func (c *call) accepted() string {
	if c.auth.kind == byInstall || c.auth.kind == byUser && c.auth.grant.app != nil {
		return strings.Replace(c.route.need, ":", "=", 1)
	}
	return ""
}

// appPermits says whether the App that a person signed in to may do what they
// ask for: such a token can do what both may.
func (c *call) appPermits(name, level string) bool {
	app := c.auth.grant.app
	if app == nil || c.repo == nil {
		return app == nil || allows(app.permissions, name, level)
	}
	in := app.installationFor(c.repo)
	if in == nil {
		return c.route.public
	}
	return !in.suspended && allows(in.permissions, name, level)
}
