package judge

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect/judged"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/rulesfile/rulestest"
)

// Workflows that call one another without end, or to no end, are read in a
// bounded time, and said to be unread.
func TestCallsAreBounded(t *testing.T) {
	fan := func(to string) change.Text {
		var b strings.Builder
		b.WriteString("jobs:\n")
		for i := range 200 {
			fmt.Fprintf(&b, "  j%d: { uses: %s }\n", i, to)
		}
		return change.TextOf(b.String())
	}
	cases := map[string]change.Workflow{"a circle": {Path: "a.yml", Text: fan("./b.yml"),
		Calls: []change.Called{{Uses: "./b.yml", Text: fan("./b.yml")}}}}
	fans := change.Workflow{Path: "a.yml", Text: fan("./w0.yml")}
	for i := range 8 {
		fans.Calls = append(fans.Calls, change.Called{Uses: fmt.Sprintf("./w%d.yml", i), Text: fan(fmt.Sprintf("./w%d.yml", i+1))})
	}
	fans.Calls = append(fans.Calls, change.Called{Uses: "./w8.yml", Text: change.TextOf("jobs: {}")})
	cases["a fan of empty files"] = fans
	r := mustCompile(t, nil, rulestest.MustParse(t, "repository", "version: 1\nextends: []\nworkflows: { all: [\"**\"] }\n"))
	for name, w := range cases {
		v := Run(r, &RunFacts{Run: change.Run{Workflow: w.Path, Event: "workflow_dispatch", Triggered: actor("Copilot")},
			Workflow: &w, Now: tuesday})
		unread := 0
		for _, f := range v.Findings {
			if observationOf(f) == judged.UnreadableRun.ID {
				unread++
			}
		}
		if !v.Held || unread == 0 || len(v.Deploy.Jobs) > maxJobs {
			t.Errorf("%s: held %v, %d unread, %d jobs", name, v.Held, unread, len(v.Deploy.Jobs))
		}
	}
}

// In the environment that asks, the range's own approvals say nothing to
// another; who starts a run by hand cannot release it, and the people of a part
// that was released before its merge can.
func TestWhoCannotReleaseADeployment(t *testing.T) {
	r := mustCompile(t, nil, rulestest.MustParse(t, "repository", "version: 1\nextends: []\n"))
	judge := func(event string, attempt int) []gate.Contributor {
		d := &Deployment{Environment: "production"}
		d.Now = tuesday
		d.Run = change.Run{ID: 1, Attempt: attempt, Event: event, Head: "a", Actor: actor("merger"), Triggered: actor("again")}
		d.Outgoing.Pulls = []change.Pull{{Number: 1, Author: actor("ana"), Commits: []string{"c1"}},
			{Number: 2, Author: actor("bob"), Commits: []string{"c2"}}}
		d.Outgoing.Change.Commits = []change.Commit{commitBy("c1", "ana"), commitBy("c2", "bob"), commitBy("c3", "zoe")}
		d.Parts = []Part{{Outgoing: gate.Outgoing{Number: 1, Valid: true}}, {Outgoing: gate.Outgoing{Number: 2, Why: "moved"}}}
		return Deploy(r, d).Contributors
	}
	for _, c := range []struct {
		event   string
		attempt int
		want    string
	}{
		{"push", 1, "bob zoe"},
		{"push", 2, "again bob zoe"},
		{"workflow_dispatch", 1, "again merger bob zoe"},
		{"schedule", 1, "bob zoe"},
	} {
		var got []string
		for _, who := range judge(c.event, c.attempt) {
			got = append(got, who.Login)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s, attempt %d: %v cannot release it, want %s", c.event, c.attempt, got, c.want)
		}
	}
}

