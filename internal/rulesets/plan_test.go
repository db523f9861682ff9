package rulesets

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/gate"
)

const app = 300_001

// An odd ruleset: what gatehold knows nothing of, in an order of its own, with
// numbers that a float would bend and text that an encoder would escape.
const odd = `{"rules": [ {"parameters":{"future":1.50,"id":9007199254740993,"text":"<a&b>\u00e9"},"type":"from_the_future"},
  {"type":"required_status_checks","parameters":{"do_not_enforce_on_create":false,"strict_required_status_checks_policy":true,
   "required_status_checks":[{"integration_id":15368,"context":"build"},{"context":"lint","later":{"a":[1,2]}}],"new_parameter":null}},
  {"type":"merge_queue","parameters":{"merge_method":"REBASE","max_entries_to_build":7}} ],
 "later_field":{"b":1,"a":2},"conditions":{"ref_name":{"exclude":["refs/heads/tmp/*"],"include":["refs/heads/main"],"x":1},"repository_property":{"include":[{"name":"tier","property_values":["1"]}],"exclude":[]}},
 "name":"gatehold","target":"branch","enforcement":"evaluate","id":77,"source":"acme","source_type":"Organization","node_id":"n",
 "_links":{"self":{"href":"h"}},"created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-01T00:00:00Z","current_user_can_bypass":"always",
 "bypass_actors":[{"actor_id":1e0,"actor_type":"OrganizationAdmin","bypass_mode":"exempt"},{"actor_id":7,"actor_type":"Team","bypass_mode":"pull_request","since":"x"}]}`

func want() Want {
	return Want{App: app, Branches: LaneRefs(gate.DefaultLane)}
}

// pulls is what a plan adds to rules that let changes come by pushes.
const pulls = "," + anyPull

func TestALanesRuleset(t *testing.T) {
	lane := gate.Lane("release/**")
	p, err := Plan(nil, Want{Lane: lane, App: app, Branches: LaneRefs(lane), Not: []string{"refs/heads/release/main"}})
	const whole = `{"name":"gatehold: release/**","target":"branch","enforcement":"active","bypass_actors":[],` +
		`"conditions":{"ref_name":{"include":["refs/heads/release/**","refs/heads/release/**/*"],` +
		`"exclude":["refs/heads/release/main"]}},` +
		`"rules":[{"type":"required_status_checks","parameters":{"required_status_checks":[{"context":"gatehold: ` +
		`release/**","integration_id":300001}],"strict_required_status_checks_policy":false,` +
		`"do_not_enforce_on_create":false}}` + pulls + `,{"type":"deletion"}]}`
	if err != nil || string(p.After) != whole {
		t.Errorf("%v\n%s\nwant\n%s", err, p.After, whole)
	}
	const before = `{"name":"gatehold","target":"branch","enforcement":"active",` +
		`"conditions":{"ref_name":{"include":["~DEFAULT_BRANCH","refs/heads/release/**","refs/heads/release/**/*",` +
		`"refs/heads/x"],"exclude":[]}},"rules":[]}`
	p, err = Plan(json.RawMessage(before), Want{App: app, Branches: LaneRefs(gate.DefaultLane), Drop: LaneRefs(lane)})
	if err != nil || !strings.Contains(string(p.After), `"include":["~DEFAULT_BRANCH","refs/heads/x"]`) ||
		!strings.Contains(strings.Join(p.Notes, " "), `"refs/heads/x" as well`) {
		t.Errorf("%v %q\n%s", err, p.Notes, p.After)
	}
}

