package api

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub/access"
	"github.com/gatehold/gatehold/internal/fakehub/wire"
)

const refreshLife = 184 * 24 * time.Hour

const deviceGrant = "urn:ietf:params:oauth:grant-type:device_code"

// signInRoutes are on github.com's own host, not on that of its API. Here one
// server is both.
func signInRoutes() []route {
	return []route{
		{method: "POST", template: "/login/device/code", who: access.ByNobody, web: true, write: true, fn: deviceCode},
		{method: "POST", template: "/login/oauth/access_token", who: access.ByNobody, web: true, write: true, fn: accessToken},
	}
}

// form reads what the caller sent: a form, JSON, or a query.
func (c *call) form() func(name string) string {
	values := c.r.URL.Query()
	if strings.HasPrefix(c.r.Header.Get("Content-Type"), "application/json") {
		var in map[string]any
		if json.Unmarshal(c.body, &in) == nil {
			for k, v := range in {
				values.Set(k, fmt.Sprint(v))
			}
		}
	} else if in, err := url.ParseQuery(string(c.body)); err == nil {
		for k, v := range in {
			values[k] = v
		}
	}
	return values.Get
}

// webAnswer is JSON where the caller asks for it, else a form, as GitHub's web
// host answers.
func (c *call) webAnswer(o wire.Object) answer {
	if strings.Contains(c.r.Header.Get("Accept"), "json") {
		return ok(o)
	}
	values := url.Values{}
	for i := 0; i+1 < len(o); i += 2 {
		values.Set(o[i].(string), fmt.Sprint(o[i+1]))
	}
	return answer{status: http.StatusOK, body: []byte(values.Encode()),
		header: http.Header{"Content-Type": {"application/x-www-form-urlencoded; charset=utf-8"}}}
}

// webError is how GitHub's web host refuses: with status 200.
func (c *call) webError(code, why string, more ...any) answer {
	return c.webAnswer(append(wire.Object{"error", code, "error_description", why, "error_uri",
		"https://docs.github.com/developers/apps/authorizing-oauth-apps#" + code}, more...))
}

func deviceCode(c *call) answer {
	app := c.hub.AppByClient(c.form()("client_id"))
	switch {
	case app == nil:
		return notFound()
	case app.NoDevices:
		return c.webError("device_flow_disabled", "Device Flow must be explicitly enabled for this App")
	}
	code, d := c.server.Book.BeginDevice(app, c.hub.Options.DeviceInterval)
	return c.webAnswer(wire.Object{"device_code", code, "user_code", d.UserCode, "verification_uri", c.hub.URL() + access.DevicePath,
		"expires_in", int(access.DeviceLife.Seconds()), "interval", int(d.Interval.Seconds())})
}

// deviceToken answers a device that asks whether its person has entered the
// code.
func deviceToken(c *call, form func(string) string) answer {
	app := c.hub.AppByClient(form("client_id"))
	switch {
	case app == nil:
		return c.webError("incorrect_client_credentials", "The client_id and/or client_secret passed are incorrect.")
	case form("grant_type") != deviceGrant:
		return c.webError("unsupported_grant_type", "The grant_type must be "+deviceGrant)
	case app.NoDevices:
		return c.webError("device_flow_disabled", "Device Flow must be explicitly enabled for this App")
	}
	token, no := c.server.Book.AskDevice(app, form("device_code"))
	switch {
	case no != nil && no.Interval > 0:
		return c.webError(no.Code, no.Why, "interval", int(no.Interval.Seconds()))
	case no != nil:
		return c.webError(no.Code, no.Why)
	}
	return c.userToken(token)
}

func (c *call) userToken(token string) answer {
	return c.webAnswer(wire.Object{"access_token", token, "expires_in", int(access.UserTokenLife.Seconds()), "refresh_token",
		c.server.Book.RefreshToken(), "refresh_token_expires_in", int(refreshLife.Seconds()), "scope", "", "token_type", "bearer"})
}

// oauthRoutes are for an App that has people's tokens. It shows its client id and
// secret.
// https://docs.github.com/en/rest/apps/oauth-applications
func oauthRoutes() []route {
	const token = "/applications/{client_id}/token"
	return []route{
		{method: "POST", template: token, who: access.ByClient, fn: checkUserToken},
		{method: "DELETE", template: token, who: access.ByClient, write: true, fn: revokeUserToken},
		{method: "DELETE", template: "/applications/{client_id}/grant", who: access.ByClient, write: true, fn: revokeGrant},
	}
}

// accessToken exchanges what an App has for a person's token: the code that their
// browser brought, or the code of a device.
func accessToken(c *call) answer {
	form := c.form()
	if form("grant_type") == deviceGrant || form("code") == "" && form("client_secret") == "" {
		return deviceToken(c, form)
	}
	app := c.hub.AppByClient(form("client_id"))
	if !access.ClientIs(app, form("client_secret")) {
		return c.webError("incorrect_client_credentials", "The client_id and/or client_secret passed are incorrect.")
	}
	token, no := c.server.Book.Exchange(app, form("code"), form("code_verifier"), form("redirect_uri"))
	if no != nil {
		return c.webError(no.Code, no.Why)
	}
	return c.userToken(token)
}

// theirs is the token in the body, if it was given to the App that asks and is asked
// about.
func (c *call) theirs() *access.Grant {
	var in struct {
		Token string `json:"access_token"`
	}
	if !c.decode(&in) || c.r.PathValue("client_id") != c.auth.App.ClientID() {
		return nil
	}
	return c.server.Book.Given(c.auth.App, in.Token)
}

func checkUserToken(c *call) answer {
	g := c.theirs()
	if g == nil {
		return notFound()
	}
	sum := sha256.Sum256([]byte(g.Token))
	began := g.Expires.Add(-access.UserTokenLife)
	return ok(wire.Object{"id", g.User.ID, "url", c.base() + "/authorizations/1", "scopes", wire.List{}, "token", g.Token,
		"token_last_eight", g.Token[len(g.Token)-8:], "hashed_token", hex.EncodeToString(sum[:]),
		"app", wire.Object{"client_id", g.App.ClientID(), "name", g.App.Slug, "url", g.App.URL()}, "note", nil, "note_url", nil,
		"updated_at", began, "created_at", began, "fingerprint", nil, "expires_at", g.Expires, "user", g.User.JSON()})
}

func revokeUserToken(c *call) answer {
	g := c.theirs()
	if g == nil {
		return notFound()
	}
	c.server.Book.Drop(g.Token)
	return answer{status: http.StatusNoContent}
}

// revokeGrant makes the person be asked anew, and ends all their tokens of the App.
func revokeGrant(c *call) answer {
	g := c.theirs()
	if g == nil {
		return notFound()
	}
	c.server.Book.Withdraw(g)
	return answer{status: http.StatusNoContent}
}

// suspended says whether the caller's token is of a person who may do nothing.
func (c *call) suspended() bool {
	if c.auth.Kind != access.ByUser {
		return false
	}
	c.hub.State.RLock()
	defer c.hub.State.RUnlock()
	return c.auth.Grant.User.Suspended
}
