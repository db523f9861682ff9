package site_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
)

const runs = "/repos/acme/shop/check-runs"

type fields = map[string]any

func (w *world) check(f fields) *reply {
	w.t.Helper()
	body := fields{"name": "gatehold", "head_sha": w.shop.Tip("main")}
	for k, v := range f {
		body[k] = v
	}
	return w.api().do("POST", runs, body)
}

func (w *world) required() fakehub.CheckState {
	return w.shop.RequiredCheck(w.shop.Tip("main"), "gatehold", w.app.ID)
}

func TestTheNewestCreatedRunDecides(t *testing.T) {
	w := newWorld(t, fakehub.Options{})
	if s := w.required(); s.Found || s.Passes {
		t.Errorf("without a run: %+v", s)
	}
	first := fmt.Sprint(w.check(fields{"conclusion": "success"}).want(201).value("id"))
	if s := w.required(); !s.Passes {
		t.Errorf("success: %+v", s)
	}
	second := fmt.Sprint(w.check(fields{"status": "in_progress"}).want(201).value("id"))
	if s := w.required(); s.Passes || fmt.Sprint(s.RunID) != second {
		t.Errorf("a newer run is in progress: %+v", s)
	}
	w.api().do("PATCH", runs+"/"+first, fields{"conclusion": "success"}).want(200)
	if s := w.required(); s.Passes {
		t.Error("PATCHing an older run released the newer")
	}
	for conclusion, passes := range map[string]bool{"success": true, "neutral": true, "skipped": true, "action_required": false,
		"failure": false, "cancelled": false, "timed_out": false} {
		w.api().do("PATCH", runs+"/"+second, fields{"conclusion": conclusion}).want(200).is("status", "completed")
		if s := w.required(); s.Passes != passes || s.Conclusion != conclusion {
			t.Errorf("%s: %+v", conclusion, s)
		}
	}
	w.api().do("PATCH", runs+"/"+second, fields{"conclusion": "success"}).want(200)
	for _, status := range []string{"queued", "in_progress"} {
		w.api().do("PATCH", runs+"/"+second, fields{"status": status, "output": fields{"title": status, "summary": "s"}}).want(200).
			is("status", "completed").is("conclusion", "success").is("output.title", status)
		if s := w.required(); !s.Passes {
			t.Errorf("a completed run went back to %s: %+v", status, s)
		}
	}
	w.api().get("/repos/acme/shop/commits/main/check-runs?check_name=gatehold").want(200).is("total_count", 1).is("check_runs.0.id", second)
	w.api().get("/repos/acme/shop/commits/main/check-runs?filter=all").want(200).is("total_count", 2).is("check_runs.0.id",
		second).is("check_runs.1.id", first)
	w.api().get("/repos/acme/shop/commits/main/check-runs?app_id=1").want(200).is("total_count", 0)
}

func TestOnlyItsOwnAppMayChangeARun(t *testing.T) {
	w := newWorld(t, fakehub.Options{})
	id := fmt.Sprint(w.check(fields{"conclusion": "action_required"}).want(201).value("id"))
	other, err := w.hub.CreateApp(fakehub.NewApp{Slug: "impostor", PrivateKey: key()})
	if err != nil {
		t.Fatal(err)
	}
	mine, inst := w.app, w.inst
	w.app, w.inst = other, other.Install(w.acme)
	impostor := w.as(w.newToken(nil))
	w.app, w.inst = mine, inst
	impostor.do("PATCH", runs+"/"+id, fields{"conclusion": "success"}).want(403).says("Invalid app_id")
	impostor.do("POST", runs+"/"+id+"/rerequest", nil).want(403)
	impostor.do("POST", runs, fields{"name": "gatehold", "head_sha": w.shop.Tip("main"), "conclusion": "success"}).want(201)
	if s := w.required(); s.Passes {
		t.Error("the impostor's run passes a check that is pinned to our App")
	}
	if s := w.shop.RequiredCheck(w.shop.Tip("main"), "gatehold", 0); !s.Passes {
		t.Error("an unpinned check can be forged, and here it cannot")
	}
}

