package deploys_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/hubtest"
)

var heldDeploy = gate.Subject{Kind: gate.Deployment, Repo: hubtest.Repo, Run: 70, DeploymentID: 600, Environment: "Prod/EU", SHA: hubtest.SHA("head")}

// deployStub answers what the fake GitHub has no faults for: each route of
// actions by its ending, with a status and a body.
func deployStub(t *testing.T, answers map[string]any) (*hubtest.Stub, *[]string) {
	s := hubtest.NewStub(t)
	var asked []string
	s.Intercept = func(w http.ResponseWriter, r *http.Request, body []byte) bool {
		path, in := strings.CutPrefix(r.URL.EscapedPath(), "/api/v3/repositories/99")
		path = strings.TrimPrefix(path, "/")
		if !in || strings.HasPrefix(path, "compare/") || strings.HasPrefix(path, "git/") {
			return false
		}
		s.Set(func() { asked = append(asked, r.Method+" "+path+" "+string(body)) })
		for suffix, a := range answers {
			if path == suffix {
				if status, ok := a.(int); ok {
					hubtest.Reply(w, status, map[string]any{"message": fmt.Sprintf("The status is %d", status)})
				} else if refusal, ok := a.(statusMessage); ok {
					hubtest.Reply(w, refusal.status, map[string]any{"message": refusal.message})
				} else {
					hubtest.Reply(w, 200, a)
				}
				return true
			}
		}
		t.Errorf("nobody answers %s %s", r.Method, path)
		return false
	}
	return s, &asked
}

type statusMessage struct {
	status  int
	message string
}

func runBody(more map[string]any) map[string]any {
	run := map[string]any{
		"id": 70, "run_attempt": 2, "path": ".github/workflows/deploy.yml@refs/heads/main", "event": "push",
		"head_sha": hubtest.SHA("head"), "head_branch": "main",
		"status": "waiting", "conclusion": nil, "created_at": "2026-01-02T03:04:05Z", "repository": map[string]any{"id": 99},
		"head_repository":  map[string]any{"id": 99},
		"actor":            map[string]any{"login": "alice", "id": 1, "type": "User"},
		"triggering_actor": map[string]any{"login": "bob", "id": 2, "type": "User"},
	}
	for k, v := range more {
		run[k] = v
	}
	return run
}

func pendingBody(names ...string) []any {
	list := []any{}
	for _, n := range names {
		list = append(list, map[string]any{"environment": map[string]any{"id": 1, "name": n}})
	}
	return list
}

// outOfSight is a run of a repository that the App may not see.
const outOfSight = "out of sight"