func TestNothingOfARulesetIsLost(t *testing.T) {
	p, err := Plan(json.RawMessage(odd), Want{App: app, Organization: true, Branches: []string{"~DEFAULT_BRANCH", "refs/heads/release/**"}})
	if err != nil {
		t.Fatal(err)
	}
	after := string(p.After)
	for _, whole := range []string{
		`{"parameters":{"future":1.50,"id":9007199254740993,"text":"<a&b>\u00e9"},"type":"from_the_future"}`,
		`{"type":"merge_queue","parameters":{"merge_method":"REBASE","max_entries_to_build":7}}`,
		`{"integration_id":15368,"context":"build"},{"context":"lint","later":{"a":[1,2]}},{"context":"gatehold","integration_id":300001}`,
		`"do_not_enforce_on_create":false,"strict_required_status_checks_policy":true`, `"new_parameter":null`,
		`"later_field":{"b":1,"a":2}`,
		`"bypass_actors":[{"actor_id":1e0,"actor_type":"OrganizationAdmin","bypass_mode":"exempt"},{"actor_id":7,` +
			`"actor_type":"Team","bypass_mode":"pull_request","since":"x"}]`,
		`"ref_name":{"exclude":["refs/heads/tmp/*"],"include":["refs/heads/main","~DEFAULT_BRANCH","refs/heads/release/**"],"x":1}`,
		`"repository_property":{"include":[{"name":"tier","property_values":["1"]}],"exclude":[]}`, `"enforcement":"active"`,
	} {
		if !strings.Contains(after, whole) {
			t.Errorf("lost %s\nin %s", whole, after)
		}
	}
	for _, name := range readOnly {
		if strings.Contains(after, `"`+name+`":`) && name != "id" && name != "source" {
			t.Errorf("%s, which GitHub does not take, is sent", name)
		}
	}
	if strings.Contains(after, "repository_name") {
		t.Error("a ruleset that says which repositories it is about was widened to all")
	}
	if notes := strings.Join(p.Notes, " "); !strings.Contains(notes, `"refs/heads/tmp/*"`) ||
		!strings.Contains(notes, "some of the organisation's repositories") {
		t.Errorf("notes: %s", notes)
	}
	for _, l := range []string{`-   "enforcement": "evaluate",`, `+   "enforcement": "active",`, `+             "context": "gatehold",`} {
		if !strings.Contains(p.Diff, l+"\n") {
			t.Errorf("the difference lacks %q:\n%s", l, p.Diff)
		}
	}
	if strings.Contains(p.Diff, "9007199254740993") {
		t.Errorf("the difference shows what stays, far from what changes:\n%s", p.Diff)
	}
	again, err := Plan(p.After, Want{App: app, Organization: true, Branches: []string{"~DEFAULT_BRANCH", "refs/heads/release/**"}})
	if err != nil || again.Changed || again.Diff != "" || string(again.After) != after {
		t.Errorf("the second plan changes something (%v):\n%s", err, again.Diff)
	}
}

func TestPlans(t *testing.T) {
	const head = `{"name":"gatehold","target":"branch","enforcement":"active",` +
		`"conditions":{"ref_name":{"include":["~DEFAULT_BRANCH"],"exclude":[]}},"rules":[`
	rule := func(checks string) string {
		return head + `{"type":"required_status_checks","parameters":{"required_status_checks":[` + checks +
			`],"strict_required_status_checks_policy":true}}]}`
	}
	// but for the rule that changes come by pull request
	added := func(after string) string {
		return strings.Replace(strings.Replace(after, pulls, "", 1), anyPull, "", 1)
	}
	ours := `{"context":"gatehold","integration_id":300001}`
	for name, c := range map[string]struct{ before, want string }{
		"by its name":     {rule(`{"context":"gatehold"}`), rule(ours)},
		"null":            {rule(`{"context":"gatehold","integration_id":null}`), rule(ours)},
		"another app":     {rule(`{"context":"gatehold","integration_id":7}`), rule(ours)},
		"twice":           {rule(`{"context":"gatehold"},{"context":"x"},` + ours), rule(ours + `,{"context":"x"}`)},
		"as it should be": {rule(ours), rule(ours)},
		"other case":      {rule(`{"context":"Gatehold"}`), rule(`{"context":"Gatehold"},` + ours)},
		"empty list":      {rule(``), rule(ours)},
		"no rule": {head + `]}`, head + `{"type":"required_status_checks","parameters":{"required_status_checks":[` +
			ours + `],"strict_required_status_checks_policy":false,"do_not_enforce_on_create":true}}]}`},
		"no parameters": {head + `{"type":"required_status_checks"}]}`,
			head + `{"type":"required_status_checks","parameters":{"required_status_checks":[` + ours + `]}}]}`},
		"in the second": {head +
			`{"type":"required_status_checks","parameters":{"required_status_checks":[{"context":"a"}]}},` +
			`{"type":"required_status_checks","parameters":{"required_status_checks":[` + ours + `]}}]}`,
			head + `{"type":"required_status_checks","parameters":{"required_status_checks":[{"context":"a"}]}},` +
				`{"type":"required_status_checks","parameters":{"required_status_checks":[` + ours + `]}}]}`},
		"a name like a rule": {head +
			`{"type":"pull_request","parameters":{"required_status_checks":[{"context":"gatehold"}]}},` +
			strings.TrimPrefix(rule(ours), head),
			head + `{"type":"pull_request","parameters":{"required_status_checks":[{"context":"gatehold"}]}},` +
				strings.TrimPrefix(rule(ours), head)},
	} {
		p, err := Plan(json.RawMessage(c.before), want())
		if err != nil || added(string(p.After)) != c.want || !p.Changed && c.before != c.want {
			t.Errorf("%s (%v, changed %v):\n%s\nwant\n%s", name, err, p.Changed, p.After, c.want)
		}
	}
}

