package policy

import (
	"testing"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/rulesfile"
)

func compiled(t *testing.T, org, repo string) *Rules {
	t.Helper()
	var files [2]*rulesfile.File
	for i, text := range []string{org, repo} {
		if text == "" {
			continue
		}
		f, err := rulesfile.Parse(rulesfile.Source{Name: FileName, Text: []byte("version: 1\n" + text)})
		if err != nil {
			t.Fatal(err)
		}
		files[i] = f
	}
	r, err := Compile(files[0], files[1])
	if err != nil {
		t.Fatal(err)
	}
	return r
}

const (
	forFixer = "credentials: [{ id: a, for: { agent: fixer }, gate: required, github: { permissions: { contents: write }, " +
		"repositories: [shop, infra] }, lifetime: 30m }]\n"
	isFixer = "agents: { known: [{ name: fixer, claims: { team: fixers } }] }\n"
)

// TestARepositoryOnlyNarrows: what the organisation allows, and no more; without an
// organisation's file a repository gives away nothing but itself.
func TestARepositoryOnlyNarrows(t *testing.T) {
	const narrower = "credentials: [{ id: a, for: { agent: fixer, branches: [main] }, gate: intent, github: { permissions: { contents: read, " +
		"packages: write }, repositories: [infra, other] }, lifetime: 5m }]\n"
	c, given := compiled(t, isFixer+forFixer, narrower).Credential("a")
	if !given || len(c.Permissions) != 1 || c.Permissions["contents"] != "read" || len(c.Repositories) != 1 || c.Repositories[0] != "infra" ||
		c.Lifetime != "5m0s" || len(c.Gate) != 2 || len(c.For) != 2 || c.OwnOnly {
		t.Errorf("together they give %+v, %v", c, given)
	}
	if all := compiled(t, "mode: enforce\n", isFixer+forFixer).Credentials(); len(all) > 0 {
		t.Errorf("what the organisation does not name is given: %+v", all)
	}
	if c, given := compiled(t, "", isFixer+forFixer).Credential("a"); !given || !c.OwnOnly {
		t.Errorf("a repository alone gives %+v, %v", c, given)
	}
}

// TestARepositoryMakesNobodyAnAgent: whom the organisation gives something to as its agent
// is said by its file.
func TestARepositoryMakesNobodyAnAgent(t *testing.T) {
	w := gate.Workload{Issuer: "https://token.example", Claims: map[string]string{"team": "fixers"}, Job: &gate.WorkflowJob{}}
	for _, c := range []struct{ org, repo, want string }{
		{isFixer + forFixer, "", "fixer"},
		{"agents: { known: [{ name: fixer }] }\n" + forFixer, isFixer, ""},
		{"", isFixer + forFixer, "fixer"},
	} {
		if name, _ := compiled(t, c.org, c.repo).AgentOf(w, true); name != c.want {
			t.Errorf("with %q and %q it is %q", c.org, c.repo, name)
		}
	}
}
