package site_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/actions"
)

const deploymentsQuery = `query($owner: String!, $name: String!, $env: [String!]) { repository(owner: $owner, name: $name) {
	deployments(environments: $env, first: 10, orderBy: {field: CREATED_AT, direction: DESC}) { totalCount pageInfo { hasNextPage }
		nodes { databaseId commitOid createdAt updatedAt environment originalEnvironment latestEnvironment state task description payload ref { name }
			creator { login __typename } commit { oid } repository { nameWithOwner }
			latestStatus { state createdAt creator { login } logUrl environmentUrl environment description }
			statuses(first: 10) { nodes { state createdAt } } } }
	object(expression: "main") { ... on Commit { oid associatedPullRequests(first: 5) { nodes { number } } deployments(first: 5) { totalCount }
		history(first: 2) { totalCount nodes { oid associatedPullRequests(first: 5) { nodes { number headRefOid mergedAt } } } } } } } }`

func TestDeploymentsByOthers(t *testing.T) {
	w, _ := deployWorld(t, fakehub.Options{})
	api, all := w.api(), "/repos/acme/shop/deployments"
	first := api.do("POST", all, fields{"ref": "main", "environment": "Staging", "payload": fields{"k": "v"}}).want(201).
		is("sha", w.shop.Tip("main")).is("environment", "Staging").is("task", "deploy").is("creator.login", "gatehold[bot]").
		is("performed_via_github_app.id", w.app.ID).is("payload.k", "v").is("production_environment", false)
	statuses := all + "/" + fmt.Sprint(first.value("id")) + "/statuses"
	api.do("POST", statuses,
		fields{"state": "success", "environment_url": "https://staging.example"}).want(201).is("environment", "Staging")
	api.do("POST", statuses, fields{"state": "waiting"}).want(422)
	api.do("POST", all, fields{"ref": "nowhere"}).want(422).says("No ref found for: nowhere")
	api.get("/repos/acme/shop/environments/staging").want(200).is("name", "Staging")
	w.took()
	second, err := w.hub.Deploy(w.shop, actions.NewDeployment{By: w.alice, Environment: "staging", States: []string{"in_progress", "success"}})
	w.do(err)
	hooks := w.took()
	if n := len(only(hooks, "deployment", "created")); n != 1 {
		t.Errorf("%d deployments were told", n)
	}
	told := only(hooks, "deployment_status", "created")
	if len(told) != 2 {
		t.Fatalf("%d statuses were told, want no word of the inactive one", len(told))
	}
	last := reply{t: t, body: told[1].body}
	last.is("deployment_status.state", "success").is("deployment.id", second.ID).is("sender.login", "alice").is("workflow_run",
		nil).is("check_run", nil)
	if d := w.hub.Deployments(w.shop, "STAGING"); len(d) != 2 || !slices.Equal(d[0].States, []string{"success", "inactive"}) {
		t.Errorf("the deployments are %+v", d)
	}
	api.get(statuses).want(200).is("0.state", "inactive").is("1.state", "success").is("1.environment_url", "https://staging.example")
	api.get(all+"?environment=staging").want(200).is("0.id", second.ID).is("1.id", first.value("id"))
	api.get(all+"?environment=production").want(200).is("", "[]")
	w.do(w.hub.SetDeployment(w.shop, second.ID, "failure", w.alice))
	if err := w.hub.SetDeployment(w.shop, 1, "failure", w.alice); err == nil {
		t.Error("a deployment that is not there got a state")
	}
}

func TestProductionStaysActiveAndAutoInactiveCanBeSwitchedOff(t *testing.T) {
	w, _ := deployWorld(t, fakehub.Options{})
	deploy := func(n actions.NewDeployment) {
		t.Helper()
		_, err := w.hub.Deploy(w.shop, n)
		w.do(err)
	}
	for range 2 {
		deploy(actions.NewDeployment{Environment: "production", States: []string{"success"}})
		deploy(actions.NewDeployment{Environment: "qa", States: []string{"success"}})
	}
	third := w.api().do("POST", "/repos/acme/shop/deployments", fields{"ref": "main", "environment": "qa"}).want(201)
	w.api().do("POST", fmt.Sprintf("/repos/acme/shop/deployments/%v/statuses", third.value("id")),
		fields{"state": "success", "auto_inactive": false}).want(201)
	for environment, want := range map[string][]string{"production": {"success", "success"}, "qa": {"inactive", "success", "success"}} {
		var got []string
		for _, d := range w.hub.Deployments(w.shop, environment) {
			got = append(got, d.State)
		}
		if !slices.Equal(got, want) {
			t.Errorf("the deployments to %s are %v, want %v", environment, got, want)
		}
	}
}

