package deploys_test

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
	"github.com/gatehold/gatehold/internal/hub/hubtest"
)

// deployWorld has an environment that the App protects.
func deployWorld(t *testing.T) *hubtest.World {
	w := hubtest.NewWorld(t)
	w.Fake.CreateEnvironment(w.Shop, "prod/eu").Protect(w.App, true)
	return w
}

// toldOf lists what the deliveries so far said about a kind of subject, in no
// order: deliveries have none.
func toldOf(w *hubtest.World, kind gate.Kind) []gate.Seen {
	w.T.Helper()
	ctx, cancel := context.WithTimeout(w.T.Context(), 20*time.Second)
	defer cancel()
	if err := w.Fake.Settle(ctx); err != nil {
		w.T.Fatal(err)
	}
	w.Mu.Lock()
	defer w.Mu.Unlock()
	var out []gate.Seen
	for _, s := range append(slices.Clone(w.Seen), w.Also...) {
		if s.Subject.Kind == kind {
			out = append(out, s)
		}
	}
	return out
}

// questionsOf are what GitHub asked about the deployments of a run.
func questionsOf(w *hubtest.World, run *actions.WorkflowRun) []gate.Seen {
	w.T.Helper()
	return slices.DeleteFunc(toldOf(w, gate.Deployment), func(s gate.Seen) bool {
		return s.Event != "deployment_protection_rule" || s.Subject.Run != run.ID
	})
}

// heldBy is the one question about a run.
func heldBy(w *hubtest.World, run *actions.WorkflowRun) gate.Seen {
	w.T.Helper()
	seen := questionsOf(w, run)
	if len(seen) != 1 {
		w.T.Fatalf("GitHub asked %d times: %+v", len(seen), seen)
	}
	return seen[0]
}

func startRun(w *hubtest.World, spec actions.RunSpec) *actions.WorkflowRun {
	w.T.Helper()
	if spec.Actor == nil {
		spec.Actor = w.Agent
	}
	if len(spec.Jobs) == 0 {
		spec.Jobs = []actions.JobSpec{{Name: "ship", Environment: "prod/eu"}}
	}
	run, err := w.Fake.StartRun(w.Shop, spec)
	if err != nil {
		w.T.Fatal(err)
	}
	return run
}

func runOf(w *hubtest.World, s gate.Subject) change.Run {
	w.T.Helper()
	run, err := w.Hub.Run(w.T.Context(), s)
	w.Must(err)
	return run
}

// gateOf is what GitHub noted of the one question about a deployment.
func gateOf(w *hubtest.World, s gate.Subject) actions.Gate {
	w.T.Helper()
	for _, d := range w.Fake.Deployments(w.Shop, s.Environment) {
		if d.ID == s.DeploymentID && len(d.Gates) == 1 {
			return d.Gates[0]
		}
	}
	w.T.Fatalf("GitHub has no deployment %d with a question", s.DeploymentID)
	return actions.Gate{}
}

func TestADeploymentIsAskedAboutAndAnswered(t *testing.T) {
	w := deployWorld(t)
	run := startRun(w, actions.RunSpec{Event: "push"})
	seen, job := heldBy(w, run), run.View().Jobs[0]
	want := gate.Seen{
		Subject: gate.Subject{Kind: gate.Deployment, Repo: seen.Subject.Repo, Run: run.ID, DeploymentID: job.DeploymentID,
			Environment: "prod/eu", SHA: w.Shop.Tip("main")},
		Event: "deployment_protection_rule", Action: "requested", Head: w.Shop.Tip("main"), Trigger: "push",
		Sender: gate.Actor{Login: w.Agent.Login, ID: w.Agent.ID, Type: "Bot"},
	}
	if d := w.Fake.Deployments(w.Shop, "prod/eu"); len(d) == 1 {
		want.Since, want.RepoAt = d[0].Created, seen.RepoAt
	}
	if seen != want || seen.Subject.Repo.FullName() != "acme/shop" || seen.Subject.Repo.Installation != w.Installation.ID {
		t.Fatalf("seen %+v, want %+v", seen, want)
	}
	w.Asked()
	now := runOf(w, seen.Subject)
	if len(w.Asked()) != 2 {
		t.Error("a run takes two requests")
	}
	if now.ID != run.ID || now.Attempt != 1 || now.Status != "waiting" || now.Over() ||
		!slices.Equal(now.Pending, []string{"prod/eu"}) || now.Fork ||
		now.Head != want.Head || now.Event != "push" || now.Branch != "main" || now.Workflow != ".github/workflows/deploy.yml" ||
		now.Actor.ID != w.Agent.ID || now.Actor.Type != change.Bot || now.Triggered.Login != w.Agent.Login || now.CreatedAt.IsZero() {
		t.Errorf("the run is %+v", now)
	}
	respond := func(reply gate.Reply, comment string) error {
		return w.Hub.Respond(t.Context(), seen.Subject, reply, comment)
	}
	w.Must(respond(gate.Commented, strings.Repeat("\u00e4", 1200)))
	got := gateOf(w, seen.Subject)
	if got.State != "pending" || len(got.Reports) != 1 || len([]rune(got.Reports[0])) != 1024 ||
		!strings.HasSuffix(got.Reports[0], "\u00e4\u2026") {
		t.Errorf("after a comment: %+v", got)
	}
	w.Must(respond(gate.Approved, "@ana approved"))
	if got = gateOf(w, seen.Subject); got.State != "approved" || got.Comment != "@ana approved" || len(got.Reports) != 1 {
		t.Errorf("after the answer: %+v", got)
	}
	late := gate.AsError(respond(gate.Rejected, "too late"))
	if late.Code != "deployment_not_pending" || late.Final || !strings.Contains(late.Text, "prod/eu") {
		t.Errorf("a second answer: %+v", late)
	}
	if now = runOf(w, seen.Subject); len(now.Pending) != 0 || now.Status != "in_progress" {
		t.Errorf("the run goes on: %+v", now)
	}
}

