package rulesets_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/faults"
	"github.com/gatehold/gatehold/internal/fakehub/site"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/rulesets"
	"github.com/gatehold/gatehold/internal/testworld"
)

type world struct {
	t      *testing.T
	gh     *site.Hub
	acme   *fakehub.Org
	shop   *fakehub.Repo
	app    *fakehub.App
	owner  *fakehub.Account // of the organisation
	member *fakehub.Account
	token  string // the owner's
	client *rulesets.Client
	api    *url.URL
}

func newWorld(t *testing.T, c fakehub.Contract) *world {
	t.Helper()
	on, err := testworld.Serve(fakehub.Options{Contract: c}, fakehub.NewApp{PrivateKey: testworld.Key()})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, gh: on.Hub, app: on.App}
	t.Cleanup(func() {
		w.gh.Close()
		for _, v := range w.gh.Violations() {
			t.Error("against GitHub's description: ", v)
		}
	})
	w.acme, w.owner, w.member = w.gh.CreateOrg("acme"), w.gh.CreateUser("olga"), w.gh.CreateUser("max")
	w.acme.AddMember(w.owner, "admin")
	w.acme.AddMember(w.member, "member")
	w.shop = w.acme.CreateRepo("shop", fakehub.Files{"README.md": "hello\n"})
	w.app.Install(w.acme)
	w.api, _ = url.Parse(on.Base + "/api/v3/")
	w.token = w.gh.PersonalToken(w.owner)
	w.client = w.as(w.token)
	return w
}

