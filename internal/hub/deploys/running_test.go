package deploys_test

import (
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/actions"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/hubtest"
	"github.com/gatehold/gatehold/internal/oidc"
)

// identified is a job as its token says it, which is verified.
func identified(w *hubtest.World, run *actions.WorkflowRun, name string) gate.WorkflowJob {
	w.T.Helper()
	const audience = "https://gate.acme.example"
	raw, err := w.Fake.JobToken(run, name, audience)
	w.Must(err)
	v := oidc.New(oidc.Config{Now: time.Now,
		Issuers: []oidc.Issuer{{URL: w.Fake.Issuer(), Audience: audience, Kind: oidc.Actions, Local: true}}})
	got, err := v.Verify(w.T.Context(), raw)
	w.Must(err)
	return *got.Job
}

func codeOf(err error) string {
	if err == nil {
		return ""
	}
	return gate.AsError(err).Code
}

// A job runs for as long as it does, by the token that GitHub gave it.
func TestAJobThatRuns(t *testing.T) {
	w := hubtest.NewWorld(t)
	jobs := []actions.JobSpec{{Name: "build", IDToken: true}, {Name: "ship", Environment: "staging", IDToken: true}}
	run, err := w.Fake.StartRun(w.Shop, actions.RunSpec{Actor: w.Alice, Jobs: jobs})
	w.Must(err)
	build, ship := identified(w, run, "build"), identified(w, run, "ship")
	is := func(job gate.WorkflowJob, code string) {
		t.Helper()
		w.Asked()
		err := w.Hub.Running(t.Context(), w.Repo(), job)
		if codeOf(err) != code || code != "" && !gate.AsError(err).Final {
			t.Errorf("it is %v, want %q", err, code)
		}
		if n := w.Asked(); len(n) > 2 {
			t.Errorf("it took %v", n)
		}
	}
	is(build, "")
	is(ship, "")
	w.Must(w.Fake.FinishJob(run, "build", "success"))
	is(build, "job_over")
	is(ship, "")
	w.Must(w.Fake.FinishJob(run, "ship", "success"))
	is(ship, "job_over")
	w.Must(w.Fake.Rerun(run, w.Alice))
	is(ship, "job_over") // the token is of the attempt before
	again := identified(w, run, "ship")
	is(again, "")
	again.Attempt, again.CheckRun = 1, ship.CheckRun
	is(again, "job_over")
	old := identified(w, run, "ship")
	old.CheckRun = 0 // as an older server has it
	is(old, "")
	w.Must(w.Fake.CancelRun(run, true))
	is(old, "job_over")

	// A repository of the same name is another one.
	w.Shop.Delete(w.Alice)
	w.Shop = w.Acme.CreateRepo("shop", fakehub.Files{"README.md": "again\n"})
	is(ship, "job_differs")
}

func TestTheJobsOfPullRequests(t *testing.T) {
	w := hubtest.NewWorld(t)
	w.Shop.SetPrivate(false)
	mallory := w.Fake.CreateUser("mallory")
	near, err := w.Shop.OpenPull(fakehub.NewPull{Author: w.Agent, Title: "Near", Files: fakehub.Files{"a": "1"}})
	w.Must(err)
	far, err := w.Shop.OpenPull(fakehub.NewPull{Author: mallory, From: w.Shop.Fork(mallory), Title: "Far", Files: fakehub.Files{"a": "1"}})
	w.Must(err)
	for _, c := range []struct {
		pull  *fakehub.Pull
		event string
		code  string
	}{{near, "pull_request", ""}, {near, "pull_request_target", ""}, {far, "pull_request_target", "job_of_a_fork"}} {
		run, err := w.Fake.StartRun(w.Shop, actions.RunSpec{Actor: w.Alice, Pull: c.pull, Event: c.event,
			Jobs: []actions.JobSpec{{Name: "test", IDToken: true}}})
		w.Must(err)
		if err := w.Hub.Running(t.Context(), w.Repo(), identified(w, run, "test")); codeOf(err) != c.code {
			t.Errorf("%s: %v, want %q", c.event, err, c.code)
		}
	}
}