func TestNewRulesets(t *testing.T) {
	p, err := Plan(nil, Want{App: app, Organization: true, Branches: []string{"~DEFAULT_BRANCH", "refs/heads/release/**"},
		HoldCreation: true})
	if err != nil {
		t.Fatal(err)
	}
	const whole = `{"name":"gatehold","target":"branch","enforcement":"active","bypass_actors":[],` +
		`"conditions":{"ref_name":{"include":["~DEFAULT_BRANCH","refs/heads/release/**"],"exclude":[]},` +
		`"repository_name":{"include":["~ALL"],"exclude":[]}},"rules":[{"type":"required_status_checks",` +
		`"parameters":{"required_status_checks":[{"context":"gatehold","integration_id":300001}],` +
		`"strict_required_status_checks_policy":false,"do_not_enforce_on_create":false}}` + pulls + `]}`
	if string(p.After) != whole || !p.Changed || len(p.Notes) != 0 || strings.Count(p.Diff, "\n+")+1 != strings.Count(p.Diff, "\n") {
		t.Errorf("%s %v\n%s", p.After, p.Notes, p.Diff)
	}
	p, err = Plan(nil, want())
	if err != nil || strings.Contains(string(p.After), "repository_name") ||
		!strings.Contains(string(p.After), `"do_not_enforce_on_create":true`) {
		t.Errorf("%v %s", err, p.After)
	}
}

func TestRulesetsThatCannotBeChanged(t *testing.T) {
	for _, before := range []string{
		``, `[]`, `"x"`, `{"name":`, `{"name":"gatehold","target":"tag"}`, `{"target":"branch","conditions":[]}`,
		`{"conditions":{"ref_name":{"include":"main"}}}`,
		`{"conditions":{"ref_name":{"include":[1]}}}`, `{"rules":{}}`, `{"rules":["x"]}`,
		`{"rules":[{"type":"required_status_checks","parameters":[]}]}`,
		`{"rules":[{"type":"required_status_checks","parameters":{"required_status_checks":["gatehold"]}}]}`,
		strings.Repeat(`{"a":`, 20_000),
	} {
		if p, err := Plan(json.RawMessage(before), want()); err == nil {
			t.Errorf("%.60s became %s", before, p.After)
		}
	}
	if _, err := Plan(json.RawMessage(`{"name":"gatehold","target":"tag"}`), want()); err == nil || !strings.Contains(err.Error(), "tags") {
		t.Errorf("%v", err)
	}
}