func (w *world) as(token string) *rulesets.Client {
	w.t.Helper()
	c, err := rulesets.New(rulesets.Config{API: w.api, Token: token})
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

func (w *world) want(org bool, lane gate.Lane) rulesets.Want {
	return rulesets.Want{Lane: lane, App: w.app.ID, Organization: org, Branches: rulesets.LaneRefs(lane)}
}

// require does what the command does, once.
func (w *world) require(at rulesets.Place, want rulesets.Want) (rulesets.Planned, int64) {
	w.t.Helper()
	id, before, err := w.client.Find(w.t.Context(), at, want.Lane)
	if err != nil {
		w.t.Fatal(err)
	}
	p, err := rulesets.Plan(before, want)
	if err != nil {
		w.t.Fatal(err)
	}
	if p.Changed {
		if id, err = w.client.Put(w.t.Context(), at, id, p, want); err != nil {
			w.t.Fatal(err)
		}
	}
	return p, id
}

func (w *world) check(branch string) rulesets.Report {
	w.t.Helper()
	return w.checkIn(branch, gate.DefaultLane)
}

func (w *world) checkIn(branch string, lane gate.Lane) rulesets.Report {
	w.t.Helper()
	r, err := w.client.Check(w.t.Context(), shop, branch, lane, w.app.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

func (w *world) writes() (n int) {
	for _, r := range w.gh.Requests() {
		if r.Method != http.MethodGet {
			n++
		}
	}
	return n
}

var (
	acme = rulesets.Place{Org: "acme"}
	shop = rulesets.Place{Owner: "acme", Repo: "shop"}
)

// From nothing to a required check, and a second run that changes nothing.
func TestRequire(t *testing.T) {
	for _, at := range []rulesets.Place{acme, shop} {
		t.Run(at.String(), func(t *testing.T) {
			w := newWorld(t, contract(t))
			want := w.want(at.Org != "", gate.DefaultLane)
			if r := w.check("main"); r.Standing != rulesets.Missing || !strings.Contains(r.Sentence, "gatehold require") {
				t.Errorf("%+v", r)
			}
			if p, id := w.require(at, want); !p.Changed || id == 0 {
				t.Errorf("changed %v, id %d", p.Changed, id)
			}
			if w.writes() != 1 {
				t.Errorf("%d writes", w.writes())
			}
			if p, _ := w.require(at, want); p.Changed || p.Diff != "" || w.writes() != 1 {
				t.Errorf("the second run changes something:\n%s", p.Diff)
			}
			w.require(at, w.want(at.Org != "", "release/**"))
			if p, _ := w.require(at, w.want(at.Org != "", "release/**")); p.Changed || w.writes() != 2 {
				t.Errorf("the second run for the other lane changes something:\n%s", p.Diff)
			}
			for branch, standing := range map[string]rulesets.Standing{"main": rulesets.Pinned,
				"release/any": rulesets.OtherLane, "feature/x": rulesets.Missing} {
				if r := w.check(branch); r.Standing != standing || len(r.Unseen) != 0 {
					t.Errorf("%s: %+v", branch, r)
				}
			}
			for _, branch := range []string{"release/any", "release/any/deeper"} {
				if r := w.checkIn(branch, "release/**"); r.Standing != rulesets.Pinned || r.Check != "gatehold: release/**" {
					t.Errorf("%s: %+v", branch, r)
				}
			}
		})
	}
}

// A ruleset of the same name with rules of kinds that nobody knows keeps them,
// byte for byte.
func TestUnknownRulesSurviveTheWayThroughGitHub(t *testing.T) {
	w := newWorld(t, nil) // GitHub's description would refuse what it does not know yet
	const unknown = `{"type":"from_the_future","parameters":{"n":9007199254740993,"f":1.50,"s":"<é&>","z":[{"b":1,"a":2}]}}`
	const actor = `{"actor_id":5,"actor_type":"RepositoryRole","bypass_mode":"exempt","since":"2026"}`
	_, err := w.shop.AddRuleset(`{"name":"gatehold","enforcement":"disabled","target":"branch","bypass_actors":[` + actor + `],
		"conditions":{"ref_name":{"include":["refs/heads/main"],"exclude":[]}},"rules":[` + unknown + `,{"type":"required_status_checks","parameters":{
		"strict_required_status_checks_policy":true,"do_not_enforce_on_create":false,"required_status_checks":[{"context":"gatehold"},{"context":"build","integration_id":15368}]}}]}`)
	if err != nil {
		t.Fatal(err)
	}
	_, id := w.require(shop, w.want(false, gate.DefaultLane))
	now, err := w.client.Ruleset(t.Context(), shop, id)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{unknown, actor,
		`{"context":"gatehold","integration_id":` + fmt.Sprint(w.app.ID) + `},{"context":"build","integration_id":15368}`,
		`"strict_required_status_checks_policy":true,"do_not_enforce_on_create":false`,
		`"include":["refs/heads/main","~DEFAULT_BRANCH"]`, `"enforcement":"active"`} {
		if !strings.Contains(string(now), part) {
			t.Errorf("lost %s\nin %s", part, now)
		}
	}
	r := w.check("main")
	if r.Standing != rulesets.Pinned || len(r.Bypass) != 1 || r.Bypass[0].Mode != "exempt" ||
		!strings.Contains(r.Bypass[0].Sentence(), "role admin can bypass") ||
		!strings.Contains(r.Bypass[0].Sentence(), "no entry in the audit log") {
		t.Errorf("%+v", r)
	}
}

func TestWhatIsRequiredIsTold(t *testing.T) {
	for name, c := range map[string]struct {
		set      func(*world) error
		standing rulesets.Standing
		says     string
	}{
		"by name":       {func(w *world) error { return w.shop.Require("gatehold", 0) }, rulesets.Unpinned, "by its name only"},
		"another app":   {func(w *world) error { return w.shop.Require("gatehold", 7) }, rulesets.OtherApp, "App 7"},
		"another check": {func(w *world) error { return w.shop.Require("gatehold2", w.app.ID) }, rulesets.Missing, "not required"},
		"pinned": {func(w *world) error { return w.shop.Require("gatehold", w.app.ID) }, rulesets.Pushable,
			"a commit on which it is green can be pushed"},
		"classic": {func(w *world) error { w.shop.ProtectClassic("main", "gatehold", w.app.ID, true); return nil },
			rulesets.Pushable, "can be pushed"},
		"another lane's": {func(w *world) error { return w.shop.Require("gatehold: release/**", w.app.ID) }, rulesets.OtherLane,
			"says nothing of this branch"},
		"not by pushes": {func(w *world) error {
			if err := demand(w.shop,
				`{"type":"pull_request","parameters":{"dismiss_stale_reviews_on_push":false,"require_code_owner_review":false,`+
					`"require_last_push_approval":false,"required_approving_review_count":0,"required_review_thread_resolution":false}}`); err != nil {
				return err
			}
			return w.shop.Require("gatehold", w.app.ID)
		}, rulesets.Pinned, "pinned to App"},
		"restricted updates": {func(w *world) error {
			if err := demand(w.shop, `{"type":"update","parameters":{"update_allows_fetch_and_merge":false}}`); err != nil {
				return err
			}
			return w.shop.Require("gatehold", w.app.ID)
		}, rulesets.Pinned, "pinned to App"},
		"classic by name": {func(w *world) error { w.shop.ProtectClassic("main", "gatehold", 0, true); return nil },
			rulesets.Unpinned, "by its name only"},
		"classic, other app": {func(w *world) error { w.shop.ProtectClassic("main", "gatehold", 9, true); return nil },
			rulesets.OtherApp, "App 9"},
		"not in force": {func(w *world) error {
			_, err := w.shop.AddRuleset(`{"name":"x","enforcement":"disabled",` +
				`"conditions":{"ref_name":{"include":["~ALL"],"exclude":[]}},"rules":[{"type":"required_status_checks",` +
				`"parameters":{"required_status_checks":[{"context":"gatehold","integration_id":300001}],` +
				`"strict_required_status_checks_policy":false}}]}`)
			return err
		}, rulesets.Missing, "not required"},
		"pinned and another app": {func(w *world) error {
			w.shop.ProtectClassic("main", "gatehold", 9, true)
			if err := demand(w.shop, `{"type":"update","parameters":{"update_allows_fetch_and_merge":false}}`); err != nil {
				return err
			}
			return w.shop.Require("gatehold", w.app.ID)
		}, rulesets.Pinned, "from App 9 as well"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, contract(t))
			if err := c.set(w); err != nil {
				t.Fatal(err)
			}
			if r := w.check("main"); r.Standing != c.standing || !strings.Contains(r.Sentence, c.says) || len(r.Bypass) != 0 ||
				len(r.Notes) != 0 {
				t.Errorf("%+v", r)
			}
		})
	}
}

// demand puts one more rule on the default branch.
func demand(r *fakehub.Repo, rule string) error {
	_, err := r.AddRuleset(`{"name":"More","enforcement":"active",` +
		`"conditions":{"ref_name":{"include":["~DEFAULT_BRANCH"],"exclude":[]}},"rules":[` + rule + `]}`)
	return err
}

// A branch of a lane that anybody can make, or make anew, is guarded by nothing.
func TestABranchThatCanBeMadeIsNotEnforced(t *testing.T) {
	for name, c := range map[string]struct {
		branch   string
		lane     gate.Lane
		free     bool // do_not_enforce_on_create
		more     string
		standing rulesets.Standing
	}{
		"a pattern's":              {"release/1", "release/**", true, "", rulesets.Creatable},
		"one that stays":           {"release/1", "release/**", true, `,{"type":"deletion"}`, rulesets.Creatable},
		"none may be made":         {"release/1", "release/**", true, `,{"type":"creation"}`, rulesets.Pinned},
		"made with the check only": {"release/1", "release/**", false, "", rulesets.Pinned},
		"a single branch":          {"develop", "develop", true, "", rulesets.Creatable},
		"a single one that stays":  {"develop", "develop", true, `,{"type":"deletion"}`, rulesets.Pinned},
	} {
		w := newWorld(t, contract(t))
		_, err := w.shop.AddRuleset(fmt.Sprintf(`{"name":"x","enforcement":"active","conditions":{"ref_name":{"include":["refs/heads/%s"],"exclude":[]}},"rules":[
			{"type":"required_status_checks","parameters":{"do_not_enforce_on_create":%v,"required_status_checks":[{"context":"gatehold: %s","integration_id":%d}],"strict_required_status_checks_policy":false}},
			{"type":"pull_request","parameters":{"dismiss_stale_reviews_on_push":false,"require_code_owner_review":false,"require_last_push_approval":false,"required_approving_review_count":0,"required_review_thread_resolution":false}}%s]}`,
			c.lane, c.free, c.lane, w.app.ID, c.more))
		if err != nil {
			t.Fatal(err)
		}
		if r := w.checkIn(c.branch, c.lane); r.Standing != c.standing {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

func TestBypassIsListedWhereItCanBeSeen(t *testing.T) {
	w := newWorld(t, contract(t))
	_, err := w.acme.AddRuleset(fmt.Sprintf(`{"name":"gatehold","enforcement":"active","bypass_actors":[{"actor_id":1,"actor_type":"OrganizationAdmin","bypass_mode":"exempt"},
		{"actor_id":4,"actor_type":"Team","bypass_mode":"pull_request"},{"actor_id":null,"actor_type":"DeployKey","bypass_mode":"always"}],
		"conditions":{"ref_name":{"include":["~DEFAULT_BRANCH"],"exclude":[]},"repository_name":{"include":["~ALL"],"exclude":[]}},
		"rules":[{"type":"required_status_checks","parameters":{"required_status_checks":[{"context":"gatehold","integration_id":%d}],"strict_required_status_checks_policy":false}},{"type":"update","parameters":{"update_allows_fetch_and_merge":false}}]}`, w.app.ID))
	if err != nil {
		t.Fatal(err)
	}
	if r := w.check("main"); r.Standing != rulesets.Bypassed || !strings.Contains(r.Sentence, "Every deploy key") {
		t.Errorf("deploy keys push what they like: %+v", r)
	}
	var said []string
	for _, b := range w.check("main").Bypass {
		said = append(said, b.Sentence())
	}
	want := "Owners of the organisation can bypass it (the ruleset of acme, exempt: it leaves no entry in the audit log). " +
		"Team 4 can bypass it (the ruleset of acme, for pull requests only). Every deploy key can bypass it (the ruleset of acme)."
	if got := strings.Join(said, " "); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	r, err := w.as(w.gh.PersonalToken(w.member)).Check(t.Context(), shop, "main", gate.DefaultLane, w.app.ID)
	if err != nil || r.Standing != rulesets.Pinned || len(r.Bypass) != 0 || len(r.Unseen) != 1 || r.Unseen[0] != "acme" ||
		len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "cannot be read with this token") {
		t.Errorf("%v %+v", err, r)
	}
	w.shop.ProtectClassic("main", "gatehold", w.app.ID, false)
	if r := w.check("main"); len(r.Bypass) != 4 ||
		!strings.Contains(r.Bypass[0].Sentence(), "Administrators of the repository can bypass it (the branch protection of acme/shop)") {
		t.Errorf("%+v", r.Bypass)
	}
}

func TestEnvironments(t *testing.T) {
	w := newWorld(t, contract(t))
	w.gh.CreateEnvironment(w.shop, "prod/eu: west")
	e, err := rulesets.ParseEnvironment("acme/shop:prod/eu: west")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 2 {
		on, err := w.client.Protected(t.Context(), e, w.app.ID)
		if err != nil || on != (i == 1) {
			t.Fatalf("round %d: %v %v", i, on, err)
		}
		if !on {
			if err := w.client.Protect(t.Context(), e, w.app.ID); err != nil {
				t.Fatal(err)
			}
		}
	}
	e.Name = "nowhere"
	if err := w.client.Protect(t.Context(), e, w.app.ID); gate.AsError(err).Code != "not_found" {
		t.Errorf("%v", err)
	}
	for _, bad := range []string{"", "acme/shop", "acme:x", "acme/shop:", "acme/shop/x:y", "../x:y", "acme/shop:.."} {
		if _, err := rulesets.ParseEnvironment(bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

func TestWhoMayNotIsTold(t *testing.T) {
	w := newWorld(t, contract(t))
	maxim := w.as(w.gh.PersonalToken(w.member))
	if _, _, err := maxim.Find(t.Context(), acme, gate.DefaultLane); gate.AsError(err).Code != "not_found" ||
		!strings.Contains(gate.AsError(err).Text, "owner") {
		t.Errorf("%v", err)
	}
	p, _ := rulesets.Plan(nil, w.want(false, gate.DefaultLane))
	if _, err := maxim.Put(t.Context(), shop, 0, p, w.want(false, gate.DefaultLane)); gate.AsError(err).Code != "no_permission" {
		t.Errorf("%v", err)
	}
	if _, _, err := w.as("ghp_nobody").Find(t.Context(), shop, gate.DefaultLane); gate.AsError(err).Code != "no_permission" ||
		!strings.Contains(gate.AsError(err).Text, "expired") {
		t.Errorf("%v", err)
	}
}

// The token goes to the configured host, over no redirect, and into no error:
// not even where GitHub says it back.
func TestTheTokenStaysWhereItBelongs(t *testing.T) {
	var stolen []string
	thief := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		stolen = append(stolen, r.URL.Path+" "+r.Header.Get("Authorization"))
	}))
	defer thief.Close()
	for name, fault := range map[string]faults.Fault{
		"to another host": {Kind: faults.Redirect, Location: thief.URL + "/steal"},
		"to this host":    {Kind: faults.Redirect, Location: "/repos/acme/other"},
		"echo":            {Kind: faults.Status, Code: 422, Body: "%"},
		"echo, forbidden": {Kind: faults.Status, Code: 403, Body: "%"},
		"lost":            {Kind: faults.LostAnswer},
		"half":            {Kind: faults.Malformed},
		"gone":            {Kind: faults.Status, Code: 502},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, nil)
			echo, _ := json.Marshal(map[string]any{"message": "Bad token " + w.token, "errors": []string{w.token}})
			if fault.Body == "%" {
				fault.Body = string(echo)
			}
			w.gh.Inject(fault)
			_, _, err := w.client.Find(t.Context(), shop, gate.DefaultLane)
			if err == nil {
				_, err = w.client.Protected(t.Context(), rulesets.Environment{Place: shop, Name: "x"}, 1)
			}
			var known *gate.Error
			if !errors.As(err, &known) || known.Text == "" {
				t.Fatalf("%v", err)
			}
			for _, text := range []string{err.Error(), fmt.Sprintf("%+v", known), fmt.Sprintf("%#v", known.Err)} {
				if strings.Contains(text, w.token) {
					t.Errorf("the token is in the error: %s", strings.ReplaceAll(text, w.token, "TOKEN"))
				}
			}
			if fault.Kind == faults.Redirect && (known.Code != "redirect_refused" || len(w.gh.Requests()) != 1) {
				t.Errorf("%v after %d requests", err, len(w.gh.Requests()))
			}
		})
	}
	if len(stolen) != 0 {
		t.Errorf("the thief has %v", stolen)
	}
}

