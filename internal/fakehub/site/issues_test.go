package site_test

import (
	"maps"
	"testing"

	"github.com/gatehold/gatehold/internal/fakehub"
)

const closingQuery = `{ repository(owner: "acme", name: "shop") { pullRequest(number: 3) { title closingIssuesReferences(first: 5) {
  totalCount nodes { number title body url lastEditedAt author { login __typename } editor { login } repository { nameWithOwner } } } } } }`

func TestIssuesThatAPullRequestCloses(t *testing.T) {
	w := newWorld(t, fakehub.Options{})
	issue := w.shop.OpenIssue(w.alice, "One", "Do it")
	w.shop.OpenIssue(w.agent, "Two", "And this").Edit("And that", nil)
	pull, err := w.shop.OpenPull(fakehub.NewPull{Author: w.agent, Title: "T", Body: "Closes #2, see #1", Files: fakehub.Files{"a": "1\n"}})
	if err != nil {
		t.Fatal(err)
	}
	at := "data.repository.pullRequest.closingIssuesReferences"
	w.api().ask(closingQuery, nil).is("data.repository.pullRequest.title", "T").is(at, nil).
		is("errors.0.type", "FORBIDDEN").is("errors.0.path.2", "closingIssuesReferences")

	permissions := maps.Clone(fakehub.DefaultPermissions())
	permissions["issues"] = "read"
	w.inst.Grant(permissions)
	w.token = w.newToken(nil)
	w.api().ask(closingQuery, nil).is(at+".totalCount", 1).is(at+".nodes.0.number", 2).is(at+".nodes.0.body", "And that").
		is(at+".nodes.0.author.__typename", "Bot").is(at+".nodes.0.editor", nil).is(at+".nodes.0.repository.nameWithOwner", "acme/shop")
	pull.LinkIssue(issue)
	w.api().ask(closingQuery, nil).is(at+".totalCount", 2).is(at+".nodes.0.title", "One").is(at+".nodes.0.lastEditedAt",
		nil).is(at+".nodes.0.editor", nil)

	release, err := w.shop.Commit("release", fakehub.NewCommit{Author: w.alice, Message: "Release", Files: fakehub.Files{"VERSION": "1\n"}})
	if err != nil || release == "" {
		t.Fatal(err)
	}
	if err := pull.Retarget("release", w.alice); err != nil {
		t.Fatal(err)
	}
	w.api().ask(closingQuery, nil).is(at+".totalCount", 1).is(at+".nodes.0.number", 1) // words count on the default branch only
}
