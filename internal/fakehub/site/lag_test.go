package site_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/actions"
	"github.com/gatehold/gatehold/internal/fakehub/lag"
)

const headQuery = `query($n: Int!) { repository(owner: "acme", name: "shop") {
  pullRequest(number: $n) { headRefOid baseRefName title baseRef { target { oid } } }
  defaultBranchRef { target { oid } }
} }`

func (w *world) opened(n fakehub.NewPull) *fakehub.Pull {
	w.t.Helper()
	if n.Author == nil {
		n.Author = w.agent
	}
	if n.Files == nil {
		n.Files = fakehub.Files{fmt.Sprintf("f-%s.txt", n.Title): "1\n"}
	}
	p, err := w.shop.OpenPull(n)
	w.must(err)
	return p
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func TestALagAnswersAsOftenAsToldWithWhatWas(t *testing.T) {
	w := newWorld(t, fakehub.Options{})
	p := w.opened(fakehub.NewPull{Title: "A"})
	before := p.HeadSHA()
	lag := w.hub.Lag(lag.Lag{Of: lag.Pulls, Via: lag.REST, Times: 1})
	after, err := p.Push(fakehub.Files{"more.txt": "x\n"})
	w.must(err)
	api := w.api()
	api.ask(headQuery, map[string]any{"n": 1}).is("data.repository.pullRequest.headRefOid", after)
	api.get(shop+"/git/ref/heads/"+p.HeadBranch()).want(200).is("object.sha", after)
	api.get(shop+"/pulls/1").want(200).is("head.sha", before)
	api.get(shop+"/pulls/1").want(200).is("head.sha", after)
	if lag.Hits() != 1 {
		t.Errorf("%d hits, want 1", lag.Hits())
	}
	if pushed := only(w.took(), "pull_request", "synchronize"); len(pushed) != 1 || pushed[0].payload["after"] != after {
		t.Errorf("the webhook is behind: %v", pushed)
	}
}

func TestALagOfOneFieldLeavesTheOthersOfAQuery(t *testing.T) {
	w := newWorld(t, fakehub.Options{})
	p := w.opened(fakehub.NewPull{Title: "A"})
	was, old := p.HeadSHA(), w.shop.Tip("main")
	pulls := w.hub.Lag(lag.Lag{Of: lag.Pulls, Via: lag.GraphQL, Repo: w.shop})
	head, err := p.Push(fakehub.Files{"more.txt": "x\n"})
	w.must(err)
	main, err := w.shop.Commit("main", fakehub.NewCommit{Message: "Rules", Files: fakehub.Files{".github/gatehold.yml": "version: 1\n"}})
	w.must(err)
	const pr = "data.repository.pullRequest."
	w.api().ask(headQuery, map[string]any{"n": 1}).is(pr+"headRefOid", was).is(pr+"baseRef.target.oid", main).
		is("data.repository.defaultBranchRef.target.oid", main)
	pulls.CatchUp()
	w.hub.Lag(lag.Lag{Of: lag.Refs})
	_, err = w.shop.Commit("main", fakehub.NewCommit{Message: "More", Files: fakehub.Files{"x": "1\n"}})
	w.must(err)
	w.api().ask(headQuery, map[string]any{"n": 1}).is(pr+"headRefOid", head).is(pr+"baseRef.target.oid", main).
		is("data.repository.defaultBranchRef.target.oid", main)
	if old == main {
		t.Fatal("main did not move")
	}
}

func TestALagLastsForItsTimeOfTheHubsClock(t *testing.T) {
	c := newClock()
	w := newWorld(t, fakehub.Options{Now: c.now})
	p := w.opened(fakehub.NewPull{Title: "A"})
	w.hub.Lag(lag.Lag{Of: lag.Pulls, For: 5 * time.Second})
	p.Edit("B", "", w.alice)
	w.api().get(shop+"/pulls/1").is("title", "A")
	c.forward(4 * time.Second)
	w.api().get(shop+"/pulls/1").is("title", "A")
	c.forward(time.Second)
	w.api().get(shop+"/pulls/1").is("title", "B")
}

func TestACopyThatStaysBehindGivesEveryStateItsTime(t *testing.T) {
	c := newClock()
	w := newWorld(t, fakehub.Options{Now: c.now})
	p := w.opened(fakehub.NewPull{Title: "0"})
	w.hub.Lag(lag.Lag{Of: lag.Pulls, Behind: 3 * time.Second})
	for i := 1; i <= 6; i++ {
		c.forward(2 * time.Second)
		p.Edit(fmt.Sprint(i), "", w.alice)
		p.Label(fmt.Sprint("l", i), w.alice) // a second change of the same moment
		// Three seconds ago the edit before the last was the newest.
		w.api().get(shop+"/pulls/1").is("title", max(0, i-2))
		c.forward(time.Second)
		w.api().get(shop+"/pulls/1").is("title", i-1)
		c.forward(-time.Second)
	}
}

func TestWhatCameLaterIsNotThereYet(t *testing.T) {
	w := newWorld(t, fakehub.Options{})
	p := w.opened(fakehub.NewPull{Title: "A"})
	commits := w.hub.Lag(lag.Lag{Of: lag.Commits | lag.Contents})
	writes := w.hub.Lag(lag.Lag{Of: lag.Checks, Writes: true, Times: 2})
	sha, err := p.Push(fakehub.Files{"more.txt": "x\n"})
	w.must(err)
	api := w.api()
	api.get(shop + "/commits/" + sha).want(422)
	api.get(shop + "/git/commits/" + sha).want(404)
	api.get(shop + "/compare/main..." + sha).want(404)
	api.ask(`query($s: GitObjectID!) { repository(owner: "acme", name: "shop") { object(oid: $s) { oid } } }`, map[string]any{"s": sha}).
		is("data.repository.object", nil)
	create := func() *reply {
		return api.do("POST", shop+"/check-runs", map[string]any{"name": "gatehold", "head_sha": sha, "status": "in_progress"})
	}
	create().want(422).says("No commit found for SHA: " + sha)
	if n := len(w.shop.CheckRuns(sha)); n != 0 {
		t.Fatalf("%d check runs were made on a commit that was not there", n)
	}
	create().want(422)
	run := create().want(201)
	if writes.Hits() != 2 {
		t.Errorf("%d writes came too early, want 2", writes.Hits())
	}
	writes.CatchUp()
	commits.CatchUp()
	api.get(shop + "/commits/" + sha).want(200)
	w.hub.Lag(lag.Lag{Of: lag.Checks})
	path := shop + "/check-runs/" + fmt.Sprint(run.value("id"))
	api.do("PATCH", path, map[string]any{"conclusion": "success"}).want(200).is("conclusion", "success")
	api.get(path).want(200).is("status", "in_progress")
}

// TestALagIsTheWholePast plays what may happen to a repository, and holds every
// answer of a lag against the one that was given at its time.
func TestALagIsTheWholePast(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t, fakehub.Options{RESTQuota: -1, GraphQLQuota: -1})
		defer w.hub.Close()
		w.app.SetWebhook("", "")
		s := &happenings{world: w, team: w.acme.CreateTeam("sre", nil)}
		s.pull = w.opened(fakehub.NewPull{Title: "A"})
		s.play(rt)
		then := s.answers()
		behind := w.hub.Lag(lag.Lag{})
		s.play(rt)
		if past := s.answers(); !slices.Equal(then, past) {
			rt.Fatalf("the past is not what it was:\n%s", firstDifference(then, past))
		}
		behind.CatchUp()
		now := s.answers()
		w.hub.Lag(lag.Lag{})
		if again := s.answers(); !slices.Equal(now, again) {
			rt.Fatalf("the present is not what it is:\n%s", firstDifference(now, again))
		}
	})
}

