package access

import (
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
)

// Times of the device flow, and of the tokens that come of it.
const (
	DeviceLife    = 15 * time.Minute
	UserTokenLife = 8 * time.Hour
)

// Device is a person's sign-in through another device, under way. The lock of
// the hub's state guards it.
type Device struct {
	UserCode string
	Interval time.Duration // that the device has to wait between two questions

	app     *fakehub.App
	expires time.Time
	asked   time.Time        // when the client last asked
	by      *fakehub.Account // who entered the code
	denied  bool
}

// Refusal is why a device has no token, in GitHub's words.
type Refusal struct {
	Code, Why string
	Interval  time.Duration // the new one; zero where it stays
}

// EnterCode is a person at the browser who enters the code that a device shows
// and allows it to sign in as them.
func (b *Book) EnterCode(userCode, login string) error { return b.Enter(userCode, login, false) }

// DenyCode is EnterCode by a person who does not allow it.
func (b *Book) DenyCode(userCode, login string) error { return b.Enter(userCode, login, true) }

// Enter is EnterCode, or DenyCode where it is denied.
func (b *Book) Enter(userCode, login string, denied bool) error {
	b.hub.State.Lock()
	defer b.hub.State.Unlock()
	by := b.hub.Account(login)
	if !by.Person() {
		return fmt.Errorf("%s is nobody who could sign in", login)
	}
	plain := func(code string) string { return strings.ToUpper(strings.ReplaceAll(code, "-", "")) }
	for _, d := range b.devices {
		if plain(d.UserCode) == plain(userCode) && b.hub.Now().Before(d.expires) && d.by == nil && !d.denied {
			d.by, d.denied = by, denied
			return nil
		}
	}
	return fmt.Errorf("the code %s is not, or no longer, valid", userCode)
}

// BeginDevice begins a sign-in to an App and forgets those that ended long ago.
// The caller holds the state's lock.
func (b *Book) BeginDevice(app *fakehub.App, interval time.Duration) (code string, d *Device) {
	now := b.hub.Now()
	code = fmt.Sprintf("%x", b.hub.Random.Bytes(20))
	d = &Device{app: app, UserCode: b.userCode(), expires: now.Add(DeviceLife), Interval: interval}
	for old, other := range b.devices {
		if !now.Before(other.expires.Add(DeviceLife)) {
			delete(b.devices, old)
		}
	}
	b.devices[code] = d
	return code, d
}

// userCode is eight letters and digits with a hyphen between them.
func (b *Book) userCode() string {
	const letters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
	var text strings.Builder
	for i, n := range b.hub.Random.Bytes(8) {
		if i == 4 {
			text.WriteByte('-')
		}
		text.WriteByte(letters[int(n)%len(letters)])
	}
	return text.String()
}

// AskDevice is a device that asks whether its person has entered the code: it
// gets the person's token, once, or why there is none. The caller holds the
// state's lock.
func (b *Book) AskDevice(app *fakehub.App, code string) (token string, no *Refusal) {
	d, now := b.devices[code], b.hub.Options.Now()
	switch {
	case d == nil || d.app != app:
		return "", &Refusal{Code: "incorrect_device_code", Why: "The device_code provided is not valid."}
	case !now.Before(d.expires):
		return "", &Refusal{Code: "expired_token", Why: "This 'device_code' has expired."}
	case !d.asked.IsZero() && now.Sub(d.asked) < d.Interval:
		d.asked = now
		d.Interval += 5 * time.Second
		return "", &Refusal{Code: "slow_down", Why: "Too many requests have been made in the same timeframe.", Interval: d.Interval}
	}
	d.asked = now
	switch {
	case d.denied:
		return "", &Refusal{Code: "access_denied", Why: "The authorization request was denied."}
	case d.by == nil:
		return "", &Refusal{Code: "authorization_pending", Why: "The authorization request is still pending."}
	}
	delete(b.devices, code)
	return b.userToken(app, d.by), nil
}

// UserToken is what a person gets who signs in to the App: it can do what both
// of them may, for eight hours.
func (b *Book) UserToken(app *fakehub.App, by *fakehub.Account) string {
	b.hub.State.Lock()
	defer b.hub.State.Unlock()
	return b.userToken(app, by)
}

func (b *Book) userToken(app *fakehub.App, by *fakehub.Account) string {
	token := "ghu_" + base64.RawURLEncoding.EncodeToString(b.hub.Random.Bytes(27))
	b.add(&Grant{Token: token, User: by, App: app, Expires: b.hub.Now().Add(UserTokenLife)}, b.hub.Now())
	return token
}

// RefreshToken is what a device gets beside its token. Nothing takes it here.
func (b *Book) RefreshToken() string {
	return "ghr_" + base64.RawURLEncoding.EncodeToString(b.hub.Random.Bytes(57))
}

// DevicePath is where a code from a device is entered.
const DevicePath = "/login/device"
