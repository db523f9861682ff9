package fakehub

import (
	"slices"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub/objects"
)

type statusNode struct {
	of *deployment
	*deploymentStatus
}

// deploymentsOf lists deployments that a filter lets pass, oldest first unless
// orderBy says otherwise. Environments are compared whatever their case.
func deploymentsOf(x *execution, r *Repo, a arguments, pass func(*deployment) bool) (any, error) {
	if err := x.may(r, "deployments"); err != nil {
		return nil, err
	}
	wanted, given := a["environments"].([]any)
	if one, ok := a["environments"].(string); ok {
		wanted, given = []any{one}, true
	}
	var found []*deployment
	for _, d := range r.deployments {
		in := func(name any) bool { text, _ := name.(string); return fold(text) == fold(d.environment) }
		if pass(d) && (!given || len(wanted) == 0 || slices.ContainsFunc(wanted, in)) {
			found = append(found, d)
		}
	}
	if order, _ := a["orderBy"].(map[string]any); order["direction"] == "DESC" {
		slices.Reverse(found)
	}
	return paginate(a, "deployments", "DeploymentConnection", len(found), func(i int) node { return node{"Deployment", found[i]} })
}

func repositoryDeployments(x *execution, v any, a arguments) (any, error) {
	return deploymentsOf(x, v.(*Repo), a, func(*deployment) bool { return true })
}

func commitDeployments(x *execution, v any, a arguments) (any, error) {
	c := v.(commitObject)
	return deploymentsOf(x, c.repo, a, func(d *deployment) bool { return d.sha == c.SHA })
}

// graphState is what GraphQL makes of the latest status: one that succeeded is
// active.
func (d *deployment) graphState() string {
	switch s := d.state(); s {
	case "":
		return "PENDING"
	case "success":
		return "ACTIVE"
	default:
		return strings.ToUpper(s)
	}
}

func deploymentFields() map[string]field {
	scalar := func(get func(d *deployment) any) field {
		return of(func(_ *execution, d *deployment) any { return get(d) })
	}
	return map[string]field{
		"id":                  scalar(func(d *deployment) any { return nodeID("DE", d.id) }),
		"databaseId":          scalar(func(d *deployment) any { return d.id }),
		"commit":              scalar(func(d *deployment) any { return d.repo.object(d.sha) }),
		"commitOid":           scalar(func(d *deployment) any { return d.sha }),
		"createdAt":           scalar(func(d *deployment) any { return d.created }),
		"updatedAt":           scalar(func(d *deployment) any { return d.updated }),
		"creator":             scalar(func(d *deployment) any { return actor(d.creator) }),
		"description":         scalar(func(d *deployment) any { return orNull(d.description) }),
		"environment":         scalar(func(d *deployment) any { return d.environment }),
		"latestEnvironment":   scalar(func(d *deployment) any { return d.environment }),
		"originalEnvironment": scalar(func(d *deployment) any { return d.original }),
		"payload":             scalar(func(d *deployment) any { return string(d.payload) }),
		"ref":                 scalar(func(d *deployment) any { return d.repo.refNode(branchName(d.ref)) }),
		"repository":          scalar(func(d *deployment) any { return node{"Repository", d.repo} }),
		"state":               scalar(func(d *deployment) any { return d.graphState() }),
		"task":                scalar(func(d *deployment) any { return d.task }),
		"latestStatus": scalar(func(d *deployment) any {
			if len(d.statuses) == 0 {
				return nil
			}
			return node{"DeploymentStatus", statusNode{d, &d.statuses[len(d.statuses)-1]}}
		}),
		// The newest first.
		"statuses": func(_ *execution, v any, a arguments) (any, error) {
			d := v.(*deployment)
			return paginate(a, "statuses", "DeploymentStatusConnection", len(d.statuses), func(i int) node {
				return node{"DeploymentStatus", statusNode{d, &d.statuses[len(d.statuses)-1-i]}}
			})
		},
	}
}

func deploymentStatusFields() map[string]field {
	return map[string]field{
		"id":             of(func(_ *execution, s statusNode) any { return nodeID("DES", s.id) }),
		"createdAt":      of(func(_ *execution, s statusNode) any { return s.created }),
		"updatedAt":      of(func(_ *execution, s statusNode) any { return s.created }),
		"creator":        of(func(_ *execution, s statusNode) any { return actor(s.creator) }),
		"deployment":     of(func(_ *execution, s statusNode) any { return node{"Deployment", s.of} }),
		"description":    of(func(_ *execution, s statusNode) any { return orNull(s.description) }),
		"environment":    of(func(_ *execution, s statusNode) any { return s.environment }),
		"environmentUrl": of(func(_ *execution, s statusNode) any { return orNull(s.environmentURL) }),
		"logUrl":         of(func(_ *execution, s statusNode) any { return orNull(s.logURL) }),
		"state":          of(func(_ *execution, s statusNode) any { return strings.ToUpper(s.state) }),
	}
}

// commitHistory is the commit and all before it, as git log lists them: those
// that touch a path, and those of a time, where that is asked for.
func commitHistory(_ *execution, v any, a arguments) (any, error) {
	c := v.(commitObject)
	if a["author"] != nil {
		return nil, &graphError{message: "fakehub does not filter history by its author"}
	}
	var limits [2]time.Time
	for i, name := range []string{"since", "until"} {
		if text := a.text(name); text != "" {
			at, err := time.Parse(time.RFC3339, text)
			if err != nil {
				return nil, &graphError{message: name + " is no point in time: " + text}
			}
			limits[i] = at
		}
	}
	shas := c.repo.store.Between("", c.SHA).Ahead
	slices.Reverse(shas)
	shas = slices.DeleteFunc(shas, func(sha string) bool {
		o := c.repo.store.Commit(sha)
		return !limits[0].IsZero() && o.Committer.Date.Before(limits[0]) || !limits[1].IsZero() && o.Committer.Date.After(limits[1]) ||
			a.text("path") != "" && !c.repo.touches(o, a.text("path"))
	})
	return paginate(a, "history", "CommitHistoryConnection", len(shas), func(i int) node {
		return node{"Commit", commitObject{c.repo, c.repo.store.Commit(shas[i])}}
	})
}

// touches says whether a commit left something else at a path than its first
// parent had there.
func (r *Repo) touches(c *objects.Commit, path string) bool {
	now, _ := r.store.Lookup(c.Tree, path)
	if len(c.Parents) == 0 {
		return now.SHA != ""
	}
	before, _ := r.store.Lookup(r.store.Commit(c.Parents[0]).Tree, path)
	return now != before
}
