//go:build services

package e2e

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/hub"
	"github.com/gatehold/gatehold/internal/hub/api"
	"github.com/gatehold/gatehold/internal/testworld"
)

// TestSigningInAtGitHubInABrowser goes the whole way there and back: a browser holds
// more than the addresses against what a page allows.
func TestSigningInAtGitHubInABrowser(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fakehub.Options{}, testworld.Options{People: testworld.People{"ana": "sre", "bo": "sre"}})
	const verifier = "0123456789-0123456789-0123456789-0123456789"
	sum := sha256.Sum256([]byte(verifier))
	challenge := base64.RawURLEncoding.EncodeToString(sum[:])
	base, err := url.Parse(w.Base)
	if err != nil {
		t.Fatal(err)
	}
	github, err := hub.New(api.Config{API: base.JoinPath("api/v3"), GraphQL: base.JoinPath("api/graphql"), AppID: w.App.ID,
		PrivateKey: w.App.PrivateKeyPEM(), Web: base, ClientID: w.signIn.ClientID(), ClientSecret: testworld.SignInSecret()})
	if err != nil {
		t.Fatal(err)
	}
	var callback string
	var states atomic.Int32
	door := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		state := func() string { return fmt.Sprintf("state %d", states.Load()) }
		switch r.URL.Path {
		case "/sign-in":
			states.Add(1)
			http.Redirect(rw, r, github.Authorize(state(), challenge, callback), http.StatusSeeOther)
		case "/sign-in/another":
			states.Add(1)
			http.Redirect(rw, r, github.AuthorizeAnother(state(), challenge, callback), http.StatusSeeOther)
		case "/sign-in/callback":
			q := r.URL.Query()
			said := q.Get("error")
			if said == "" {
				who, err := github.SignedInWith(r.Context(), q.Get("code"), verifier, callback)
				said = fmt.Sprintf("%s %v", who.Login, err)
			}
			fmt.Fprintf(rw, `<!doctype html><link rel="icon" href="data:,"><main>%s %t</main>`, html.EscapeString(said), q.Get("state") == state())
		}
	}))
	t.Cleanup(door.Close)
	callback = door.URL + "/sign-in/callback"
	w.signIn.SetCallbacks(callback)

	b := newBrowser(t, 900, 700)
	b.open(door.URL + "/sign-in")
	b.says("main", "Sign in", "Account")
	b.bothPaints("login")
	b.choose("ana")
	b.says("main", "Authorize gatehold-sign-in", "Verify your GitHub identity (ana)", callback)
	b.bothPaints("authorize")
	b.click("button[value=deny]")
	b.says("main", "access_denied true")
	b.open(door.URL + "/sign-in")
	b.click("button[value=allow]")
	b.says("main", "ana <nil> true")
	b.open(door.URL + "/sign-in") // the App knows her: nothing is asked
	b.says("main", "ana <nil> true")
	b.open(door.URL + "/sign-in/another")
	b.choose("bo")
	b.says("main", "Verify your GitHub identity (bo)")
	b.click("button[value=allow]")
	b.says("main", "bo <nil> true")
	b.open(door.URL + "/sign-in/another")
	b.choose("ana") // from one form to the callback at once
	b.says("main", "ana <nil> true")
	b.quiet()
	if v := w.Hub.Violations(); len(v) > 0 {
		t.Error(strings.Join(v, "\n"))
	}
}

// choose signs somebody in on GitHub's page.
func (b *browser) choose(login string) {
	b.t.Helper()
	if got := evaluate[string](b, `document.querySelector("#as").value = "`+login+`"`); got != login {
		b.t.Fatalf("@%s cannot be chosen", login)
	}
	b.click("button.main")
}
