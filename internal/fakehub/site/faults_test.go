package site_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/faults"
	"github.com/gatehold/gatehold/internal/fakehub/journal"
)

const shop = "/repos/acme/shop"

func TestFaultsStrikeWhereAndAsOftenAsTold(t *testing.T) {
	c := newClock()
	w := newWorld(t, fakehub.Options{Now: c.now})
	api := w.api()
	f := w.hub.Inject(faults.Fault{Route: "GET /repos/*/pulls*", Kind: faults.Status, Times: 2, Skip: 1})
	for i, want := range []int{200, 502, 502, 200} {
		if r := api.get(shop + "/pulls"); r.status != want {
			t.Errorf("request %d: status %d, want %d", i, r.status, want)
		}
	}
	api.get(shop).want(200)
	if f.Hits() != 2 {
		t.Errorf("%d hits", f.Hits())
	}
	f = w.hub.Inject(faults.Fault{Route: "GET /repos/{owner}/{repo}", Kind: faults.Status, Code: 500, Until: c.now().Add(time.Minute)})
	api.get(shop).want(500)
	c.forward(time.Minute)
	api.get(shop).want(200)
	f.Remove()
	f = w.hub.Inject(faults.Fault{Kind: faults.Status, Code: 500, Probability: 0.5})
	bad := 0
	for range 200 {
		if api.get(shop).status == 500 {
			bad++
		}
	}
	if bad < 60 || bad > 140 {
		t.Errorf("%d of 200 failed with a chance of one half", bad)
	}
	f.Remove()
	api.get(shop).want(200)
}

