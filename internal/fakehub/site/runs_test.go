package site_test

import (
	"fmt"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/actions"
	"github.com/gatehold/gatehold/internal/fakehub/faults"
)

func at(run *actions.WorkflowRun) string {
	return fmt.Sprintf("/repos/acme/shop/actions/runs/%d", run.ID)
}

func TestARunTellsOfEachStep(t *testing.T) {
	w, _ := deployWorld(t, fakehub.Options{})
	run := w.run(actions.RunSpec{Workflow: ".github/workflows/deploy.yml", Event: "push", Actor: w.alice, Jobs: []actions.JobSpec{
		{Name: "build", Ends: "success"}, {Name: "stage", Environment: "staging", Needs: []string{"build"}}}})
	w.do(w.hub.FinishJob(run, "stage", "success"))
	var told []string
	for _, h := range w.took() {
		p := reply{t: t, body: h.body}
		if h.event == "deployment_status" {
			h.action = p.value("deployment_status.state").(string)
			p.is("check_run.name", "stage").is("workflow_run.id", run.ID)
		}
		told = append(told, h.event+" "+h.action)
	}
	want := []string{"workflow_run requested", "workflow_job queued", "workflow_run in_progress", "workflow_job in_progress",
		"workflow_job completed",
		"deployment created", "workflow_job queued", "workflow_job in_progress", "deployment_status in_progress",
		"deployment_status success", "workflow_job completed", "workflow_run completed"}
	if !slices.Equal(told, want) {
		t.Errorf("the App heard\n%q, want\n%q", told, want)
	}
	w.api().get(at(run)).want(200).is("path", ".github/workflows/deploy.yml").is("event", "push").is("status",
		"completed").is("conclusion", "success").
		is("head_branch", "main").is("display_title", "Begin").is("previous_attempt_url", nil).is("referenced_workflows", "[]")
	w.api().get(at(run)+"/jobs").want(200).is("total_count", 2).is("jobs.1.name", "stage").is("jobs.1.run_attempt",
		1).is("jobs.0.labels.0", "ubuntu-latest")
}

func TestAJobThatNeedsAFailedOneIsSkipped(t *testing.T) {
	w, _ := deployWorld(t, fakehub.Options{})
	run := w.run(actions.RunSpec{Jobs: []actions.JobSpec{{Name: "build"}, {Name: "ship", Environment: "prod/eu", Needs: []string{"build"}},
		{Name: "after", Needs: []string{"ship"}}}})
	w.are(run, "build in_progress, ship, after")
	w.api().get(at(run)+"/jobs").want(200).is("total_count", 1)
	for name, conclusion := range map[string]string{"build": "done", "ship": "success", "nothing": "success"} {
		if err := w.hub.FinishJob(run, name, conclusion); err == nil {
			t.Errorf("the job %s ended with %s", name, conclusion)
		}
	}
	w.do(w.hub.FinishJob(run, "build", "failure"))
	w.api().get(at(run)+"/jobs").want(200).is("jobs.0.runner_id", 1).is("jobs.1.runner_id", nil)
	w.are(run, "build completed failure, ship completed skipped, after completed skipped")
	if v := run.View(); v.Conclusion != "failure" || len(w.hub.Deployments(w.shop, "")) != 0 {
		t.Errorf("the run is %+v, the deployments %+v", v, w.hub.Deployments(w.shop, ""))
	}
	for name, jobs := range map[string][]actions.JobSpec{"twice": {{Name: "a"}, {Name: "a"}}, "unnamed": {{}},
		"forward": {{Name: "a", Needs: []string{"b"}}, {Name: "b"}}} {
		if _, err := w.hub.StartRun(w.shop, actions.RunSpec{Jobs: jobs}); err == nil {
			t.Errorf("%s: the run was started", name)
		}
	}
	if _, err := w.hub.StartRun(w.shop, actions.RunSpec{SHA: "nothing"}); err == nil {
		t.Error("a run of no commit was started")
	}
}

