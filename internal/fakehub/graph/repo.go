package graph

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/wire"
)

type refNode struct {
	repo *fakehub.Repo
	name string
}

func refOf(r *fakehub.Repo, branch string) any {
	if r.Refs[branch] == "" || r.Gone {
		return nil
	}
	return node{"Ref", refNode{r, branch}}
}

func repositoryFields() map[string]field {
	return map[string]field{
		"id":            of(func(_ *execution, r *fakehub.Repo) any { return wire.NodeID("R", r.ID) }),
		"databaseId":    of(func(_ *execution, r *fakehub.Repo) any { return r.ID }),
		"name":          of(func(_ *execution, r *fakehub.Repo) any { return r.Name }),
		"nameWithOwner": of(func(_ *execution, r *fakehub.Repo) any { return r.FullName() }),
		"isPrivate":     of(func(_ *execution, r *fakehub.Repo) any { return r.Private }),
		"isFork":        of(func(_ *execution, r *fakehub.Repo) any { return r.Parent != nil }),
		"isArchived":    of(func(_ *execution, r *fakehub.Repo) any { return r.Archived }),
		"url":           of(func(_ *execution, r *fakehub.Repo) any { return r.HTML() }),
		"pushedAt":      of(func(_ *execution, r *fakehub.Repo) any { return r.Pushed }),
		"updatedAt":     of(func(_ *execution, r *fakehub.Repo) any { return r.Updated() }),
		"owner":         of(func(_ *execution, r *fakehub.Repo) any { return actor(r.Owner) }),
		"defaultBranchRef": contents(func(r *fakehub.Repo, _ arguments) any {
			return refOf(r, r.DefaultBranch)
		}),
		"ref": contents(func(r *fakehub.Repo, a arguments) any { return refOf(r, fakehub.BranchName(a.text("qualifiedName"))) }),
		"object": contents(func(r *fakehub.Repo, a arguments) any {
			if oid := a.text("oid"); oid != "" {
				return object(r, oid)
			}
			return expression(r, a.text("expression"))
		}),
		"pullRequest":  repositoryPull,
		"pullRequests": repositoryPulls,
		"deployments":  repositoryDeployments,
	}
}

// contents guards what needs contents: read.
func contents(get func(r *fakehub.Repo, a arguments) any) field {
	return func(x *execution, v any, a arguments) (any, error) {
		if err := x.may(v.(*fakehub.Repo), "contents"); err != nil {
			return nil, err
		}
		return get(v.(*fakehub.Repo), a), nil
	}
}

func repositoryPull(x *execution, v any, a arguments) (any, error) {
	r := v.(*fakehub.Repo)
	if err := x.may(r, "pull_requests"); err != nil {
		return nil, err
	}
	p := r.Pulls[toInt(a["number"])]
	if p == nil {
		return nil, &queryError{kind: "NOT_FOUND", message: "Could not resolve to a PullRequest with the number of " +
			string(wire.Encode(toInt(a["number"]))) + "."}
	}
	return node{"PullRequest", p}, nil
}

func repositoryPulls(x *execution, v any, a arguments) (any, error) {
	r := v.(*fakehub.Repo)
	if err := x.may(r, "pull_requests"); err != nil {
		return nil, err
	}
	states, _ := a["states"].([]any)
	if one, ok := a["states"].(string); ok {
		states = []any{one}
	}
	var pulls []*fakehub.Pull
	for _, p := range slices.SortedFunc(maps.Values(r.Pulls), func(a, b *fakehub.Pull) int { return cmp.Compare(a.Number, b.Number) }) {
		if (len(states) == 0 || slices.Contains(states, any(pullState(p)))) &&
			(a.text("baseRefName") == "" || a.text("baseRefName") == p.Base) &&
			(a.text("headRefName") == "" || a.text("headRefName") == p.Branch) {
			pulls = append(pulls, p)
		}
	}
	return paginate(a, "pullRequests", "PullRequestConnection", len(pulls), func(i int) node { return node{"PullRequest", pulls[i]} })
}

func refFields() map[string]field {
	return map[string]field{
		"id":         of(func(_ *execution, r refNode) any { return wire.NodeID("REF", r.repo.ID) + r.name }),
		"name":       of(func(_ *execution, r refNode) any { return r.name }),
		"prefix":     of(func(*execution, refNode) any { return "refs/heads/" }),
		"repository": of(func(_ *execution, r refNode) any { return node{"Repository", r.repo} }),
		"target":     of(func(_ *execution, r refNode) any { return object(r.repo, r.repo.Refs[r.name]) }),
	}
}

// actor is an account where GraphQL says Actor. There the login of a bot lacks
// the [bot] that REST shows.
func actor(a *fakehub.Account) any {
	if a == nil || a.Deleted {
		return nil
	}
	return node{a.Type, a}
}

func accountFields() map[string]field {
	return map[string]field{
		"id":         of(func(_ *execution, a *fakehub.Account) any { return a.NodeID() }),
		"databaseId": of(func(_ *execution, a *fakehub.Account) any { return a.ID }),
		"name":       of(func(_ *execution, a *fakehub.Account) any { return a.Name }),
		"email":      of(func(*execution, *fakehub.Account) any { return "" }),
		"url":        of(func(x *execution, a *fakehub.Account) any { return x.hub.URL() + "/" + a.Login }),
		"avatarUrl":  of(func(x *execution, a *fakehub.Account) any { return x.hub.URL() + "/avatars/" + a.Login }),
		"login":      of(func(_ *execution, a *fakehub.Account) any { return a.Login }),
	}
}

// botFields are accountFields with the login as GraphQL has it.
func botFields() map[string]field {
	f := accountFields()
	f["login"] = of(func(_ *execution, a *fakehub.Account) any { return strings.TrimSuffix(a.Login, "[bot]") })
	return f
}