// A login that one account gave up and another took names both, each by its id.
func TestWhoCannotReleaseADeploymentOfOneLogin(t *testing.T) {
	d := &Deployment{Environment: "production"}
	d.Now = tuesday
	d.Run = change.Run{ID: 1, Attempt: 1, Event: "workflow_dispatch", Head: "a",
		Actor: change.Actor{Login: "bo", ID: 9, Type: change.User}, Triggered: change.Actor{Login: "bo", ID: 9, Type: change.User}}
	part := commitBy("c1", "bo")
	part.Author.ID = 14
	d.Outgoing.Direct = []change.Commit{part}
	var got []int64
	for _, who := range Deploy(mustCompile(t, nil, rulestest.MustParse(t, "repository", "version: 1\nextends: []\n")), d).Contributors {
		got = append(got, who.ID)
	}
	if !slices.Contains(got, 9) || !slices.Contains(got, 14) {
		t.Errorf("the accounts that cannot release it are %v", got)
	}
}

// More parts than are shown all count in the digest.
func TestHiddenPartsAreInTheDigest(t *testing.T) {
	r := mustCompile(t, nil, rulestest.MustParse(t, "repository", "version: 1\nextends: []\n"))
	judge := func(last string) gate.Verdict {
		d := &Deployment{Environment: "production"}
		d.Now = tuesday
		for i := range 120 {
			d.Outgoing.Direct = append(d.Outgoing.Direct, commitBy(fmt.Sprintf("%040d", i), "ana"))
		}
		d.Outgoing.Direct[119].SHA = last
		return Deploy(r, d)
	}
	a, b := judge("x"), judge("y")
	if len(a.Deploy.Outgoing) != maxOutgoing || a.Deploy.Omitted != 70 || a.Digest == b.Digest {
		t.Errorf("%d shown, %d omitted, digests %.8s and %.8s", len(a.Deploy.Outgoing), a.Deploy.Omitted, a.Digest, b.Digest)
	}
	if !strings.HasPrefix(a.Deploy.Summary, "120 changes") {
		t.Error(a.Deploy.Summary)
	}
}

