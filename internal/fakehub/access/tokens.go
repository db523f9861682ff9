package access

import (
	"encoding/base64"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
)

// Grant is what a token stands for. It does not change.
type Grant struct {
	Token       string
	Install     *fakehub.Installation // nil: a person's token
	User        *fakehub.Account
	App         *fakehub.App   // that a person signed in to; nil: a token with all that the person may do
	Repos       map[int64]bool // nil: all of the installation
	Permissions map[string]string
	Expires     time.Time
	saml        bool // a person's, and authorized for single sign-on
}

// Book has the tokens that were given out, and the sign-ins that are under way,
// through browsers and other devices.
type Book struct {
	hub     *fakehub.Hub
	devices map[string]*Device // by device code; the hub's lock guards it and the next three

	codes    map[string]*code            // that browsers carry to an App
	agreed   map[int64]map[int64]bool    // which Apps an account has let know it
	sessions map[string]*fakehub.Account // of browsers

	mu     sync.Mutex
	grants map[string]*Grant
	sweep  int
}

// NewBook has given out nothing yet.
func NewBook(h *fakehub.Hub) *Book {
	return &Book{hub: h, devices: map[string]*Device{}, grants: map[string]*Grant{}, codes: map[string]*code{},
		agreed: map[int64]map[int64]bool{}, sessions: map[string]*fakehub.Account{}}
}

func (b *Book) add(g *Grant, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.grants[g.Token] = g
	if b.sweep++; b.sweep >= 1000 {
		b.sweep = 0
		for k, old := range b.grants {
			if !old.Expires.IsZero() && now.After(old.Expires) {
				delete(b.grants, k)
			}
		}
	}
}

func (b *Book) find(token string) *Grant {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.grants[token]
}

// Drop ends a token.
func (b *Book) Drop(token string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.grants, token)
}

// PersonalToken is a token of a person, with all that the person may do and no
// limit in time. It can read; of checks it may write none, as on GitHub.
func (b *Book) PersonalToken(a *fakehub.Account) string {
	token := "ghp_" + base64.RawURLEncoding.EncodeToString(b.hub.Random.Bytes(27))
	b.add(&Grant{Token: token, User: a}, b.hub.Now())
	return token
}

// Authenticate finds out who calls, by the Authorization header; refused says
// why it cannot be believed.
func (b *Book) Authenticate(authorization string) (who Caller, refused string) {
	const bad = "Bad credentials"
	kind, token, _ := strings.Cut(authorization, " ")
	if kind == "" {
		return Caller{Kind: ByNobody}, ""
	}
	if strings.EqualFold(kind, "basic") {
		return b.client(token)
	}
	if !strings.EqualFold(kind, "bearer") && !strings.EqualFold(kind, "token") {
		return Caller{}, bad
	}
	if g := b.find(token); g != nil {
		holder, ended := b.holder(g)
		if !g.Expires.IsZero() && !b.hub.Now().Before(g.Expires) || ended {
			return Caller{}, bad
		}
		return holder, ""
	}
	if strings.HasPrefix(token, "gh") || strings.Count(token, ".") != 2 {
		return Caller{}, bad
	}
	app, why := b.verifyJWT(token)
	if why != "" {
		return Caller{}, why
	}
	return Caller{Kind: ByApp, App: app, Who: fmt.Sprintf("app ID %d", app.ID)}, ""
}

// holder says whose a token is, and whether that installation or person is gone.
func (b *Book) holder(g *Grant) (of Caller, ended bool) {
	b.hub.State.RLock() // all of it: a hub that answers from the past is another one for a moment
	defer b.hub.State.RUnlock()
	if g.Install != nil {
		return Caller{Kind: ByInstall, Grant: g, App: g.Install.App, Who: fmt.Sprintf("installation ID %d", g.Install.ID)}, g.Install.Gone
	}
	return Caller{Kind: ByUser, Grant: g, Who: fmt.Sprintf("user ID %d", g.User.ID)}, g.User.Deleted
}

// AuthorizeSAML lets a person's token pass the single sign-on of all
// organisations.
func (b *Book) AuthorizeSAML(token string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if g := b.grants[token]; g != nil {
		signedIn := *g
		signedIn.saml = true
		b.grants[token] = &signedIn
	}
}

// Issue gives an installation its token, in the form that GitHub gives them
// since 2026: about 520 characters, with dots in them.
func (b *Book) Issue(g *Grant) {
	part := func(n int) string { return base64.RawURLEncoding.EncodeToString(b.hub.Random.Bytes(n)) }
	g.Token = fmt.Sprintf("ghs_%d_%s.%s.%s", g.Install.App.ID, part(27), part(96), part(256))
	b.add(g, b.hub.Now())
}
