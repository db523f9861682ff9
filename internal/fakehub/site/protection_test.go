package site_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/actions"
)

// deployWorld has an environment "prod/eu" that the App protects, and a clock
// of its own.
func deployWorld(t *testing.T, opt fakehub.Options) (w *world, c *clock) {
	t.Helper()
	c = newClock()
	opt.Now, opt.HookWorkers = c.now, 1 // webhooks in their order
	w = newWorld(t, opt)
	w.hub.CreateEnvironment(w.shop, "prod/eu").Protect(w.app, true)
	w.inst.AcceptPermissions(withPermission(fakehub.DefaultPermissions(), "actions", "write"))
	w.token = w.newToken(nil)
	w.took()
	return w, c
}

func withPermission(p map[string]string, name, level string) map[string]string {
	p[name] = level
	return p
}

func (w *world) run(spec actions.RunSpec) *actions.WorkflowRun {
	w.t.Helper()
	if spec.Actor == nil {
		spec.Actor = w.agent
	}
	run, err := w.hub.StartRun(w.shop, spec)
	if err != nil {
		w.t.Fatal(err)
	}
	return run
}

// reply answers the App's rule of an environment.
func (w *world) reply(run *actions.WorkflowRun, body fields) *reply {
	w.t.Helper()
	return w.api().do("POST", fmt.Sprintf("/repos/acme/shop/actions/runs/%d/deployment_protection_rule", run.ID), body)
}

// states are the jobs of a run: "ship in_progress", "test completed success".
func states(run *actions.WorkflowRun) string {
	var out []string
	for _, j := range run.View().Jobs {
		out = append(out, strings.TrimSpace(j.Name+" "+j.Status+" "+j.Conclusion))
	}
	return strings.Join(out, ", ")
}

func (w *world) are(run *actions.WorkflowRun, want string) {
	w.t.Helper()
	if got := states(run); got != want {
		w.t.Errorf("the jobs are %q, want %q", got, want)
	}
}

