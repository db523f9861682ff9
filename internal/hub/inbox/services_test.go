//go:build services

package inbox

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/gatehold/gatehold/internal/gate"
)

// GitHub's own descriptions: `npm ci` in testdata/npm brings them.
func described(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "..", "testdata", "npm", "node_modules", "@octokit", path))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

type exampleEvent struct {
	Name     string            `json:"name"`
	Examples []json.RawMessage `json:"examples"`
}

// Each of GitHub's example payloads is opened as it is. What gatehold reads of
// it is compared with what the example says.
func TestExamplePayloads(t *testing.T) {
	var events []exampleEvent
	if err := json.Unmarshal(described(t, "webhooks-examples/api.github.com/index.json"), &events); err != nil {
		t.Fatal(err)
	}
	in := testInbox(t)
	opened, concern := 0, 0
	for _, e := range events {
		for i, raw := range e.Examples {
			name := fmt.Sprintf("%s %d", e.Name, i)
			d, err := in.Open(delivery(e.Name, raw), whole(raw))
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			opened++
			if d.Seen != nil {
				concern++
				compareSeen(t, name, d, raw)
			}
			logOddFields(t, name, e.Name, raw)
		}
	}
	t.Logf("%d examples of %d events opened, %d concern a gate", opened, len(events), concern)
	if opened < 329 || concern < 20 {
		t.Errorf("%d opened, %d concern a gate", opened, concern)
	}
}

// compareSeen reads the example in another way and compares.
func compareSeen(t *testing.T, name string, d gate.Delivery, raw []byte) {
	var m map[string]any
	if err := json.Unmarshal(raw, &m); err != nil {
		t.Fatal(err)
	}
	at := func(path ...string) any {
		var v any = m
		for _, p := range path {
			o, _ := v.(map[string]any)
			v = o[p]
		}
		return v
	}
	s := d.Seen
	installation, _ := at("installation", "id").(float64)
	if installation == 0 {
		t.Logf("%s: the example names no installation, which an App's events do", name)
	}
	if s.Subject.Kind == gate.Repository { // not what happened, but what it means
		return
	}
	action := at("action")
	if d.Event == "deployment_status" {
		action = at("deployment_status", "state")
	}
	checks := []struct{ got, want any }{
		{float64(s.Subject.Repo.Installation), installation},
		{float64(s.Subject.Repo.ID), at("repository", "id")}, {s.Subject.Repo.Name, at("repository", "name")},
		{s.Subject.Repo.Owner, at("repository", "owner", "login")}, {float64(s.Sender.ID), at("sender", "id")},
		{s.Sender.Type, at("sender", "type")}, {s.Action, action},
	}
	checks = append(checks, deployChecks(s, at)...)
	if s.Subject.Kind == gate.PullRequest {
		checks = append(checks, []struct{ got, want any }{
			{float64(s.Subject.Number), at("pull_request", "number")}, {s.Head, at("pull_request", "head", "sha")},
			{s.Base, at("pull_request", "base", "sha")}, {s.BaseRef, at("pull_request", "base", "ref")},
			{s.Closed, at("pull_request", "state") == "closed"},
		}...)
		if n, ok := at("pull_request", "changed_files").(float64); ok {
			checks = append(checks, struct{ got, want any }{float64(s.ChangedFiles), n})
		} else {
			t.Logf("%s: the example has no changed_files, which GitHub's schema requires", name)
		}
	}
	for _, c := range checks {
		if c.got != c.want {
			t.Errorf("%s: %v, the example says %v", name, c.got, c.want)
		}
	}
}

// deployChecks are for what deployments and workflow runs have of their own.
func deployChecks(s *gate.Seen, at func(...string) any) []struct{ got, want any } {
	switch s.Subject.Kind {
	case gate.Environment:
		return []struct{ got, want any }{
			{float64(s.Subject.DeploymentID), at("deployment", "id")}, {s.Subject.Environment, at("deployment", "environment")},
			{s.Subject.SHA, at("deployment", "sha")}, {s.Head, at("deployment", "sha")},
		}
	case gate.WorkflowRun:
		path, _ := at("workflow_run", "path").(string)
		return []struct{ got, want any }{
			{float64(s.Subject.Run), at("workflow_run", "id")}, {s.Subject.SHA, at("workflow_run", "head_sha")}, {s.Workflow, path},
			{float64(s.Attempt), at("workflow_run", "run_attempt")}, {s.Trigger, at("workflow_run", "event")},
			{s.HeadRef, at("workflow_run", "head_branch")},
		}
	}
	return nil
}

// logOddFields lists where an example has another type than gatehold's own
// structs expect: it is opened all the same.
func logOddFields(t *testing.T, name, event string, raw []byte) {
	var p payload
	if err := json.Unmarshal(raw, &p); err != nil && slices.Contains(Events(), event) {
		t.Logf("%s: %v", name, err)
	}
}
