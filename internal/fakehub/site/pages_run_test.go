package site_test

import (
	"fmt"
	"net/url"
	"testing"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/actions"
)

func TestARunsPageShowsWhatItWaitsForAndItsButtons(t *testing.T) {
	w, _ := deployWorld(t, fakehub.Options{})
	run := w.run(actions.RunSpec{Title: hostile, Name: hostile, Jobs: []actions.JobSpec{{Name: "ship " + hostile, Environment: "prod/eu"}}})
	w.reply(run, fields{"environment_name": "prod/eu", "comment": hostile}).want(204)
	made := w.check(fields{"head_sha": w.shop.Tip("main"), "name": "gatehold: deploy to prod/eu", "conclusion": "action_required",
		"output":  fields{"title": "Held", "summary": "Why"},
		"actions": []any{fields{"label": "Approve", "description": "Let it go", "identifier": "approve"}}}).want(201)
	path := fmt.Sprintf("/acme/shop/actions/runs/%d", run.ID)
	page := w.browse(path).want(200).says("deploys to <strong class=\"outside\">prod/eu</strong>").says("gatehold</span>: pending").says("gatehold: deploy to prod/eu").
		says(`action="` + path + `/press"`).says("waiting").says("<option selected>alice</option>")
	if bad := foreign.FindAll(page.body, -1); bad != nil {
		t.Errorf("foreign: %q", bad)
	}
	w.browse(fmt.Sprintf("%s/job/%d", path, run.View().Jobs[0].ID)).want(200)
	w.browse("/acme/shop").want(200).says(`href="` + path + `"`)
	w.browse("/acme/shop/actions/runs/7").want(404).says("no such workflow run")
	w.acme.CreateRepo("other", nil)
	w.browse(fmt.Sprintf("/acme/other/actions/runs/%d", run.ID)).want(404)
	w.took()
	id := fmt.Sprint(made.value("id"))
	back := w.submit(path+"/press", "same-origin",
		url.Values{"as": {"alice"}, "run": {id}, "action": {"approve"}}).want(303).header.Get("Location")
	if n := len(only(w.took(), "check_run", "requested_action")); n != 1 {
		t.Errorf("the App heard %d clicks", n)
	}
	w.browse(back).want(200).says("@alice pressed <strong>approve</strong>").says("deploys to")
	w.reply(run, fields{"environment_name": "prod/eu", "state": "approved", "comment": "By @alice"}).want(204)
	w.browse(path).want(200).says("gatehold</span>: approved, <q class=\"outside\">By @alice</q>").says("in progress")
}
