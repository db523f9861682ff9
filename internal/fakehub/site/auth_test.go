package site_test

import (
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
)

// clock is a clock that stands still until it is moved.
type clock struct{ seconds atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.seconds.Store(time.Now().Unix())
	return c
}
func (c *clock) now() time.Time           { return time.Unix(c.seconds.Load(), 0) }
func (c *clock) forward(by time.Duration) { c.seconds.Add(int64(by / time.Second)) }

func TestAnAppsJWTMustBeRight(t *testing.T) {
	w := newWorld(t, fakehub.Options{})
	other, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now().Unix()
	id := fmt.Sprint(w.app.ID)
	for name, c := range map[string]struct {
		key    *rsa.PrivateKey
		claims map[string]any
		status int
		says   string
	}{
		"right":             {key(), map[string]any{"iss": id, "iat": now - 30, "exp": now + 540}, 200, ""},
		"id as a number":    {key(), map[string]any{"iss": w.app.ID, "iat": now - 30, "exp": now + 540}, 200, ""},
		"another's key":     {other, map[string]any{"iss": id, "iat": now - 30, "exp": now + 540}, 401, "could not be decoded"},
		"unknown app":       {key(), map[string]any{"iss": "1", "iat": now - 30, "exp": now + 540}, 401, "not found"},
		"longer than 10min": {key(), map[string]any{"iss": id, "iat": now - 30, "exp": now + 700}, 401, "too far in the future"},
		"expired":           {key(), map[string]any{"iss": id, "iat": now - 700, "exp": now - 10}, 401, "exp"},
		"from the future":   {key(), map[string]any{"iss": id, "iat": now + 300, "exp": now + 540}, 401, "iat"},
		"no times":          {key(), map[string]any{"iss": id}, 401, "iat"},
	} {
		t.Run(name, func(t *testing.T) {
			w.as(jwt(t, c.key, c.claims)).get("/app").want(c.status).says(c.says)
		})
	}
	w.as("").get("/app").want(401)
	w.as(w.token).get("/app").want(401)
	w.as("ghs_made.up.token").get("/repos/acme/shop").want(401).says("Bad credentials")
	w.as(w.appJWT()).get("/repos/acme/shop").want(403)
}

func TestTokensAreNarrowedNeverWidened(t *testing.T) {
	w := newWorld(t, fakehub.Options{})
	vault := w.acme.CreateRepo("vault", nil)
	foreign := w.hub.CreateOrg("other").CreateRepo("theirs", nil)
	path := fmt.Sprintf("/app/installations/%d/access_tokens", w.inst.ID)
	app := w.as(w.appJWT())
	for name, ask := range map[string]any{
		"more than granted": map[string]any{"permissions": map[string]string{"contents": "write"}},
		"never granted":     map[string]any{"permissions": map[string]string{"administration": "read"}},
		"no level":          map[string]any{"permissions": map[string]string{"contents": "owner"}},
		"foreign by id":     map[string]any{"repository_ids": []int64{foreign.ID}},
		"unknown by name":   map[string]any{"repositories": []string{"nothing"}},
	} {
		if r := app.do("POST", path, ask); r.status != 422 {
			t.Errorf("%s: status %d: %s", name, r.status, r.body)
		}
	}
	r := app.do("POST", path, map[string]any{"repository_ids": []int64{vault.ID},
		"permissions": map[string]string{"contents": "read"}}).want(201).
		is("repository_selection", "selected").is("repositories.0.name", "vault").is("permissions.contents", "read")
	token := r.value("token").(string)
	if !regexp.MustCompile(`^ghs_[A-Za-z0-9._-]{400,600}$`).MatchString(token) || strings.Count(token, ".") != 2 {
		t.Errorf("the token %q is not of GitHub's form", token)
	}
	narrow := w.as(token)
	narrow.get("/repos/acme/vault").want(200)
	narrow.get("/repos/acme/vault/git/trees/main").want(200)
	narrow.get("/repos/acme/vault/pulls").want(403).says("Resource not accessible by integration")
	narrow.get("/repos/acme/shop").want(404)
	narrow.get("/repos/other/theirs").want(404)
	foreign.SetPrivate(false)
	narrow.get("/repos/other/theirs/pulls").want(200) // public: everybody reads it
	narrow.do("POST", "/repos/other/theirs/check-runs", map[string]any{"name": "x", "head_sha": foreign.Tip("main")}).want(403)
	app.do("POST", "/app/installations/1/access_tokens", nil).want(404)
}

