package site_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/fakehub"
)

// listening is the App with the events that tell of repositories and owners.
func (w *world) listening() *fakehub.App {
	w.t.Helper()
	app, err := w.hub.CreateApp(fakehub.NewApp{Slug: "listener", PrivateKey: key(), WebhookURL: w.hooks.url,
		Events: []string{"repository", "installation_target", "organization"}})
	w.must(err)
	app.Install(w.acme)
	w.took()
	return app
}

// path is what follows the host in a redirect.
func (r *reply) path() string {
	r.t.Helper()
	_, path, ok := strings.Cut(strings.TrimPrefix(r.header.Get("Location"), "http://"), "/")
	if !ok {
		r.t.Fatalf("%s: it redirects to %q", r.what, r.header.Get("Location"))
	}
	return "/" + path
}

func TestARenamedRepositoryIsFoundByItsOldNameAndItsID(t *testing.T) {
	w := newWorld(t, fakehub.Options{})
	w.listening()
	p := w.opened(fakehub.NewPull{Title: "A"})
	w.took()
	w.must(w.shop.Rename("store", w.alice))
	if got := only(w.took(), "repository", "renamed"); len(got) != 1 ||
		fmt.Sprint(got[0].payload["changes"]) != "map[repository:map[name:map[from:shop]]]" {
		t.Errorf("the renaming was told by %v", got)
	}
	api, id := w.api(), fmt.Sprintf("/repositories/%d", w.shop.ID)
	api.get("/repos/acme/store/pulls/1").want(200).is("base.repo.full_name", "acme/store")
	moved := api.get(shop + "/pulls/1?x=y").want(301).says("Moved Permanently")
	if moved.path() != id+"/pulls/1?x=y" {
		t.Errorf("a GET is led to %s", moved.path())
	}
	run := api.do("POST", shop+"/check-runs", fields{"name": "c", "head_sha": p.HeadSHA()}).want(307)
	if run.path() != id+"/check-runs" {
		t.Errorf("a POST is led to %s", run.path())
	}
	made := api.do("POST", run.path(), fields{"name": "c", "head_sha": p.HeadSHA()}).want(201)
	api.do("PATCH", fmt.Sprintf("%s/check-runs/%v", id, made.value("id")), fields{"conclusion": "success"}).want(200)
	if _, err := w.shop.Commit("a/b", fakehub.NewCommit{Message: "m", Files: fakehub.Files{"d/e f": "1"}}); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"", "/pulls", "/pulls/1/files", "/contents/d/e%20f?ref=a/b", "/git/ref/heads/a/b", "/branches/a%2Fb",
		"/compare/main...a/b", "/commits/" + p.HeadSHA(),
		"/rules/branches/main", "/collaborators/alice/permission", "/activity", "/environments"} {
		byName, byID := api.get("/repos/acme/store"+path).want(200), api.get(id+path).want(200)
		if string(byName.body) != string(byID.body) {
			t.Errorf("%s by its id is\n%s\nand by its name\n%s", path, byID.body, byName.body)
		}
	}
	next := api.get(id + "/activity?per_page=1").header.Get("Link")
	if !strings.Contains(next, id+"/activity?") {
		t.Errorf("the next page is at %s", next)
	}
	api.get("/repositories/1").want(404)
	api.get("/repositories/x/pulls").want(404)
	const q = `query($f: Boolean) { repository(owner: "acme", name: "shop", followRenames: $f) { nameWithOwner databaseId } }`
	api.ask(q, map[string]any{"f": true}).is("data.repository.nameWithOwner", "acme/store")
	api.ask(q, map[string]any{"f": false}).is("data.repository", nil).is("errors.0.type", "NOT_FOUND")
}

func TestAnOldNameThatIsTakenMeansTheNewRepository(t *testing.T) {
	w := newWorld(t, fakehub.Options{})
	w.must(w.shop.Rename("store", w.alice))
	taken := w.acme.CreateRepo("shop", fakehub.Files{"other": "1\n"})
	if taken.ID == w.shop.ID {
		t.Fatal("the new repository has the old id")
	}
	api := w.api()
	api.get(shop).want(200).is("id", taken.ID)
	api.get(fmt.Sprintf("/repositories/%d", w.shop.ID)).want(200).is("full_name", "acme/store")
	if w.shop.Rename("shop", w.alice) == nil {
		t.Error("a name that is taken was given")
	}
	taken.Delete(w.alice)
	api.get(shop).want(404)
	w.must(w.shop.Rename("shop", w.alice))
	api.get(shop).want(200).is("id", w.shop.ID)
	api.get("/repos/acme/store").want(301)
}

