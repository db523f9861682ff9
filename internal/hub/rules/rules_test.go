package rules_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/hub/hubtest"
)

func TestRulesFileMustBePlain(t *testing.T) {
	latin := map[string]any{"mode": 33188, "oid": hubtest.SHA("x"),
		"object": map[string]any{"__typename": "Blob", "byteSize": 4, "isBinary": nil, "text": "h\u00e4\u00e4"}}
	for name, test := range map[string]struct {
		entry any
		state change.RulesState
		says  string
	}{
		"plain":      {hubtest.RulesEntry(0o100644, "version: 1\n"), change.RulesFound, ""},
		"empty":      {hubtest.RulesEntry(0o100644, ""), change.RulesFound, ""},
		"none":       {nil, change.RulesAbsent, ""},
		"symlink":    {hubtest.RulesEntry(0o120000, "../evil.yml"), change.RulesRefused, "120000"},
		"executable": {hubtest.RulesEntry(0o100755, "version: 1\n"), change.RulesRefused, "100755"},
		"directory": {map[string]any{"mode": 0o040000, "oid": hubtest.SHA("d"), "object": map[string]any{"__typename": "Tree"}},
			change.RulesRefused, "040000"},
		"submodule":   {map[string]any{"mode": 0o160000, "oid": hubtest.SHA("m"), "object": nil}, change.RulesRefused, "160000"},
		"no object":   {map[string]any{"mode": 0o100644, "oid": hubtest.SHA("m"), "object": nil}, change.RulesRefused, "not a file"},
		"binary":      {hubtest.RulesEntry(0o100644, "a\x00b"), change.RulesRefused, "binary"},
		"too large":   {hubtest.RulesEntry(0o100644, strings.Repeat("#", 600000)), change.RulesRefused, "larger"},
		"not UTF-8":   {latin, change.RulesRefused, "UTF-8"},
		"mode 0":      {hubtest.RulesEntry(0, "version: 1\n"), change.RulesRefused, "000000"},
		"mode absent": {map[string]any{"oid": hubtest.SHA("m")}, change.RulesRefused, "mode"},
	} {
		t.Run(name, func(t *testing.T) {
			s := hubtest.NewStub(t)
			s.Rules = test.entry
			got := hubtest.Facts(t, s.Hub(), change.Hint{}).Repo
			if got.State != test.state || !strings.Contains(got.Reason, test.says) || got.Name != nameOf(test.entry) {
				t.Errorf("got %d %q %q", got.State, got.Name, got.Reason)
			}
			if got.State != change.RulesFound && got.Text != nil {
				t.Error("a refused file has a text")
			}
		})
	}
}

// nameOf is what a rules file is called: by its content, so that a commit on
// the base branch that does not touch it changes nothing.
func nameOf(entry any) string {
	const place = "acme/shop/.github/gatehold.yml"
	if entry == nil {
		return place
	}
	return place + "@" + entry.(map[string]any)["oid"].(string)[:12]
}

func TestOrganisationRules(t *testing.T) {
	at := func(file any) any {
		return map[string]any{"nameWithOwner": "acme/.github",
			"defaultBranchRef": map[string]any{"name": "trunk", "target": map[string]any{"oid": hubtest.SHA("org"), "file": file}}}
	}
	for name, test := range map[string]struct {
		org       any
		kind      string // of the error
		selection string
		state     change.RulesState
		says      string
	}{
		"found":   {org: at(hubtest.RulesEntry(0o100644, "version: 1\n")), state: change.RulesFound},
		"no file": {org: at(nil), state: change.RulesAbsent},
		"symlink": {org: at(hubtest.RulesEntry(0o120000, "x")), state: change.RulesRefused, says: "120000"},
		"empty repository": {org: map[string]any{"nameWithOwner": "acme/.github", "defaultBranchRef": nil},
			state: change.RulesAbsent},
		"branch without target": {org: map[string]any{"nameWithOwner": "acme/.github",
			"defaultBranchRef": map[string]any{"name": "main"}}, state: change.RulesUnknown, says: "default branch"},
		"none, all repositories": {kind: "NOT_FOUND", selection: "all", state: change.RulesAbsent},
		"none, selected repositories": {kind: "NOT_FOUND", selection: "selected", state: change.RulesAbsent,
			says: "cannot see acme/.github"},
		"none, selection unknown": {kind: "NOT_FOUND", selection: "", state: change.RulesAbsent, says: "cannot see acme/.github"},
		"forbidden":               {kind: "FORBIDDEN", selection: "all", state: change.RulesUnknown, says: "does not show"},
		"null and no error":       {selection: "all", state: change.RulesUnknown, says: "says nothing"},
	} {
		t.Run(name, func(t *testing.T) {
			s := hubtest.NewStub(t)
			s.Org, s.OrgError, s.Selection = test.org, test.kind, test.selection
			got := hubtest.Facts(t, s.Hub(), change.Hint{}).Org
			if got.State != test.state || !strings.Contains(got.Reason, test.says) || test.says == "" && got.Reason != "" {
				t.Errorf("got %d %q %q", got.State, got.Name, got.Reason)
			}
		})
	}
}

