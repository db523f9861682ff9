package fakehub

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

type refNode struct {
	repo *Repo
	name string
}

func (r *Repo) refNode(branch string) any {
	if r.refs[branch] == "" || r.gone {
		return nil
	}
	return node{"Ref", refNode{r, branch}}
}

func repositoryFields() map[string]field {
	return map[string]field{
		"id":            of(func(_ *execution, r *Repo) any { return nodeID("R", r.ID) }),
		"databaseId":    of(func(_ *execution, r *Repo) any { return r.ID }),
		"name":          of(func(_ *execution, r *Repo) any { return r.Name }),
		"nameWithOwner": of(func(_ *execution, r *Repo) any { return r.fullName() }),
		"isPrivate":     of(func(_ *execution, r *Repo) any { return r.private }),
		"isFork":        of(func(_ *execution, r *Repo) any { return r.parent != nil }),
		"isArchived":    of(func(_ *execution, r *Repo) any { return r.archived }),
		"url":           of(func(_ *execution, r *Repo) any { return r.html() }),
		"pushedAt":      of(func(_ *execution, r *Repo) any { return r.pushed }),
		"updatedAt":     of(func(_ *execution, r *Repo) any { return r.updated() }),
		"owner":         of(func(_ *execution, r *Repo) any { return actor(r.owner) }),
		"defaultBranchRef": contents(func(r *Repo, _ arguments) any {
			return r.refNode(r.defaultBranch)
		}),
		"ref": contents(func(r *Repo, a arguments) any { return r.refNode(branchName(a.text("qualifiedName"))) }),
		"object": contents(func(r *Repo, a arguments) any {
			if oid := a.text("oid"); oid != "" {
				return r.object(oid)
			}
			return r.expression(a.text("expression"))
		}),
		"pullRequest":  repositoryPull,
		"pullRequests": repositoryPulls,
		"deployments":  repositoryDeployments,
	}
}

// contents guards what needs contents: read.
func contents(get func(r *Repo, a arguments) any) field {
	return func(x *execution, v any, a arguments) (any, error) {
		if err := x.may(v.(*Repo), "contents"); err != nil {
			return nil, err
		}
		return get(v.(*Repo), a), nil
	}
}

func repositoryPull(x *execution, v any, a arguments) (any, error) {
	r := v.(*Repo)
	if err := x.may(r, "pull_requests"); err != nil {
		return nil, err
	}
	p := r.pulls[toInt(a["number"])]
	if p == nil {
		return nil, &graphError{kind: "NOT_FOUND", message: "Could not resolve to a PullRequest with the number of " +
			string(encode(toInt(a["number"]))) + "."}
	}
	return node{"PullRequest", p}, nil
}

func repositoryPulls(x *execution, v any, a arguments) (any, error) {
	r := v.(*Repo)
	if err := x.may(r, "pull_requests"); err != nil {
		return nil, err
	}
	states, _ := a["states"].([]any)
	if one, ok := a["states"].(string); ok {
		states = []any{one}
	}
	var pulls []*Pull
	for _, p := range slices.SortedFunc(maps.Values(r.pulls), func(a, b *Pull) int { return cmp.Compare(a.Number, b.Number) }) {
		if (len(states) == 0 || slices.Contains(states, any(p.graphState()))) &&
			(a.text("baseRefName") == "" || a.text("baseRefName") == p.base) &&
			(a.text("headRefName") == "" || a.text("headRefName") == p.branch) {
			pulls = append(pulls, p)
		}
	}
	return paginate(a, "pullRequests", "PullRequestConnection", len(pulls), func(i int) node { return node{"PullRequest", pulls[i]} })
}

func refFields() map[string]field {
	return map[string]field{
		"id":         of(func(_ *execution, r refNode) any { return nodeID("REF", r.repo.ID) + r.name }),
		"name":       of(func(_ *execution, r refNode) any { return r.name }),
		"prefix":     of(func(*execution, refNode) any { return "refs/heads/" }),
		"repository": of(func(_ *execution, r refNode) any { return node{"Repository", r.repo} }),
		"target":     of(func(_ *execution, r refNode) any { return r.repo.object(r.repo.refs[r.name]) }),
	}
}

// actor is an account where GraphQL says Actor. There the login of a bot lacks
// the [bot] that REST shows.
func actor(a *Account) any {
	if a == nil || a.deleted {
		return nil
	}
	return node{a.Type, a}
}

func accountFields() map[string]field {
	return map[string]field{
		"id":         of(func(_ *execution, a *Account) any { return a.nodeID() }),
		"databaseId": of(func(_ *execution, a *Account) any { return a.ID }),
		"name":       of(func(_ *execution, a *Account) any { return a.Name }),
		"email":      of(func(*execution, *Account) any { return "" }),
		"url":        of(func(_ *execution, a *Account) any { return a.hub.URL() + "/" + a.Login }),
		"avatarUrl":  of(func(_ *execution, a *Account) any { return a.hub.URL() + "/avatars/" + a.Login }),
		"login":      of(func(_ *execution, a *Account) any { return a.Login }),
	}
}

// botFields are accountFields with the login as GraphQL has it.
func botFields() map[string]field {
	f := accountFields()
	f["login"] = of(func(_ *execution, a *Account) any { return strings.TrimSuffix(a.Login, "[bot]") })
	return f
}
