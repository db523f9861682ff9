package api

import (
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

// deviceRoutes are on github.com's own host, not on that of its API. Here one
// server is both.
func deviceRoutes() []route {
	return []route{
		{method: "POST", template: "/login/device/code", who: access.ByNobody, web: true, write: true, fn: deviceCode},
		{method: "POST", template: "/login/oauth/access_token", who: access.ByNobody, web: true, write: true, fn: deviceToken},
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
func deviceToken(c *call) answer {
	form := c.form()
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
	return c.webAnswer(wire.Object{"access_token", token, "expires_in", int(access.UserTokenLife.Seconds()), "refresh_token",
		c.server.Book.RefreshToken(), "refresh_token_expires_in", int(refreshLife.Seconds()), "scope", "", "token_type", "bearer"})
}