// An answer with partial data tells an error from "nothing there" by its list
// of errors only.
func TestPartialErrors(t *testing.T) {
	for name, test := range map[string]struct{ errors, code string }{
		"no such pull request": {`[{"type":"NOT_FOUND","path":["repository","pullRequest"],"message":"Could not ` +
			`resolve to a PullRequest"}]`, "not_found"},
		"no such repository": {`[{"type":"NOT_FOUND","path":["repository"],"message":"Could not resolve to a Repository"}]`,
			"not_found"},
		"forbidden below": {`[{"type":"FORBIDDEN","path":["repository","pullRequest","body"],` +
			`"message":"Resource not accessible by integration"}]`, "no_permission"},
		"the rules file failed": {`[{"type":"INTERNAL","path":["repository","pullRequest","baseRef","target","file"],` +
			`"message":"Something went wrong"}]`, "github_unavailable"},
		"no type": {`[{"path":["repository","pullRequest","labels"],"message":"Something went wrong"}]`,
			"github_unavailable"},
		"no path": {`[{"message":"Something went wrong while executing your query. This may be the ` +
			`result of a timeout."}]`, "github_unavailable"},
		"organisation timed out": {`[{"path":["org"],"message":"timeout"}]`, "github_unavailable"},
		"two, the worse one counts": {`[{"type":"NOT_FOUND","path":["org"],"message":"x"},{"type":"FORBIDDEN",` +
			`"path":["repository"],"message":"y"}]`, "no_permission"},
		"limit": {`[{"type":"RATE_LIMITED","message":"API rate limit exceeded for installation ID 7."}]`,
			"rate_limited"},
	} {
		t.Run(name, func(t *testing.T) {
			s := hubtest.NewStub(t)
			s.Intercept = func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
				if !strings.HasSuffix(r.URL.Path, "/graphql") {
					return false
				}
				_, _ = w.Write([]byte(`{"data":{"repository":{"databaseId":99,"nameWithOwner":"acme/shop",` +
					`"pullRequest":{"state":"OPEN","headRefOid":"` + s.HeadID + `","baseRefName":"main"}},"org":null},"errors":` + test.errors + `}`))
				return true
			}
			_, err := s.Hub().Facts(t.Context(), hubtest.Pull, change.Hint{})
			if e := hubtest.CodeOf(t, err); e.Code != test.code || e.Final {
				t.Errorf("error is %v", err)
			} else if test.code == "rate_limited" && e.Until.IsZero() {
				t.Error("no time to try again")
			}
		})
	}
}

func TestAnswersThatLackSomething(t *testing.T) {
	for name, body := range map[string]string{
		"nothing":         ``,
		"null":            `null`,
		"null data":       `{"data":null}`,
		"no data":         `{}`,
		"cut off":         `{"data":{"repository":{"databaseId":99`,
		"not JSON":        `<html>unicorn</html>`,
		"no pull request": `{"data":{"repository":{"databaseId":99,"pullRequest":null},"org":null}}`,
		"no head": `{"data":{"repository":{"databaseId":99,"nameWithOwner":"acme/shop",` +
			`"pullRequest":{"state":"OPEN","baseRefName":"main"}}}}`,
		"other types": `{"data":{"repository":{"databaseId":"x","pullRequest":[]}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			s := hubtest.NewStub(t)
			s.Intercept = func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
				if !strings.HasSuffix(r.URL.Path, "/graphql") {
					return false
				}
				_, _ = w.Write([]byte(body))
				return true
			}
			_, err := s.Hub().Facts(t.Context(), hubtest.Pull, change.Hint{})
			if e := hubtest.CodeOf(t, err); e.Code != "github_unavailable" || e.Final || e.Text == "" {
				t.Errorf("error is %v", err)
			}
		})
	}
}
