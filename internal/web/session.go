package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/gate/account"
	"github.com/gatehold/gatehold/internal/markup"
	"github.com/gatehold/gatehold/internal/usecase/accounts"
	"github.com/gatehold/gatehold/internal/web/page"
)

// Browser asks GitHub who somebody is who signs in with a browser. Its errors are
// *gate.Error.
type Browser interface {
	// Authorize is the address that the browser is sent to: it comes back to redirect
	// with state and a code. challenge is that of PKCE, S256.
	Authorize(state, challenge, redirect string) string
	// SignedInWith tells who a code is of. The token that it is exchanged for is
	// discarded.
	SignedInWith(ctx context.Context, code, verifier, redirect string) (gate.Actor, error)
}

// Sessions are those of the people who are signed in. Errors are *gate.Error.
type Sessions interface {
	Open(ctx context.Context, who gate.Actor, client string) (accounts.Session, error)
	Of(ctx context.Context, s accounts.Session) (account.State, error)
	Close(ctx context.Context, s accounts.Session, id, why string) error
	// Account is what is on record of anybody.
	Account(ctx context.Context, id int64) (account.State, error)
}

// sessions know browsers again. What a browser carries is sealed, with its own end:
// it is good for idleLife, and is given anew while it is used.
type sessions struct {
	accounts Sessions
	sealer   *Sealer
	origin   string // of the pages: "https://gate.example.com"
	site     markup.Site
	slog     *slog.Logger
	now      func() time.Time
}

const (
	sealedSession = "session"
	idleLife      = 2 * time.Hour
	renewEvery    = 5 * time.Minute
)

// carried is what the cookie of a session holds.
type carried struct {
	accounts.Session
	At time.Time `json:"at"` // when the cookie was given
}

// viewer is somebody who is signed in.
type viewer struct {
	session accounts.Session
	account account.State
}

func (v viewer) actor() gate.Actor { return v.account.Actor }

// frame is what a page has around it for somebody who is signed in.
func (s *sessions) frame(v viewer) page.Frame {
	return page.Frame{Site: s.site, Viewer: page.Viewer{Login: v.actor().Login, ID: v.actor().ID}, Signs: page.Signs()}
}

// https reports whether the pages are served over TLS, by whoever ends it.
func (s *sessions) https() bool { return strings.HasPrefix(s.origin, "https://") }

// cookieName binds the cookie to this very host, where the browser lets it.
// https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Set-Cookie#cookie_prefixes
func (s *sessions) cookieName(name string) string {
	if s.https() {
		return "__Host-" + name
	}
	return name
}

func (s *sessions) setCookie(c *gin.Context, name, value string, life time.Duration) {
	http.SetCookie(c.Writer, &http.Cookie{
		Name: s.cookieName(name), Value: value, Path: "/", MaxAge: int(life / time.Second),
		Secure: s.https(), HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

func (s *sessions) dropCookie(c *gin.Context, name string) { s.setCookie(c, name, "", -time.Second) }

func (s *sessions) cookie(c *gin.Context, name string) string {
	value, err := c.Cookie(s.cookieName(name))
	if err != nil {
		return ""
	}
	return value
}

// give has the browser carry a session from now on.
func (s *sessions) give(c *gin.Context, session accounts.Session) error {
	now := s.now()
	sealed, err := s.sealer.seal(sealedSession, now.Add(idleLife), carried{Session: session, At: now})
	if err != nil {
		return err
	}
	s.setCookie(c, "gatehold", sealed, idleLife)
	return nil
}

// viewer is who looks; signed is false where nobody is signed in.
func (s *sessions) viewer(c *gin.Context) (v viewer, signed bool, err error) {
	sealed := s.cookie(c, "gatehold")
	if sealed == "" {
		return v, false, nil
	}
	var held carried
	if err := s.sealer.open(sealedSession, sealed, 0, &held); err != nil {
		s.dropCookie(c, "gatehold")
		return v, false, nil // it ran out, or is not ours: nobody is signed in
	}
	v.session = held.Session
	v.account, err = s.accounts.Of(c.Request.Context(), held.Session)
	var known *gate.Error
	if errors.As(err, &known) && known.Code == "session_ended" {
		s.dropCookie(c, "gatehold")
		return v, false, nil
	}
	if err != nil {
		return v, false, err
	}
	if s.now().Sub(held.At) > renewEvery && !byItself(c) {
		if err := s.give(c, held.Session); err != nil {
			return v, false, err
		}
	}
	return v, true, nil
}

// byItself reports whether a page that is open asks, and nobody who looks at it: that
// keeps no session alive.
// https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Dest
func byItself(c *gin.Context) bool { return c.GetHeader("Sec-Fetch-Dest") == "empty" }

// strict has a browser come over TLS only from now on, where that is how it came, and
// keeps windows of other sites away from ours.
// https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Strict-Transport-Security
func strict(https bool) gin.HandlerFunc {
	return func(c *gin.Context) {
		if https {
			c.Header("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
		}
		c.Header("Cross-Origin-Opener-Policy", "same-origin")
		c.Header("Cross-Origin-Resource-Policy", "same-origin")
	}
}

const viewerKey = "gatehold/viewer"

// known is a handler behind which somebody is signed in. Who is not is sent to sign
// in where a page was asked for, and refused else.
func (s *sessions) known(c *gin.Context) {
	v, signed, err := s.viewer(c)
	switch {
	case err != nil:
		refuse(c, s.slog, err)
	case signed:
		c.Set(viewerKey, v)
		c.Next()
	case c.Request.Method == http.MethodGet && strings.Contains(c.GetHeader("Accept"), "text/html"):
		c.Redirect(http.StatusFound, "/sign-in?to="+url.QueryEscape(c.Request.URL.RequestURI()))
		c.Abort()
	default:
		refuse(c, s.slog, &gate.Error{Code: "session_ended", Text: "You are signed out. Sign in again."})
	}
}

func viewerOf(c *gin.Context) viewer {
	v, _ := c.Get(viewerKey)
	known, _ := v.(viewer)
	return known
}

// ours refuses what another site has a browser send.
func (s *sessions) ours() gin.HandlerFunc {
	protection := http.NewCrossOriginProtection()
	if err := protection.AddTrustedOrigin(s.origin); err != nil {
		s.slog.Error("the public address is no origin", "origin", s.origin, "error", err)
	}
	return func(c *gin.Context) {
		if err := protection.Check(c.Request); err != nil {
			s.slog.Warn("another site had a browser send something", "path", c.FullPath(), "id", viewerOf(c).actor().ID)
			refuse(c, s.slog, &gate.Error{Code: "cross_origin", Text: "Another site sent this. Nothing was done.", Err: err})
			return
		}
		c.Next()
	}
}

// client is what a browser says of itself, in three words at most.
func client(agent string) string {
	has := func(word string) bool { return strings.Contains(agent, word) }
	browser := "a browser"
	for _, b := range [][2]string{{"Edg/", "Edge"}, {"OPR/", "Opera"}, {"Firefox/", "Firefox"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"}} {
		if has(b[0]) {
			browser = b[1]
			break
		}
	}
	for _, s := range [][2]string{{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"Windows", "Windows"},
		{"Mac OS X", "macOS"}, {"Linux", "Linux"}} {
		if has(s[0]) {
			return browser + " on " + s[1]
		}
	}
	return browser
}
