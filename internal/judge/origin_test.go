package judge_test

import (
	"reflect"
	"testing"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/judge"
)

func TestOriginNamesIssuesAndSessions(t *testing.T) {
	c := &change.Change{
		Repository: "acme/shop", Body: "https://app.devin.ai/sessions/a1?k=v",
		Issues: []change.Issue{
			{Repository: "Acme/Shop", Number: 12, Author: change.Actor{Login: "ana", ID: 5, Type: change.User}},
			{Repository: "acme/plans", Number: 3, Author: change.Actor{Login: "planner[bot]", Type: change.Bot}},
			{Repository: "acme/shop", Number: 4}, // a deleted account's
		},
	}
	want := []gate.Link{
		{Kind: "issue", Ref: "#12", By: "ana"},
		{Kind: "issue", Ref: "acme/plans#3", By: "planner[bot]", Agent: true},
		{Kind: "issue", Ref: "#4"},
		{Kind: "session", Ref: "https://app.devin.ai/sessions/a1", By: "devin", Agent: true},
	}
	if got := judge.Origin(c); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
	c.Issues = make([]change.Issue, 500)
	if got := judge.Origin(c); len(got) != 13 {
		t.Errorf("%d links", len(got))
	}
}
