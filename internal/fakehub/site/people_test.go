package site_test

import (
	"fmt"
	"testing"

	"github.com/gatehold/gatehold/internal/fakehub"
)

func TestARenamedUserKeepsItsIDAndTheOldLoginIsFree(t *testing.T) {
	w := newWorld(t, fakehub.Options{})
	sre := w.acme.CreateTeam("sre", nil)
	sre.Add(w.alice, "member")
	fork := w.shop.Fork(w.alice)
	id := w.alice.ID
	w.api().get("/users/alice").is("id", id)
	if err := w.alice.Rename("alicia"); err != nil {
		t.Fatal(err)
	}
	w.api().get("/users/alice").want(404)
	w.api().get("/orgs/acme/teams/sre/memberships/alice").want(404)
	w.api().get("/orgs/acme/teams/sre/memberships/alicia").want(200).is("state", "active")
	w.api().get(fmt.Sprintf("/user/%d", id)).want(200).is("login", "alicia")
	if fork.FullName() != "alicia/shop" {
		t.Errorf("her fork is %s", fork.FullName())
	}
	other := w.hub.CreateUser("alice") // somebody else
	if other.ID == id {
		t.Error("the one who took the old login has the old id")
	}
	w.api().get("/users/alice").is("id", other.ID)
	w.api().get("/orgs/acme/memberships/alice").want(404)
	w.api().get("/orgs/acme/teams/sre/memberships/alice").want(404)
	w.api().get("/repos/acme/shop/collaborators/alice/permission").is("permission", "none").is("user.id", other.ID)
	if other.Rename("alicia") == nil {
		t.Error("a login that is taken was given away")
	}
	w.api().get("/user/1").want(404)
}

func TestWhoMayDoWhatFollowsTeams(t *testing.T) {
	w := newWorld(t, fakehub.Options{})
	bob := w.hub.CreateUser("bob")
	parent := w.acme.CreateTeam("engineering", nil)
	child := w.acme.CreateTeam("sre", parent)
	permission := func() string {
		return fmt.Sprint(w.api().get("/repos/acme/shop/collaborators/bob/permission").want(200).value("role_name"))
	}
	states := []string{permission()}
	child.Add(bob, "maintainer")
	states = append(states, permission())
	w.shop.CollaborateTeam(parent, "maintain")
	states = append(states, permission())
	w.api().get("/orgs/acme/members/bob").want(204)
	w.api().get("/orgs/acme/teams/engineering/memberships/bob").is("role", "maintainer")
	child.Remove(bob)
	states = append(states, permission())
	w.api().get("/orgs/acme/teams/sre/memberships/bob").want(404)
	w.api().get("/orgs/acme/members/bob").want(204)
	w.acme.RemoveMember(bob)
	states = append(states, permission())
	w.api().get("/orgs/acme/members/bob").want(404)
	w.api().get("/orgs/acme/memberships/bob").want(404)
	if got := fmt.Sprint(states); got != "[none read maintain read none]" {
		t.Errorf("bob's role was %s", got)
	}
}

func TestAnInstallationTellsWhatItCovers(t *testing.T) {
	w := newWorld(t, fakehub.Options{})
	names := func(event, action, list string) (out []string) {
		t.Helper()
		for _, h := range only(w.took(), event, action) {
			for _, r := range h.payload[list].([]any) {
				out = append(out, r.(map[string]any)["full_name"].(string))
			}
		}
		return out
	}
	expect := func(got []string, want ...string) {
		t.Helper()
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("told %v, want %v", got, want)
		}
	}
	expect(names("installation", "created", "repositories"), "acme/shop")
	blog := w.acme.CreateRepo("blog", nil)
	expect(names("installation_repositories", "added", "repositories_added"), "acme/blog")
	w.inst.Select(w.shop)
	expect(names("installation_repositories", "removed", "repositories_removed"), "acme/blog")
	w.acme.CreateRepo("docs", nil)
	expect(names("installation_repositories", "added", "repositories_added"))
	w.inst.Select(w.shop, blog)
	expect(names("installation_repositories", "added", "repositories_added"), "acme/blog")
	w.inst.SelectAll()
	expect(names("installation_repositories", "added", "repositories_added"), "acme/docs")
	w.api().get("/installation/repositories").want(200).is("total_count", 3)
	w.as(w.appJWT()).get("/app/hook/config").want(200).is("url", w.hooks.url).is("secret", "********").is("content_type", "json")
	w.as(w.appJWT()).get("/app").want(200).is("permissions.checks", "write").says(`"merge_group"`)
	w.inst.Uninstall()
	expect(names("installation", "deleted", "repositories"), "acme/shop", "acme/blog", "acme/docs")
	w.api().get("/installation/repositories").want(401)
	w.as(w.appJWT()).get("/orgs/acme/installation").want(404)
	if _, err := w.shop.Commit("main", fakehub.NewCommit{Author: w.alice, Message: "M", Files: fakehub.Files{"a": "a"}}); err != nil {
		t.Fatal(err)
	}
	if got := w.took(); len(got) != 0 {
		t.Errorf("an App that was removed hears %d events", len(got))
	}
}