func TestARerunIsANewAttemptThatAsksAgain(t *testing.T) {
	w, c := deployWorld(t, fakehub.Options{})
	run := w.run(actions.RunSpec{Jobs: toProd, Actor: w.alice})
	api := w.api()
	api.do("POST", at(run)+"/rerun", nil).want(403).says("already running")
	w.reply(run, fields{"environment_name": "prod/eu", "state": "approved"}).want(204)
	w.do(w.hub.FinishJob(run, "ship", "success"))
	w.took()
	api.do("POST", at(run)+"/rerun", nil).want(201)
	w.are(run, "ship waiting")
	asked := only(w.took(), "deployment_protection_rule", "requested")
	d := w.hub.Deployments(w.shop, "prod/eu")
	if len(asked) != 1 || len(d) != 2 || d[1].Attempt != 2 || d[1].RunID != run.ID || d[0].ID == d[1].ID {
		t.Fatalf("%d questions, deployments %+v", len(asked), d)
	}
	p := reply{t: t, body: asked[0].body}
	p.is("deployment.id", d[1].ID).is("sender.login", "gatehold[bot]")
	api.get(at(run)).want(200).is("run_attempt", 2).is("status", "waiting").is("actor.login",
		"alice").is("triggering_actor.login", "gatehold[bot]").
		is("previous_attempt_url", w.base+at(run)+"/attempts/1")
	api.get(at(run)+"/attempts/1").want(200).is("status", "completed").is("conclusion", "success").is("triggering_actor.login", "alice")
	api.get(at(run) + "/attempts/3").want(404)
	api.get(at(run)+"/attempts/1/jobs").want(200).is("jobs.0.conclusion", "success")
	api.get(at(run)+"/jobs?filter=all").want(200).is("total_count", 2)
	w.reply(run, fields{"environment_name": "prod/eu", "state": "rejected"}).want(204)
	if d := w.hub.Deployments(w.shop, "prod/eu"); d[0].State != "success" || d[1].State != "failure" {
		t.Errorf("the deployments are %+v", d)
	}
	w.do(w.hub.Rerun(run, w.agent))
	w.do(w.hub.CancelRun(run, false))
	c.forward(31 * 24 * time.Hour)
	if err := w.hub.Rerun(run, w.agent); err == nil {
		t.Error("a run of last month was started again")
	}
}

func TestApprovalsOfAnAttemptCanCarryOver(t *testing.T) {
	w, _ := deployWorld(t, fakehub.Options{})
	w.hub.SetAsking(actions.Asking{CarryOver: true})
	run := w.run(actions.RunSpec{Jobs: []actions.JobSpec{{Name: "a", Environment: "prod/eu", Ends: "success"},
		{Name: "b", Environment: "Prod/EU", Needs: []string{"a"}}}})
	w.reply(run, fields{"environment_name": "prod/eu", "state": "approved"}).want(204)
	w.are(run, "a completed success, b in_progress")
	w.do(w.hub.FinishJob(run, "b", "failure"))
	w.do(w.hub.Rerun(run, w.alice))
	w.are(run, "a waiting, b")
}

func TestCancellingIsARaceThatForceWins(t *testing.T) {
	w, _ := deployWorld(t, fakehub.Options{})
	api := w.api()
	run := w.run(actions.RunSpec{Jobs: []actions.JobSpec{{Name: "stubborn", Stubborn: true},
		{Name: "ship", Environment: "prod/eu"}, {Name: "last", Needs: []string{"ship"}}}})
	api.do("POST", at(run)+"/cancel", nil).want(202)
	w.are(run, "stubborn in_progress, ship completed cancelled, last completed cancelled")
	api.do("POST", at(run)+"/force-cancel", nil).want(202)
	w.are(run, "stubborn completed cancelled, ship completed cancelled, last completed cancelled")
	api.get(at(run)).want(200).is("conclusion", "cancelled")
	api.do("POST", at(run)+"/cancel", nil).want(409).says("Cannot cancel a workflow run that is completed.")
	api.do("POST", at(run)+"/force-cancel", nil).want(409)
	other := w.run(actions.RunSpec{})
	bob := w.hub.CreateUser("bob")
	w.acme.AddMember(bob, "member")
	w.as(w.hub.PersonalToken(bob)).do("POST", at(other)+"/cancel", nil).want(403)
	w.as(w.hub.PersonalToken(bob)).do("POST", at(other)+"/rerun", nil).want(403)
	w.inst.AcceptPermissions(fakehub.DefaultPermissions())
	api.do("POST", at(other)+"/cancel", nil).want(403).says("Resource not accessible by integration")
	w.as(w.hub.PersonalToken(w.alice)).do("POST", at(other)+"/cancel", nil).want(202)
}

