package site_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/actions"
)

const gateAudience = "https://gate.acme.example"

// claimsOf are what a token says that a key of the issuer's signed.
func (w *world) claimsOf(raw string) map[string]any {
	w.t.Helper()
	var found struct {
		Issuer string
		JWKS   string `json:"jwks_uri"`
	}
	w.as("").get("/_services/token/.well-known/openid-configuration").want(200).into(&found)
	if found.Issuer != w.hub.Issuer() || found.Issuer != w.base+"/_services/token" {
		w.t.Errorf("the issuer is %q", found.Issuer)
	}
	var keys jose.JSONWebKeySet
	w.as("").get(strings.TrimPrefix(found.JWKS, w.base)).want(200).into(&keys)
	signed, err := jose.ParseSignedCompact(raw, []jose.SignatureAlgorithm{jose.RS256})
	w.do(err)
	text, err := signed.Verify(keys)
	w.do(err)
	out := map[string]any{}
	w.do(json.Unmarshal(text, &out))
	return out
}

// What a token says is true of the job, and in the form in which GitHub says it.
func TestAJobsTokenSaysWhatIsTrue(t *testing.T) {
	w, c := deployWorld(t, fakehub.Options{})
	run := w.run(actions.RunSpec{Actor: w.alice, Jobs: []actions.JobSpec{{Name: "build", IDToken: true},
		{Name: "ship", Environment: "staging", IDToken: true, Calls: "acme/ci/.github/workflows/ship.yml@refs/tags/v2",
			Labels: []string{"self-hosted"}}},
		ReferencedWorkflows: []actions.ReferencedWorkflow{{Path: "acme/ci/.github/workflows/ship.yml@refs/tags/v2", SHA: strings.Repeat("d",
			40)}}})
	token, err := w.hub.JobToken(run, "ship", gateAudience)
	w.do(err)
	tip, now := w.shop.Tip("main"), c.now().Unix()
	got := w.claimsOf(token)
	file := "acme/shop/.github/workflows/deploy.yml@refs/heads/main"
	want := map[string]any{
		"iss": w.base + "/_services/token", "aud": gateAudience, "jti": got["jti"], "iat": float64(now), "nbf": float64(now - 300),
		"exp":        float64(now + 300),
		"sub":        fmt.Sprintf("repo:acme@%d/shop@%d:environment:staging", w.acme.ID, w.shop.ID),
		"repository": "acme/shop", "repository_id": fmt.Sprint(w.shop.ID), "repository_owner": "acme",
		"repository_owner_id":   fmt.Sprint(w.acme.ID),
		"repository_visibility": "private", "run_id": fmt.Sprint(run.ID), "run_number": "1", "run_attempt": "1",
		"check_run_id": fmt.Sprint(run.View().Jobs[1].ID), "actor": "alice", "actor_id": fmt.Sprint(w.alice.ID), "ref": "refs/heads/main",
		"ref_type": "branch", "ref_protected": "false", "sha": tip, "head_ref": "", "base_ref": "", "event_name": "workflow_dispatch",
		"workflow": "deploy", "workflow_ref": file, "workflow_sha": tip, "job_workflow_ref": "acme/ci/.github/workflows/ship.yml@refs/tags/v2",
		"job_workflow_sha": strings.Repeat("d", 40), "runner_environment": "self-hosted", "environment": "staging",
	}
	if !maps.Equal(got, want) || len(got["jti"].(string)) != 36 {
		t.Errorf("it says\n%v, want\n%v", got, want)
	}
	again, err := w.hub.JobToken(run, "ship", "")
	w.do(err)
	if other := w.claimsOf(again); other["jti"] == got["jti"] || other["aud"] != w.base+"/acme" {
		t.Errorf("the next one says %v", other)
	}
	token, err = w.hub.JobToken(run, "build", gateAudience)
	w.do(err)
	got = w.claimsOf(token)
	if _, has := got["environment"]; has || got["job_workflow_ref"] != file || !strings.HasSuffix(got["sub"].(string),
		":ref:refs/heads/main") {
		t.Errorf("a job without an environment says %v", got)
	}
	w.do(w.hub.CancelRun(run, true))
	w.do(w.hub.Rerun(run, w.agent))
	token, err = w.hub.JobToken(run, "build", gateAudience)
	w.do(err)
	if next := w.claimsOf(token); next["run_attempt"] != "2" || next["check_run_id"] == got["check_run_id"] || next["actor"] != "alice" {
		t.Errorf("the next attempt says %v", next)
	}
}