func TestADeploymentIsRejected(t *testing.T) {
	w := deployWorld(t)
	run := startRun(w, actions.RunSpec{})
	seen := heldBy(w, run)
	w.Must(w.Hub.Respond(t.Context(), seen.Subject, gate.Rejected, ""))
	if got := gateOf(w, seen.Subject); got.State != "rejected" {
		t.Errorf("%+v", got)
	}
	if now := runOf(w, seen.Subject); !now.Over() || now.Conclusion != "failure" || now.ID != run.ID {
		t.Errorf("%+v", now)
	}
}

// GitHub asks before it takes an answer.
func TestAnAnswerThatComesTooEarly(t *testing.T) {
	w := deployWorld(t)
	w.Fake.SetAsking(actions.Asking{EarlyTimes: 1})
	run := startRun(w, actions.RunSpec{})
	seen := heldBy(w, run)
	early := gate.AsError(w.Hub.Respond(t.Context(), seen.Subject, gate.Approved, ""))
	if early.Code != "deployment_not_pending" || early.Final {
		t.Errorf("%+v", early)
	}
	w.Must(w.Hub.Respond(t.Context(), seen.Subject, gate.Approved, ""))
}

// What GitHub's description calls optional may be missing.
func TestAQuestionThatLeavesThingsOut(t *testing.T) {
	w := deployWorld(t)
	ask := func(omit ...string) []gate.Seen {
		w.Fake.SetAsking(actions.Asking{Omit: omit})
		return questionsOf(w, startRun(w, actions.RunSpec{}))
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
		w.Mu.Lock()
		if len(w.Errs) != 1 || gate.AsError(w.Errs[0]).Code != "payload_invalid" {
			t.Errorf("without %v: %v", omit, w.Errs)
		}
		w.Errs = nil
		w.Mu.Unlock()
	}
}

