package site_test

import (
	"testing"

	"github.com/gatehold/gatehold/internal/fakehub"
)

const authorQuery = `{ repository(owner: "acme", name: "shop") { pullRequest(number: 1) {
	author { __typename login ... on Mannequin { databaseId } } } } }`

const author = "data.repository.pullRequest.author"

func TestADeletedAccountIsAGhost(t *testing.T) {
	w := newWorld(t, fakehub.Options{})
	bob := w.hub.CreateUser("bob")
	w.acme.AddMember(bob, "member")
	p := w.opened(fakehub.NewPull{Title: "A", Author: bob, Assignees: []*fakehub.Account{bob}})
	token := w.hub.PersonalToken(bob)
	w.must(w.hub.DeleteAccount(bob))
	api := w.api()
	api.get(shop+"/pulls/1").want(200).is("user.login", "ghost").is("user.id", 10137)
	api.ask(authorQuery, nil).is(author, nil)
	api.get(shop+"/commits/"+p.HeadSHA()).want(200).is("author", nil).is("commit.author.name", "bob")
	api.get("/users/bob").want(404)
	api.get("/orgs/acme/members/bob").want(404)
	api.get(shop+"/activity?ref="+p.HeadBranch()).want(200).is("0.actor.login", "ghost")
	w.as(token).get("/user").want(401)
	if next := w.hub.CreateUser("bob"); next.ID == bob.ID {
		t.Error("the login that was free brought the old account back")
	}
	if w.hub.DeleteAccount(w.acme.Account) == nil {
		t.Error("an account that owns repositories was deleted")
	}
}

func TestADeletedAppLeavesNull(t *testing.T) {
	w := newWorld(t, fakehub.Options{})
	other, err := w.hub.CreateApp(fakehub.NewApp{Slug: "gone", PrivateKey: key()})
	w.must(err)
	other.Install(w.acme)
	p := w.opened(fakehub.NewPull{Title: "A", Author: other.Bot})
	_, err = w.shop.PostCheck(other, p.HeadSHA(), "c", "success")
	w.must(err)
	other.Delete()
	w.api().get(shop+"/pulls/1").want(200).is("user", nil)
	w.api().ask(authorQuery, nil).is(author, nil)
	w.api().get(shop+"/commits/"+p.HeadSHA()+"/check-runs").want(200).is("check_runs.0.app", nil).is("check_runs.0.conclusion", "success")
	p.Edit("B", "", w.alice)
	if got := only(w.took(), "pull_request", "edited"); len(got) != 1 || got[0].payload["pull_request"].(map[string]any)["user"] != nil {
		t.Errorf("the webhook names an author: %v", got)
	}
}

func TestAuthorsOfOtherKinds(t *testing.T) {
	w := newWorld(t, fakehub.Options{})
	imported := w.hub.CreateMannequin("imported")
	w.opened(fakehub.NewPull{Title: "A", Author: imported})
	w.opened(fakehub.NewPull{Title: "B", Author: w.acme.Account})
	w.api().get(shop+"/pulls/1").want(200).is("user.type", "Mannequin")
	w.api().ask(authorQuery, nil).is(author+".__typename", "Mannequin").is(author+".databaseId", imported.ID)
	w.api().get(shop+"/pulls/2").want(200).is("user.type", "Organization")
}