// Texts that only going back needs are asked for only there.
func TestWantsTextsForGoingBack(t *testing.T) {
	r := mustCompile(t, nil,
		rulestest.MustParse(t, "repository", "version: 1\nextends: []\nenvironments: { production: { rollback: allow }, staging: {} }\n"))
	f := &change.File{Path: "db/1.sql"}
	for _, c := range []struct {
		environment string
		backwards   bool
		want        bool
	}{{"Production", true, true}, {"production", false, false}, {"staging", true, false}, {"other", true, false}} {
		if got := WantsDeployment(r, c.environment, &change.Outgoing{Backwards: c.backwards}, f); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

// Under `presume: agent` a run that somebody's token started is an agent's,
// and a push is judged by what it brings.
func TestPresumedRuns(t *testing.T) {
	r := mustCompile(t, nil, rulestest.MustParse(t, "repository", "version: 1\nextends: []\nagents: { presume: agent }\n"))
	proven := commitBy("c1", "ana")
	proven.Verified = true
	for event, held := range map[string]bool{"push": false, "workflow_dispatch": true} {
		d := &Deployment{Environment: "production"}
		d.Now = tuesday
		d.Run = change.Run{ID: 1, Attempt: 1, Event: event, Actor: actor("ana"), Triggered: actor("ana")}
		d.Outgoing.Direct, d.Outgoing.Change.Base = []change.Commit{proven}, "b"
		v := Deploy(r, d)
		if v.Held != held || v.Agent.Presumed != held {
			t.Errorf("%s: held %v, presumed %v: %s", event, v.Held, v.Agent.Presumed, v.Reason)
		}
	}
}

// An environment whose name only looks like that of a protected one is another:
// GitHub makes it, and nobody protects it.
func TestEnvironmentsThatLookAlikeAreNotProtected(t *testing.T) {
	r := mustCompile(t, nil, rulestest.MustParse(t, "repository", "version: 1\nmode: enforce\nextends: []\nworkflows: { ship: [\"**\"] }\n"))
	judge := func(environment string) gate.Verdict {
		w := change.Workflow{Path: ".github/workflows/ship.yml",
			Text: change.TextOf("permissions: { id-token: write }\non: push\njobs:\n  ship:\n    runs-on: x\n    " +
				"environment: \"" + environment + "\"\n    steps: [{ run: ./ship }]\n")}
		return Run(r, &RunFacts{Run: change.Run{Workflow: w.Path, Event: "workflow_dispatch", Triggered: actor("Copilot")},
			Workflow: &w, Now: tuesday,
			Protected: []string{"tasks"}, Existing: []string{"tasks"}})
	}
	for environment, held := range map[string]bool{
		"tasks": false, "TASKS": false,
		"ta\u017fks": true, "tas\u212as": true, "tasks ": true, "t\u0430sks": true, "tasks\u200b": true, "\uff54asks": true,
	} {
		if v := judge(environment); v.Held != held {
			t.Errorf("%q: held %v (%s), want %v", environment, v.Held, v.Reason, held)
		}
	}
}

// Who pressed the merge button made nothing of it; who squashed is not known to
// have done less than write it.
func TestWhoMergesMayApproveTheDeployment(t *testing.T) {
	r := mustCompile(t, nil, rulestest.MustParse(t, "repository", "version: 1\nextends: []\n"))
	work, merge := commitBy("w1", "devin-ai-integration[bot]"), commitBy("m1", "bo")
	merge.SignedByGitHub = true
	for name, c := range map[string]struct {
		commits  []string
		signed   bool
		involved bool
	}{
		"a merge by GitHub":        {[]string{"w1", "m1"}, true, false},
		"a merge that he made":     {[]string{"w1", "m1"}, false, true},
		"the only commit there is": {[]string{"m1"}, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			d := &Deployment{Environment: "production"}
			d.Now = tuesday
			d.Run = change.Run{ID: 1, Attempt: 1, Event: "push"}
			signed := merge
			signed.SignedByGitHub = c.signed
			d.Outgoing.Change = change.Change{Base: "b1", Head: "m1", Commits: []change.Commit{work, signed}}
			d.Outgoing.Pulls = []change.Pull{{Number: 7, MergeCommit: "m1",
				Author: change.Actor{Login: "devin-ai-integration[bot]", ID: 5, Type: change.Bot}, MergedBy: actor("bo"),
				Commits: c.commits}}
			v := Deploy(r, d)
			involved := slices.ContainsFunc(v.Contributors, func(c gate.Contributor) bool { return c.Login == "bo" })
			if involved != c.involved || !v.Held {
				t.Errorf("held %v; bo among %+v: %v, want %v", v.Held, v.Contributors, involved, c.involved)
			}
		})
	}
}

// A branch that is called nearly as one that may be deployed is another.
func TestBranchesThatLookAlikeAreNotDeployed(t *testing.T) {
	r := mustCompile(t, nil,
		rulestest.MustParse(t, "repository",
			"version: 1\nmode: enforce\nextends: []\nenvironments:\n  production: { hold: agent_changes, from_branches: "+
				"[main, \"release/**\", \"!release/test\"] }\n"))
	for branch, taken := range map[string]bool{
		"main": true, "release/1": true, "release/1/2": true,
		"Main": false, "MAIN": false, "Release/1": false, "release/test": false, "release/TEST": false,
		"main/x": false, "x/main": false, "refs/heads/main": false, "m\u0430in": false, "main ": false, "main\u200b": false, "": false,
	} {
		d := &Deployment{Environment: "production"}
		d.Now, d.Run = tuesday, change.Run{ID: 1, Attempt: 1, Event: "push", Head: "a", Branch: branch, Actor: actor("ana"),
			Triggered: actor("ana")}
		d.Outgoing.Default, d.Outgoing.Change.Base = "main", "b"
		d.Workflow = &change.Workflow{Path: "x.yml",
			Text: change.TextOf("on: push\npermissions: {}\njobs: { a: { runs-on: x, environment: production, steps: [{ run: y }] } }\n")}
		if v := Deploy(r, d); v.Held == taken {
			t.Errorf("%q: held %v: %s", branch, v.Held, v.Reason)
		}
	}
}

// A merge that was made by hand can bring what was never in the pull request.
func TestAMergeByHandIsNotWhatWasApproved(t *testing.T) {
	r := mustCompile(t, nil,
		rulestest.MustParse(t, "repository",
			"version: 1\nmode: enforce\nextends: []\nenvironments:\n  production: { hold: agent_changes, inherit: approved, "+
				"need: { approvals: 1, from: [\"@bo\"] } }\n"))
	for name, c := range map[string]struct {
		merge  string
		signed bool
		range_ []string // the commits that it brought
		valid  bool
	}{
		"by GitHub":    {"m1", true, []string{"h1", "m1"}, true},
		"by hand":      {"m1", false, []string{"h1", "m1"}, false},
		"forward only": {"h1", false, []string{"h1"}, true},
		"rebased":      {"r2", false, []string{"r1", "r2"}, true},
		"squashed":     {"s1", true, []string{"s1"}, true},
	} {
		d := &Deployment{Environment: "production"}
		d.Now, d.Run = tuesday, change.Run{ID: 1, Attempt: 1, Event: "push", Head: c.merge, Branch: "main", Actor: actor("ana"),
			Triggered: actor("ana")}
		d.Outgoing.Default, d.Outgoing.Change.Base = "main", "b"
		for _, sha := range c.range_ {
			commit := commitBy(sha, "ana")
			commit.SignedByGitHub = sha == c.merge && c.signed
			d.Outgoing.Change.Commits = append(d.Outgoing.Change.Commits, commit)
		}
		d.Outgoing.Pulls = []change.Pull{{Number: 7, Head: "h1", MergeCommit: c.merge, BaseRef: "main",
			Author: change.Actor{Login: "devin-ai-integration[bot]", ID: 5, Type: change.Bot}, Commits: c.range_}}
		d.Parts = []Part{{Outgoing: gate.Outgoing{Number: 7, Valid: true, Level: gate.Critical, Agent: true},
			Choices: []gate.Choice{{Counted: gate.Counted{Answer: gate.Approve, Via: gate.ViaButton,
				By: gate.Actor{Login: "bo"}, Groups: []string{"@bo"}}, At: tuesday}}}}
		d.Workflow = &change.Workflow{Path: "x.yml",
			Text: change.TextOf("on: push\npermissions: {}\njobs: { a: { runs-on: x, environment: production, steps: [{ run: y }] } }\n")}
		v := Deploy(r, d)
		if got := v.Deploy.Outgoing[0].Valid; got != c.valid || v.Held == c.valid {
			t.Errorf("%s: valid %v (%s), held %v: %s", name, got, v.Deploy.Outgoing[0].Why, v.Held, v.Reason)
		}
	}
}

// FuzzRun reads hostile workflow files: whatever they say, a run by an agent
// that is not known to be held passes only where each job of it is.
func FuzzRun(f *testing.F) {
	f.Add("jobs:\n  a: { runs-on: ubuntu-latest, steps: [{ run: x }] }", "jobs: {}")
	f.Add("jobs:\n  a: { uses: ./.github/workflows/b.yml }", "jobs:\n  b: { uses: ./.github/workflows/b.yml }")
	f.Add("jobs:\n  a: { needs: b, environment: production }\n  b: { needs: a }", "")
	f.Add("jobs:\n  a: { environment: ${{ matrix.x }}, strategy: { matrix: { x: [production] } } }", "")
	r := mustCompile(f, nil, rulestest.MustParse(f, "repository", "version: 1\nextends: [deploys]\nworkflows: { deploy: [\"**\"] }\n"))
	f.Fuzz(func(t *testing.T, text, called string) {
		d := &RunFacts{
			Run: change.Run{ID: 1, Attempt: 1, Workflow: ".github/workflows/a.yml", Event: "workflow_dispatch", Head: "a",
				Triggered: actor("Copilot")},
			Workflow: &change.Workflow{Path: ".github/workflows/a.yml", Text: change.TextOf(text),
				Calls: []change.Called{{Uses: "./.github/workflows/b.yml", Text: change.TextOf(called)}}},
			Now: tuesday, Protected: []string{"production"},
		}
		v := Run(r, d)
		if len(v.Deploy.Jobs) > maxJobs {
			t.Fatalf("%d jobs", len(v.Deploy.Jobs))
		}
		if !v.Held && !slices.ContainsFunc(v.Deploy.Jobs, func(j gate.Job) bool { return j.Held == "certain" }) {
			t.Fatalf("passes, and no job is held: %s", v.Reason)
		}
		if again := Run(r, d); again.Digest != v.Digest {
			t.Fatal("two verdicts on one run")
		}
	})
}