// What became of a deployment is said to its environment, and to its gate.
func TestWhatBecomesOfADeployment(t *testing.T) {
	w := deployWorld(t)
	run := startRun(w, actions.RunSpec{})
	held := heldBy(w, run).Subject
	w.Must(w.Hub.Respond(t.Context(), held, gate.Approved, ""))
	w.Must(w.Fake.FinishJob(run, "ship", "success"))
	there := toldOf(w, gate.Environment)
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
	gates := toldOf(w, gate.Deployment)
	if !slices.ContainsFunc(gates, func(s gate.Seen) bool {
		return s.Action == "success" && s.Event == "deployment_status" && s.Subject.Stream() == held.Stream()
	}) {
		t.Errorf("the gate was told %+v", gates)
	}
	w.Asked()
	records, err := w.Hub.Deployments(t.Context(), held.Repo, "PROD/eu", 10)
	w.Must(err)
	if len(records) != 1 || records[0].ID != held.DeploymentID || records[0].State != "success" || records[0].SHA != held.SHA ||
		records[0].At.IsZero() ||
		records[0].StatusAt.IsZero() || records[0].Environment != "prod/eu" || !records[0].Actions ||
		records[0].Creator.Login != w.Agent.Login {
		t.Errorf("the records are %+v", records)
	}
	if n := len(w.Asked()); n != 2 {
		t.Errorf("%d requests for a list", n)
	}
	_, err = w.Fake.Deploy(w.Shop, actions.NewDeployment{By: w.Alice, Environment: "prod/eu", States: []string{"failure"}})
	w.Must(err)
	records, err = w.Hub.Deployments(t.Context(), held.Repo, "prod/eu", 1)
	w.Must(err)
	if len(records) != 1 || records[0].State != "failure" || records[0].Actions || records[0].Creator.ID != w.Alice.ID {
		t.Errorf("the newest is %+v", records)
	}
	if !slices.ContainsFunc(toldOf(w, gate.Environment), func(s gate.Seen) bool {
		return s.Action == "failure" && s.Subject.Run == 0 && s.Sender.ID == w.Alice.ID && s.Subject.DeploymentID == records[0].ID
	}) {
		t.Errorf("a deployment by hand is not told")
	}
	if again := toldOf(w, gate.Deployment); len(again) != len(gates) {
		t.Errorf("a deployment that no run made is no gate: %+v", again[len(gates):])
	}
}

func TestWorkflowRunsThatAreSeen(t *testing.T) {
	w := deployWorld(t)
	build := []actions.JobSpec{{Name: "build"}}
	run := startRun(w, actions.RunSpec{Event: "workflow_dispatch", Jobs: build, TriggeringActor: w.Alice})
	w.Must(w.Fake.FinishJob(run, "build", "success"))
	for _, quiet := range []string{"merge_group", "check_run", "check_suite"} {
		startRun(w, actions.RunSpec{Event: quiet, Jobs: build})
	}
	startRun(w, actions.RunSpec{Event: "pull_request_target", Jobs: build})
	said := map[string]gate.Seen{}
	for _, s := range toldOf(w, gate.WorkflowRun) {
		said[s.Trigger+" "+s.Action] = s
	}
	if got := slices.Sorted(maps.Keys(said)); !slices.Equal(got,
		[]string{"pull_request_target requested", "workflow_dispatch completed", "workflow_dispatch requested"}) {
		t.Fatalf("%v", got)
	}
	s := said["workflow_dispatch requested"]
	if s.Subject.Run != run.ID || s.Subject.SHA != w.Shop.Tip("main") || s.Head != s.Subject.SHA || s.HeadRef != "main" || s.Attempt != 1 ||
		s.Workflow != ".github/workflows/deploy.yml" || s.Trigger != "workflow_dispatch" || s.Triggered.ID != w.Alice.ID {
		t.Errorf("%+v", s)
	}
}

func TestARunIsCancelledAndStartedAgain(t *testing.T) {
	w := deployWorld(t)
	run := startRun(w, actions.RunSpec{Jobs: []actions.JobSpec{{Name: "ship"}}})
	s := toldOf(w, gate.WorkflowRun)[0].Subject
	if e := gate.AsError(w.Hub.CancelRun(t.Context(), s.Repo, s.Run)); e.Code != "no_permission" || !e.Final ||
		!strings.Contains(e.Text, "actions") {
		t.Errorf("without the permission: %+v", e)
	}
	if e := gate.AsError(w.Hub.Rerun(t.Context(), s.Repo, s.Run)); e.Code != "no_permission" || !e.Final {
		t.Errorf("without the permission: %+v", e)
	}
	more := fakehub.DefaultPermissions()
	more["actions"] = "write"
	w.Installation.AcceptPermissions(more)
	if e := gate.AsError(w.Hub.Rerun(t.Context(), s.Repo, s.Run)); e.Code != "no_permission" || !e.Final {
		t.Errorf("with a token of before: %+v", e)
	}
	if _, err := w.Hub.Repositories(t.Context()); err != nil { // as the event of the acceptance asks for
		t.Fatal(err)
	}
	if e := gate.AsError(w.Hub.Rerun(t.Context(), s.Repo, s.Run)); e.Code != "no_permission" && e.Code != "github_refused" {
		t.Errorf("while it runs: %+v", e)
	}
	w.Must(w.Hub.CancelRun(t.Context(), s.Repo, s.Run))
	if now := runOf(w, s); !now.Over() || now.Conclusion != "cancelled" {
		t.Errorf("%+v", now)
	}
	w.Must(w.Hub.CancelRun(t.Context(), s.Repo, s.Run)) // it is over already
	w.Must(w.Hub.Rerun(t.Context(), s.Repo, s.Run))
	if now := runOf(w, s); now.Attempt != 2 || now.Over() || now.ID != run.ID {
		t.Errorf("%+v", now)
	}
	s.Run = 12345
	if now := runOf(w, s); !now.Over() || now.Conclusion != "gone" {
		t.Errorf("a run that is not there: %+v", now)
	}
}

