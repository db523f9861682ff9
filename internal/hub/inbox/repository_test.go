package inbox

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/gate"
)

func opened(t *testing.T, event, body string) gate.Delivery {
	t.Helper()
	d, err := testInbox(t).Open(delivery(event, []byte(body)), whole([]byte(body)))
	if err != nil {
		t.Fatalf("%s: %v", event, err)
	}
	return d
}

func pushOf(fields string) string {
	repo := strings.Replace(commonPart, `"id":99,`, `"id":99,"default_branch":"main",`, 1)
	return `{"ref":"refs/heads/main",` + fields + `,` + repo + `}`
}

func TestAPushThatCanChangeTheRules(t *testing.T) {
	many := strings.TrimSuffix(strings.Repeat(`{"added":["a"]},`, maxPushed), ",")
	for name, c := range map[string]struct {
		body   string
		branch string // of what is seen; empty: nothing is
		action string
	}{
		"the rules": {pushOf(`"commits":[{"modified":["a.go"]},{"modified":[".github/gatehold.yml"]}]`), "main",
			gate.RulesChanged},
		"the rules, new":    {pushOf(`"commits":[{"added":[".github/gatehold.yml"]}]`), "main", gate.RulesChanged},
		"the rules, gone":   {pushOf(`"commits":[{"removed":[".github/gatehold.yml"]}]`), "main", gate.RulesChanged},
		"owners":            {pushOf(`"commits":[{"modified":["CODEOWNERS"]}]`), "main", gate.RulesChanged},
		"owners in .github": {pushOf(`"commits":[{"modified":[".github/CODEOWNERS"]}]`), "main", gate.RulesChanged},
		"owners in docs":    {pushOf(`"commits":[{"modified":["docs/CODEOWNERS"]}]`), "main", gate.RulesChanged},
		"something else":    {pushOf(`"commits":[{"modified":["src/CODEOWNERS",".github/gatehold.yml.md"]}]`), "", ""},
		"workflows":         {pushOf(`"commits":[{"removed":[".github/workflows/deploy.yml"]}]`), "main", gate.WorkflowsChanged},
		"workflows and rules": {pushOf(`"commits":[{"added":[".github/workflows/deploy.yml"]},` +
			`{"modified":[".github/gatehold.yml"]}]`), "main", gate.RulesChanged},
		"workflows elsewhere": {strings.Replace(pushOf(`"commits":[{"modified":[".github/workflows/deploy.yml"]}]`),
			"heads/main", "heads/draft", 1), "", ""},
		"nothing":             {pushOf(`"commits":[]`), "", ""},
		"forced":              {pushOf(`"forced":true,"commits":[]`), "main", gate.RulesChanged},
		"created":             {pushOf(`"created":true,"commits":[]`), "main", gate.RulesChanged},
		"deleted":             {pushOf(`"deleted":true,"commits":[]`), "main", gate.RulesChanged},
		"too many to list":    {pushOf(`"commits":[` + many + `]`), "main", gate.RulesChanged},
		"commits of odd type": {pushOf(`"forced":true,"commits":"x"`), "main", gate.RulesChanged},
		"another branch": {strings.Replace(pushOf(`"commits":[{"modified":["CODEOWNERS"]}]`), "heads/main",
			"heads/release/1.x", 1), "release/1.x", gate.RulesChanged},
		"a tag": {strings.Replace(pushOf(`"created":true`), "heads/main", "tags/v1", 1), "", ""},
		"a merge group": {strings.Replace(pushOf(`"created":true`), "heads/main", "heads/gh-readonly-queue/main/pr-1-abc",
			1), "", ""},
		"the organisation's": {strings.Replace(pushOf(`"commits":[{"modified":[".github/gatehold.yml"]}]`), `"name":"shop"`,
			`"name":".github"`, 1), "main", gate.OrgRulesChanged},
		"the organisation's, elsewhere": {strings.NewReplacer(`"name":"shop"`, `"name":".github"`, "heads/main", "heads/draft").
			Replace(pushOf(`"commits":[{"modified":[".github/gatehold.yml"]}]`)), "draft", gate.RulesChanged},
		"the organisation's owners": {strings.Replace(pushOf(`"commits":[{"modified":["CODEOWNERS"]}]`), `"name":"shop"`,
			`"name":".github"`, 1), "main", gate.RulesChanged},
	} {
		d := opened(t, "push", c.body)
		if c.branch == "" {
			if d.Seen != nil {
				t.Errorf("%s: seen %+v", name, d.Seen)
			}
			continue
		}
		if s := d.Seen; s == nil || s.Subject.Kind != gate.Repository || s.Subject.Repo.ID != 99 || s.BaseRef != c.branch ||
			s.Action != c.action || s.Sender.ID != 198982749 || d.Also != nil || d.Compare {
			t.Errorf("%s: %+v, %+v", name, d, s)
		}
	}
}