func (w *world) do(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

var toProd = []actions.JobSpec{{Name: "ship", Environment: "Prod/EU"}}

func TestAJobWaitsUntilTheAppApproves(t *testing.T) {
	w, _ := deployWorld(t, fakehub.Options{})
	pull, err := w.shop.OpenPull(fakehub.NewPull{Author: w.agent, Title: "Change", Files: fakehub.Files{"a": "1"}})
	w.do(err)
	run := w.run(actions.RunSpec{SHA: pull.HeadSHA(), Branch: pull.HeadBranch(), TriggeringActor: w.alice,
		Jobs: append([]actions.JobSpec{{Name: "test"}}, toProd...)})
	w.are(run, "test in_progress, ship waiting")
	w.do(w.hub.FinishJob(run, "test", "success"))
	hooks := w.took()
	asked := only(hooks, "deployment_protection_rule", "requested")
	if len(asked) != 1 {
		t.Fatalf("%d questions", len(asked))
	}
	p := reply{t: t, body: asked[0].body}
	at := fmt.Sprintf("/repos/acme/shop/actions/runs/%d", run.ID)
	p.is("environment", "Prod/EU").is("event", "workflow_dispatch").is("deployment_callback_url", w.base+at+"/deployment_protection_rule").
		is("deployment.sha", pull.HeadSHA()).is("deployment.performed_via_github_app.id", 15368).is("pull_requests.0.number", 1).
		is("sender.login", "alice").is("installation.id", w.inst.ID).is("organization.login", "acme")
	w.api().get(at).want(200).is("status", "waiting").is("run_attempt", 1).is("actor.login",
		"fixer[bot]").is("triggering_actor.login", "alice")
	w.api().get(at+"/pending_deployments").want(200).is("0.environment.name", "prod/eu").is("0.environment.url",
		w.base+"/repos/acme/shop/environments/prod%2Feu")
	if err := w.hub.FinishJob(run, "ship", "success"); err == nil {
		t.Error("a job that waits was finished")
	}
	w.reply(run, fields{"environment_name": "PROD/eu", "comment": "Waiting for @alice"}).want(204)
	w.are(run, "test completed success, ship waiting")
	w.reply(run, fields{"environment_name": "prod/eu", "state": "approved", "comment": "Yes"}).want(204)
	w.are(run, "test completed success, ship in_progress")
	w.do(w.hub.FinishJob(run, "ship", "success"))
	w.api().get(at).want(200).is("status", "completed").is("conclusion", "success")
	w.api().get(at+"/pending_deployments").want(200).is("", "[]")
	w.api().get(at+"/approvals").want(200).is("0.state", "pending").is("0.comment", "Waiting for @alice").is("1.state",
		"approved").is("1.user.login", "gatehold[bot]")
	d := w.hub.Deployments(w.shop, "PROD/EU")
	if len(d) != 1 || !slices.Equal(d[0].States, []string{"waiting", "in_progress", "success"}) || d[0].RunID != run.ID ||
		d[0].Gates[0].State != "approved" ||
		d[0].Gates[0].Comment != "Yes" || d[0].Gates[0].Reports[0] != "Waiting for @alice" {
		t.Errorf("the deployments are %+v", d)
	}
	if got := w.jobStory(append(hooks, w.took()...), "ship"); got != "queued, waiting, queued, in_progress, completed" {
		t.Errorf("the job went %s", got)
	}
}

// jobStory is what the webhooks tell of a job.
func (w *world) jobStory(hooks []hook, job string) string {
	w.t.Helper()
	var out []string
	for _, h := range only(hooks, "workflow_job", "") {
		p := reply{t: w.t, body: h.body}
		if p.value("workflow_job.name") == job {
			out = append(out, h.action)
		}
	}
	return strings.Join(out, ", ")
}

func TestAnAnswerIsForAllThatWaitsInTheRunAndEnvironment(t *testing.T) {
	w, _ := deployWorld(t, fakehub.Options{})
	w.hub.CreateEnvironment(w.shop, "prod/us").Protect(w.app, true)
	spec := actions.RunSpec{Jobs: []actions.JobSpec{{Name: "a", Environment: "prod/eu"}, {Name: "b", Environment: "Prod/EU"},
		{Name: "c", Environment: "prod/us"},
		{Name: "d", Environment: "prod/eu", Needs: []string{"a"}}}}
	run, other := w.run(spec), w.run(spec)
	if n := len(only(w.took(), "deployment_protection_rule", "")); n != 6 {
		t.Errorf("%d questions, want one for each job that waits", n)
	}
	w.reply(run, fields{"environment_name": "prod/eu", "state": "approved"}).want(204)
	w.are(run, "a in_progress, b in_progress, c waiting, d")
	w.are(other, "a waiting, b waiting, c waiting, d")
	w.do(w.hub.FinishJob(run, "a", "success"))
	w.are(run, "a completed success, b in_progress, c waiting, d waiting")
	w.reply(run, fields{"environment_name": "prod/us", "state": "rejected"}).want(204)
	w.reply(run, fields{"environment_name": "prod/eu", "state": "rejected"}).want(204)
	w.do(w.hub.FinishJob(run, "b", "success"))
	w.are(run, "a completed success, b completed success, c completed failure, d completed failure")
	if v := run.View(); v.Conclusion != "failure" {
		t.Errorf("the run ended %s", v.Conclusion)
	}
}

func TestAnswersTooEarlyTooLateOrTwiceAreRefused(t *testing.T) {
	w, c := deployWorld(t, fakehub.Options{})
	yes := fields{"environment_name": "prod/eu", "state": "approved"}
	w.hub.SetAsking(actions.Asking{EarlyFor: time.Minute, EarlyTimes: 2})
	run := w.run(actions.RunSpec{Jobs: toProd})
	no := fmt.Sprintf("No pending custom deployment requests in workflow run `%d` to approve or reject", run.ID)
	w.reply(run, yes).want(422).is("message", no)
	c.forward(time.Minute)
	w.reply(run, yes).want(422).is("message", no)
	w.reply(run, fields{"environment_name": "prod/eu", "comment": "x"}).want(422).is("message", no)
	w.are(run, "ship waiting")
	w.reply(run, yes).want(204)
	w.are(run, "ship in_progress")
	w.reply(run, yes).want(422).is("message", no)
	w.reply(run, fields{"environment_name": "prod/eu", "state": "rejected"}).want(422).is("message", no)
	w.are(run, "ship in_progress")
	w.reply(run, fields{"environment_name": "staging", "state": "approved"}).want(422)
	w.hub.SetAsking(actions.Asking{})
	cancelled := w.run(actions.RunSpec{Jobs: toProd})
	w.do(w.hub.CancelRun(cancelled, false))
	w.reply(cancelled, yes).want(422)
	w.are(cancelled, "ship completed cancelled")
	w.api().do("POST", "/repos/acme/shop/actions/runs/1/deployment_protection_rule", yes).want(404)
}

func TestStatusReportsAreBounded(t *testing.T) {
	w, _ := deployWorld(t, fakehub.Options{})
	run := w.run(actions.RunSpec{Jobs: toProd})
	say := func(text string) *reply {
		return w.reply(run, fields{"environment_name": "prod/eu", "comment": text})
	}
	say(strings.Repeat("é", 1025)).want(422).says("1024")
	for range 10 {
		say(strings.Repeat("é", 1024)).want(204)
	}
	say("x").want(422).says("10 status reports")
	w.reply(run, fields{"environment_name": "prod/eu"}).want(422)
	w.reply(run, fields{"environment_name": "prod/eu", "state": "maybe"}).want(422)
	w.reply(run, fields{"environment_name": "prod/eu", "state": "approved", "comment": strings.Repeat("x", 1025)}).want(422)
	w.are(run, "ship waiting")
	w.reply(run, fields{"environment_name": "prod/eu", "state": "approved", "comment": "after ten reports"}).want(204)
}

func TestOnlyTheAppWhoseRuleItIsAnswers(t *testing.T) {
	w, _ := deployWorld(t, fakehub.Options{})
	other, err := w.hub.CreateApp(fakehub.NewApp{Slug: "other", PrivateKey: key(), WebhookURL: w.hooks.url})
	w.do(err)
	in := other.Install(w.acme)
	w.took()
	run := w.run(actions.RunSpec{Jobs: toProd})
	if n := len(only(w.took(), "deployment_protection_rule", "")); n != 1 {
		t.Errorf("%d Apps were asked", n)
	}
	path, yes := fmt.Sprintf("/repos/acme/shop/actions/runs/%d/deployment_protection_rule", run.ID),
		fields{"environment_name": "prod/eu", "state": "approved"}
	var got struct{ Token string }
	w.as(w.jwtOf(other)).do("POST", fmt.Sprintf("/app/installations/%d/access_tokens", in.ID), nil).want(201).into(&got)
	w.as(got.Token).do("POST", path, yes).want(422).says("No pending custom deployment requests")
	w.as(w.hub.PersonalToken(w.alice)).do("POST", path, yes).want(403)
	w.as(w.hub.UserToken(w.app, w.alice)).do("POST", path, yes).want(403)
	w.as(w.newToken(fields{"permissions": fields{"deployments": "read"}})).do("POST", path, yes).want(403)
	w.are(run, "ship waiting")
	eu := w.hub.CreateEnvironment(w.shop, "prod/eu")
	eu.Protect(other, true)
	both := w.run(actions.RunSpec{Jobs: toProd})
	w.reply(both, yes).want(204)
	w.are(both, "ship waiting")
	w.as(got.Token).do("POST", fmt.Sprintf("/repos/acme/shop/actions/runs/%d/deployment_protection_rule", both.ID), yes).want(204)
	w.are(both, "ship in_progress")
}

func TestNobodyAnsweringForThirtyDaysFailsTheJob(t *testing.T) {
	w, c := deployWorld(t, fakehub.Options{})
	run := w.run(actions.RunSpec{Jobs: append([]actions.JobSpec{{Name: "long"}}, toProd...)})
	c.forward(30*24*time.Hour - time.Minute)
	w.hub.Tick()
	w.are(run, "long in_progress, ship waiting")
	c.forward(time.Minute)
	w.token = w.newToken(nil)
	w.reply(run, fields{"environment_name": "prod/eu", "state": "approved"}).want(422)
	w.are(run, "long in_progress, ship completed failure")
	if d := w.hub.Deployments(w.shop, "prod/eu")[0]; d.State != "failure" || d.Gates[0].State != "expired" {
		t.Errorf("the deployment is %+v", d)
	}
	c.forward(5 * 24 * time.Hour)
	w.hub.Tick()
	w.are(run, "long completed cancelled, ship completed failure")
}

func TestWebhooksMayLackWhatIsOptional(t *testing.T) {
	w, _ := deployWorld(t, fakehub.Options{})
	optional := []string{"environment", "event", "deployment_callback_url", "deployment", "pull_requests", "organization", "installation"}
	w.hub.SetAsking(actions.Asking{Omit: optional})
	w.run(actions.RunSpec{Jobs: toProd})
	asked := only(w.took(), "deployment_protection_rule", "requested")
	if len(asked) != 1 {
		t.Fatalf("%d questions", len(asked))
	}
	for _, name := range optional {
		if _, there := asked[0].payload[name]; there {
			t.Errorf("%s was not left out", name)
		}
	}
	if len(asked[0].payload) != 3 {
		t.Errorf("the payload has %d fields", len(asked[0].payload))
	}
}

func TestWhatPassesByTheGate(t *testing.T) {
	w, _ := deployWorld(t, fakehub.Options{})
	eu := w.hub.CreateEnvironment(w.shop, "prod/eu")
	run := w.run(actions.RunSpec{Jobs: append([]actions.JobSpec{{Name: "new", Environment: "brand-new"}, {Name: "none"}}, toProd...)})
	w.are(run, "new in_progress, none in_progress, ship waiting")
	eu.AllowBypass(false)
	w.api().get("/repos/acme/shop/environments/prod%2Feu").want(200).is("can_admins_bypass", false)
	if err := w.hub.StartWaiting(run, "prod/eu", w.alice); err == nil {
		t.Error("the rules were bypassed where that is not allowed")
	}
	eu.AllowBypass(true)
	if err := w.hub.StartWaiting(run, "prod/eu", w.hub.CreateUser("bob")); err == nil {
		t.Error("somebody bypassed the rules who is no administrator")
	}
	w.do(w.hub.StartWaiting(run, "prod/eu", w.alice))
	w.are(run, "new in_progress, none in_progress, ship in_progress")
	if d := w.hub.Deployments(w.shop, "prod/eu")[0]; d.Gates[0].State != "bypassed" {
		t.Errorf("the gate is %+v", d.Gates[0])
	}
	late := w.run(actions.RunSpec{Jobs: toProd})
	eu.Delete()
	w.are(late, "ship completed failure")
	w.are(w.run(actions.RunSpec{Jobs: toProd}), "ship in_progress")
}