func TestRunAsGitHubShowsIt(t *testing.T) {
	const run, pending = "actions/runs/70", "actions/runs/70/pending_deployments"
	s, _ := deployStub(t, map[string]any{run: runBody(nil), pending: pendingBody("Prod/EU", "", "qa")})
	got, err := s.Hub().Run(t.Context(), heldDeploy)
	want := change.Run{
		ID: 70, Attempt: 2, Workflow: ".github/workflows/deploy.yml", Event: "push", Head: hubtest.SHA("head"), Branch: "main", Status: "waiting",
		CreatedAt: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Actor: change.Actor{Login: "alice", ID: 1, Type: change.User},
		Triggered: change.Actor{Login: "bob", ID: 2, Type: change.User}, Pending: []string{"Prod/EU", "qa"},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
	for name, test := range map[string]struct {
		run, pending any
		code         string // "": no error
		check        func(change.Run) bool
	}{
		"gone":         {404, 404, "", func(r change.Run) bool { return r.Over() && r.Conclusion == "gone" && r.ID == 70 }},
		"out of sight": {outOfSight, 404, "not_found", nil},
		"a fork's": {runBody(map[string]any{"head_repository": map[string]any{"id": 5}}), pendingBody(), "",
			func(r change.Run) bool { return r.Fork }},
		"of a deleted fork": {runBody(map[string]any{"head_repository": nil}), pendingBody(), "",
			func(r change.Run) bool { return r.Fork }},
		"another repository": {runBody(map[string]any{"repository": map[string]any{"id": 5}}), pendingBody(), "repository_moved", nil},
		"another run":        {runBody(map[string]any{"id": 71}), pendingBody(), "github_unavailable", nil},
		"no attempt":         {runBody(map[string]any{"run_attempt": nil}), pendingBody(), "github_unavailable", nil},
		"no commit":          {runBody(map[string]any{"head_sha": "main"}), pendingBody(), "github_unavailable", nil},
		"no status":          {runBody(map[string]any{"status": nil}), pendingBody(), "github_unavailable", nil},
		"half an answer":     {runBody(nil), 503, "github_unavailable", nil},
		"no permission":      {403, 403, "no_permission", nil},
		"waits unknown":      {runBody(nil), 404, "not_found", nil},
	} {
		sees := any(map[string]any{"id": 99})
		if test.run == outOfSight {
			test.run, sees = 404, 404
		}
		s, _ := deployStub(t, map[string]any{run: test.run, pending: test.pending, "": sees})
		got, err := s.Hub().Run(t.Context(), heldDeploy)
		switch {
		case test.code != "" && (err == nil || gate.AsError(err).Code != test.code):
			t.Errorf("%s: %+v, %v", name, got, err)
		case test.code == "" && (err != nil || !test.check(got)):
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	if _, err := s.Hub().Run(t.Context(), gate.Subject{Kind: gate.Deployment, Repo: hubtest.Repo}); hubtest.CodeOf(t, err).Code != "invalid_request" {
		t.Errorf("no run: %v", err)
	}
}

func TestAnswersAsTheyAreSent(t *testing.T) {
	const path = "actions/runs/70/deployment_protection_rule"
	s, asked := deployStub(t, map[string]any{path: map[string]any{}})
	for _, test := range []struct {
		reply         gate.Reply
		comment, body string
	}{
		{gate.Approved, "", `{"environment_name":"Prod/EU","state":"approved"}`},
		{gate.Rejected, " denied by @ana\n", `{"comment":"denied by @ana","environment_name":"Prod/EU","state":"rejected"}`},
		{gate.Commented, "waits", `{"comment":"waits","environment_name":"Prod/EU"}`},
	} {
		*asked = nil
		if err := s.Hub().Respond(t.Context(), heldDeploy, test.reply, test.comment); err != nil {
			t.Fatal(err)
		}
		if got := *asked; len(got) != 1 || strings.TrimSpace(got[0]) != "POST "+path+" "+test.body {
			t.Errorf("sent %q", got)
		}
	}
	*asked = nil
	other := heldDeploy
	other.Kind = gate.WorkflowRun
	unnamed := heldDeploy
	unnamed.Environment = ""
	norun := heldDeploy
	norun.Run = 0
	for _, test := range []struct {
		s       gate.Subject
		reply   gate.Reply
		comment string
	}{{other, gate.Approved, ""}, {unnamed, gate.Approved, ""}, {norun, gate.Approved, ""}, {heldDeploy, gate.Commented, " "},
		{heldDeploy, "", "x"}, {heldDeploy, "APPROVED", "x"}} {
		if err := s.Hub().Respond(t.Context(), test.s, test.reply, test.comment); hubtest.CodeOf(t, err).Code != "invalid_request" {
			t.Errorf("%+v: %v", test, err)
		}
	}
	if len(*asked) != 0 {
		t.Errorf("sent %v", *asked)
	}
	for code, answer := range map[string]any{
		"deployment_not_pending": statusMessage{422, "No pending custom deployment requests in workflow run `70` to approve or reject"},
		"github_refused":         statusMessage{422, "Comment is too long"},
		"no_permission":          statusMessage{403, "Resource not accessible by integration"},
		"not_found":              404,
		"github_unavailable":     502,
		"rate_limited":           429,
	} {
		s, _ := deployStub(t, map[string]any{path: answer})
		if e := hubtest.CodeOf(t, s.Hub().Respond(t.Context(), heldDeploy, gate.Approved, "")); e.Code != code || e.Final || e.Text == "" {
			t.Errorf("%v: %+v", answer, e)
		}
	}
}

// A missing permission is final; that a run cannot be started again now is not.
func TestWhyARunIsNotControlled(t *testing.T) {
	for _, test := range []struct {
		cancel, rerun any
		code          string
		final         bool
	}{
		{statusMessage{403, "Resource not accessible by integration"},
			statusMessage{403, "Resource not accessible by integration"}, "no_permission", true},
		{statusMessage{403, "This workflow is already running"}, statusMessage{403, "This workflow is already running"},
			"github_refused", false},
		{statusMessage{403, "You have exceeded a secondary rate limit"},
			statusMessage{403, "You have exceeded a secondary rate limit"}, "rate_limited", false},
		{500, 500, "github_unavailable", false},
		{404, 404, "not_found", false},
	} {
		s, _ := deployStub(t, map[string]any{"actions/runs/70/cancel": test.cancel, "actions/runs/70/rerun": test.rerun})
		h := s.Hub()
		for what, err := range map[string]error{"cancel": h.CancelRun(t.Context(), hubtest.Repo, 70),
			"rerun": h.Rerun(t.Context(), hubtest.Repo, 70)} {
			if e := hubtest.CodeOf(t, err); e.Code != test.code || e.Final != test.final {
				t.Errorf("%s: %+v", what, e)
			}
		}
	}
	s, _ := deployStub(t, map[string]any{"actions/runs/70/cancel": 409})
	if err := s.Hub().CancelRun(t.Context(), hubtest.Repo, 70); err != nil {
		t.Errorf("a run that is over: %v", err)
	}
	if err := s.Hub().Rerun(t.Context(), hubtest.Repo, 0); hubtest.CodeOf(t, err).Code != "invalid_request" {
		t.Errorf("no run: %v", err)
	}
}

func TestRecordsOfDeployments(t *testing.T) {
	node := func(id int, more map[string]any) map[string]any {
		n := map[string]any{"databaseId": id, "commitOid": hubtest.SHA("head"), "createdAt": "2026-01-02T03:04:05Z",
			"environment": "Prod", "latestEnvironment": nil,
			"creator": map[string]any{"__typename": "Bot", "login": "deployer", "databaseId": 9}, "latestStatus": nil}
		for k, v := range more {
			n[k] = v
		}
		return n
	}
	status := func(state, log string) map[string]any {
		return map[string]any{"state": state, "createdAt": "2026-01-02T04:04:05Z", "logUrl": log}
	}
	s := hubtest.NewStub(t)
	var vars map[string]any
	made := func(id int, slug, creator string) map[string]any {
		return map[string]any{"id": id, "creator": map[string]any{"login": creator, "id": 9},
			"performed_via_github_app": map[string]any{"slug": slug}}
	}
	s.Intercept = func(w http.ResponseWriter, r *http.Request, body []byte) bool {
		if strings.HasSuffix(r.URL.Path, "/deployments") {
			if r.URL.Query().Get("environment") != "Prod" || r.URL.Query().Get("per_page") != "100" {
				t.Errorf("asked for %s", r.URL)
			}
			hubtest.Reply(w, 200, []any{made(4, "github-actions", "deployer[bot]"), made(3, "other-app", "alice"),
				made(2, "github-actions", "github-actions[bot]"),
				map[string]any{"id": 5, "creator": nil, "performed_via_github_app": nil}})
			return true
		}
		if !strings.Contains(string(body), "deployments(") {
			return false
		}
		var q struct{ Variables map[string]any }
		if err := json.Unmarshal(body, &q); err != nil {
			t.Error(err)
		}
		vars = q.Variables
		hubtest.Reply(w, 200, map[string]any{"data": map[string]any{"repository": map[string]any{"databaseId": 99,
			"deployments": map[string]any{"nodes": []any{
				node(4, map[string]any{"latestStatus": status("SUCCESS", "https://github.com/acme/shop/actions/runs/70/job/1"),
					"latestEnvironment": "PROD"}),
				node(3, map[string]any{"latestStatus": status("INACTIVE", "https://github.com/acme/shop/actions/runs/70/job/1"),
					"creator": nil}),
				node(2, nil), nil, node(0, nil), node(1, map[string]any{"commitOid": "main"}),
			}}}}})
		return true
	}
	got, err := s.Hub().Deployments(t.Context(), hubtest.Repo, "Prod", 1000)
	if err != nil || len(got) != 3 {
		t.Fatalf("%+v, %v", got, err)
	}
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	if want := (change.Record{ID: 4, SHA: hubtest.SHA("head"), Environment: "PROD", State: "success", At: at,
		StatusAt: at.Add(time.Hour), Creator: change.Actor{Login: "deployer[bot]", ID: 9, Type: change.Bot},
		Actions: true}); got[0] != want {
		t.Errorf("%+v", got[0])
	}
	if got[1].State != "inactive" || got[1].Actions || got[1].Creator.Login != "ghost" || got[2].State != "" || got[2].Actions {
		t.Errorf("%+v", got[1:])
	}
	if n, _ := vars["n"].(float64); n != 100 || !reflect.DeepEqual(vars["environments"], []any{"Prod", "prod"}) {
		t.Errorf("asked for %v", vars)
	}
	for _, bad := range []struct {
		environment string
		n           int
	}{{"", 1}, {"a", 0}, {strings.Repeat("a", 256), 1}} {
		if _, err := s.Hub().Deployments(t.Context(), hubtest.Repo, bad.environment, bad.n); hubtest.CodeOf(t, err).Code != "invalid_request" {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	renamed := hubtest.Repo
	renamed.ID = 100
	if _, err := s.Hub().Deployments(t.Context(), renamed, "Prod", 100); hubtest.CodeOf(t, err).Code != "not_found" {
		t.Errorf("another repository: %v", err)
	}
}
