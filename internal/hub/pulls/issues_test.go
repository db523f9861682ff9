package pulls

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/hub/api"
)

// What GitHub keeps back of linked issues is said, and what it tells is kept.
func TestLinkedIssuesInPart(t *testing.T) {
	const path = `"path":["repository","pullRequest","closingIssuesReferences"`
	for name, c := range map[string]struct {
		data, err string
		seen      int
		unseen    string
	}{
		"all":            {`{"totalCount":1,"nodes":[{"number":1,"author":{"__typename":"User","login":"ana"}}]}`, "", 1, ""},
		"none":           {`{"totalCount":0,"nodes":[]}`, "", 0, ""},
		"forbidden":      {`null`, `{"type":"FORBIDDEN",` + path + `]}`, 0, "issues: read"},
		"each forbidden": {`{"totalCount":1,"nodes":[null]}`, `{"type":"FORBIDDEN",` + path + `,"nodes",0]}`, 0, "issues: read"},
		"one forbidden": {`{"totalCount":2,"nodes":[null,{"number":2}]}`, `{"type":"FORBIDDEN",` + path + `,"nodes",0]}`,
			1, "issues: read"},
		"one not found": {`{"totalCount":2,"nodes":[null,{"number":2}]}`,
			`{"type":"NOT_FOUND","message":"Could not resolve",` + path + `,"nodes",0]}`, 1, "Could not resolve"},
		"one without a cause": {`{"totalCount":2,"nodes":[null,{"number":2}]}`, "", 1, "does not show"},
	} {
		var linked *linkedIssues
		if err := json.Unmarshal([]byte(c.data), &linked); err != nil {
			t.Fatal(err)
		}
		var refused *api.GraphError
		if c.err != "" {
			if err := json.Unmarshal([]byte(c.err), &refused); err != nil {
				t.Fatal(err)
			}
			if !refused.Below("repository", "pullRequest", "closingIssuesReferences") || refused.Below("org") {
				t.Errorf("%s: the error is not placed", name)
			}
		}
		seen, left, unseen := linked.issues(refused)
		if len(seen) != c.seen || left != 0 || !strings.Contains(unseen, c.unseen) || c.unseen == "" && unseen != "" {
			t.Errorf("%s: %d seen, %d left, %q", name, len(seen), left, unseen)
		}
	}
	if (api.GraphError{Path: []any{"repository"}}).Below("repository", "pullRequest") {
		t.Error("an error above is taken for one below")
	}
}

// The light query still asks for the issues: to leave them out would drop what
// a human declared.
func TestTheLightQueryAsksForIssues(t *testing.T) {
	if q := lightStateQuery(); !strings.Contains(q, "closingIssuesReferences(first: 10)") || strings.Contains(q, "signature {") {
		t.Error(q)
	}
}
