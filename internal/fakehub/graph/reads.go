package graph

import (
	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/lag"
)

// readsOf are the fields at which another kind of read begins. Fields that
// are not listed belong to what they are asked of.
var readsOf = map[string]lag.Reads{
	"Query.repository":              lag.Repositories,
	"Query.node":                    lag.Repositories,
	"Query.nodes":                   lag.Repositories,
	"Repository.pullRequest":        lag.Pulls,
	"Repository.pullRequests":       lag.Pulls,
	"Commit.associatedPullRequests": lag.Pulls,
	"Repository.ref":                lag.Refs,
	"Repository.defaultBranchRef":   lag.Refs,
	"PullRequest.baseRef":           lag.Refs,
	"PullRequest.headRef":           lag.Refs,
	"Repository.object":             lag.Contents,
	"Repository.deployments":        lag.Deployments,
	"Commit.deployments":            lag.Deployments,
}

// repoOf is the repository that a GraphQL value belongs to, nil where it is
// none's.
func repoOf(v any) *fakehub.Repo {
	switch v := v.(type) {
	case *fakehub.Repo:
		return v
	case *fakehub.Pull:
		return v.Repo
	case commitObject:
		return v.repo
	}
	return nil
}
