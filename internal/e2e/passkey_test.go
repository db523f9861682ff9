//go:build services

package e2e

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
)

// authenticator gives the browser one that verifies its user, as a laptop does.
func (b *browser) authenticator() {
	b.t.Helper()
	call(b, webauthn.Enable, webauthn.EnableParams{})
	call(b, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
		Protocol: webauthn.AuthenticatorProtocolCtap2, Ctap2version: webauthn.Ctap2versionCtap21,
		Transport: webauthn.AuthenticatorTransportInternal, HasResidentKey: true, HasUserVerification: true, IsUserVerified: true,
		AutomaticPresenceSimulation: true,
	}})
}

// signIn goes to a page of gatehold's, and over GitHub to it.
func (b *browser) signIn(page, login string) {
	b.t.Helper()
	b.open(page)
	b.says("main", "Sign in")
	b.do(chromedp.SetValue(chromedp.CSS("select[name=as]"), login))
	b.click("main form button")
	b.says("main", "would like permission to", "@"+login)
	b.click("button[value=allow]")
}

// forEverybody fails if axe-core finds something on the page, in light or in dark.
func (b *browser) forEverybody(page string) {
	b.t.Helper()
	code, err := os.ReadFile(axe)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, dark := range []bool{false, true} {
		b.dark(dark)
		if found := b.axe(string(code)); found != "" {
			b.t.Errorf("%s, dark %v:\n%s", page, dark, found)
		}
	}
	b.dark(false)
}

// TestAPasskeyInABrowser decides the hold that the demo leaves, as its visitor does.
func TestAPasskeyInABrowser(t *testing.T) {
	t.Parallel()
	_, gate := playDemo(t)
	origin, _, _ := strings.Cut(gate, "/gates/")
	b := newBrowser(t, pictureWide, 1200)
	b.authenticator()
	b.signIn(gate, "bo")
	b.pictured()
	b.says("main", "acme/shop#5", "Needs 1 of", "Your answer", "To answer by passkey, enrol one")
	b.forEverybody("a hold, to somebody who may decide it")
	b.open(origin + "/you")
	b.says("main", "You have none yet")
	b.do(chromedp.SetValue(chromedp.CSS("input[name=name]"), "the laptop"))
	b.click("form[action='/you/keys'] button")
	b.says("main", "A new passkey", "Your device makes a key")
	b.click("form[data-passkey] button")
	until(t, time.Minute, "the passkey was not made", func() bool { return strings.Contains(b.text("main"), "waits") })
	b.bothPaints("you")
	b.forEverybody("somebody's passkeys")
	b.says("main", "the laptop", "Another approver who has a passkey can vouch")
	until(t, time.Minute, "the passkey does not count", func() bool {
		b.open(gate)
		return strings.Contains(b.text("main"), "Approve by passkey")
	})
	b.bothPaints("decide")
	b.do(chromedp.SetValue(chromedp.CSS("input[name=reason]"), "The table is empty."))
	b.click("button[value='approve/passkey']")
	b.says("main", "Approve by passkey", "This is what your passkey signs", "acme/shop#5", "The table is empty.")
	b.bothPaints("sign")
	b.forEverybody("what a passkey signs")
	b.click("form[data-passkey] button")
	until(t, time.Minute, "the answer does not count", func() bool {
		return strings.Contains(b.text("main"), "It counts: @bo, approve by passkey.")
	})
	until(t, time.Minute, "it is not released", func() bool {
		b.open(gate)
		return strings.Contains(b.text("main"), "passed")
	})
	b.quiet()
}

// newKey makes a passkey on the page of a person who is signed in, and waits until it counts.
func (b *browser) newKey(origin, name string) {
	b.t.Helper()
	b.open(origin + "/you")
	b.do(chromedp.SetValue(chromedp.CSS("input[name=name]"), name))
	b.click("form[action='/you/keys'] button")
	b.says("main", "A new passkey")
	b.click("form[data-passkey] button")
	until(b.t, time.Minute, "the passkey was not made", func() bool { return strings.Contains(b.text("main"), name) })
	until(b.t, time.Minute, "the passkey does not count", func() bool {
		b.open(origin + "/you")
		return !strings.Contains(b.text("main"), "It counts from") // which it says while it waits
	})
}

// TestAnOwnerEndsAPasskeyInABrowser has an owner of the organisation end the passkey of
// another, signed by their own.
func TestAnOwnerEndsAPasskeyInABrowser(t *testing.T) {
	t.Parallel()
	_, gate := playDemo(t)
	origin, _, _ := strings.Cut(gate, "/gates/")
	bo, olga := newBrowser(t, pictureWide, 1200), newBrowser(t, pictureWide, 1200)
	for login, b := range map[string]*browser{"bo": bo, "olga": olga} {
		b.authenticator()
		b.signIn(origin+"/you", login)
		b.says("main", "You have none yet")
		b.newKey(origin, "the laptop of "+login)
	}
	olga.open(origin + "/people")
	olga.says("main", "Passkeys of people", "@bo", "the laptop of bo")
	olga.forEverybody("the passkeys of people")
	olga.click("main a[href*='/keys/']")
	olga.says("main", "A passkey of @bo", "End it")
	olga.forEverybody("a passkey of another")
	olga.do(chromedp.SetValue(chromedp.CSS("form[action$='/end'] input[name=reason]"), "The laptop was stolen."))
	olga.click("form[action$='/end'] button")
	olga.says("main", "End a passkey of @bo", "This is what your passkey signs", "The laptop was stolen.")
	olga.forEverybody("what ends a passkey")
	olga.click("form[data-passkey] button")
	until(t, time.Minute, "it was not ended", func() bool { return strings.Contains(olga.text("main"), "revoked") })
	bo.open(origin + "/you")
	bo.says("main", "revoked", "The laptop was stolen.")
	olga.quiet()
	bo.quiet()
}
