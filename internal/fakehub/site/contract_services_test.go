//go:build services

package site_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/contract"
)

var description = sync.OnceValues(contract.Load)

// TestEverythingIsAsGitHubDescribesIt walks through all that the hub serves and
// sends, with GitHub's description looking on.
func TestEverythingIsAsGitHubDescribesIt(t *testing.T) {
	c, err := description()
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, fakehub.Options{Contract: c})
	bob := w.hub.CreateUser("bob")
	sre := w.acme.CreateTeam("sre", w.acme.CreateTeam("engineering", nil))
	sre.Add(bob, "member")
	w.shop.SetBranchRules("main", `{"type":"required_status_checks","ruleset_source_type":"Repository","ruleset_source":"acme/shop","ruleset_id":1,
		"parameters":{"required_status_checks":[{"context":"gatehold","integration_id":7}],"strict_required_status_checks_policy":false}}`)
	if _, err := w.shop.Commit("main", fakehub.NewCommit{Author: w.alice, Verified: true, Message: "More", Files: fakehub.Files{
		".github/gatehold.yml": "version: 1\n", "bin/run": fakehub.Executable("#!/bin/sh\n"), "link": fakehub.Symlink("README.md"),
		"sub": fakehub.Submodule(strings.Repeat("a", 40)), "pic.png": "\x89PNG\x00"}}); err != nil {
		t.Fatal(err)
	}
	pull := w.everyEventOfAPull(bob)
	w.everyRead(pull)
	w.everyCheck(pull, bob)
	w.everyRuleset()
	w.everyTurnOfAQueue()
	w.everyDeployment()
	w.everyAppCall()
	w.everyWrite()
	w.everyAbsence()
	w.everyName()
	w.api().ask(pullQuery, map[string]any{"owner": "acme", "name": "shop", "number": 1, "rules": ".github/gatehold.yml"})
	w.took()
	if v := w.hub.Violations(); len(v) > 0 {
		t.Errorf("%d departures from GitHub's description:\n%s", len(v), strings.Join(v, "\n"))
	}
}

// TestWhatBreaksTheDescriptionIsRefusedAndNoted shows that the contract is in
// force: nothing of such a request happens.
func TestWhatBreaksTheDescriptionIsRefusedAndNoted(t *testing.T) {
	c, err := description()
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, fakehub.Options{Contract: c})
	w.check(fields{"conclusion": "success", "detail_url": "x"}).want(400).says("/detail_url")
	w.api().get("/repos/acme/shop/pulls?stat=all").want(400)
	w.api().ask(`{ viewer { shoeSize } }`, nil).says("shoeSize").is("data", nil)
	if n := len(w.shop.CheckRuns(w.shop.Tip("main"))); n != 0 {
		t.Errorf("%d check runs were created", n)
	}
	if v := w.hub.Violations(); len(v) != 3 {
		t.Errorf("%d violations are noted: %q", len(v), v)
	}
}

func (w *world) everyEventOfAPull(bob *fakehub.Account) *fakehub.Pull {
	w.t.Helper()
	do := func(err error) {
		w.t.Helper()
		if err != nil {
			w.t.Fatal(err)
		}
	}
	_, err := w.shop.Commit("release", fakehub.NewCommit{Author: w.alice, Message: "Release", Files: fakehub.Files{"VERSION": "1\n"}})
	do(err)
	pull, err := w.shop.OpenPull(fakehub.NewPull{Author: w.agent, Title: "T", Body: "B", Labels: []string{"agent"},
		Assignees: []*fakehub.Account{bob},
		Files: fakehub.Files{"README.md": "hello\nyou\n", "moved.txt": "one\ntwo\nthree\n", "old.txt": fakehub.Deleted,
			"pic.png": "\x89PNG\x00\x01", "link": fakehub.Symlink("VERSION")}})
	do(err)
	_, err = pull.Push(fakehub.Files{"more.txt": "x\n"})
	do(err)
	do(pull.Retarget("release", bob))
	do(pull.Retarget("main", bob))
	pull.Edit("T2", "B2", bob)
	pull.Label("risky", bob)
	pull.Unlabel("risky", bob)
	pull.Assign(w.alice, bob)
	pull.SetDraft(true, bob)
	pull.SetDraft(false, bob)
	pull.Close(bob)
	do(pull.Reopen(bob))
	other, err := w.shop.OpenPull(fakehub.NewPull{Author: bob, Title: "Fork", From: w.shop.Fork(bob), Files: fakehub.Files{"f": "f\n"}})
	do(err)
	_, err = other.Merge(w.alice)
	do(err)
	w.shop.DeleteBranch("release", w.alice)
	w.inst.Suspend(true)
	w.inst.Suspend(false)
	return pull
}

