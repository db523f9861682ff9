package graph

import (
	"slices"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/wire"
)

// pullIssues resolves closingIssuesReferences. Without the permission to read
// issues it is FORBIDDEN, and null; issues of a repository that the caller does
// not see are left out.
func pullIssues(x *execution, v any, a arguments) (any, error) {
	p := v.(*fakehub.Pull)
	if err := x.may(p.Repo, "issues"); err != nil {
		return nil, err
	}
	byHand, _ := a["userLinkedOnly"].(bool)
	issues := slices.DeleteFunc(p.Closes(byHand),
		func(i *fakehub.Issue) bool { return !x.caller.Sees(i.Repo) || x.may(i.Repo, "issues") != nil })
	return paginate(a, "closingIssuesReferences", "IssueConnection", len(issues), func(i int) node { return node{"Issue", issues[i]} })
}

func issueFields() map[string]field {
	return map[string]field{
		"id":           of(func(_ *execution, i *fakehub.Issue) any { return wire.NodeID("I", i.ID) }),
		"databaseId":   of(func(_ *execution, i *fakehub.Issue) any { return i.ID }),
		"number":       of(func(_ *execution, i *fakehub.Issue) any { return i.Number }),
		"title":        of(func(_ *execution, i *fakehub.Issue) any { return i.Title }),
		"body":         of(func(_ *execution, i *fakehub.Issue) any { return i.Body }),
		"url":          of(func(_ *execution, i *fakehub.Issue) any { return i.HTML() }),
		"author":       of(func(_ *execution, i *fakehub.Issue) any { return actor(i.Author) }),
		"editor":       of(func(_ *execution, i *fakehub.Issue) any { return actor(i.Editor) }),
		"lastEditedAt": of(func(_ *execution, i *fakehub.Issue) any { return i.Edited }),
		"createdAt":    of(func(_ *execution, i *fakehub.Issue) any { return i.Created }),
		"repository":   of(func(_ *execution, i *fakehub.Issue) any { return node{"Repository", i.Repo} }),
	}
}
