//go:build services

package contract

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

var loaded = sync.OnceValues(Load)

func load(t *testing.T) *Contract {
	t.Helper()
	c, err := loaded()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// BenchmarkLoad reads the 13 MB, as each test binary does that talks to fakehub.
func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		c, err := Load()
		if err != nil {
			b.Fatal(err)
		}
		if err := c.Query(`{ viewer { login } }`); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkWebhook checks a payload that was not checked before.
func BenchmarkWebhook(b *testing.B) {
	c, err := loaded()
	if err != nil {
		b.Fatal(err)
	}
	payload := examples(b)["pull_request"][0]
	n := 0
	for b.Loop() {
		n++
		if err := c.Webhook("pull_request", "opened", fmt.Appendf(nil, `%s%*s`, payload, n%100000, "")); err != nil && !onlyLacks(err) {
			b.Fatal(err)
		}
	}
}

const runsPath = "/repos/{owner}/{repo}/check-runs"

func TestRequestsThatBreakTheDescriptionAreTold(t *testing.T) {
	c := load(t)
	repo := map[string]string{"owner": "o", "repo": "r", "check_run_id": "7"}
	for name, r := range map[string]struct {
		method, template, query, body string
		says                          string // "" where it is right
	}{
		"right":            {"POST", runsPath, "", `{"name":"a","head_sha":"b","status":"in_progress"}`, ""},
		"completed, right": {"POST", runsPath, "", `{"name":"a","head_sha":"b","status":"completed","conclusion":"success"}`, ""},
		"no name":          {"POST", runsPath, "", `{"head_sha":"b"}`, "name"},
		"unknown field":    {"POST", runsPath, "", `{"name":"a","head_sha":"b","detail_url":"x"}`, "/detail_url"},
		"unknown deep field": {"POST", runsPath, "",
			`{"name":"a","head_sha":"b","output":{"title":"t","summary":"s","txt":"x"}}`, "/output/txt"},
		"unknown in a list": {"POST", runsPath, "",
			`{"name":"a","head_sha":"b","actions":[{"label":"l","description":"d","identifier":"i","id":1}]}`, "/actions/id"},
		"bad conclusion": {"POST", runsPath, "", `{"name":"a","head_sha":"b","conclusion":"fine"}`, "conclusion"},
		"four actions": {"POST", runsPath, "",
			`{"name":"a","head_sha":"b","actions":[` + strings.Repeat(`{"label":"l","description":"d","identifier":"i"},`, 3) +
				`{"label":"l","description":"d","identifier":"i"}]}`, "actions"},
		"long label": {"POST", runsPath, "",
			`{"name":"a","head_sha":"b","actions":[{"label":"` + strings.Repeat("x", 21) +
				`","description":"d","identifier":"i"}]}`, "label"},
		"bad time":             {"POST", runsPath, "", `{"name":"a","head_sha":"b","started_at":"yesterday"}`, "started_at"},
		"no body":              {"POST", runsPath, "", ``, "body"},
		"no JSON":              {"POST", runsPath, "", `{`, "JSON"},
		"head_sha in a PATCH":  {"PATCH", runsPath + "/{check_run_id}", "", `{"head_sha":"b"}`, "/head_sha"},
		"query, right":         {"GET", "/repos/{owner}/{repo}/pulls", "state=all&per_page=100&page=2", ``, ""},
		"query, bad value":     {"GET", "/repos/{owner}/{repo}/pulls", "state=merged", ``, "state"},
		"query, bad number":    {"GET", "/repos/{owner}/{repo}/pulls", "page=x", ``, "page"},
		"query, unknown":       {"GET", "/repos/{owner}/{repo}/pulls", "stat=all", ``, "stat"},
		"path, bad number":     {"GET", "/repos/{owner}/{repo}/pulls/{pull_number}", "", ``, "pull_number"},
		"a body where none is": {"GET", "/repos/{owner}/{repo}/pulls", "", `{}`, "no body"},
		"no such operation":    {"DELETE", "/repos/{owner}/{repo}/pulls", "", ``, "has no DELETE"},
		"no such path":         {"GET", "/repos/{owner}/{repo}/holds", "", ``, "has no GET"},
	} {
		t.Run(name, func(t *testing.T) {
			req := httptest.NewRequest(r.method, "/?"+r.query, nil)
			req.Header.Set("Content-Type", "application/json")
			err := c.Request(req, r.template, repo, []byte(r.body))
			switch {
			case r.says == "" && err != nil:
				t.Errorf("refused: %v", err)
			case r.says != "" && (err == nil || !strings.Contains(err.Error(), r.says)):
				t.Errorf("the error is %v, and does not say %q", err, r.says)
			}
		})
	}
	req := httptest.NewRequest("POST", "/", nil)
	req.Header = http.Header{"Content-Type": {"text/plain"}}
	if c.Request(req, runsPath, repo, []byte(`{"name":"a","head_sha":"b"}`)) == nil {
		t.Error("a body of plain text was taken")
	}
}

func TestQueriesAreHeldAgainstTheSchema(t *testing.T) {
	c := load(t)
	for query, right := range map[string]bool{
		`query($n: Int!) { repository(owner: "o", name: "r") { pullRequest(number: $n) { author { ... on Bot { databaseId } } } } }`: true,
		`{ repository(owner: "o") { name } }`:                                                            false, // an argument is missing
		`{ repository(owner: "o", name: "r") { nme } }`:                                                  false,
		`query($n: String!) { repository(owner: "o", name: "r") { pullRequest(number: $n) { title } } }`: false, // wrong type
		`query($n: Int!) { viewer { login } }`:                                                           false, // unused
		`{ viewer { ... on Bot { login } } }`:                                                            false, // a User is no Bot
		`{ repository(owner: "o", name: "r") { owner } }`:                                                false, // no fields of an object
	} {
		if err := c.Query(query); (err == nil) != right {
			t.Errorf("%s: %v", query, err)
		}
	}
}

func TestWebhooksAreHeldAgainstTheirDescription(t *testing.T) {
	c := load(t)
	for payload, right := range map[string]bool{`{"action":"rerequested"}`: false, `[]`: false, `{`: false} {
		if err := c.Webhook("check_run", "rerequested", []byte(payload)); (err == nil) != right {
			t.Errorf("%s: %v", payload, err)
		}
	}
	if c.Webhook("pull_request", "sneezed", []byte(`{}`)) == nil {
		t.Error("an action that there is not was taken")
	}
}

// examples are payloads that GitHub has sent, by event.
func examples(t testing.TB) map[string][]json.RawMessage {
	t.Helper()
	dir, err := find()
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(dir, "webhooks-examples/api.github.com/index.json"))
	if err != nil {
		t.Fatal(err)
	}
	var events []struct {
		Name     string            `json:"name"`
		Examples []json.RawMessage `json:"examples"`
	}
	if err := json.Unmarshal(data, &events); err != nil {
		t.Fatal(err)
	}
	out := map[string][]json.RawMessage{}
	for _, e := range events {
		out[e.Name] = e.Examples
	}
	return out
}