func TestRunsAreHeldToGitHubsBounds(t *testing.T) {
	w := newWorld(t, fakehub.Options{})
	out := func(more fields) fields {
		o := fields{"title": "t", "summary": "s"}
		for k, v := range more {
			o[k] = v
		}
		return fields{"output": o}
	}
	remark := func(more fields) fields {
		a := fields{"path": "a", "start_line": 1, "end_line": 2, "annotation_level": "notice", "message": "m"}
		for k, v := range more {
			a[k] = v
		}
		return out(fields{"annotations": []any{a}})
	}
	button := func(label, description, identifier string) fields {
		return fields{"actions": []any{fields{"label": label, "description": description, "identifier": identifier}}}
	}
	one := fields{"label": "l", "description": "d", "identifier": "i"}
	many := make([]any, 51)
	for i := range many {
		many[i] = remark(nil)["output"].(fields)["annotations"].([]any)[0]
	}
	for name, c := range map[string]struct {
		ask fields
		ok  bool
	}{
		"no conclusion":       {fields{"status": "completed"}, false},
		"stale":               {fields{"conclusion": "stale"}, false},
		"unknown conclusion":  {fields{"conclusion": "fine"}, false},
		"status of Actions":   {fields{"status": "waiting"}, false},
		"unknown commit":      {fields{"head_sha": strings.Repeat("1", 40)}, false},
		"no name":             {fields{"name": ""}, false},
		"bad address":         {fields{"details_url": "javascript:alert(1)"}, false},
		"no title":            {fields{"output": fields{"summary": "s"}}, false},
		"no summary":          {fields{"output": fields{"title": "t"}}, false},
		"longest summary":     {out(fields{"summary": strings.Repeat("é", 65535)}), true},
		"long summary":        {out(fields{"summary": strings.Repeat("x", 65536)}), false},
		"long text":           {out(fields{"text": strings.Repeat("x", 65536)}), false},
		"three buttons":       {fields{"actions": []any{one, one, one}}, true},
		"four buttons":        {fields{"actions": []any{one, one, one, one}}, false},
		"long label":          {button(strings.Repeat("x", 21), "d", "i"), false},
		"long description":    {button("l", strings.Repeat("x", 41), "i"), false},
		"long identifier":     {button("l", "d", strings.Repeat("x", 21)), false},
		"no identifier":       {button("l", "d", ""), false},
		"longest button":      {button(strings.Repeat("ü", 20), strings.Repeat("x", 40), strings.Repeat("x", 20)), true},
		"remark":              {remark(nil), true},
		"columns over lines":  {remark(fields{"start_column": 1, "end_column": 2}), false},
		"columns on a line":   {remark(fields{"end_line": 1, "start_column": 1, "end_column": 2}), true},
		"lines backwards":     {remark(fields{"start_line": 3}), false},
		"long remark title":   {remark(fields{"title": strings.Repeat("x", 256)}), false},
		"long remark":         {remark(fields{"message": strings.Repeat("x", 64<<10+1)}), false},
		"unknown level":       {remark(fields{"annotation_level": "info"}), false},
		"fifty-one remarks":   {out(fields{"annotations": many}), false},
		"fifty remarks":       {out(fields{"annotations": many[:50]}), true},
		"conclusion no state": {fields{"conclusion": "success", "status": "in_progress"}, true},
	} {
		want := 422
		if c.ok {
			want = 201
		}
		if r := w.check(c.ask); r.status != want {
			t.Errorf("%s: status %d, want %d: %.200s", name, r.status, want, r.body)
		} else if name == "conclusion no state" {
			r.is("status", "completed")
		}
	}
}