// happenings are things that happen, at random.
type happenings struct {
	*world
	pull  *fakehub.Pull
	team  *fakehub.Team
	run   *actions.WorkflowRun
	count int
}

func (s *happenings) play(t *rapid.T) {
	for _, what := range rapid.SliceOfN(rapid.IntRange(0, 16), 1, 12).Draw(t, "what happens") {
		s.count++
		s.happen(what, fmt.Sprint(s.count))
	}
}

func (s *happenings) happen(what int, n string) {
	switch what {
	case 0:
		_, err := s.pull.Push(fakehub.Files{"p" + n: n})
		s.must(err)
	case 1:
		_, err := s.shop.Commit("main", fakehub.NewCommit{Message: n, Files: fakehub.Files{"m" + n: n}})
		s.must(err)
	case 2:
		s.pull.Edit(n, n, s.alice)
	case 3:
		s.pull.Label(n, s.alice)
	case 4:
		s.pull.Close(s.alice)
		s.must(s.pull.Reopen(s.alice))
	case 5:
		_, err := s.shop.PostCheck(s.app, s.pull.HeadSHA(), "gatehold", "success")
		s.must(err)
	case 6:
		s.must(s.shop.Require("c"+n, 0))
	case 7:
		s.team.Add(s.hub.CreateUser("user"+n), "member")
	case 8:
		s.shop.Collaborate(s.agent, "write")
		s.shop.SetPrivate(s.count%2 == 0)
	case 9:
		s.must(s.alice.Rename("alice" + n))
	case 10:
		_, err := s.hub.Deploy(s.shop, actions.NewDeployment{Environment: "e" + n, States: []string{"success"}})
		s.must(err)
	case 11:
		run, err := s.hub.StartRun(s.shop, actions.RunSpec{Jobs: []actions.JobSpec{{Name: "build"}}})
		s.must(err)
		s.run = run
	case 12:
		if s.run != nil && s.run.View().Conclusion == "" {
			s.must(s.hub.FinishJob(s.run, "build", "success"))
		}
	case 13:
		s.opened(fakehub.NewPull{Title: n})
	case 14:
		s.must(s.shop.Rename("shop"+n, s.alice))
	case 15:
		s.must(s.acme.Rename("acme" + n))
	case 16:
		s.shop.Archive(s.alice)
		s.shop.Unarchive(s.alice)
	}
}