func (w *world) everyRead(pull *fakehub.Pull) {
	w.t.Helper()
	api, head := w.api(), pull.HeadSHA()
	for _, path := range []string{
		"", "/branches/main", "/rules/branches/main", "/contents/README.md", "/contents/", "/contents/link", "/contents/sub",
		"/contents/bin?ref=" + head,
		"/compare/main..." + head, "/compare/main..." + head + "?per_page=1&page=1", "/commits?sha=main", "/commits/" + head,
		"/commits/" + head + "/pulls",
		"/git/trees/" + head + "?recursive=1", "/git/commits/" + head, "/activity",
		"/activity?per_page=1&ref=main&direction=asc", "/git/ref/heads/main", "/pulls?state=all&per_page=100", "/pulls/1", "/pulls/2",
		"/pulls/1/files?per_page=2", "/pulls/1/commits", "/collaborators/bob/permission",
		"/commits/" + head + "/check-runs?check_name=gatehold&filter=latest&app_id=1",
	} {
		api.get("/repos/acme/shop" + path).want(200)
	}
	tree := api.get("/repos/acme/shop/git/trees/main").want(200)
	api.get("/repos/acme/shop/git/blobs/" + fmt.Sprint(tree.value("tree.1.sha"))).want(200)
	for _, path := range []string{"/orgs/acme/memberships/alice", "/orgs/acme/teams/sre", "/orgs/acme/teams/sre/members",
		"/orgs/acme/teams/engineering/memberships/bob",
		fmt.Sprintf("/user/%d", w.alice.ID), "/users/bob", "/installation/repositories", "/rate_limit"} {
		api.get(path).want(200)
	}
	w.as(w.hub.PersonalToken(w.alice)).get("/user").want(200)
	api.get("/orgs/acme/members/bob").want(204)
	api.get("/repos/acme/shop/pulls/77").want(404)
}

func (w *world) everyCheck(pull *fakehub.Pull, bob *fakehub.Account) {
	w.t.Helper()
	api, runs := w.api(), "/repos/acme/shop/check-runs"
	run := api.do("POST", runs, map[string]any{"name": "gatehold", "head_sha": pull.HeadSHA(), "external_id": "x",
		"details_url": "https://example.com/x",
		"status":      "in_progress", "started_at": time.Now().UTC().Format(time.RFC3339),
		"output": map[string]any{"title": "t", "summary": "s", "text": "x",
			"annotations": []any{map[string]any{"path": "README.md", "start_line": 1, "end_line": 1, "start_column": 1,
				"end_column": 2, "annotation_level": "warning", "message": "m", "title": "t"}}},
		"actions": []any{map[string]any{"label": "Approve", "description": "Let it go", "identifier": "approve"}}}).want(201)
	id := fmt.Sprint(run.value("id"))
	api.do("PATCH", runs+"/"+id, map[string]any{"conclusion": "action_required",
		"output": map[string]any{"title": "t", "summary": "s"}}).want(200)
	api.get(runs + "/" + id).want(200)
	api.get(runs + "/" + id + "/annotations").want(200)
	api.do("POST", runs+"/"+id+"/rerequest", nil).want(201)
	view := w.shop.CheckRuns(pull.HeadSHA())[0]
	if err := w.hub.Click(view.ID, "approve", bob); err != nil {
		w.t.Fatal(err)
	}
	if err := w.hub.Rerequest(view.ID, bob); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) everyRuleset() {
	w.t.Helper()
	admin, prod := w.as(w.hub.PersonalToken(w.alice)), w.hub.CreateEnvironment(w.shop, "prod/eu")
	watcher, err := w.hub.CreateApp(fakehub.NewApp{Slug: "watcher", PrivateKey: key(), WebhookURL: w.hooks.url,
		Permissions: map[string]string{"metadata": "read", "administration": "read"}, Events: []string{"repository_ruleset"}})
	if err != nil {
		w.t.Fatal(err)
	}
	watching := watcher.Install(w.acme)
	for _, path := range []string{"/repos/acme/shop/rulesets", "/orgs/acme/rulesets"} {
		body := fields{"name": "Gates", "target": "branch", "enforcement": "active", "conditions": refs("~DEFAULT_BRANCH"),
			"rules":         []any{requireGatehold, fields{"type": "max_file_size", "parameters": fields{"max_file_size": 5}}},
			"bypass_actors": []any{fields{"actor_id": 5, "actor_type": "RepositoryRole", "bypass_mode": "pull_request"}}}
		if strings.HasPrefix(path, "/orgs") {
			body["conditions"].(fields)["repository_name"] = fields{"include": []string{"~ALL"}, "exclude": []string{}}
		}
		id := fmt.Sprint(admin.do("POST", path, body).want(201).value("id"))
		admin.get(path).want(200)
		admin.get(path + "/" + id).want(200)
		w.api().get("/repos/acme/shop/rules/branches/main").want(200)
		admin.do("PUT", path+"/"+id, body).want(200)
		admin.do("DELETE", path+"/"+id, nil).want(204)
	}
	if n := len(only(w.took(), "repository_ruleset", "")); n != 3 {
		w.t.Errorf("%d events of a repository's ruleset, want 3", n)
	}
	watching.Uninstall()
	prod.Protect(w.app, true)
	w.api().get("/repos/acme/shop/environments").want(200)
	w.api().get("/repos/acme/shop/environments/prod%2Feu").want(200)
	w.api().get("/repos/acme/shop/environments/prod%2Feu/deployment_protection_rules").want(200)
	w.inst.Select(w.shop)
	w.inst.SelectAll()
	w.acme.CreateRepo("later", nil)
}

