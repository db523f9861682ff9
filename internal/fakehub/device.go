package fakehub

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Times of the device flow, and of the tokens that come of it.
const (
	deviceLife    = 15 * time.Minute
	userTokenLife = 8 * time.Hour
	refreshLife   = 184 * 24 * time.Hour
	deviceGrant   = "urn:ietf:params:oauth:grant-type:device_code"
)

// deviceLogin is a person's sign-in through another device, under way.
type deviceLogin struct {
	app      *App
	userCode string
	expires  time.Time
	interval time.Duration
	asked    time.Time // when the client last asked
	by       *Account  // who entered the code
	denied   bool
}

// SetDeviceFlow says whether people can sign in to the App through the device
// flow. They can, unless told otherwise; on GitHub it has to be switched on.
func (a *App) SetDeviceFlow(on bool) {
	a.hub.mu.Lock()
	defer a.hub.mu.Unlock()
	a.noDevices = !on
}

// EnterCode is a person at the browser who enters the code that a device shows
// and allows it to sign in as them.
func (h *Hub) EnterCode(userCode, login string) error { return h.enter(userCode, login, false) }

// DenyCode is EnterCode by a person who does not allow it.
func (h *Hub) DenyCode(userCode, login string) error { return h.enter(userCode, login, true) }

func (h *Hub) enter(userCode, login string, denied bool) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	by := h.accounts[fold(login)]
	if by == nil || by.Type != "User" {
		return fmt.Errorf("%s is nobody who could sign in", login)
	}
	plain := func(code string) string { return strings.ToUpper(strings.ReplaceAll(code, "-", "")) }
	for _, d := range h.devices {
		if plain(d.userCode) == plain(userCode) && h.now().Before(d.expires) && d.by == nil && !d.denied {
			d.by, d.denied = by, denied
			return nil
		}
	}
	return fmt.Errorf("the code %s is not, or no longer, valid", userCode)
}

// deviceRoutes are on github.com's own host, not on that of its API. Here one
// server is both.
func deviceRoutes() []route {
	return []route{
		{method: "POST", template: "/login/device/code", who: byNobody, web: true, write: true, fn: (*Hub).deviceCode},
		{method: "POST", template: "/login/oauth/access_token", who: byNobody, web: true, write: true, fn: (*Hub).deviceToken},
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
func (c *call) webAnswer(o obj) answer {
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
	return c.webAnswer(append(obj{"error", code, "error_description", why, "error_uri",
		"https://docs.github.com/developers/apps/authorizing-oauth-apps#" + code}, more...))
}

// appByClient finds the App of a client id.
func (h *Hub) appByClient(id string) *App {
	for _, a := range h.appList {
		if a.clientID() == id {
			return a
		}
	}
	return nil
}

func (h *Hub) deviceCode(c *call) answer {
	app := h.appByClient(c.form()("client_id"))
	switch {
	case app == nil:
		return notFound()
	case app.noDevices:
		return c.webError("device_flow_disabled", "Device Flow must be explicitly enabled for this App")
	}
	code := fmt.Sprintf("%x", h.random.bytes(20))
	d := &deviceLogin{app: app, userCode: h.userCode(), expires: h.now().Add(deviceLife), interval: h.opt.DeviceInterval}
	for old, other := range h.devices {
		if !h.now().Before(other.expires.Add(deviceLife)) {
			delete(h.devices, old)
		}
	}
	h.devices[code] = d
	return c.webAnswer(obj{"device_code", code, "user_code", d.userCode, "verification_uri", h.URL() + devicePath,
		"expires_in", int(deviceLife.Seconds()), "interval", int(d.interval.Seconds())})
}

// userCode is eight letters and digits with a hyphen between them.
func (h *Hub) userCode() string {
	const letters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
	var b strings.Builder
	for i, n := range h.random.bytes(8) {
		if i == 4 {
			b.WriteByte('-')
		}
		b.WriteByte(letters[int(n)%len(letters)])
	}
	return b.String()
}

// deviceToken answers a device that asks whether its person has entered the
// code.
func (h *Hub) deviceToken(c *call) answer {
	form := c.form()
	app, code := h.appByClient(form("client_id")), form("device_code")
	d := h.devices[code]
	now := h.opt.Now()
	switch {
	case app == nil:
		return c.webError("incorrect_client_credentials", "The client_id and/or client_secret passed are incorrect.")
	case form("grant_type") != deviceGrant:
		return c.webError("unsupported_grant_type", "The grant_type must be "+deviceGrant)
	case app.noDevices:
		return c.webError("device_flow_disabled", "Device Flow must be explicitly enabled for this App")
	case d == nil || d.app != app:
		return c.webError("incorrect_device_code", "The device_code provided is not valid.")
	case !now.Before(d.expires):
		return c.webError("expired_token", "This 'device_code' has expired.")
	case !d.asked.IsZero() && now.Sub(d.asked) < d.interval:
		d.asked = now
		d.interval += 5 * time.Second
		return c.webError("slow_down", "Too many requests have been made in the same timeframe.", "interval", int(d.interval.Seconds()))
	}
	d.asked = now
	switch {
	case d.denied:
		return c.webError("access_denied", "The authorization request was denied.")
	case d.by == nil:
		return c.webError("authorization_pending", "The authorization request is still pending.")
	}
	delete(h.devices, code)
	return c.webAnswer(obj{"access_token", h.userToken(app, d.by), "expires_in", int(userTokenLife.Seconds()), "refresh_token",
		"ghr_" + base64.RawURLEncoding.EncodeToString(h.random.bytes(57)), "refresh_token_expires_in", int(refreshLife.Seconds()),
		"scope", "", "token_type", "bearer"})
}

// UserToken is what a person gets who signs in to the App: it can do what both
// of them may, for eight hours.
func (a *App) UserToken(by *Account) string {
	a.hub.mu.Lock()
	defer a.hub.mu.Unlock()
	return a.hub.userToken(a, by)
}

func (h *Hub) userToken(app *App, by *Account) string {
	token := "ghu_" + base64.RawURLEncoding.EncodeToString(h.random.bytes(27))
	h.tokens.add(&grant{token: token, user: by, app: app, expires: h.now().Add(userTokenLife)}, h.now())
	return token
}