// answers are what can be read of all that happens.
func (s *happenings) answers() []string {
	var out []string
	api := s.api()
	for _, path := range []string{"", "/pulls?state=all", "/pulls/1", "/pulls/1/files", "/pulls/1/commits",
		"/commits?sha=main", "/git/ref/heads/main",
		"/contents/", "/compare/main..." + s.pull.HeadBranch(), "/commits/" + s.pull.HeadBranch() + "/check-runs", "/rulesets",
		"/rules/branches/main",
		"/collaborators/fixer%5Bbot%5D/permission", "/environments", "/deployments", "/actions/runs"} {
		r := api.get(fmt.Sprintf("/repositories/%d%s", s.shop.ID, path))
		out = append(out, fmt.Sprint(path, " ", r.status, " ", string(r.body)))
	}
	for _, path := range []string{"/orgs/acme/teams/sre/members", fmt.Sprintf("/user/%d", s.alice.ID), "/installation/repositories"} {
		r := api.get(path)
		out = append(out, fmt.Sprint(path, " ", r.status, " ", string(r.body)))
	}
	r := api.ask(pullQuery, map[string]any{"owner": "acme", "name": "shop", "number": 1, "rules": "README.md"})
	return append(out, fmt.Sprint(r.value("data.repository")))
}

func firstDifference(a, b []string) string {
	for i := range a {
		if a[i] != b[i] {
			return a[i] + "\n" + b[i]
		}
	}
	return ""
}