func TestTokensEnd(t *testing.T) {
	c := newClock()
	w := newWorld(t, fakehub.Options{Now: c.now})
	w.api().get("/repos/acme/shop").want(200)
	c.forward(59 * time.Minute)
	w.api().get("/repos/acme/shop").want(200)
	c.forward(time.Minute)
	w.api().get("/repos/acme/shop").want(401)

	w = newWorld(t, fakehub.Options{})
	w.inst.Suspend(true)
	w.api().get("/repos/acme/shop").want(403)
	w.as(w.appJWT()).do("POST", fmt.Sprintf("/app/installations/%d/access_tokens", w.inst.ID), nil).want(403)
	w.inst.Suspend(false)
	w.inst.Grant(map[string]string{"metadata": "read"})
	w.api().get("/repos/acme/shop").want(200)
	w.api().get("/repos/acme/shop/pulls").want(403) // a permission that was taken away works no more, in old tokens too
	w.inst.Select()
	w.api().get("/repos/acme/shop").want(404)
}

func TestAPersonsTokenReadsWhatThePersonMayAndWritesNoChecks(t *testing.T) {
	w := newWorld(t, fakehub.Options{})
	bob := w.hub.CreateUser("bob")
	w.as(w.hub.PersonalToken(bob)).get("/repos/acme/shop").want(404)
	w.shop.Collaborate(bob, "write")
	mine := w.as(w.hub.PersonalToken(bob))
	mine.get("/repos/acme/shop").want(200).is("permissions.push", true).is("permissions.admin", false)
	mine.get("/user").want(200).is("login", "bob").is("type", "User")
	mine.do("POST", "/repos/acme/shop/check-runs",
		map[string]any{"name": "gatehold", "head_sha": w.shop.Tip("main"), "conclusion": "success"}).want(403)
}

func TestWhoIsWho(t *testing.T) {
	w := newWorld(t, fakehub.Options{})
	bob, eve := w.hub.CreateUser("bob"), w.hub.CreateUser("eve")
	engineering := w.acme.CreateTeam("engineering", nil)
	sre := w.acme.CreateTeam("sre", engineering)
	sre.Add(bob, "member")
	engineering.Invite(eve)
	api := w.api()
	api.get("/orgs/acme/teams/sre/memberships/bob").want(200).is("state", "active").is("role", "member")
	api.get("/orgs/acme/teams/engineering/memberships/BOB").want(200).is("state", "active") // by the child, in any case of letters
	api.get("/orgs/acme/teams/engineering/memberships/eve").want(200).is("state", "pending")
	api.get("/orgs/acme/teams/sre/memberships/alice").want(404)
	api.get("/orgs/acme/teams/none/memberships/bob").want(404)
	api.get("/orgs/acme/teams/engineering/members").want(200).is("0.login", "bob")
	api.get("/orgs/acme/memberships/alice").want(200).is("role", "admin")
	api.get("/orgs/acme/memberships/eve").want(404)
	sre.Add(w.alice, "member")
	api.get("/orgs/acme/teams/sre/memberships/alice").want(200).is("role", "maintainer")
	sre.Remove(bob)
	api.get("/orgs/acme/teams/sre/memberships/bob").want(404)

	permission := func(login string) *reply {
		return api.get("/repos/acme/shop/collaborators/" + login + "/permission").want(200)
	}
	permission("alice").is("permission", "admin").is("user.type", "User").is("user.id", w.alice.ID)
	permission("bob").is("permission", "read") // as a member of the organisation
	permission("eve").is("permission", "none")
	w.shop.Collaborate(eve, "maintain")
	permission("eve").is("permission", "write").is("role_name", "maintain")
	w.acme.RemoveMember(bob)
	permission("bob").is("permission", "none")
	w.as(w.newToken(map[string]any{"permissions": map[string]string{"checks": "write"}})).get("/orgs/acme/memberships/alice").want(403)
}