func TestAddressesAndTokensThatAreNotUsed(t *testing.T) {
	for _, c := range []struct{ api, token string }{
		{"http://ghe.acme.com/api/v3", "t"}, {"ftp://x", "t"}, {"https://u:p@x", "t"}, {"https://", "t"}, {"https://x?y", "t"},
		{"https://x", ""}, {"https://x", "a b"}, {"https://x", "a\nb"}, {"https://x", "é"}, {"https://x", strings.Repeat("x", 5000)},
	} {
		u, _ := url.Parse(c.api)
		if _, err := rulesets.New(rulesets.Config{API: u, Token: c.token}); err == nil ||
			c.token != "t" && len(c.token) > 1 && strings.Contains(err.Error(), c.token) {
			t.Errorf("%q, %.10q: %v", c.api, c.token, err)
		}
	}
}

// An answer without end is not read to it.
func TestAnswersAreBounded(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		chunk := []byte(strings.Repeat(" ", 1<<20))
		for range 16 {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	}))
	defer server.Close()
	u, _ := url.Parse(server.URL)
	c, err := rulesets.New(rulesets.Config{API: u, Token: "t"})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.Find(t.Context(), shop, gate.DefaultLane); gate.AsError(err).Code != "answer_too_large" {
		t.Errorf("%v", err)
	}
	if _, _, err := c.Find(t.Context(), rulesets.Place{Owner: "..", Repo: "x"}, gate.DefaultLane); gate.AsError(err).Code != "usage" {
		t.Errorf("%v", err)
	}
}