func TestSamples(t *testing.T) {
	for ref, sample := range map[string]string{
		"~DEFAULT_BRANCH": "trunk", "~ALL": "any-branch", "refs/heads/release/**": "release/any", "refs/heads/**/x": "x",
		"refs/heads/v?/*": "vx/any",
		"refs/heads/[ab]": "", "refs/heads/main": "main", "refs/heads/**/*": "any",
	} {
		if got := Sample(ref, "trunk"); got != sample {
			t.Errorf("%s: %q, want %q", ref, got, sample)
		}
	}
}

// The difference tells the way from one text to the other, whatever they are.
func TestDifferenceLeadsFromOneToTheOther(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	text := func() (out []string) {
		for range r.IntN(12) {
			out = append(out, string(rune('a'+r.IntN(4))))
		}
		return out
	}
	for range 2000 {
		a, b := text(), text()
		var from, to []string
		for _, l := range compare(a, b) {
			if l.mark != '+' {
				from = append(from, l.text)
			}
			if l.mark != '-' {
				to = append(to, l.text)
			}
		}
		if strings.Join(from, "") != strings.Join(a, "") || strings.Join(to, "") != strings.Join(b, "") {
			t.Fatalf("%v to %v: %v, %v", a, b, from, to)
		}
	}
	if d := diff(`a`, "\u202ea"); !strings.Contains(d, "- a") {
		t.Error(d)
	}
	if d := pretty([]byte("{\"a\":\"\u202e\u009b31m\"}")); strings.ContainsAny(d, "\u202e\u009b") {
		t.Errorf("%q steers a terminal", d)
	}
}

// No ruleset crashes the plan; what it takes, it takes once.
func FuzzPlan(f *testing.F) {
	for _, seed := range []string{odd, `{}`, `{"rules":null,"conditions":null}`,
		`{"rules":[{"type":"required_status_checks"}]}`, `{"a":1,"a":2}`, `{"conditions":{"ref_name":null}}`, `[`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, before string) {
		p, err := Plan(json.RawMessage(before), want())
		if err != nil {
			return
		}
		if !json.Valid(p.After) {
			t.Fatalf("%q became %q", before, p.After)
		}
		again, err := Plan(p.After, want())
		if err != nil || again.Changed {
			t.Fatalf("%q became %q, then %q (%v)", before, p.After, again.After, err)
		}
	})
}

// TestMachinesThatBypass: whoever is not known to be a person counts as a machine,
// and one that may merge what is held needs no push.
func TestMachinesThatBypass(t *testing.T) {
	for actor, says := range map[string]string{
		`{"actor_id":4,"actor_type":"RepositoryRole","bypass_mode":"pull_request"}`: "merged need not have it: " +
			"Everybody with the repository role write",
		`{"actor_id":2,"actor_type":"RepositoryRole","bypass_mode":"always"}`: "pushed need not have it: " +
			"Everybody with the repository role maintain",
		`{"actor_id":7,"actor_type":"Integration","bypass_mode":"pull_request"}`:  "merged need not have it: App 7",
		`{"actor_id":90,"actor_type":"RepositoryRole","bypass_mode":"always"}`:    "The repository role 90",
		`{"actor_id":90,"actor_type":"Robot","bypass_mode":"always"}`:             "Robot 90",
		`{"actor_id":90,"bypass_mode":"always"}`:                                  "Somebody that gatehold cannot name",
		`"everybody"`:                                                             "Somebody that gatehold cannot name",
		`{"actor_id":5,"actor_type":"RepositoryRole","bypass_mode":"always"}`:     "",
		`{"actor_id":5,"actor_type":"Team","bypass_mode":"pull_request"}`:         "",
		`{"actor_id":1,"actor_type":"OrganizationAdmin","bypass_mode":"exempt"}`:  "",
		`{"actor_id":null,"actor_type":"EnterpriseOwner","bypass_mode":"always"}`: "",
	} {
		list, shown, _, err := Bypasses([]byte(`{"bypass_actors":[`+actor+`]}`), Requirement{Source: "acme"})
		got := Machines(list)
		if err != nil || !shown || len(list) != 1 || (says == "") != (got == "") || !strings.Contains(got, says) {
			t.Errorf("%s: %q, %v; want %q", actor, got, err, says)
		}
	}
}
