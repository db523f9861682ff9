package web

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/gatehold/gatehold/internal/gate"
)

// signIn is the door by which browsers come in. They are sent to GitHub and come back
// with a code; what is on its way is sealed into a cookie, so that a code which
// somebody else asked for signs nobody in.
type signIn struct {
	*sessions
	browser Browser
	limit   *limiter
	backs   *limiter // of those who come back
}

// The address that GitHub sends browsers back to. It is registered there.
const callbackPath = "/sign-in/callback"

const (
	sealedPending = "signing in"
	pendingLife   = 10 * time.Minute
)

// pending is a sign-in that is on its way.
type pending struct {
	State    string `json:"state"`
	Verifier string `json:"verifier"`
	To       string `json:"to"`
}

// begin sends a browser to GitHub.
func (d *signIn) begin(c *gin.Context) {
	if err := d.limit.allow(c.ClientIP()); err != nil {
		refuse(c, d.slog, err)
		return
	}
	p := pending{State: rand.Text(), Verifier: rand.Text() + rand.Text(), To: ownPath(c.Query("to"))}
	sealed, err := d.sealer.seal(sealedPending, d.now().Add(pendingLife), p)
	if err != nil {
		refuse(c, d.slog, err)
		return
	}
	d.setCookie(c, "gatehold-signing-in", sealed, pendingLife)
	challenge := sha256.Sum256([]byte(p.Verifier))
	c.Redirect(http.StatusFound, d.browser.Authorize(p.State, base64.RawURLEncoding.EncodeToString(challenge[:]), d.origin+callbackPath))
}

// back takes a browser that GitHub sent back.
func (d *signIn) back(c *gin.Context) {
	if err := d.backs.allow(c.ClientIP()); err != nil {
		refuse(c, d.slog, err)
		return
	}
	var p pending
	err := d.sealer.open(sealedPending, d.cookie(c, "gatehold-signing-in"), 0, &p)
	d.dropCookie(c, "gatehold-signing-in")
	state, code := c.Query("state"), c.Query("code")
	switch {
	case err != nil:
		d.refuse(c, &gate.Error{Code: "sign_in_expired", Text: "Signing in took too long, or began in another browser. Begin again."})
		return
	case subtle.ConstantTimeCompare([]byte(state), []byte(p.State)) != 1:
		d.refuse(c, &gate.Error{Code: "sign_in_denied", Text: "This sign-in was begun by somebody else, or twice. Begin again."})
		return
	case code == "":
		d.refuse(c, &gate.Error{Code: "sign_in_denied", Text: "You were not signed in: at GitHub it was not allowed."})
		return
	}
	who, err := d.browser.SignedInWith(c.Request.Context(), code, p.Verifier, d.origin+callbackPath)
	if err != nil {
		d.refuse(c, err)
		return
	}
	if was, signed, err := d.viewer(c); err == nil && signed { // a session is never handed on
		_ = d.accounts.Close(c.Request.Context(), was.session, was.session.ID(), "signed in again")
	}
	session, err := d.accounts.Open(c.Request.Context(), who, client(c.Request.UserAgent()))
	if err == nil {
		err = d.give(c, session)
	}
	if err != nil {
		d.refuse(c, err)
		return
	}
	d.slog.Info("somebody signed in", "id", who.ID, "login", who.Login, "via", "browser")
	c.Redirect(http.StatusFound, p.To)
}

// refuse keeps a log of those who were not signed in: the limit bounds it.
func (d *signIn) refuse(c *gin.Context, err error) {
	d.slog.Warn("somebody was not signed in", "code", gate.AsError(err).Code, "from", c.ClientIP(), "via", "browser")
	refuse(c, d.slog, err)
}

// out ends this session, or all of the person's.
func (d *signIn) out(c *gin.Context) {
	v := viewerOf(c)
	id, why := v.session.ID(), "signed out"
	if c.PostForm("everywhere") != "" {
		id, why = "", "signed out everywhere"
	}
	if other := c.PostForm("session"); other != "" {
		id = other
	}
	if err := d.accounts.Close(c.Request.Context(), v.session, id, why); err != nil {
		refuse(c, d.slog, err)
		return
	}
	if id == "" || id == v.session.ID() {
		d.dropCookie(c, "gatehold")
		c.Header("Clear-Site-Data", `"cache", "storage"`) // "cookies" would reach other hosts of the domain
		c.Redirect(http.StatusSeeOther, "/signed-out")
		return
	}
	c.Redirect(http.StatusSeeOther, "/you")
}

// ownPath is where to go after signing in: a path of ours, whatever was asked for.
func ownPath(to string) string {
	u, err := url.Parse(to)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || u.Opaque != "" || !strings.HasPrefix(u.Path, "/") ||
		strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\r\n\t") || strings.HasPrefix(u.Path, "/sign-in") {
		return "/gates"
	}
	return (&url.URL{Path: "/" + strings.TrimLeft(u.Path, "/"), RawQuery: u.RawQuery}).String()
}