// What the account accepts is used within two minutes, whichever process hears of it.
func TestPermissionsThatWereAcceptedAreUsedSoon(t *testing.T) {
	w := deployWorld(t)
	startRun(w, actions.RunSpec{Jobs: []actions.JobSpec{{Name: "ship"}}})
	s := toldOf(w, gate.WorkflowRun)[0].Subject
	runOf(w, s) // by a token
	if w.Hub.MayCancel(t.Context(), s.Repo) {
		t.Error("it may cancel what nobody granted")
	}
	more := fakehub.DefaultPermissions()
	more["actions"] = "write"
	w.Installation.AcceptPermissions(more)
	if w.Hub.MayCancel(t.Context(), s.Repo) {
		t.Error("GitHub is asked more often than once in two minutes")
	}
	if e := gate.AsError(w.Hub.CancelRun(t.Context(), s.Repo, s.Run)); e.Code != "no_permission" {
		t.Errorf("%+v", e)
	}
	w.Skip(2 * time.Minute)
	if !w.Hub.MayCancel(t.Context(), s.Repo) {
		t.Error("it may not cancel two minutes after that was accepted")
	}
	w.Must(w.Hub.CancelRun(t.Context(), s.Repo, s.Run))

	w.Installation.Grant(fakehub.DefaultPermissions())
	w.Skip(2 * time.Hour) // the next token is given less
	if e := gate.AsError(w.Hub.CancelRun(t.Context(), s.Repo, s.Run)); e.Code != "no_permission" || !e.Final {
		t.Errorf("%+v", e)
	}
	w.Installation.AcceptPermissions(more)
	w.Skip(2 * time.Minute)
	w.Must(w.Hub.CancelRun(t.Context(), s.Repo, s.Run)) // without having asked before whether it may
}

// A question that never came is found, and is the same gate as if it had come.
func TestMissedQuestionsAreFound(t *testing.T) {
	w := deployWorld(t)
	w.Fake.CreateEnvironment(w.Shop, "staging")
	ship := []actions.JobSpec{{Name: "a", Environment: "Prod/EU"}, {Name: "b", Environment: "prod/eu"}, {Name: "c", Environment: "staging"}}
	first := startRun(w, actions.RunSpec{Jobs: ship})
	w.Must(w.Fake.FinishJob(first, "c", "success"))
	second := startRun(w, actions.RunSpec{Event: "push"})
	asked := map[string]bool{}
	for _, s := range append(questionsOf(w, first), questionsOf(w, second)...) {
		asked[s.Subject.Stream()] = true
	}
	if len(asked) != 3 {
		t.Fatalf("GitHub asked %v", asked)
	}
	on := heldBy(w, second).Subject.Repo
	w.Asked()
	found, err := w.Hub.OpenDeployments(t.Context(), on)
	w.Must(err)
	if n := len(w.Asked()); n != 5 {
		t.Errorf("%d requests, want 1 list, 2 runs, 1 environment, 1 list of deployments", n)
	}
	for _, s := range found {
		if !asked[s.Subject.Stream()] || s.Why != gate.Reconciled || s.Head != w.Shop.Tip("main") {
			t.Errorf("%+v is not what GitHub asked", s)
		}
		delete(asked, s.Subject.Stream())
	}
	if len(asked) != 0 {
		t.Errorf("not found: %v", asked)
	}
	for _, s := range found {
		_ = w.Hub.Respond(t.Context(), s.Subject, gate.Approved, "") // one answer is for all jobs
	}
	if found, err = w.Hub.OpenDeployments(t.Context(), on); err != nil || len(found) != 0 {
		t.Errorf("after the answers: %+v, %v", found, err)
	}
	w.Fake.CreateEnvironment(w.Shop, "other").Protect(w.App, false)
	startRun(w, actions.RunSpec{Jobs: []actions.JobSpec{{Name: "x", Environment: "other"}}})
	if found, err = w.Hub.OpenDeployments(t.Context(), on); err != nil || len(found) != 0 {
		t.Errorf("a rule that is off: %+v, %v", found, err)
	}
}
