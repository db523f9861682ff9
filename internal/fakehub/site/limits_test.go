package site_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/faults"
	"github.com/gatehold/gatehold/internal/fakehub/graph"
)

func TestAnETagBelongsToOneToken(t *testing.T) {
	w := newWorld(t, fakehub.Options{})
	first := w.api()
	tag := first.get(shop).want(200).header.Get("Etag")
	first.header.Set("If-None-Match", tag)
	first.get(shop).want(304)
	renewed := w.as(w.newToken(nil))
	renewed.header.Set("If-None-Match", tag)
	other := renewed.get(shop).want(200).header.Get("Etag")
	if other == tag {
		t.Error("two tokens have one ETag")
	}
	renewed.header.Set("If-None-Match", other)
	renewed.get(shop).want(304)
}

func TestAFaultLooksAtWhatIsAsked(t *testing.T) {
	w := newWorld(t, fakehub.Options{})
	f := w.hub.Inject(faults.Fault{Route: "POST /graphql", Asks: "headRefOid", Kind: faults.Status, Code: 502, Times: 1})
	green := w.hub.Inject(faults.Fault{Route: "POST /repos/*/check-runs", Kind: faults.Status, Code: 500,
		Match: func(r *http.Request, body []byte) bool {
			return r.Method == http.MethodPost && strings.Contains(string(body), "success")
		}})
	w.api().ask(`{ repository(owner: "acme", name: "shop") { name } }`, nil).is("data.repository.name", "shop")
	w.api().do("POST", "/graphql", fields{"query": headQuery, "variables": fields{"n": 1}}).want(502)
	w.api().do("POST", "/graphql", fields{"query": headQuery, "variables": fields{"n": 1}}).want(200)
	w.check(fields{"conclusion": "failure"}).want(201)
	w.check(fields{"conclusion": "success"}).want(500)
	if f.Hits() != 1 || green.Hits() != 1 {
		t.Errorf("%d and %d hits, want one each", f.Hits(), green.Hits())
	}
}

func TestARerequestQueuesTheSuiteUntilTheAppWrites(t *testing.T) {
	w := newWorld(t, fakehub.Options{})
	id := fmt.Sprint(w.check(fields{"conclusion": "success"}).want(201).value("id"))
	suite := fmt.Sprintf("%s/check-suites/%v", shop, w.api().get(runs+"/"+id).value("check_suite.id"))
	w.api().get(suite).want(200).is("status", "completed").is("conclusion", "success")
	for _, again := range []string{runs + "/" + id + "/rerequest", suite + "/rerequest"} {
		w.took()
		w.api().do("POST", again, nil).want(201)
		if got := w.took(); len(got) != 1 || got[0].action != "rerequested" {
			t.Errorf("%s told the App by %d webhooks", again, len(got))
		}
		w.api().get(suite).want(200).is("status", "queued").is("conclusion", nil)
		w.api().get(shop+"/commits/main/check-suites").want(200).is("total_count", 1).is("check_suites.0.status", "queued")
		w.api().get(runs+"/"+id).want(200).is("conclusion", "success")
		if !w.required().Passes {
			t.Error("the run itself has changed")
		}
		w.api().do("PATCH", runs+"/"+id, fields{"conclusion": "success"}).want(200)
		w.api().get(suite).want(200).is("status", "completed")
	}
}

func TestContentCreationIsLimited(t *testing.T) {
	c := newClock()
	w := newWorld(t, fakehub.Options{Now: c.now, ContentPerMinute: 3, ContentPerHour: 5})
	post := func() *reply { return w.check(fields{"status": "in_progress"}) }
	for range 3 {
		post().want(201)
	}
	c.forward(20 * time.Second)
	if r := post().want(403).says("temporarily blocked from content creation"); r.header.Get("Retry-After") != "40" {
		t.Errorf("retry-after %q", r.header.Get("Retry-After"))
	}
	w.api().get(shop).want(200)
	c.forward(40 * time.Second)
	post().want(201)
	post().want(201)
	if r := post().want(403); r.header.Get("Retry-After") != "3540" {
		t.Errorf("retry-after %q", r.header.Get("Retry-After"))
	}
	c.forward(59 * time.Minute)
	w.token = w.newToken(nil)
	post().want(201)
	w.hub.LimitContent(2, 0)
	post().want(201)
	post().want(403)
	w.hub.LimitContent(0, 0)
	post().want(201)
}

