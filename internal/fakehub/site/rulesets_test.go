package site_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/fakehub"
)

func refs(include ...string) fields {
	return fields{"ref_name": fields{"include": include, "exclude": []string{"refs/heads/legacy/*"}}}
}

var requireGatehold = fields{"type": "required_status_checks", "parameters": fields{
	"required_status_checks": []any{fields{"context": "gatehold", "integration_id": 7}}, "strict_required_status_checks_policy": false}}

func TestRulesOnABranchComeFromActiveRulesets(t *testing.T) {
	w := newWorld(t, fakehub.Options{})
	admin := w.as(w.hub.PersonalToken(w.alice))
	make := func(name, enforcement string, include ...string) string {
		return fmt.Sprint(admin.do("POST", "/repos/acme/shop/rulesets", fields{"name": name, "enforcement": enforcement,
			"conditions": refs(include...), "rules": []any{requireGatehold, fields{"type": "deletion"}}}).want(201).value("id"))
	}
	id := make("a", "active", "~DEFAULT_BRANCH", "refs/heads/release/**/*")
	make("b", "disabled", "~ALL")
	make("c", "evaluate", "~ALL")
	admin.do("POST", "/orgs/acme/rulesets", fields{"name": "all", "enforcement": "active",
		"rules": []any{fields{"type": "non_fast_forward"}},
		"conditions": fields{"ref_name": fields{"include": []string{"~ALL"}, "exclude": []string{}},
			"repository_name": fields{"include": []string{"sh*"}, "exclude": []string{"shelf"}}}}).want(201)
	w.acme.CreateRepo("shelf", nil)
	for branch, want := range map[string]int{"main": 3, "release/1": 3, "release/1/2": 3, "release": 1, "legacy/x": 1, "feature/y": 1} {
		var rules []struct {
			Type    string
			Source  string `json:"ruleset_source"`
			Ruleset int64  `json:"ruleset_id"`
		}
		w.api().get("/repos/acme/shop/rules/branches/" + branch).want(200).into(&rules)
		if len(rules) != want {
			t.Errorf("%s has %d rules, want %d: %+v", branch, len(rules), want, rules)
		}
	}
	w.api().get("/repos/acme/shop/rules/branches/main").is("0.ruleset_id",
		id).is("0.parameters.required_status_checks.0.integration_id", 7).
		is("2.ruleset_source_type", "Organization").is("2.ruleset_source", "acme")
	if got := string(w.api().get("/repos/acme/shelf/rules/branches/main").want(200).body); got != "[]" {
		t.Errorf("an excluded repository has rules: %s", got)
	}
	w.api().get("/repos/acme/shop/rulesets").is("3.source_type", "Organization")
	if n := strings.Count(string(w.api().get("/repos/acme/shop/rulesets?includes_parents=false").want(200).body), `"source_type"`); n != 3 {
		t.Errorf("%d rulesets without the organisation's", n)
	}
	admin.do("DELETE", "/repos/acme/shop/rulesets/"+id, nil).want(204)
	admin.get("/repos/acme/shop/rulesets/" + id).want(404)
}

// TestARulesetKeepsWhatNobodyKnows: a rule of a type from the future, read and
// written back, is as it was.
func TestARulesetKeepsWhatNobodyKnows(t *testing.T) {
	w := newWorld(t, fakehub.Options{})
	rule := `{"type":"moon_phase","parameters":{"phase":"full","depth":{"n":1.50}}}`
	id, err := w.shop.AddRuleset(`{"name":"n","enforcement":"active","conditions":{"ref_name":{"include":["~ALL"],` +
		`"exclude":[]}},"rules":[` + rule + `]}`)
	if err != nil {
		t.Fatal(err)
	}
	admin, path := w.as(w.hub.PersonalToken(w.alice)), fmt.Sprintf("/repos/acme/shop/rulesets/%d", id)
	admin.get(path).want(200).says(rule)
	admin.do("PUT", path, fields{"enforcement": "disabled"}).want(200).says(rule).is("enforcement", "disabled").is("name", "n")
	admin.do("PUT", path, fields{"enforcement": "active"}).want(200)
	w.api().get("/repos/acme/shop/rules/branches/x").says(`"phase":"full","depth":{"n":1.50}`)
}

