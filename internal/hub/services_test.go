//go:build services

package hub

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/fakehub/contract"
	"github.com/gatehold/gatehold/internal/gate"
)

// GitHub's own descriptions: `npm ci` in testdata/npm brings them.
func described(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "testdata", "npm", "node_modules", "@octokit", path))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// Every query is valid against GitHub's public schema.
func TestQueriesAgainstTheSchema(t *testing.T) {
	github, err := contract.Load()
	if err != nil {
		t.Fatal(err)
	}
	queries := map[string]string{"state": stateQuery, "deployments": deploymentsQuery}
	queries["outgoing, no commits"], _ = outgoingQuery(nil, true)
	queries["outgoing, more commits"], _ = outgoingQuery([]string{"a", "b"}, false)
	queries["outgoing"], _ = outgoingQuery(make([]string, commitsPerQuery), true)
	queries["workflows"] = workflowsQuery
	queries["workflow texts"], _ = workflowTextsQuery([]string{"a", "b"})
	queries["workflow"], _ = workflowQuery([]*callee{{file: wfile{path: "a"}}, {file: wfile{"o", "n", "p", "r"}}, {file: wfile{path: "b"}}})
	file := &change.File{Path: "a", PreviousPath: "b"}
	for before := nothing; before <= content; before++ {
		for after := nothing; after <= content; after++ {
			if before == nothing && after == nothing {
				continue
			}
			q, vars := textsQuery([]*wanted{{file: file, beforePath: "b", before: before, after: after}})
			queries[fmt.Sprintf("texts %d %d", before, after)] = q
			for name := range vars {
				if !strings.Contains(q, "$"+name+":") {
					t.Errorf("the variable %s is not declared in %s", name, q)
				}
			}
		}
	}
	var many []*wanted
	for range filesPerQuery {
		many = append(many, &wanted{file: file, beforePath: "b", before: content, after: modeOnly})
	}
	queries["many"], _ = textsQuery(many)
	for name, q := range queries {
		if err := github.Query(q); err != nil {
			t.Errorf("%s: %v\n%.2000s", name, err, q)
		}
	}
	broken := strings.Replace(stateQuery, "headRefOid", "headRefSha", 1)
	if github.Query(broken) == nil {
		t.Error("a field that does not exist is taken")
	}
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
