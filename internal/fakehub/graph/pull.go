package graph

import (
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/objects"
	"github.com/gatehold/gatehold/internal/fakehub/wire"
)

type pullCommit struct {
	pull *fakehub.Pull
	sha  string
}

type changedFile struct {
	repo *fakehub.Repo
	objects.Delta
}

type labelNode struct {
	repo *fakehub.Repo
	name string
}

// pullState is OPEN, CLOSED or MERGED.
func pullState(p *fakehub.Pull) string {
	if !p.Merged.IsZero() {
		return "MERGED"
	}
	return strings.ToUpper(p.Status)
}

func pullFields() map[string]field {
	f := map[string]field{
		"closingIssuesReferences": pullIssues,
		"labels": func(_ *execution, v any, a arguments) (any, error) {
			p := v.(*fakehub.Pull)
			return paginate(a, "labels", "LabelConnection", len(p.Labels),
				func(i int) node { return node{"Label", labelNode{p.Repo, p.Labels[i]}} })
		},
		"assignees": func(_ *execution, v any, a arguments) (any, error) {
			p := v.(*fakehub.Pull)
			return paginate(a, "assignees", "UserConnection", len(p.Assignees), func(i int) node { return node{"User", p.Assignees[i]} })
		},
		// Of more than 250 commits GitHub counts all and shows the first 250.
		"commits": func(_ *execution, v any, a arguments) (any, error) {
			p := v.(*fakehub.Pull)
			shas := p.Commits().Ahead
			if len(shas) > fakehub.MaxPullCommits && a["last"] == nil {
				shas = shas[:fakehub.MaxPullCommits]
			}
			return paginate(a, "commits", "PullRequestCommitConnection", len(shas),
				func(i int) node { return node{"PullRequestCommit", pullCommit{p, shas[i]}} })
		},
		"files": func(_ *execution, v any, a arguments) (any, error) {
			p := v.(*fakehub.Pull)
			deltas := p.Files().Deltas
			deltas = deltas[:min(len(deltas), fakehub.MaxPullFiles)]
			return paginate(a, "files", "PullRequestChangedFileConnection", len(deltas), func(i int) node {
				return node{"PullRequestChangedFile", changedFile{p.Repo, deltas[i]}}
			})
		},
	}
	for name, get := range pullScalars() {
		f[name] = of(func(_ *execution, p *fakehub.Pull) any { return get(p) })
	}
	return f
}

// pullScalars are the fields that take no arguments.
func pullScalars() map[string]func(p *fakehub.Pull) any {
	return map[string]func(p *fakehub.Pull) any{
		"id":                  func(p *fakehub.Pull) any { return wire.NodeID("PR", p.ID) },
		"databaseId":          func(p *fakehub.Pull) any { return p.ID },
		"number":              func(p *fakehub.Pull) any { return p.Number },
		"state":               func(p *fakehub.Pull) any { return pullState(p) },
		"isDraft":             func(p *fakehub.Pull) any { return p.Draft },
		"closed":              func(p *fakehub.Pull) any { return p.Status != "open" },
		"merged":              func(p *fakehub.Pull) any { return !p.Merged.IsZero() },
		"locked":              func(*fakehub.Pull) any { return false },
		"mergeable":           func(*fakehub.Pull) any { return "UNKNOWN" },
		"title":               func(p *fakehub.Pull) any { return p.Title },
		"body":                func(p *fakehub.Pull) any { return p.Body },
		"url":                 func(p *fakehub.Pull) any { return p.HTML() },
		"author":              func(p *fakehub.Pull) any { return actor(p.Author) },
		"authorAssociation":   func(p *fakehub.Pull) any { return p.Repo.Association(p.Author) },
		"createdAt":           func(p *fakehub.Pull) any { return p.Created },
		"updatedAt":           func(p *fakehub.Pull) any { return p.Updated },
		"closedAt":            func(p *fakehub.Pull) any { return p.Closed },
		"mergedAt":            func(p *fakehub.Pull) any { return p.Merged },
		"mergedBy":            func(p *fakehub.Pull) any { return actor(p.MergedBy) },
		"mergeCommit":         func(p *fakehub.Pull) any { return mergeCommit(p) },
		"baseRefName":         func(p *fakehub.Pull) any { return p.Base },
		"baseRefOid":          func(p *fakehub.Pull) any { return p.BaseSHA },
		"baseRef":             func(p *fakehub.Pull) any { return refOf(p.Repo, p.Base) },
		"baseRepository":      func(p *fakehub.Pull) any { return node{"Repository", p.Repo} },
		"repository":          func(p *fakehub.Pull) any { return node{"Repository", p.Repo} },
		"headRefName":         func(p *fakehub.Pull) any { return p.Branch },
		"headRefOid":          func(p *fakehub.Pull) any { return p.Head },
		"headRef":             func(p *fakehub.Pull) any { return refOf(p.From, p.Branch) },
		"headRepository":      func(p *fakehub.Pull) any { return headRepository(p) },
		"headRepositoryOwner": func(p *fakehub.Pull) any { return actor(p.From.Owner) },
		"isCrossRepository":   func(p *fakehub.Pull) any { return p.From != p.Repo },
		"changedFiles":        func(p *fakehub.Pull) any { return len(p.Files().Deltas) },
		"additions":           func(p *fakehub.Pull) any { return p.Files().Additions },
		"deletions":           func(p *fakehub.Pull) any { return p.Files().Deletions },
	}
}

// headRepository is null when it was deleted.
func headRepository(p *fakehub.Pull) any {
	if p.From.Gone {
		return nil
	}
	return node{"Repository", p.From}
}

// mergeCommit is null before the merge.
func mergeCommit(p *fakehub.Pull) any {
	if p.Merged.IsZero() {
		return nil
	}
	return object(p.Repo, p.MergeSHA)
}

func pullCommitFields() map[string]field {
	return map[string]field{
		"id":          of(func(_ *execution, c pullCommit) any { return wire.NodeID("PURC", c.pull.ID) + c.sha }),
		"commit":      of(func(_ *execution, c pullCommit) any { return object(c.pull.Repo, c.sha) }),
		"pullRequest": of(func(_ *execution, c pullCommit) any { return node{"PullRequest", c.pull} }),
	}
}

func changedFileFields() map[string]field {
	return map[string]field{
		"path":      of(func(_ *execution, f changedFile) any { return f.Path }),
		"additions": of(func(_ *execution, f changedFile) any { return f.repo.Diffs.Stat(f.repo.Store, f.Delta).Additions }),
		"deletions": of(func(_ *execution, f changedFile) any { return f.repo.Diffs.Stat(f.repo.Store, f.Delta).Deletions }),
		"changeType": of(func(_ *execution, f changedFile) any {
			if f.Status == "removed" {
				return "DELETED"
			}
			return strings.ToUpper(f.Status)
		}),
	}
}

func labelFields() map[string]field {
	return map[string]field{
		"name": of(func(_ *execution, l labelNode) any { return l.name }),
		"id": of(func(_ *execution, l labelNode) any {
			o := l.repo.LabelJSON(l.name)
			return o[slices.Index(o, any("node_id"))+1]
		}),
	}
}
