package graph

import (
	"slices"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/actions"
	"github.com/gatehold/gatehold/internal/fakehub/objects"
	"github.com/gatehold/gatehold/internal/fakehub/wire"
)

type statusNode struct {
	of *actions.DeploymentRecord
	*actions.DeploymentStatus
}

// deploymentsOf lists deployments that a filter lets pass, oldest first unless
// orderBy says otherwise. Environments are compared whatever their case.
func deploymentsOf(x *execution, r *fakehub.Repo, a arguments, pass func(*actions.DeploymentRecord) bool) (any, error) {
	if err := x.may(r, "deployments"); err != nil {
		return nil, err
	}
	wanted, given := a["environments"].([]any)
	if one, ok := a["environments"].(string); ok {
		wanted, given = []any{one}, true
	}
	var found []*actions.DeploymentRecord
	for _, d := range x.graph.actions.Of(r).Deployments {
		in := func(name any) bool {
			text, _ := name.(string)
			return fakehub.Fold(text) == fakehub.Fold(d.Environment)
		}
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
	return deploymentsOf(x, v.(*fakehub.Repo), a, func(*actions.DeploymentRecord) bool { return true })
}

func commitDeployments(x *execution, v any, a arguments) (any, error) {
	c := v.(commitObject)
	return deploymentsOf(x, c.repo, a, func(d *actions.DeploymentRecord) bool { return d.SHA == c.SHA })
}

// deploymentState is what GraphQL makes of the latest status: one that succeeded is
// active.
func deploymentState(d *actions.DeploymentRecord) string {
	switch s := d.State(); s {
	case "":
		return "PENDING"
	case "success":
		return "ACTIVE"
	default:
		return strings.ToUpper(s)
	}
}

func deploymentFields() map[string]field {
	scalar := func(get func(d *actions.DeploymentRecord) any) field {
		return of(func(_ *execution, d *actions.DeploymentRecord) any { return get(d) })
	}
	return map[string]field{
		"id":                  scalar(func(d *actions.DeploymentRecord) any { return wire.NodeID("DE", d.ID) }),
		"databaseId":          scalar(func(d *actions.DeploymentRecord) any { return d.ID }),
		"commit":              scalar(func(d *actions.DeploymentRecord) any { return object(d.Repo.Repo, d.SHA) }),
		"commitOid":           scalar(func(d *actions.DeploymentRecord) any { return d.SHA }),
		"createdAt":           scalar(func(d *actions.DeploymentRecord) any { return d.Created }),
		"updatedAt":           scalar(func(d *actions.DeploymentRecord) any { return d.Updated }),
		"creator":             scalar(func(d *actions.DeploymentRecord) any { return actor(d.Creator) }),
		"description":         scalar(func(d *actions.DeploymentRecord) any { return wire.OrNull(d.Description) }),
		"environment":         scalar(func(d *actions.DeploymentRecord) any { return d.Environment }),
		"latestEnvironment":   scalar(func(d *actions.DeploymentRecord) any { return d.Environment }),
		"originalEnvironment": scalar(func(d *actions.DeploymentRecord) any { return d.Original }),
		"payload":             scalar(func(d *actions.DeploymentRecord) any { return string(d.Payload) }),
		"ref":                 scalar(func(d *actions.DeploymentRecord) any { return refOf(d.Repo.Repo, fakehub.BranchName(d.Ref)) }),
		"repository":          scalar(func(d *actions.DeploymentRecord) any { return node{"Repository", d.Repo.Repo} }),
		"state":               scalar(func(d *actions.DeploymentRecord) any { return deploymentState(d) }),
		"task":                scalar(func(d *actions.DeploymentRecord) any { return d.Task }),
		"latestStatus": scalar(func(d *actions.DeploymentRecord) any {
			if len(d.Statuses) == 0 {
				return nil
			}
			return node{"DeploymentStatus", statusNode{d, &d.Statuses[len(d.Statuses)-1]}}
		}),
		// The newest first.
		"statuses": func(_ *execution, v any, a arguments) (any, error) {
			d := v.(*actions.DeploymentRecord)
			return paginate(a, "statuses", "DeploymentStatusConnection", len(d.Statuses), func(i int) node {
				return node{"DeploymentStatus", statusNode{d, &d.Statuses[len(d.Statuses)-1-i]}}
			})
		},
	}
}

func deploymentStatusFields() map[string]field {
	return map[string]field{
		"id":             of(func(_ *execution, s statusNode) any { return wire.NodeID("DES", s.ID) }),
		"createdAt":      of(func(_ *execution, s statusNode) any { return s.Created }),
		"updatedAt":      of(func(_ *execution, s statusNode) any { return s.Created }),
		"creator":        of(func(_ *execution, s statusNode) any { return actor(s.Creator) }),
		"deployment":     of(func(_ *execution, s statusNode) any { return node{"Deployment", s.of} }),
		"description":    of(func(_ *execution, s statusNode) any { return wire.OrNull(s.Description) }),
		"environment":    of(func(_ *execution, s statusNode) any { return s.Environment }),
		"environmentUrl": of(func(_ *execution, s statusNode) any { return wire.OrNull(s.EnvironmentURL) }),
		"logUrl":         of(func(_ *execution, s statusNode) any { return wire.OrNull(s.LogURL) }),
		"state":          of(func(_ *execution, s statusNode) any { return strings.ToUpper(s.State) }),
	}
}

// commitHistory is the commit and all before it, as git log lists them: those
// that touch a path, and those of a time, where that is asked for.
func commitHistory(_ *execution, v any, a arguments) (any, error) {
	c := v.(commitObject)
	if a["author"] != nil {
		return nil, &queryError{message: "fakehub does not filter history by its author"}
	}
	var limits [2]time.Time
	for i, name := range []string{"since", "until"} {
		if text := a.text(name); text != "" {
			at, err := time.Parse(time.RFC3339, text)
			if err != nil {
				return nil, &queryError{message: name + " is no point in time: " + text}
			}
			limits[i] = at
		}
	}
	shas := c.repo.Store.Between("", c.SHA).Ahead
	slices.Reverse(shas)
	shas = slices.DeleteFunc(shas, func(sha string) bool {
		o := c.repo.Store.Commit(sha)
		return !limits[0].IsZero() && o.Committer.Date.Before(limits[0]) || !limits[1].IsZero() && o.Committer.Date.After(limits[1]) ||
			a.text("path") != "" && !touches(c.repo, o, a.text("path"))
	})
	return paginate(a, "history", "CommitHistoryConnection", len(shas), func(i int) node {
		return node{"Commit", commitObject{c.repo, c.repo.Store.Commit(shas[i])}}
	})
}

// touches says whether a commit left something else at a path than its first
// parent had there.
func touches(r *fakehub.Repo, c *objects.Commit, path string) bool {
	now, _ := r.Store.Lookup(c.Tree, path)
	if len(c.Parents) == 0 {
		return now.SHA != ""
	}
	before, _ := r.Store.Lookup(r.Store.Commit(c.Parents[0]).Tree, path)
	return now != before
}