func TestAHeavyQueryIsAnsweredWith502(t *testing.T) {
	w := newWorld(t, fakehub.Options{})
	w.opened(fakehub.NewPull{Title: "A"})
	ask := func(query string) int {
		return w.api().do("POST", "/graphql", fields{"query": query}).status
	}
	small, large := `{ repository(owner: "acme", name: "shop") { name } }`, `{ repository(owner: "acme", name: "shop") {
		pullRequest(number: 1) { title commits(first: 1) { nodes { commit { oid tree { entries { name } } } } } } } }`
	w.hub.SetHeavy(graph.Heavy{Nodes: 5})
	if a, b := ask(small), ask(large); a != 200 || b != 502 {
		t.Errorf("by what they look at: %d and %d", a, b)
	}
	w.hub.SetHeavy(graph.Heavy{Bytes: 100})
	if a, b := ask(small), ask(large); a != 200 || b != 502 {
		t.Errorf("by the length of their answers: %d and %d", a, b)
	}
	w.hub.SetHeavy(graph.Heavy{})
	if a := ask(large); a != 200 {
		t.Errorf("without a bound: %d", a)
	}
}

func TestAnOrganisationTakesNoRequestsFromElsewhere(t *testing.T) {
	w := newWorld(t, fakehub.Options{})
	alice := w.as(w.hub.PersonalToken(w.alice))
	w.acme.UseIPAllowList(true)
	for _, path := range []string{shop, "/orgs/acme/members/alice", "/installation/repositories"} {
		w.api().get(path).want(403).says("`acme` organization has an IP allow list enabled")
	}
	alice.get(shop).want(403).says("IP allow list")
	w.api().ask(headQuery, map[string]any{"n": 1}).is("data.repository", nil).is("errors.0.type", "FORBIDDEN").says("IP allow list")
	w.as(w.appJWT()).get(shop + "/installation").want(200)
	w.acme.UseIPAllowList(false)
	w.api().get(shop).want(200)
}

func TestATokenNeedsToPassTheSingleSignOn(t *testing.T) {
	w := newWorld(t, fakehub.Options{})
	token := w.hub.PersonalToken(w.alice)
	w.acme.EnforceSAML(true)
	r := w.as(token).get(shop).want(403).says("Resource protected by organization SAML enforcement")
	if !strings.HasPrefix(r.header.Get("X-GitHub-SSO"), "required; url=") {
		t.Errorf("X-GitHub-SSO is %q", r.header.Get("X-GitHub-SSO"))
	}
	w.as(w.hub.UserToken(w.app, w.alice)).get("/orgs/acme/members/alice").want(403).says("OAuth token")
	w.api().get(shop).want(200)
	w.hub.AuthorizeSAML(token)
	w.as(token).get(shop).want(200)
}

func TestAnAnswerSaysWhichPermissionItNeeds(t *testing.T) {
	w := newWorld(t, fakehub.Options{})
	accepted := func(r *reply) string { return r.header.Get("X-Accepted-GitHub-Permissions") }
	if got := accepted(w.api().get(shop + "/pulls").want(200)); got != "pull_requests=read" {
		t.Errorf("a list of pull requests needs %q", got)
	}
	w.inst.Grant(map[string]string{"metadata": "read"})
	if got := accepted(w.check(nil).want(403)); got != "checks=write" {
		t.Errorf("a check run needs %q", got)
	}
	if got := accepted(w.as(w.hub.PersonalToken(w.alice)).get(shop).want(200)); got != "" {
		t.Errorf("a classic token is told %q", got)
	}
}