func TestRunsAreListedAndFiltered(t *testing.T) {
	w, _ := deployWorld(t, fakehub.Options{})
	first := w.run(actions.RunSpec{Jobs: []actions.JobSpec{{Name: "a", Ends: "failure"}}})
	old := w.shop.Tip("main")
	_, err := w.shop.Commit("main", fakehub.NewCommit{Author: w.alice, Message: "More", Files: fakehub.Files{"m": "1"}})
	w.do(err)
	second := w.run(actions.RunSpec{Jobs: toProd, Event: "schedule", Actor: w.alice})
	third := w.run(actions.RunSpec{Workflow: ".github/workflows/ci.yml", Name: "CI"})
	for query, want := range map[string][]int64{"": {third.ID, second.ID, first.ID}, "?head_sha=" + old: {first.ID},
		"?status=waiting": {second.ID}, "?status=failure": {first.ID},
		"?status=in_progress": {third.ID}, "?event=schedule": {second.ID}, "?actor=alice": {second.ID}, "?branch=other": nil,
		"?per_page=1&page=2": {second.ID}} {
		var got struct {
			Runs []struct{ ID int64 } `json:"workflow_runs"`
		}
		w.api().get("/repos/acme/shop/actions/runs" + query).want(200).into(&got)
		var ids []int64
		for _, r := range got.Runs {
			ids = append(ids, r.ID)
		}
		if !slices.Equal(ids, want) {
			t.Errorf("%q lists %v, want %v", query, ids, want)
		}
	}
	w.api().get(at(third)).want(200).is("name", "CI").is("run_number", 1)
	w.api().get(at(second)).want(200).is("run_number", 2)
	other := w.acme.CreateRepo("other", nil)
	w.api().get(fmt.Sprintf("/repos/acme/%s/actions/runs/%d", other.Name, first.ID)).want(404)
	if n := len(w.hub.Runs(w.shop)); n != 3 {
		t.Errorf("the repository has %d runs", n)
	}
}

func TestRunsAreListedByWhenTheyBegan(t *testing.T) {
	w, c := deployWorld(t, fakehub.Options{})
	began := c.now().UTC()
	w.run(actions.RunSpec{})
	c.forward(48 * time.Hour)
	w.run(actions.RunSpec{})
	w.token = w.newToken(nil)
	moment := func(d time.Duration) string { return began.Add(d).Format(time.RFC3339) }
	for filter, want := range map[string]int{">=" + moment(0): 2, ">" + moment(0): 1, "<=" + moment(0): 1, "<" + moment(0): 0,
		"<" + moment(time.Hour):   1,
		moment(time.Hour) + "..*": 1, "*.." + moment(72*time.Hour): 2, moment(-time.Hour) + ".." + moment(time.Hour): 1,
		began.Format(time.DateOnly): 1, ">" + began.Format(time.DateOnly): 1, "<=" + began.Format(time.DateOnly): 1} {
		w.api().get("/repos/acme/shop/actions/runs?created="+url.QueryEscape(filter)).want(200).is("total_count", want)
	}
}

func TestFaultsStrikeRunsAndAnswersToo(t *testing.T) {
	w, _ := deployWorld(t, fakehub.Options{})
	run := w.run(actions.RunSpec{Jobs: toProd})
	rule := "POST /repos/{owner}/{repo}/actions/runs/{run_id}/deployment_protection_rule"
	yes := fields{"environment_name": "prod/eu", "state": "approved"}
	for kind, status := range map[faults.Kind]int{faults.Status: 502, faults.SecondaryLimit: 403, faults.TooMany: 429} {
		w.hub.Inject(faults.Fault{Route: rule, Kind: kind, Times: 1})
		w.reply(run, yes).want(status)
	}
	w.hub.Inject(faults.Fault{Route: rule, Kind: faults.LostRequest, Times: 1})
	if r, err := w.api().try("POST", at(run)+"/deployment_protection_rule", yes); err == nil {
		t.Errorf("a lost request was answered %d", r.status)
	}
	w.are(run, "ship waiting")
	w.hub.Inject(faults.Fault{Route: rule, Kind: faults.LostAnswer, Times: 1})
	if r, err := w.api().try("POST", at(run)+"/deployment_protection_rule", yes); err == nil {
		t.Errorf("a lost answer came: %d", r.status)
	}
	w.are(run, "ship in_progress")
	w.hub.Inject(faults.Fault{Route: "GET /repos/*/actions/runs/*", Kind: faults.Status, Times: 1})
	w.api().get(at(run)).want(502)
	w.hub.Inject(faults.Fault{Route: "POST /login/*", Kind: faults.Status, Times: 2})
	w.login("/login/device/code", w.app.ClientID(), "").want(502)
	w.login("/login/oauth/access_token", w.app.ClientID(), "x").want(502)
}