// What a token says, and GitHub's answer does not.
func TestAJobThatIsNotAsItsTokenSays(t *testing.T) {
	head := hubtest.SHA("head")
	job := gate.WorkflowJob{Repo: 99, Run: 70, Attempt: 2, CheckRun: 500, SHA: head, Event: "push",
		Workflow: "acme/shop/.github/workflows/deploy.yml@refs/heads/main"}
	of := func(more map[string]any) map[string]any {
		j := map[string]any{"id": 500, "run_id": 70, "run_attempt": 2, "status": "in_progress",
			"check_run_url": "https://api.github.com/repos/acme/shop/check-runs/500"}
		for k, v := range more {
			j[k] = v
		}
		return j
	}
	running := func(more map[string]any) map[string]any {
		r := map[string]any{"status": "in_progress"}
		for k, v := range more {
			r[k] = v
		}
		return runBody(r)
	}
	type m = map[string]any
	for name, c := range map[string]struct {
		run, job any
		token    func(*gate.WorkflowJob)
		code     string
		final    bool
	}{
		"as it says":        {run: running(nil), job: of(nil)},
		"another job waits": {run: running(m{"status": "waiting"}), job: of(nil)},
		"of no commit":      {run: running(nil), job: of(nil), token: func(j *gate.WorkflowJob) { j.SHA = "" }},
		"a renamed repository": {run: running(nil), job: of(nil),
			token: func(j *gate.WorkflowJob) { j.Workflow = "old/name/.github/workflows/deploy.yml@v1" }},
		"another repository": {run: running(nil), job: of(nil),
			token: func(j *gate.WorkflowJob) { j.Repo = 98 }, code: "job_differs", final: true},
		"another commit":        {run: running(m{"head_sha": hubtest.SHA("other")}), job: of(nil), code: "job_differs", final: true},
		"another event":         {run: running(m{"event": "workflow_dispatch"}), job: of(nil), code: "job_differs", final: true},
		"another file":          {run: running(m{"path": ".github/workflows/other.yml"}), job: of(nil), code: "job_differs", final: true},
		"a file of a like name": {run: running(m{"path": ".github/workflows/deploy.ym"}), job: of(nil), code: "job_differs", final: true},
		"no file":               {run: running(m{"path": ""}), job: of(nil), code: "job_differs", final: true},
		"a newer attempt":       {run: running(m{"run_attempt": 3}), job: of(nil), code: "job_over", final: true},
		"an attempt to come":    {run: running(m{"run_attempt": 1}), job: of(nil), code: gate.StaleAnswer},
		"a run that is over": {run: running(m{"status": "completed", "conclusion": "success"}), job: of(nil),
			code: "job_over", final: true},
		"of a fork":                {run: running(m{"head_repository": m{"id": 5}}), job: of(nil), code: "job_of_a_fork", final: true},
		"a fork that is gone":      {run: running(m{"head_repository": nil}), job: of(nil), code: "job_of_a_fork", final: true},
		"a job that is over":       {run: running(nil), job: of(m{"status": "completed"}), code: "job_over", final: true},
		"a job that is queued":     {run: running(nil), job: of(m{"status": "queued"}), code: gate.StaleAnswer},
		"a job of another run":     {run: running(nil), job: of(m{"run_id": 71}), code: "job_differs", final: true},
		"a job of another attempt": {run: running(nil), job: of(m{"run_attempt": 1}), code: "job_differs", final: true},
		"another job":              {run: running(nil), job: of(m{"id": 501}), code: "github_unavailable"},
		"another check run": {run: running(nil), job: of(m{"check_run_url": "https://api.github.com/repos/acme/shop/check-runs/1500"}),
			code: "github_unavailable"},
		"no such job":             {run: running(nil), job: 404, code: gate.StaleAnswer},
		"no such run":             {run: 404, job: of(nil), code: "job_over", final: true},
		"a run that is not shown": {run: 502, job: of(nil), code: "github_unavailable"},
		"a job that is not shown": {run: running(nil), job: 502, code: "github_unavailable"},
	} {
		s, _ := deployStub(t, map[string]any{"actions/runs/70": c.run, "actions/jobs/500": c.job, "": m{"id": 99, "full_name": "acme/shop",
			"name": "shop", "owner": m{"login": "acme"}, "default_branch": "main"}})
		one := job
		if c.token != nil {
			c.token(&one)
		}
		err := s.Hub().Running(t.Context(), hubtest.Repo, one)
		if codeOf(err) != c.code || err != nil && gate.AsError(err).Final != c.final {
			t.Errorf("%s: %v, want %q", name, err, c.code)
		}
	}
}