func TestAnUpdateAddsAnnotationsAndKeepsWhatItDoesNotName(t *testing.T) {
	w := newWorld(t, fakehub.Options{})
	remark := fields{"path": "a", "start_line": 1, "end_line": 1, "annotation_level": "notice", "message": "m"}
	output := fields{"title": "t", "summary": "s", "annotations": []any{remark}}
	id := fmt.Sprint(w.check(fields{"output": output, "external_id": "x",
		"actions": []any{fields{"label": "l", "description": "d", "identifier": "go"}}}).want(201).value("id"))
	api := w.api()
	api.do("PATCH", runs+"/"+id, fields{"output": output}).want(200).is("output.annotations_count", 2).is("external_id", "x")
	api.get(runs+"/"+id+"/annotations?per_page=1").want(200).is("0.path", "a")
	view := w.shop.CheckRuns(w.shop.Tip("main"))[0]
	if len(view.Actions) != 1 || view.Updates != 1 || len(view.Annotations) != 2 {
		t.Errorf("the run is %+v", view)
	}
	if err := w.hub.Click(view.ID, "other", w.alice); err == nil {
		t.Error("a button that is not there was clicked")
	}
	api.do("PATCH", runs+"/"+id, fields{"actions": []any{}}).want(200)
	if err := w.hub.Click(view.ID, "go", w.alice); err == nil {
		t.Error("a button that was taken away was clicked")
	}
	api.do("PATCH", runs+"/1", fields{"conclusion": "success"}).want(404)
}

func TestAnUnfinishedRunBecomesStaleAndTheOldestGo(t *testing.T) {
	c := newClock()
	w := newWorld(t, fakehub.Options{Now: c.now, RESTQuota: -1})
	w.check(fields{"status": "in_progress"}).want(201)
	c.forward(14*24*time.Hour + time.Second)
	if s := w.required(); s.Status != "completed" || s.Conclusion != "stale" || s.Passes {
		t.Errorf("after a fortnight the run is %+v", s)
	}
	for range 1000 {
		if _, err := w.shop.PostCheck(w.app, w.shop.Tip("main"), "gatehold", "success"); err != nil {
			t.Fatal(err)
		}
	}
	kept := w.shop.CheckRuns(w.shop.Tip("main"))
	if len(kept) != 1000 || kept[0].Conclusion != "success" {
		t.Errorf("%d runs are kept, the oldest is %s", len(kept), kept[0].Conclusion)
	}
}

func TestACheckBelongsToTheCommit(t *testing.T) {
	w := newWorld(t, fakehub.Options{})
	one, err := w.shop.OpenPull(fakehub.NewPull{Author: w.agent, Title: "One", Head: "same", Files: fakehub.Files{"a": "1\n"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.shop.SetBranch("release", w.shop.Tip("main"), w.alice); err != nil {
		t.Fatal(err)
	}
	two, err := w.shop.OpenPull(fakehub.NewPull{Author: w.agent, Title: "Two", Head: "same", Base: "release"})
	if err != nil {
		t.Fatal(err)
	}
	w.check(fields{"head_sha": one.HeadSHA(), "conclusion": "success"}).want(201).is("pull_requests.0.number",
		1).is("pull_requests.1.number", 2)
	if !two.RequiredCheck("gatehold", w.app.ID).Passes {
		t.Error("the check of a commit counts for one pull request only")
	}
	fork, err := w.shop.OpenPull(fakehub.NewPull{Author: w.agent, Title: "Fork", From: w.shop.Fork(w.hub.CreateUser("bob")),
		Files: fakehub.Files{"b": "1\n"}})
	if err != nil {
		t.Fatal(err)
	}
	r := w.check(fields{"head_sha": fork.HeadSHA()}).want(201)
	if got := r.value("pull_requests").([]any); len(got) != 0 {
		t.Errorf("the check on a fork's commit names %v", got)
	}
	w.api().get("/repos/acme/shop/commits/"+fork.HeadSHA()+"/pulls").want(200).is("0.number", fork.Number)
}