// everyTurnOfAQueue has one entry merge, one fail and one be invalidated.
func (w *world) everyTurnOfAQueue() {
	w.t.Helper()
	if err := w.shop.UseMergeQueue(10 * time.Minute); err != nil {
		w.t.Fatal(err)
	}
	w.shop.SetBranchRules("main")
	if err := w.shop.Require("gatehold", w.app.ID); err != nil {
		w.t.Fatal(err)
	}
	w.enqueue(w.ready(fakehub.Files{"q1": "1"}), w.ready(fakehub.Files{"q2": "2"}), w.ready(fakehub.Files{"q3": "3"}))
	w.api().get("/repos/acme/shop/rules/branches/main").want(200)
	w.verdict(w.shop.Queue("main")[1].HeadSHA, "failure")
	w.verdict(w.shop.Queue("main")[0].HeadSHA, "success")
	if story := w.story(); !strings.Contains(story, "merged") || !strings.Contains(story, "invalidated") ||
		!strings.Contains(story, "CI_FAILURE") {
		w.t.Errorf("the queue went %s", story)
	}
}

func (w *world) everyAppCall() {
	w.t.Helper()
	w.took()
	app := w.as(w.appJWT())
	app.get("/app").want(200)
	app.get("/app/hook/config").want(200)
	app.get("/app/installations").want(200)
	app.get(fmt.Sprintf("/app/installations/%d", w.inst.ID)).want(200)
	app.get("/repos/acme/shop/installation").want(200)
	app.get("/orgs/acme/installation").want(200)
	list := app.get("/app/hook/deliveries?per_page=3").want(200)
	id := fmt.Sprint(list.value("0.id"))
	app.get("/app/hook/deliveries/" + id).want(200)
	app.do("POST", "/app/hook/deliveries/"+id+"/attempts", nil).want(202)
	token := w.newToken(map[string]any{"repositories": []string{"shop"}, "permissions": map[string]string{"checks": "write"}})
	w.as(token).do("DELETE", "/installation/token", nil).want(204)
	w.as(token).get("/repos/acme/shop").want(401)
}

// everyWrite moves branches and merges by a token.
func (w *world) everyWrite() {
	w.t.Helper()
	alice, topic := w.as(w.hub.PersonalToken(w.alice)), w.made("by-token")
	alice.do("POST", "/repos/acme/shop/git/refs", fields{"ref": "refs/heads/topic/x", "sha": topic}).want(201)
	alice.do("PATCH", "/repos/acme/shop/git/refs/heads/topic/x", fields{"sha": w.made("again"), "force": true}).want(200)
	alice.do("PATCH", "/repos/acme/shop/git/refs/heads/main", fields{"sha": topic}).want(422)
	alice.do("DELETE", "/repos/acme/shop/git/refs/heads/topic/x", nil).want(204)
	w.rule("reviewed", "", oneApproval)
	p := w.opened(fakehub.NewPull{Title: "M", Base: "main"})
	alice.do("PUT", fmt.Sprintf("/repos/acme/shop/pulls/%d/merge", p.Number), fields{"merge_method": "squash"}).want(405)
	p = w.opened(fakehub.NewPull{Title: "N", Base: p.HeadBranch()})
	alice.do("PUT", fmt.Sprintf("/repos/acme/shop/pulls/%d/merge", p.Number), fields{"merge_method": "squash"}).want(200)
}

