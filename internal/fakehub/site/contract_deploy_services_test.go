//go:build services

package site_test

import (
	"fmt"
	"testing"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/actions"
)

// everyDeployment walks through runs, their gates, and deployments by hand.
func (w *world) everyDeployment() {
	w.t.Helper()
	w.inst.AcceptPermissions(withPermission(fakehub.DefaultPermissions(), "actions", "write"))
	w.token = w.newToken(nil)
	w.hub.CreateEnvironment(w.shop, "prod/eu").Protect(w.app, true)
	run := w.run(actions.RunSpec{Jobs: []actions.JobSpec{{Name: "build", Ends: "success"},
		{Name: "ship", Environment: "prod/eu", Needs: []string{"build"}},
		{Name: "after", Environment: "staging", Needs: []string{"ship"}}}, ReferencedWorkflows: []actions.ReferencedWorkflow{
		{Path: "acme/shop/.github/workflows/x.yml@main", SHA: w.shop.Tip("main"), Ref: "refs/heads/main"}}})
	api, at := w.api(), fmt.Sprintf("/repos/acme/shop/actions/runs/%d", run.ID)
	w.reply(run, fields{"environment_name": "prod/eu", "comment": "Wait"}).want(204)
	w.everyRunRead(at)
	w.reply(run, fields{"environment_name": "prod/eu", "state": "rejected", "comment": "No"}).want(204)
	w.reply(run, fields{"environment_name": "prod/eu", "state": "rejected"}).want(422)
	w.everyRunRead(at)
	api.do("POST", at+"/cancel", nil).want(409)
	api.do("POST", at+"/rerun", nil).want(201)
	w.reply(run, fields{"environment_name": "prod/eu", "state": "approved"}).want(204)
	w.do(w.hub.FinishJob(run, "ship", "success"))
	api.do("POST", at+"/cancel", nil).want(202)
	api.do("POST", at+"/rerun", fields{"enable_debug_logging": true}).want(201)
	api.do("POST", at+"/force-cancel", nil).want(202)
	w.everyRunRead(at)
	w.everyDeploymentByHand()
	for _, omitted := range []string{"environment", "event", "deployment_callback_url", "deployment", "pull_requests",
		"organization", "installation"} {
		w.hub.SetAsking(actions.Asking{Omit: []string{omitted}})
		w.run(actions.RunSpec{Jobs: toProd})
	}
	w.hub.SetAsking(actions.Asking{})
	w.as(w.hub.UserToken(w.app, w.alice)).get("/user").want(200)
	if n := len(only(w.took(), "deployment_protection_rule", "requested")); n != 10 {
		w.t.Errorf("%d questions, want 10", n)
	}
}

func (w *world) everyRunRead(at string) {
	w.t.Helper()
	for _, path := range []string{"", "?exclude_pull_requests=true", "/attempts/1", "/jobs", "/jobs?filter=all",
		"/attempts/1/jobs", "/pending_deployments", "/approvals"} {
		w.api().get(at + path).want(200)
	}
	w.api().get("/repos/acme/shop/actions/runs?per_page=5&status=waiting&head_sha=" + w.shop.Tip("main")).want(200)
	job := w.api().get(at + "/jobs").want(200).value("jobs.0.id")
	w.api().get(fmt.Sprintf("/repos/acme/shop/actions/jobs/%v", job)).want(200)
}

func (w *world) everyDeploymentByHand() {
	w.t.Helper()
	api, all := w.api(), "/repos/acme/shop/deployments"
	made := api.do("POST", all, fields{"ref": "main", "environment": "staging", "auto_merge": false,
		"required_contexts": []string{}, "payload": fields{"x": 1},
		"description": "By hand", "transient_environment": false, "production_environment": false, "task": "deploy"}).want(201)
	one := all + "/" + fmt.Sprint(made.value("id"))
	for _, state := range []string{"in_progress", "success", "inactive"} {
		api.do("POST", one+"/statuses", fields{"state": state, "description": "d", "log_url": "https://example.com/log",
			"environment_url": "https://example.com", "auto_inactive": true}).want(201)
	}
	statuses := api.get(one + "/statuses").want(200)
	api.get(one + "/statuses/" + fmt.Sprint(statuses.value("0.id"))).want(200)
	api.get(one).want(200)
	api.get(all + "?environment=prod%2Feu&sha=" + w.shop.Tip("main")).want(200)
	for _, d := range w.hub.Deployments(w.shop, "prod/eu") {
		api.get(fmt.Sprintf("%s/%d/statuses", all, d.ID)).want(200)
	}
	if _, err := w.hub.Deploy(w.shop, actions.NewDeployment{By: w.alice, States: []string{"success"}}); err != nil {
		w.t.Fatal(err)
	}
	api.ask(deploymentsQuery, fields{"owner": "acme", "name": "shop", "env": []string{"prod/eu"}})
}

// TestSigningInIsOutsideOfTheDescription shows that the web host's paths are
// not held against what describes the API.
func TestSigningInIsOutsideOfTheDescription(t *testing.T) {
	c, err := description()
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, fakehub.Options{Contract: c})
	w.login("/login/device/code", w.app.ClientID(), "").want(200)
	w.login("/login/oauth/access_token", w.app.ClientID(), "x").want(200)
	if v := w.hub.Violations(); len(v) != 0 {
		t.Errorf("violations %q", v)
	}
}

// What an App does with people's tokens is held against the description, a body that
// breaks it included.
func TestPeoplesTokensAreAsDescribed(t *testing.T) {
	c, err := description()
	if err != nil {
		t.Fatal(err)
	}
	f := webFlow{world: newWorld(t, fakehub.Options{Contract: c})}
	f.app.SetClientSecret(secret)
	f.app.SetCallbacks(callback)
	of := "/applications/" + f.app.ClientID()
	in := fields{"access_token": f.exchange(f.code()).value("access_token")}
	f.client().do("POST", of+"/token", in).want(200)
	f.client().do("DELETE", of+"/token", in).want(204)
	f.client().do("DELETE", of+"/token", in).want(404)
	in = fields{"access_token": f.exchange(f.code()).value("access_token")}
	f.client().do("DELETE", of+"/grant", in).want(204)
	if v := f.hub.Violations(); len(v) != 0 {
		t.Errorf("violations %q", v)
	}
	f.client().do("DELETE", of+"/token", fields{"token": "x"}).want(400)
	if v := f.hub.Violations(); len(v) != 1 {
		t.Errorf("a body that breaks the description has %d violations: %q", len(v), v)
	}
}