func TestWhoMaySeeAndChangeRulesets(t *testing.T) {
	w := newWorld(t, fakehub.Options{})
	bob := w.hub.CreateUser("bob")
	w.acme.AddMember(bob, "member")
	admin, member := w.as(w.hub.PersonalToken(w.alice)), w.as(w.hub.PersonalToken(bob))
	body := fields{"name": "n", "enforcement": "active", "conditions": refs("~ALL"), "rules": []any{},
		"bypass_actors": []any{fields{"actor_id": bob.ID, "actor_type": "User", "bypass_mode": "always"}}}
	for name, c := range map[string]*caller{"a member": member, "an App": w.api()} {
		if got := c.do("POST", "/repos/acme/shop/rulesets", body).status; got != 403 {
			t.Errorf("%s creates a ruleset: %d", name, got)
		}
	}
	id := fmt.Sprint(admin.do("POST", "/repos/acme/shop/rulesets", body).want(201).is("bypass_actors.0.actor_type", "User").value("id"))
	for name, c := range map[string]*caller{"a member": member, "an App": w.api()} {
		got := c.get("/repos/acme/shop/rulesets/" + id).want(200)
		if strings.Contains(string(got.body), "bypass_actors") {
			t.Errorf("%s sees who can bypass: %s", name, got.body)
		}
		if c.do("PUT", "/repos/acme/shop/rulesets/"+id, fields{"enforcement": "disabled"}).status != 403 ||
			c.do("DELETE", "/repos/acme/shop/rulesets/"+id, nil).status != 403 {
			t.Errorf("%s changes a ruleset", name)
		}
	}
	member.get("/repos/acme/shop/rulesets/"+id).is("current_user_can_bypass", "always")
	admin.get("/repos/acme/shop/rulesets/"+id).is("current_user_can_bypass", "never")
	admin.get("/orgs/acme/rulesets").want(200)
	member.get("/orgs/acme/rulesets").want(404)
	w.api().get("/orgs/acme/rulesets").want(403)
	admin.do("POST", "/repos/acme/shop/rulesets", body).want(422).says("unique")
	admin.do("POST", "/repos/acme/shop/rulesets", fields{"name": "x"}).want(422)
	admin.do("POST", "/repos/acme/shop/rulesets", fields{"name": "x", "enforcement": "sometimes"}).want(422)
}

func TestEnvironmentsAndTheirRules(t *testing.T) {
	w := newWorld(t, fakehub.Options{})
	w.hub.CreateEnvironment(w.shop, "staging")
	prod := w.hub.CreateEnvironment(w.shop, "prod/eu")
	api, admin := w.api(), w.as(w.hub.PersonalToken(w.alice))
	api.get("/repos/acme/shop/environments").want(200).is("total_count", 2).is("environments.1.name", "prod/eu")
	rules := "/repos/acme/shop/environments/PROD%2FEU/deployment_protection_rules"
	api.get(rules).want(200).is("total_count", 0)
	api.do("POST", rules, fields{"integration_id": w.app.ID}).want(403)
	id := admin.do("POST", rules, fields{"integration_id": w.app.ID}).want(201).value("id")
	admin.do("POST", rules, fields{"integration_id": w.app.ID}).want(422)
	admin.do("POST", rules, fields{"integration_id": 1}).want(422)
	api.get(rules).want(200).is("total_count", 1).is("custom_deployment_protection_rules.0.app.slug", "gatehold")
	admin.do("DELETE", fmt.Sprintf("%s/%v", rules, id), nil).want(204)
	api.get(rules).is("total_count", 0)
	prod.Protect(w.app, false)
	api.get(rules).is("total_count", 0)
	prod.Protect(w.app, true)
	api.get(rules).is("total_count", 1)
	prod.Unprotect(w.app)
	api.get(rules).is("total_count", 0)
	api.get("/repos/acme/shop/environments/none/deployment_protection_rules").want(404)
}