// Classic branch protection may except Apps from pull requests: what it demands of
// everybody else keeps nothing out that such an App pushes.
func TestAppsThatClassicProtectionExcepts(t *testing.T) {
	const checks = `[{"type":"required_status_checks","ruleset_id":1,"ruleset_source":"acme/shop",` +
		`"parameters":{"required_status_checks":[{"context":"gatehold","integration_id":7}]}}`
	for rules, want := range map[string]rulesets.Standing{
		checks + `]`: rulesets.Bypassed,
		checks + `,{"type":"pull_request","ruleset_id":1,"ruleset_source":"acme/shop"}]`: rulesets.Pinned,
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			answer := `{"bypass_actors":[]}`
			switch {
			case strings.HasSuffix(r.URL.Path, "/rules/branches/main"):
				answer = rules
			case strings.HasSuffix(r.URL.Path, "/protection"):
				answer = `{"required_pull_request_reviews":{"bypass_pull_request_allowances":{"users":[],"teams":[],` +
					`"apps":[{"slug":"fixer"}]}},"enforce_admins":{"enabled":true}}`
			}
			if _, err := w.Write([]byte(answer)); err != nil {
				t.Error(err)
			}
		}))
		u, err := url.Parse(server.URL)
		if err != nil {
			t.Fatal(err)
		}
		c, err := rulesets.New(rulesets.Config{API: u, Token: "t"})
		if err != nil {
			t.Fatal(err)
		}
		if r, err := c.Check(t.Context(), shop, "main", gate.DefaultLane, 7); err != nil || r.Standing != want {
			t.Errorf("%s: %v %+v", rules, err, r)
		}
		server.Close()
	}
}