// TestGitHubsOwnExamplesFit shows that the check refuses for a reason: of the
// payloads that GitHub really sent, nearly all that concern a gate fit its
// description, but for fields that are younger than they.
func TestGitHubsOwnExamplesFit(t *testing.T) {
	c := load(t)
	events := examples(t)
	fit, all := 0, 0
	for name, sent := range events {
		switch name {
		case "pull_request", "check_run", "check_suite", "push", "installation", "merge_group", "workflow_run":
		default:
			continue
		}
		for i, payload := range sent {
			var head struct{ Action string }
			if err := json.Unmarshal(payload, &head); err != nil {
				t.Fatal(err)
			}
			all++
			if err := c.Webhook(name, head.Action, payload); err != nil && !onlyLacks(err) {
				t.Logf("%s %s, example %d: %.200s", name, head.Action, i, err)
				continue
			}
			fit++
		}
	}
	t.Logf("%d of %d examples fit", fit, all)
	if all < 60 || fit*100 < all*85 {
		t.Errorf("%d of %d examples fit", fit, all)
	}
}

// onlyLacks says that nothing is wrong but that fields are missing.
func onlyLacks(err error) bool {
	for fault := range strings.SplitSeq(err.Error(), "; ") {
		if !strings.Contains(fault, " missing propert") {
			return false
		}
	}
	return true
}