// everyAbsence has accounts, Apps and forks go whose work stays.
func (w *world) everyAbsence() {
	w.t.Helper()
	_, err := w.shop.Commit("other", fakehub.NewCommit{Message: "Other", Files: fakehub.Files{"other": "1\n"}})
	w.must(err)
	carol, dave := w.hub.CreateUser("carol"), w.hub.CreateUser("dave")
	app, err := w.hub.CreateApp(fakehub.NewApp{Slug: "gone", PrivateKey: key()})
	w.must(err)
	app.Install(w.acme)
	fork := w.shop.Fork(dave)
	pulls := []*fakehub.Pull{w.opened(fakehub.NewPull{Title: "C", Author: carol, Base: "other"}),
		w.opened(fakehub.NewPull{Title: "D", Author: dave, From: fork, Base: "other"}),
		w.opened(fakehub.NewPull{Title: "E", Author: app.Bot, Base: "other"}),
		w.opened(fakehub.NewPull{Title: "F", Author: w.hub.CreateMannequin("m"), Base: "other"})}
	_, err = w.shop.PostCheck(app, pulls[2].HeadSHA(), "c", "success")
	w.must(err)
	fork.Delete(dave)
	app.Delete()
	w.must(w.hub.DeleteAccount(carol))
	api := w.api()
	for _, p := range pulls {
		p.Label("seen", w.alice)
		api.get(fmt.Sprintf("/repos/acme/shop/pulls/%d", p.Number)).want(200)
		api.ask(`query($n: Int!) { repository(owner: "acme", name: "shop") { pullRequest(number: $n) { author { login `+
			`} headRepository { name } } } }`, map[string]any{"n": p.Number})
	}
	api.get("/repos/acme/shop/pulls?state=open").want(200)
	runs := api.get("/repos/acme/shop/commits/" + pulls[2].HeadSHA() + "/check-runs").want(200)
	api.get(fmt.Sprintf("/repos/acme/shop/check-suites/%v", runs.value("check_runs.0.check_suite.id"))).want(200)
	api.get("/repos/acme/shop/commits/" + pulls[2].HeadSHA() + "/check-suites").want(200)
	mine := api.do("POST", "/repos/acme/shop/check-runs", fields{"name": "s", "head_sha": pulls[0].HeadSHA()}).want(201)
	api.do("POST", fmt.Sprintf("/repos/acme/shop/check-suites/%v/rerequest", mine.value("check_suite.id")), nil).want(201)
	w.acme.UseIPAllowList(true)
	api.get("/repos/acme/shop").want(403)
	w.acme.UseIPAllowList(false)
}

// everyName has a repository and its owner change what they are called.
func (w *world) everyName() {
	w.t.Helper()
	w.listening()
	api, other := w.api(), w.hub.CreateOrg("other")
	w.must(w.shop.Rename("store", w.alice))
	api.get("/repos/acme/shop/pulls/1").want(301)
	api.do("POST", "/repos/acme/shop/check-runs", fields{"name": "c", "head_sha": w.shop.Tip("main")}).want(307)
	api.get(fmt.Sprintf("/repositories/%d/pulls/1", w.shop.ID)).want(200)
	w.shop.Archive(w.alice)
	api.do("POST", "/repos/acme/store/check-runs", fields{"name": "c", "head_sha": w.shop.Tip("main")}).want(403)
	w.shop.Unarchive(w.alice)
	w.shop.SetDefaultBranch("other")
	w.shop.SetDefaultBranch("main")
	api.ask(`query($id: ID!) { nodes(ids: [$id]) { ... on Repository { isArchived } } }`,
		map[string]any{"id": api.get("/repos/acme/store").value("node_id")})
	w.must(w.acme.Rename("ace"))
	w.must(w.shop.Transfer(other.Account, w.alice))
	w.must(w.shop.Transfer(w.acme.Account, w.alice))
	w.shop.Delete(w.alice)
	hooks := w.took()
	for _, action := range []string{"renamed", "archived", "unarchived", "edited", "transferred", "deleted"} {
		if len(only(hooks, "repository", action)) == 0 {
			w.t.Errorf("no webhook says that a repository was %s", action)
		}
	}
}