func TestADeploymentNeedsPassedChecksAndAnUpToDateBranch(t *testing.T) {
	w, _ := deployWorld(t, fakehub.Options{})
	ask := func(more fields) *reply {
		more["ref"] = "topic"
		return w.api().do("POST", "/repos/acme/shop/deployments", more)
	}
	_, err := w.shop.Commit("topic", fakehub.NewCommit{Author: w.alice, Message: "T", Files: fakehub.Files{"t": "1"}})
	w.do(err)
	w.verdict(w.shop.Tip("topic"), "action_required")
	ask(fields{}).want(409).says("Commit status checks failed")
	ask(fields{"required_contexts": []string{}}).want(201)
	ask(fields{"required_contexts": []string{"other"}}).want(409)
	_, err = w.shop.Commit("main", fakehub.NewCommit{Author: w.alice, Message: "M", Files: fakehub.Files{"m": "1"}})
	w.do(err)
	ask(fields{"required_contexts": []string{}}).want(409).says("Conflict merging main into topic")
	ask(fields{"required_contexts": []string{}, "auto_merge": false}).want(201)
	bob := w.hub.CreateUser("bob")
	w.acme.AddMember(bob, "member")
	w.as(w.hub.PersonalToken(bob)).do("POST", "/repos/acme/shop/deployments", fields{"ref": "main"}).want(403)
}

func TestASquashedPullRequestIsFoundByItsCommit(t *testing.T) {
	w, _ := deployWorld(t, fakehub.Options{})
	base := w.shop.Tip("main")
	pull, err := w.shop.OpenPull(fakehub.NewPull{Author: w.agent, Title: "Change", Files: fakehub.Files{"a": "1"}})
	w.do(err)
	_, err = pull.Push(fakehub.Files{"b": "2"})
	w.do(err)
	sha, err := pull.Squash(w.alice)
	w.do(err)
	w.api().get("/repos/acme/shop/compare/"+base+"..."+sha).want(200).is("total_commits", 1).is("commits.0.sha", sha).
		is("commits.0.author.login", "fixer[bot]").is("commits.0.commit.message", "Change (#1)").is("files.1.filename", "b")
	w.api().get("/repos/acme/shop/commits/"+sha+"/pulls").want(200).is("0.number", 1).is("0.merge_commit_sha",
		sha).is("0.head.sha", pull.HeadSHA())
	w.api().get("/repos/acme/shop/pulls/1").want(200).is("merged", true).is("merged_by.login", "alice")
}

func TestDeploymentsAndHistoryInGraphQL(t *testing.T) {
	w, _ := deployWorld(t, fakehub.Options{})
	pull, err := w.shop.OpenPull(fakehub.NewPull{Author: w.agent, Title: "Change", Files: fakehub.Files{"a": "1"}})
	w.do(err)
	merged, err := pull.Merge(w.alice)
	w.do(err)
	_, err = w.hub.Deploy(w.shop, actions.NewDeployment{Environment: "prod/eu", States: []string{"success"}, SHA: pull.HeadSHA()})
	w.do(err)
	run := w.run(actions.RunSpec{Jobs: toProd, Actor: w.alice})
	_, err = w.hub.Deploy(w.shop, actions.NewDeployment{Environment: "elsewhere"})
	w.do(err)
	ask := func() *reply {
		return w.api().ask(deploymentsQuery, fields{"owner": "acme", "name": "shop", "env": []string{"PROD/eu"}})
	}
	ask().is("data.repository.deployments.totalCount", 2).is("data.repository.deployments.nodes.0.state", "WAITING").
		is("data.repository.deployments.nodes.0.commitOid", merged).is("data.repository.deployments.nodes.0.creator.login", "alice").
		is("data.repository.deployments.nodes.1.state", "ACTIVE").is("data.repository.deployments.nodes.1.commitOid", pull.HeadSHA()).
		is("data.repository.object.history.totalCount", 3).is("data.repository.object.history.nodes.0.oid", merged).
		is("data.repository.object.associatedPullRequests.nodes.0.number", 1).is("data.repository.object.deployments.totalCount", 2)
	w.reply(run, fields{"environment_name": "prod/eu", "state": "approved"}).want(204)
	w.do(w.hub.FinishJob(run, "ship", "success"))
	ask().is("data.repository.deployments.nodes.0.latestStatus.state",
		"SUCCESS").is("data.repository.deployments.nodes.0.statuses.nodes.2.state", "WAITING").
		is("data.repository.deployments.nodes.1.latestStatus.state",
			"INACTIVE").is("data.repository.deployments.nodes.1.statuses.nodes.1.state", "SUCCESS")
	w.api().get("/repos/acme/shop/commits/"+merged+"/pulls").want(200).is("0.number", 1)
	w.api().ask(`{ repository(owner: "acme", name: "shop") { object(expression: "main") { ... on Commit { `+
		`history(first: 9, path: "a") { nodes { oid } totalCount } } } } }`, nil).
		is("data.repository.object.history.totalCount", 2)
	w.token = w.newToken(fields{"permissions": fields{"contents": "read"}})
	ask().is("errors.0.type", "FORBIDDEN")
}