func TestEveryKindOfFault(t *testing.T) {
	w := newWorld(t, fakehub.Options{})
	api := w.api()
	once := func(f faults.Fault) { f.Times = 1; w.hub.Inject(f) }
	once(faults.Fault{Kind: faults.SecondaryLimit, RetryAfter: 7 * time.Second})
	if r := api.get(shop).want(403).says("secondary rate limit"); r.header.Get("Retry-After") != "7" {
		t.Errorf("retry-after %q", r.header.Get("Retry-After"))
	}
	once(faults.Fault{Kind: faults.TooMany})
	if r := api.get(shop).want(429); r.header.Get("Retry-After") != "60" {
		t.Errorf("retry-after %q", r.header.Get("Retry-After"))
	}
	once(faults.Fault{Kind: faults.PrimaryLimit, RetryAfter: time.Hour})
	r := api.get(shop).want(403).says("API rate limit exceeded")
	if r.header.Get("X-RateLimit-Remaining") != "0" || r.header.Get("X-RateLimit-Reset") == "" {
		t.Errorf("the headers of the limit are %v", r.header)
	}
	once(faults.Fault{Route: "POST /graphql", Kind: faults.PrimaryLimit})
	if r := api.ask(`{ viewer { login } }`, nil).is("errors.0.type", "RATE_LIMITED"); r.header.Get("X-RateLimit-Resource") != "graphql" {
		t.Errorf("the headers of the limit are %v", r.header)
	}
	once(faults.Fault{Kind: faults.Redirect, Location: "https://elsewhere.example/x"})
	if r := api.get(shop).want(307); r.header.Get("Location") != "https://elsewhere.example/x" {
		t.Errorf("location %q", r.header.Get("Location"))
	}
	once(faults.Fault{Kind: faults.Malformed})
	if r := api.get(shop).want(200); json.Valid(r.body) {
		t.Error("the malformed answer is whole")
	}
	once(faults.Fault{Kind: faults.Hang})
	req, err := http.NewRequest("GET", w.base+shop, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := (&http.Client{Timeout: 50 * time.Millisecond}).Do(req); !os.IsTimeout(err) {
		t.Errorf("a hanging request ended with %v", err)
	}
	once(faults.Fault{Kind: faults.Slow, Delay: 50 * time.Millisecond})
	start := time.Now()
	api.get(shop).want(200)
	if took := time.Since(start); took < 50*time.Millisecond {
		t.Errorf("the slow request took %v", took)
	}
}

func TestALostAnswerHasItsEffectAndALostRequestNone(t *testing.T) {
	w := newWorld(t, fakehub.Options{})
	ask := fields{"name": "gatehold", "head_sha": w.shop.Tip("main"), "conclusion": "success"}
	for kind, want := range map[faults.Kind]int{faults.LostRequest: 0, faults.LostAnswer: 1} {
		before := len(w.shop.CheckRuns(w.shop.Tip("main")))
		w.hub.Inject(faults.Fault{Route: "POST /repos/{owner}/{repo}/check-runs", Kind: kind, Times: 1})
		if r, err := w.api().try("POST", runs, ask); err == nil {
			t.Errorf("kind %v was answered %d", kind, r.status)
		}
		if n := len(w.shop.CheckRuns(w.shop.Tip("main"))) - before; n != want {
			t.Errorf("kind %v made %d runs, want %d", kind, n, want)
		}
	}
}

func TestTheQuotaRunsOutAndA304IsFree(t *testing.T) {
	c := newClock()
	w := newWorld(t, fakehub.Options{Now: c.now, RESTQuota: 5, GraphQLQuota: 2})
	api := w.api()
	r := api.get(shop).want(200)
	if r.header.Get("X-RateLimit-Remaining") != "4" || r.header.Get("X-RateLimit-Resource") != "core" {
		t.Errorf("headers %v", r.header)
	}
	again := w.api()
	again.header.Set("If-None-Match", r.header.Get("ETag"))
	for range 20 {
		if r := again.get(shop).want(304); len(r.body) != 0 {
			t.Errorf("a 304 has a body of %d bytes", len(r.body))
		}
	}
	if rest, _ := w.hub.QuotaUsed(w.inst); rest != 1 {
		t.Errorf("%d used after one request and twenty 304s", rest)
	}
	if _, err := w.shop.Commit("main", fakehub.NewCommit{Message: "m", Files: fakehub.Files{"a": "1"}}); err != nil {
		t.Fatal(err)
	}
	c.forward(time.Second)
	again.get(shop + "/git/trees/main").want(200) // the ETag of something else
	for range 3 {
		api.get(shop).want(200)
	}
	api.get(shop).want(403).says("API rate limit exceeded for installation ID")
	api.get("/rate_limit").want(200).is("resources.core.remaining", 0).is("resources.graphql.remaining", 2)
	api.ask(`{ rateLimit { remaining } }`, nil).is("data.rateLimit.remaining", 1)
	api.ask(`{ rateLimit { remaining } }`, nil).is("data.rateLimit.remaining", 0)
	if r := api.ask(`{ rateLimit { remaining } }`, nil).is("errors.0.type", "RATE_LIMITED"); r.header.Get("X-RateLimit-Remaining") != "0" {
		t.Errorf("headers %v", r.header)
	}
	c.forward(time.Hour)
	w.as(w.hub.PersonalToken(w.alice)).get(shop).want(200) // another's quota
	w.token = ""
}

func TestSecondaryLimits(t *testing.T) {
	c := newClock()
	w := newWorld(t, fakehub.Options{Now: c.now, Concurrency: 4, Latency: 100 * time.Millisecond, PointsPerMinute: 11})
	var wg sync.WaitGroup
	var mu sync.Mutex
	got := map[int]int{}
	for range 12 {
		wg.Go(func() {
			r, err := w.api().try("GET", shop, nil)
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			got[r.status]++
			mu.Unlock()
		})
	}
	wg.Wait()
	if got[200] == 0 || got[403] == 0 || w.hub.MaxInFlight() < 5 {
		t.Errorf("twelve at once, four allowed: %v, %d in flight", got, w.hub.MaxInFlight())
	}
	for range 2 {
		w.check(fields{"conclusion": "success"}).want(201)
	}
	if r := w.check(fields{"conclusion": "success"}).want(403).says("secondary"); r.header.Get("Retry-After") == "" {
		t.Error("no retry-after")
	}
	c.forward(time.Minute)
	w.check(fields{"conclusion": "success"}).want(201)
}

func TestWhatWasAskedIsCounted(t *testing.T) {
	w := newWorld(t, fakehub.Options{})
	w.hub.ResetCounts()
	w.api().get(shop + "/pulls/1?x=y").want(404)
	w.api().get(shop).want(200)
	w.api().get("/gists").want(501)
	counts := w.hub.Counts()
	for want, n := range map[journal.RouteStatus]int{
		{Route: "GET /repos/{owner}/{repo}/pulls/{pull_number}", Status: 404}: 1, {Route: "GET /repos/{owner}/{repo}", Status: 200}: 1} {
		if counts[want] != n {
			t.Errorf("%v counted %d times", want, counts[want])
		}
	}
	list := w.hub.Requests()
	if len(list) != 3 || list[0].Query != "x=y" || list[0].Status != 404 || w.hub.Total() != 3 {
		t.Errorf("requests %+v", list)
	}
	if v := w.hub.Violations(); len(v) != 1 || v[0] != "fakehub does not serve GET /gists" {
		t.Errorf("violations %v", v)
	}
}

func TestTheSameCallsGiveTheSameHub(t *testing.T) {
	c := newClock()
	story := func() string {
		w := newWorld(t, fakehub.Options{Now: c.now, HookWorkers: 1, Seed: 7})
		p := w.open(fakehub.NewPull{Title: "T", Files: fakehub.Files{"a": "1\n", "b/c": "2\n"}})
		var guids []string
		for _, h := range w.took() {
			guids = append(guids, h.event, h.header.Get("X-GitHub-Delivery"))
		}
		return fmt.Sprint(w.shop.ID, p.ID, p.HeadSHA(), w.token, guids)
	}
	if a, b := story(), story(); a != b {
		t.Errorf("two runs differ:\n%s\n%s", a, b)
	}
}