func TestANodeIDSurvivesEveryName(t *testing.T) {
	w := newWorld(t, fakehub.Options{})
	w.opened(fakehub.NewPull{Title: "A"})
	const ask = `{ repository(owner: "acme", name: "shop") { id owner { id } pullRequest(number: 1) { id } } }`
	r := w.api().ask(ask, nil)
	ids := []any{r.value("data.repository.id"), r.value("data.repository.pullRequest.id"), r.value("data.repository.owner.id")}
	w.must(w.shop.Rename("store", w.alice))
	w.must(w.acme.Rename("ace"))
	w.api().ask(`query($ids: [ID!]!) { nodes(ids: $ids) { ... on Repository { nameWithOwner } ... on PullRequest { `+
		`number } ... on Organization { login } } }`,
		map[string]any{"ids": ids}).is("data.nodes.0.nameWithOwner", "ace/store").is("data.nodes.1.number",
		1).is("data.nodes.2.login", "ace")
	for _, id := range []string{"R_x", "PR_", "nothing", "U_VTox"} {
		w.api().ask(`query($id: ID!) { node(id: $id) { id } }`, map[string]any{"id": id}).is("data.node",
			nil).is("errors.0.type", "NOT_FOUND")
	}
}

func TestATransferMovesTheRepositoryToOtherInstallations(t *testing.T) {
	w := newWorld(t, fakehub.Options{})
	app := w.listening()
	other := w.hub.CreateOrg("other")
	in := app.Install(other)
	w.took()
	w.must(w.shop.Transfer(other.Account, w.alice))
	hooks := w.took()
	if got := only(hooks, "repository", "transferred"); len(got) != 1 ||
		got[0].payload["installation"].(map[string]any)["id"] != float64(in.ID) {
		t.Errorf("the transfer was told by %v", got)
	}
	if removed, added := only(hooks, "installation_repositories", "removed"),
		only(hooks, "installation_repositories", "added"); len(removed) != 2 || len(added) != 1 {
		t.Errorf("%d installations lost it and %d gained it, want 2 and 1", len(removed), len(added))
	}
	w.api().get("/repos/other/shop").want(404) // this App is not installed there
	w.api().get(shop).want(404)
	w.as(w.hub.PersonalToken(other.Account)).get(shop).want(301)
	if w.acme.CreateRepo("shop", nil) == w.shop {
		t.Error("the old name still means the repository that left")
	}
}

func TestAnArchivedRepositoryIsReadOnly(t *testing.T) {
	w := newWorld(t, fakehub.Options{})
	w.listening()
	p := w.opened(fakehub.NewPull{Title: "A"})
	run := w.check(fields{"status": "in_progress"}).want(201)
	w.took()
	w.shop.Archive(w.alice)
	api := w.api()
	api.get(shop).want(200).is("archived", true)
	w.check(fields{"status": "in_progress"}).want(403).says("was archived so is read-only")
	api.do("PATCH", fmt.Sprintf("%s/%v", runs, run.value("id")),
		fields{"conclusion": "success"}).want(403).says("was archived so is read-only")
	api.ask(`{ repository(owner: "acme", name: "shop") { isArchived } }`, nil).is("data.repository.isArchived", true)
	if _, err := p.Push(fakehub.Files{"b": "1"}); err == nil || !strings.Contains(err.Error(), "archived") {
		t.Errorf("a push to an archived repository: %v", err)
	}
	p.Label("x", w.alice)
	p.Close(w.alice)
	if _, err := p.Merge(w.alice); err == nil || p.State() != "open" {
		t.Error("a pull request of an archived repository was closed")
	}
	w.shop.Unarchive(w.alice)
	api.do("PATCH", fmt.Sprintf("%s/%v", runs, run.value("id")), fields{"conclusion": "success"}).want(200)
	if hooks := w.took(); len(only(hooks, "repository", "archived")) != 1 ||
		len(only(hooks, "repository", "unarchived")) != 1 || len(only(hooks, "pull_request", "")) != 0 {
		t.Errorf("it was told by %d webhooks", len(hooks))
	}
}

