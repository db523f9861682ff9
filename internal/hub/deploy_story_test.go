package hub_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/actions"
	"github.com/gatehold/gatehold/internal/gate"
)

// deployWorld has an environment that the App protects.
func deployWorld(t *testing.T) *world {
	w := newWorld(t)
	w.gh.CreateEnvironment(w.shop, "prod/eu").Protect(w.app, true)
	return w
}

// told lists what the deliveries so far said about a kind of subject, in no
// order: deliveries have none.
func (w *world) told(kind gate.Kind) []gate.Seen {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), 20*time.Second)
	defer cancel()
	if err := w.gh.Settle(ctx); err != nil {
		w.t.Fatal(err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []gate.Seen
	for _, s := range append(slices.Clone(w.seen), w.also...) {
		if s.Subject.Kind == kind {
			out = append(out, s)
		}
	}
	return out
}

// questions are what GitHub asked about the deployments of a run.
func (w *world) questions(run *actions.WorkflowRun) []gate.Seen {
	w.t.Helper()
	return slices.DeleteFunc(w.told(gate.Deployment), func(s gate.Seen) bool {
		return s.Event != "deployment_protection_rule" || s.Subject.Run != run.ID
	})
}

// held is the one question about a run.
func (w *world) held(run *actions.WorkflowRun) gate.Seen {
	w.t.Helper()
	seen := w.questions(run)
	if len(seen) != 1 {
		w.t.Fatalf("GitHub asked %d times: %+v", len(seen), seen)
	}
	return seen[0]
}

func (w *world) start(spec actions.RunSpec) *actions.WorkflowRun {
	w.t.Helper()
	if spec.Actor == nil {
		spec.Actor = w.agent
	}
	if len(spec.Jobs) == 0 {
		spec.Jobs = []actions.JobSpec{{Name: "ship", Environment: "prod/eu"}}
	}
	run, err := w.gh.StartRun(w.shop, spec)
	if err != nil {
		w.t.Fatal(err)
	}
	return run
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) run(s gate.Subject) change.Run {
	w.t.Helper()
	run, err := w.hub.Run(w.t.Context(), s)
	w.must(err)
	return run
}

// gateOf is what GitHub noted of the one question about a deployment.
func (w *world) gateOf(s gate.Subject) actions.Gate {
	w.t.Helper()
	for _, d := range w.gh.Deployments(w.shop, s.Environment) {
		if d.ID == s.DeploymentID && len(d.Gates) == 1 {
			return d.Gates[0]
		}
	}
	w.t.Fatalf("GitHub has no deployment %d with a question", s.DeploymentID)
	return actions.Gate{}
}

func TestADeploymentIsAskedAboutAndAnswered(t *testing.T) {
	w := deployWorld(t)
	run := w.start(actions.RunSpec{Event: "push"})
	seen, job := w.held(run), run.View().Jobs[0]
	want := gate.Seen{
		Subject: gate.Subject{Kind: gate.Deployment, Repo: seen.Subject.Repo, Run: run.ID, DeploymentID: job.DeploymentID,
			Environment: "prod/eu", SHA: w.shop.Tip("main")},
		Event: "deployment_protection_rule", Action: "requested", Head: w.shop.Tip("main"), Trigger: "push",
		Sender: gate.Actor{Login: w.agent.Login, ID: w.agent.ID, Type: "Bot"},
	}
	if d := w.gh.Deployments(w.shop, "prod/eu"); len(d) == 1 {
		want.Since, want.RepoAt = d[0].Created, seen.RepoAt
	}
	if seen != want || seen.Subject.Repo.FullName() != "acme/shop" || seen.Subject.Repo.Installation != w.inst.ID {
		t.Fatalf("seen %+v, want %+v", seen, want)
	}
	w.asked()
	now := w.run(seen.Subject)
	if len(w.asked()) != 2 {
		t.Error("a run takes two requests")
	}
	if now.ID != run.ID || now.Attempt != 1 || now.Status != "waiting" || now.Over() ||
		!slices.Equal(now.Pending, []string{"prod/eu"}) || now.Fork ||
		now.Head != want.Head || now.Event != "push" || now.Branch != "main" || now.Workflow != ".github/workflows/deploy.yml" ||
		now.Actor.ID != w.agent.ID || now.Actor.Type != change.Bot || now.Triggered.Login != w.agent.Login || now.CreatedAt.IsZero() {
		t.Errorf("the run is %+v", now)
	}
	respond := func(reply gate.Reply, comment string) error {
		return w.hub.Respond(t.Context(), seen.Subject, reply, comment)
	}
	w.must(respond(gate.Commented, strings.Repeat("\u00e4", 1200)))
	got := w.gateOf(seen.Subject)
	if got.State != "pending" || len(got.Reports) != 1 || len([]rune(got.Reports[0])) != 1024 ||
		!strings.HasSuffix(got.Reports[0], "\u00e4\u2026") {
		t.Errorf("after a comment: %+v", got)
	}
	w.must(respond(gate.Approved, "@ana approved"))
	if got = w.gateOf(seen.Subject); got.State != "approved" || got.Comment != "@ana approved" || len(got.Reports) != 1 {
		t.Errorf("after the answer: %+v", got)
	}
	late := gate.AsError(respond(gate.Rejected, "too late"))
	if late.Code != "deployment_not_pending" || late.Final || !strings.Contains(late.Text, "prod/eu") {
		t.Errorf("a second answer: %+v", late)
	}
	if now = w.run(seen.Subject); len(now.Pending) != 0 || now.Status != "in_progress" {
		t.Errorf("the run goes on: %+v", now)
	}
}

func TestADeploymentIsRejected(t *testing.T) {
	w := deployWorld(t)
	run := w.start(actions.RunSpec{})
	seen := w.held(run)
	w.must(w.hub.Respond(t.Context(), seen.Subject, gate.Rejected, ""))
	if got := w.gateOf(seen.Subject); got.State != "rejected" {
		t.Errorf("%+v", got)
	}
	if now := w.run(seen.Subject); !now.Over() || now.Conclusion != "failure" || now.ID != run.ID {
		t.Errorf("%+v", now)
	}
}

// GitHub asks before it takes an answer.
func TestAnAnswerThatComesTooEarly(t *testing.T) {
	w := deployWorld(t)
	w.gh.SetAsking(actions.Asking{EarlyTimes: 1})
	run := w.start(actions.RunSpec{})
	seen := w.held(run)
	early := gate.AsError(w.hub.Respond(t.Context(), seen.Subject, gate.Approved, ""))
	if early.Code != "deployment_not_pending" || early.Final {
		t.Errorf("%+v", early)
	}
	w.must(w.hub.Respond(t.Context(), seen.Subject, gate.Approved, ""))
}

// What GitHub's description calls optional may be missing.
func TestAQuestionThatLeavesThingsOut(t *testing.T) {
	w := deployWorld(t)
	ask := func(omit ...string) []gate.Seen {
		w.gh.SetAsking(actions.Asking{Omit: omit})
		return w.questions(w.start(actions.RunSpec{}))
	}
	if s := ask("environment", "event", "pull_requests"); len(s) != 1 || s[0].Subject.Environment != "prod/eu" || s[0].Trigger != "" {
		t.Errorf("without the environment: %+v", s)
	}
	if s := ask("deployment"); len(s) != 1 || s[0].Subject.DeploymentID != 0 || s[0].Subject.SHA != "" || s[0].Subject.Run == 0 {
		t.Errorf("without the deployment: %+v", s)
	}
	for _, omit := range [][]string{{"deployment_callback_url"}, {"environment", "deployment"}} {
		if s := ask(omit...); len(s) != 0 {
			t.Errorf("without %v: %+v", omit, s)
		}
		w.mu.Lock()
		if len(w.errs) != 1 || gate.AsError(w.errs[0]).Code != "payload_invalid" {
			t.Errorf("without %v: %v", omit, w.errs)
		}
		w.errs = nil
		w.mu.Unlock()
	}
}

// What became of a deployment is said to its environment, and to its gate.
func TestWhatBecomesOfADeployment(t *testing.T) {
	w := deployWorld(t)
	run := w.start(actions.RunSpec{})
	held := w.held(run).Subject
	w.must(w.hub.Respond(t.Context(), held, gate.Approved, ""))
	w.must(w.gh.FinishJob(run, "ship", "success"))
	there := w.told(gate.Environment)
	var states []string
	for _, s := range there {
		states = append(states, s.Action)
		if s.Subject.Run != run.ID && s.Event == "deployment_status" || s.Subject.DeploymentID != held.DeploymentID ||
			s.Subject.Environment != "prod/eu" || s.Subject.SHA != held.SHA {
			t.Errorf("%+v", s)
		}
	}
	for _, want := range []string{"created", "waiting", "success"} {
		if !slices.Contains(states, want) {
			t.Errorf("the environment was told %v, not %s", states, want)
		}
	}
	gates := w.told(gate.Deployment)
	if !slices.ContainsFunc(gates, func(s gate.Seen) bool {
		return s.Action == "success" && s.Event == "deployment_status" && s.Subject.Stream() == held.Stream()
	}) {
		t.Errorf("the gate was told %+v", gates)
	}
	w.asked()
	records, err := w.hub.Deployments(t.Context(), held.Repo, "PROD/eu", 10)
	w.must(err)
	if len(records) != 1 || records[0].ID != held.DeploymentID || records[0].State != "success" || records[0].SHA != held.SHA ||
		records[0].At.IsZero() ||
		records[0].StatusAt.IsZero() || records[0].Environment != "prod/eu" || !records[0].Actions ||
		records[0].Creator.Login != w.agent.Login {
		t.Errorf("the records are %+v", records)
	}
	if n := len(w.asked()); n != 2 {
		t.Errorf("%d requests for a list", n)
	}
	_, err = w.gh.Deploy(w.shop, actions.NewDeployment{By: w.alice, Environment: "prod/eu", States: []string{"failure"}})
	w.must(err)
	records, err = w.hub.Deployments(t.Context(), held.Repo, "prod/eu", 1)
	w.must(err)
	if len(records) != 1 || records[0].State != "failure" || records[0].Actions || records[0].Creator.ID != w.alice.ID {
		t.Errorf("the newest is %+v", records)
	}
	if !slices.ContainsFunc(w.told(gate.Environment), func(s gate.Seen) bool {
		return s.Action == "failure" && s.Subject.Run == 0 && s.Sender.ID == w.alice.ID && s.Subject.DeploymentID == records[0].ID
	}) {
		t.Errorf("a deployment by hand is not told")
	}
	if again := w.told(gate.Deployment); len(again) != len(gates) {
		t.Errorf("a deployment that no run made is no gate: %+v", again[len(gates):])
	}
}

func TestWorkflowRunsThatAreSeen(t *testing.T) {
	w := deployWorld(t)
	build := []actions.JobSpec{{Name: "build"}}
	run := w.start(actions.RunSpec{Event: "workflow_dispatch", Jobs: build, TriggeringActor: w.alice})
	w.must(w.gh.FinishJob(run, "build", "success"))
	for _, quiet := range []string{"merge_group", "check_run", "check_suite"} {
		w.start(actions.RunSpec{Event: quiet, Jobs: build})
	}
	w.start(actions.RunSpec{Event: "pull_request_target", Jobs: build})
	said := map[string]gate.Seen{}
	for _, s := range w.told(gate.WorkflowRun) {
		said[s.Trigger+" "+s.Action] = s
	}
	if got := slices.Sorted(maps.Keys(said)); !slices.Equal(got,
		[]string{"pull_request_target requested", "workflow_dispatch completed", "workflow_dispatch requested"}) {
		t.Fatalf("%v", got)
	}
	s := said["workflow_dispatch requested"]
	if s.Subject.Run != run.ID || s.Subject.SHA != w.shop.Tip("main") || s.Head != s.Subject.SHA || s.HeadRef != "main" || s.Attempt != 1 ||
		s.Workflow != ".github/workflows/deploy.yml" || s.Trigger != "workflow_dispatch" || s.Triggered.ID != w.alice.ID {
		t.Errorf("%+v", s)
	}
}

func TestARunIsCancelledAndStartedAgain(t *testing.T) {
	w := deployWorld(t)
	run := w.start(actions.RunSpec{Jobs: []actions.JobSpec{{Name: "ship"}}})
	s := w.told(gate.WorkflowRun)[0].Subject
	if e := gate.AsError(w.hub.CancelRun(t.Context(), s.Repo, s.Run)); e.Code != "no_permission" || !e.Final ||
		!strings.Contains(e.Text, "actions") {
		t.Errorf("without the permission: %+v", e)
	}
	if e := gate.AsError(w.hub.Rerun(t.Context(), s.Repo, s.Run)); e.Code != "no_permission" || !e.Final {
		t.Errorf("without the permission: %+v", e)
	}
	more := fakehub.DefaultPermissions()
	more["actions"] = "write"
	w.inst.AcceptPermissions(more)
	if e := gate.AsError(w.hub.Rerun(t.Context(), s.Repo, s.Run)); e.Code != "no_permission" || !e.Final {
		t.Errorf("with a token of before: %+v", e)
	}
	if _, err := w.hub.Repositories(t.Context()); err != nil { // as the event of the acceptance asks for
		t.Fatal(err)
	}
	if e := gate.AsError(w.hub.Rerun(t.Context(), s.Repo, s.Run)); e.Code != "no_permission" && e.Code != "github_refused" {
		t.Errorf("while it runs: %+v", e)
	}
	w.must(w.hub.CancelRun(t.Context(), s.Repo, s.Run))
	if now := w.run(s); !now.Over() || now.Conclusion != "cancelled" {
		t.Errorf("%+v", now)
	}
	w.must(w.hub.CancelRun(t.Context(), s.Repo, s.Run)) // it is over already
	w.must(w.hub.Rerun(t.Context(), s.Repo, s.Run))
	if now := w.run(s); now.Attempt != 2 || now.Over() || now.ID != run.ID {
		t.Errorf("%+v", now)
	}
	s.Run = 12345
	if now := w.run(s); !now.Over() || now.Conclusion != "gone" {
		t.Errorf("a run that is not there: %+v", now)
	}
}

// What the account accepts is used within two minutes, whichever process hears of it.
func TestPermissionsThatWereAcceptedAreUsedSoon(t *testing.T) {
	w := deployWorld(t)
	w.start(actions.RunSpec{Jobs: []actions.JobSpec{{Name: "ship"}}})
	s := w.told(gate.WorkflowRun)[0].Subject
	w.run(s) // by a token
	if w.hub.MayCancel(t.Context(), s.Repo) {
		t.Error("it may cancel what nobody granted")
	}
	more := fakehub.DefaultPermissions()
	more["actions"] = "write"
	w.inst.AcceptPermissions(more)
	if w.hub.MayCancel(t.Context(), s.Repo) {
		t.Error("GitHub is asked more often than once in two minutes")
	}
	if e := gate.AsError(w.hub.CancelRun(t.Context(), s.Repo, s.Run)); e.Code != "no_permission" {
		t.Errorf("%+v", e)
	}
	w.skip(2 * time.Minute)
	if !w.hub.MayCancel(t.Context(), s.Repo) {
		t.Error("it may not cancel two minutes after that was accepted")
	}
	w.must(w.hub.CancelRun(t.Context(), s.Repo, s.Run))

	w.inst.Grant(fakehub.DefaultPermissions())
	w.skip(2 * time.Hour) // the next token is given less
	if e := gate.AsError(w.hub.CancelRun(t.Context(), s.Repo, s.Run)); e.Code != "no_permission" || !e.Final {
		t.Errorf("%+v", e)
	}
	w.inst.AcceptPermissions(more)
	w.skip(2 * time.Minute)
	w.must(w.hub.CancelRun(t.Context(), s.Repo, s.Run)) // without having asked before whether it may
}

// A question that never came is found, and is the same gate as if it had come.
func TestMissedQuestionsAreFound(t *testing.T) {
	w := deployWorld(t)
	w.gh.CreateEnvironment(w.shop, "staging")
	ship := []actions.JobSpec{{Name: "a", Environment: "Prod/EU"}, {Name: "b", Environment: "prod/eu"}, {Name: "c", Environment: "staging"}}
	first := w.start(actions.RunSpec{Jobs: ship})
	w.must(w.gh.FinishJob(first, "c", "success"))
	second := w.start(actions.RunSpec{Event: "push"})
	asked := map[string]bool{}
	for _, s := range append(w.questions(first), w.questions(second)...) {
		asked[s.Subject.Stream()] = true
	}
	if len(asked) != 3 {
		t.Fatalf("GitHub asked %v", asked)
	}
	on := w.held(second).Subject.Repo
	w.asked()
	found, err := w.hub.OpenDeployments(t.Context(), on)
	w.must(err)
	if n := len(w.asked()); n != 5 {
		t.Errorf("%d requests, want 1 list, 2 runs, 1 environment, 1 list of deployments", n)
	}
	for _, s := range found {
		if !asked[s.Subject.Stream()] || s.Why != gate.Reconciled || s.Head != w.shop.Tip("main") {
			t.Errorf("%+v is not what GitHub asked", s)
		}
		delete(asked, s.Subject.Stream())
	}
	if len(asked) != 0 {
		t.Errorf("not found: %v", asked)
	}
	for _, s := range found {
		_ = w.hub.Respond(t.Context(), s.Subject, gate.Approved, "") // one answer is for all jobs
	}
	if found, err = w.hub.OpenDeployments(t.Context(), on); err != nil || len(found) != 0 {
		t.Errorf("after the answers: %+v, %v", found, err)
	}
	w.gh.CreateEnvironment(w.shop, "other").Protect(w.app, false)
	w.start(actions.RunSpec{Jobs: []actions.JobSpec{{Name: "x", Environment: "other"}}})
	if found, err = w.hub.OpenDeployments(t.Context(), on); err != nil || len(found) != 0 {
		t.Errorf("a rule that is off: %+v, %v", found, err)
	}
}