// A runner asks over HTTP, while its job is in progress.
func TestARunnerAsksForItsToken(t *testing.T) {
	w, _ := deployWorld(t, fakehub.Options{})
	run := w.run(actions.RunSpec{Jobs: []actions.JobSpec{{Name: "ship", IDToken: true}, {Name: "other"}, {Name: "held",
		Environment: "prod/eu", IDToken: true}}})
	runner, err := w.hub.RunnerOf(run, "ship")
	w.do(err)
	path := strings.TrimPrefix(runner.URL, w.base)
	ask := func(token, path string) *reply { return w.as(token).get(path) }
	var got struct{ Value string }
	ask(runner.Token, path+"&audience="+url.QueryEscape(gateAudience)).want(200).into(&got)
	if w.claimsOf(got.Value)["aud"] != gateAudience {
		t.Errorf("it is %s", got.Value)
	}
	ask(runner.Token, strings.Replace(path, fmt.Sprint(run.View().Jobs[0].ID), fmt.Sprint(run.View().Jobs[1].ID), 1)).want(401)
	ask(w.token, path).want(401)
	ask("", path).want(401)
	for _, name := range []string{"other", "held", "nothing"} {
		if _, err := w.hub.RunnerOf(run, name); err == nil {
			t.Errorf("the job %s may ask", name)
		}
		if _, err := w.hub.JobToken(run, name, gateAudience); err == nil {
			t.Errorf("the job %s gets a token", name)
		}
	}
	w.do(w.hub.FinishJob(run, "ship", "success"))
	ask(runner.Token, path).want(401)
	if v := w.hub.Violations(); len(v) > 0 {
		t.Error(v)
	}
}

func TestTheTokensOfAPullRequest(t *testing.T) {
	w, _ := deployWorld(t, fakehub.Options{})
	mallory := w.hub.CreateUser("mallory")
	w.shop.SetPrivate(false)
	near, err := w.shop.OpenPull(fakehub.NewPull{Author: w.agent, Title: "Near", Files: fakehub.Files{"a": "1"}})
	w.do(err)
	far, err := w.shop.OpenPull(fakehub.NewPull{Author: mallory, From: w.shop.Fork(mallory), Title: "Far", Files: fakehub.Files{"a": "1"}})
	w.do(err)
	jobs := []actions.JobSpec{{Name: "test", IDToken: true}}
	run := w.run(actions.RunSpec{Pull: near, Jobs: jobs})
	token, err := w.hub.JobToken(run, "test", gateAudience)
	w.do(err)
	got := w.claimsOf(token)
	if got["ref"] != fmt.Sprintf("refs/pull/%d/merge", near.Number) || got["sha"] == near.HeadSHA() || got["head_ref"] != near.Branch ||
		got["base_ref"] != "main" || got["event_name"] != "pull_request" || !strings.HasSuffix(got["sub"].(string), ":pull_request") {
		t.Errorf("it says %v", got)
	}
	w.api().get(at(run)).want(200).is("head_sha", near.HeadSHA()).is("head_repository.full_name", "acme/shop")
	run = w.run(actions.RunSpec{Pull: far, Jobs: jobs})
	w.api().get(at(run)).want(200).is("head_sha", far.HeadSHA()).is("head_repository.full_name", "mallory/shop").is("event", "pull_request")
	if _, err := w.hub.JobToken(run, "test", gateAudience); err == nil {
		t.Error("a fork's pull request gets a token")
	}
	run = w.run(actions.RunSpec{Pull: far, Event: "pull_request_target", Jobs: jobs})
	token, err = w.hub.JobToken(run, "test", gateAudience)
	w.do(err)
	if got := w.claimsOf(token); got["ref"] != "refs/heads/main" || got["sha"] != w.shop.Tip("main") ||
		got["event_name"] != "pull_request_target" {
		t.Errorf("it says %v", got)
	}
}

// Another repository of the same name is another one, by its id.
func TestATokenOfARepositoryOfTheSameName(t *testing.T) {
	w, _ := deployWorld(t, fakehub.Options{})
	jobs := []actions.JobSpec{{Name: "ship", IDToken: true}}
	first, err := w.hub.JobClaims(w.run(actions.RunSpec{Jobs: jobs}), "ship", gateAudience)
	w.do(err)
	w.shop.Delete(w.alice)
	w.shop = w.acme.CreateRepo("shop", fakehub.Files{"README.md": "again\n"})
	second, err := w.hub.JobClaims(w.run(actions.RunSpec{Jobs: jobs}), "ship", gateAudience)
	w.do(err)
	if first["repository"] != second["repository"] || first["repository_id"] == second["repository_id"] || first["sub"] == second["sub"] {
		t.Errorf("they say %v and %v", first, second)
	}
}

func TestTheIssuersKeysRotate(t *testing.T) {
	w, c := deployWorld(t, fakehub.Options{})
	run := w.run(actions.RunSpec{Jobs: []actions.JobSpec{{Name: "ship", IDToken: true}}})
	old, err := w.hub.JobToken(run, "ship", gateAudience)
	w.do(err)
	w.hub.RotateKey()
	w.claimsOf(old)
	c.forward(time.Minute)
	claims, err := w.hub.JobClaims(run, "ship", gateAudience)
	w.do(err)
	claims["run_attempt"] = "7"
	if got := w.claimsOf(w.hub.SignClaims(claims)); got["run_attempt"] != "7" {
		t.Errorf("it says %v", got)
	}
	kids := func() (out []string) {
		var keys struct {
			Keys []struct{ Kid, Use, Alg, Kty string }
		}
		w.as("").get("/_services/token/.well-known/jwks").want(200).into(&keys)
		for _, k := range keys.Keys {
			out = append(out, k.Kid)
		}
		return out
	}
	both := kids()
	w.hub.RetireKeys()
	head, err := base64.RawURLEncoding.DecodeString(strings.Split(old, ".")[0])
	w.do(err)
	if left := kids(); len(both) != 2 || !slices.Equal(left, both[1:]) || !strings.Contains(string(head), both[0]) {
		t.Errorf("there were %v, and are %v", both, left)
	}
}