func TestADeletedForkLeavesAHeadWithoutARepository(t *testing.T) {
	w := newWorld(t, fakehub.Options{})
	w.listening()
	bob := w.hub.CreateUser("bob")
	fork := w.shop.Fork(bob)
	p := w.opened(fakehub.NewPull{Title: "A", Author: bob, From: fork})
	fork.Delete(bob)
	w.api().get(shop+"/pulls/1").want(200).is("head.repo", nil).is("head.sha", p.HeadSHA()).is("head.ref", p.HeadBranch())
	w.api().ask(`{ repository(owner: "acme", name: "shop") { pullRequest(number: 1) { headRefOid headRef { name } `+
		`headRepository { name } } } }`, nil).
		is("data.repository.pullRequest.headRepository", nil).is("data.repository.pullRequest.headRef", nil).
		is("data.repository.pullRequest.headRefOid", p.HeadSHA())
	p.Edit("B", "", bob)
	if got := only(w.took(), "pull_request", "edited"); len(got) != 1 ||
		got[0].payload["pull_request"].(map[string]any)["head"].(map[string]any)["repo"] != nil {
		t.Errorf("the webhook tells of a head %v", got)
	}
	if _, err := p.Push(fakehub.Files{"c": "1"}); err == nil {
		t.Error("a deleted fork was pushed to")
	}
}

func TestARenamedOrganisationLeadsToItsRepositories(t *testing.T) {
	w := newWorld(t, fakehub.Options{})
	w.listening()
	w.must(w.acme.Rename("ace"))
	if hooks := w.took(); len(only(hooks, "installation_target", "renamed")) != 1 || len(only(hooks, "organization", "renamed")) != 1 {
		t.Errorf("the renaming was told by %d webhooks", len(hooks))
	}
	api := w.api()
	api.get("/repos/ace/shop").want(200).is("owner.login", "ace")
	api.get(shop).want(301)
	api.get("/orgs/acme/members/alice").want(404)
	api.get("/orgs/ace/members/alice").want(204)
	w.as(w.appJWT()).get("/orgs/ace/installation").want(200).is("account.login", "ace")
	w.as(w.appJWT()).get("/repos/acme/shop/installation").want(301)
	next := w.hub.CreateOrg("acme").CreateRepo("shop", nil)
	api.get(shop).want(404)
	w.as(w.hub.PersonalToken(w.acme.Account)).get(fmt.Sprintf("/repositories/%d", w.shop.ID)).want(200).is("full_name", "ace/shop")
	if next.ID == w.shop.ID {
		t.Error("the new organisation has the old repository")
	}
}

func TestAReinstalledAppHasAnotherInstallation(t *testing.T) {
	w := newWorld(t, fakehub.Options{})
	w.inst.Select(w.shop)
	again := w.inst.Reinstall()
	if again.ID == w.inst.ID {
		t.Error("the installation has its old id")
	}
	w.api().get(shop).want(http.StatusUnauthorized)
	w.as(w.appJWT()).do("POST", fmt.Sprintf("/app/installations/%d/access_tokens", w.inst.ID), nil).want(404)
	w.as(w.appJWT()).get(shop+"/installation").want(200).is("id", again.ID).is("repository_selection", "selected")
	w.took()
	w.shop.SetDefaultBranch("trunk")
	w.opened(fakehub.NewPull{Title: "A", Base: "main"})
	if got := only(w.took(), "pull_request", "opened"); len(got) != 1 ||
		got[0].payload["installation"].(map[string]any)["id"] != float64(again.ID) {
		t.Errorf("webhooks come from %v", got)
	}
}

func TestACopyIsNoFork(t *testing.T) {
	w := newWorld(t, fakehub.Options{})
	c, err := w.shop.Copy(w.acme.Account, "copy")
	w.must(err)
	if c.Tip("main") != w.shop.Tip("main") || c.ID == w.shop.ID {
		t.Errorf("the copy %d is at %s", c.ID, c.Tip("main"))
	}
	w.api().get("/repos/acme/copy").want(200).is("fork", false)
	if _, err := w.shop.Copy(w.acme.Account, "copy"); err == nil {
		t.Error("a name that is taken was given to a copy")
	}
}