func TestWhatAnInstallationNames(t *testing.T) {
	const in = `"installation":{"id":7,"account":{"login":"acme"}},"sender":{"login":"ana","id":1,"type":"User"}`
	two := `[{"id":1,"full_name":"acme/one"},{"id":2,"full_name":"acme/two"},{"id":2,"full_name":"acme/two"},` +
		`{"id":3,"full_name":"acme/../x"},{"id":0,"full_name":"acme/none"}]`
	for name, c := range map[string]struct {
		event, body string
		repos       []int64
		compare     bool
	}{
		"created":     {"installation", `{"action":"created","repositories":` + two + `,` + in + `}`, []int64{1, 2}, true},
		"permissions": {"installation", `{"action":"new_permissions_accepted",` + in + `}`, nil, true},
		"unsuspended": {"installation", `{"action":"unsuspend",` + in + `}`, nil, true},
		"deleted":     {"installation", `{"action":"deleted","repositories":` + two + `,` + in + `}`, nil, false},
		"suspended":   {"installation", `{"action":"suspend",` + in + `}`, nil, false},
		"added": {"installation_repositories", `{"action":"added","repositories_added":` + two + `,` + in + `}`,
			[]int64{1, 2}, true},
		"removed":      {"installation_repositories", `{"action":"removed","repositories_removed":` + two + `,` + in + `}`, nil, false},
		"of odd types": {"installation", `{"action":"created","repositories":{"id":1},` + in + `}`, nil, true},
	} {
		d := opened(t, c.event, c.body)
		var got []int64
		if d.Seen != nil {
			for _, s := range append([]gate.Seen{*d.Seen}, d.Also...) {
				got = append(got, s.Subject.Repo.ID)
				if s.Subject.Kind != gate.Repository || s.Subject.Repo.Installation != 7 || s.Subject.Repo.Owner != "acme" ||
					s.Action != gate.Installed {
					t.Errorf("%s: %+v", name, s)
				}
			}
		}
		if !slices.Equal(got, c.repos) || d.Compare != c.compare {
			t.Errorf("%s: repositories %v, compare %v", name, got, d.Compare)
		}
	}
	var list []string
	for id := 1; id <= maxNamed+200; id++ {
		list = append(list, fmt.Sprintf(`{"id":%d,"full_name":"acme/r%d"}`, id, id))
	}
	if d := opened(t, "installation", `{"action":"created","repositories":[`+strings.Join(list,
		",")+`],`+in+`}`); len(d.Also) != maxNamed-1 || !d.Compare {
		t.Errorf("%d repositories are taken in at once", len(d.Also)+1)
	}
}

func TestChangesOfARepositoryAreUnderstood(t *testing.T) {
	for action, is := range map[string]string{"archived": gate.Archived, "unarchived": gate.Unarchived, "renamed": gate.Renamed,
		"transferred": gate.Moved, "edited": "", "privatized": ""} {
		d := opened(t, "repository", `{"action":"`+action+`",`+commonPart+`}`)
		if (is != "") != (d.Seen != nil) || is != "" && (d.Seen.Subject.Kind != gate.Repository || d.Seen.Action != is) {
			t.Errorf("%s: %+v", action, d.Seen)
		}
	}
}

func TestEventsOfAnOptionalPermission(t *testing.T) {
	for _, event := range []string{"repository_ruleset", "branch_protection_rule"} {
		d := opened(t, event, `{"action":"deleted",`+commonPart+`}`)
		if d.Seen == nil || d.Seen.Subject.Kind != gate.Repository || d.Seen.Action != gate.EnforcementChanged || d.Compare {
			t.Errorf("%s: %+v", event, d.Seen)
		}
		if slices.Contains(Events(), event) {
			t.Errorf("the App asks for %s, which needs a permission that it does not ask for", event)
		}
	}
	if d := opened(t, "repository_ruleset", `{"action":"deleted","installation":{"id":7}}`); d.Seen != nil || !d.Compare {
		t.Errorf("an organisation's ruleset: %+v", d)
	}
}
