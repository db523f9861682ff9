package fakehub

import (
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/fakehub/objects"
)

type pullCommit struct {
	pull *Pull
	sha  string
}

type changedFile struct {
	repo *Repo
	objects.Delta
}

type labelNode struct {
	repo *Repo
	name string
}

// graphState is OPEN, CLOSED or MERGED.
func (p *Pull) graphState() string {
	if !p.merged.IsZero() {
		return "MERGED"
	}
	return strings.ToUpper(p.state)
}

func pullFields() map[string]field {
	f := map[string]field{
		"closingIssuesReferences": pullIssues,
		"labels": func(_ *execution, v any, a arguments) (any, error) {
			p := v.(*Pull)
			return paginate(a, "labels", "LabelConnection", len(p.labels),
				func(i int) node { return node{"Label", labelNode{p.repo, p.labels[i]}} })
		},
		"assignees": func(_ *execution, v any, a arguments) (any, error) {
			p := v.(*Pull)
			return paginate(a, "assignees", "UserConnection", len(p.assignees), func(i int) node { return node{"User", p.assignees[i]} })
		},
		// Of more than 250 commits GitHub counts all and shows the first 250.
		"commits": func(_ *execution, v any, a arguments) (any, error) {
			p := v.(*Pull)
			shas := p.commits().Ahead
			if len(shas) > maxPullCommits && a["last"] == nil {
				shas = shas[:maxPullCommits]
			}
			return paginate(a, "commits", "PullRequestCommitConnection", len(shas),
				func(i int) node { return node{"PullRequestCommit", pullCommit{p, shas[i]}} })
		},
		"files": func(_ *execution, v any, a arguments) (any, error) {
			p := v.(*Pull)
			deltas := p.files().deltas
			deltas = deltas[:min(len(deltas), maxPullFiles)]
			return paginate(a, "files", "PullRequestChangedFileConnection", len(deltas), func(i int) node {
				return node{"PullRequestChangedFile", changedFile{p.repo, deltas[i]}}
			})
		},
	}
	for name, get := range pullScalars() {
		f[name] = of(func(_ *execution, p *Pull) any { return get(p) })
	}
	return f
}

// pullScalars are the fields that take no arguments.
func pullScalars() map[string]func(p *Pull) any {
	return map[string]func(p *Pull) any{
		"id":                  func(p *Pull) any { return nodeID("PR", p.ID) },
		"databaseId":          func(p *Pull) any { return p.ID },
		"number":              func(p *Pull) any { return p.Number },
		"state":               func(p *Pull) any { return p.graphState() },
		"isDraft":             func(p *Pull) any { return p.draft },
		"closed":              func(p *Pull) any { return p.state != "open" },
		"merged":              func(p *Pull) any { return !p.merged.IsZero() },
		"locked":              func(*Pull) any { return false },
		"mergeable":           func(*Pull) any { return "UNKNOWN" },
		"title":               func(p *Pull) any { return p.title },
		"body":                func(p *Pull) any { return p.body },
		"url":                 func(p *Pull) any { return p.html() },
		"author":              func(p *Pull) any { return actor(p.author) },
		"authorAssociation":   func(p *Pull) any { return p.repo.association(p.author) },
		"createdAt":           func(p *Pull) any { return p.created },
		"updatedAt":           func(p *Pull) any { return p.updated },
		"closedAt":            func(p *Pull) any { return p.closed },
		"mergedAt":            func(p *Pull) any { return p.merged },
		"mergedBy":            func(p *Pull) any { return actor(p.mergedBy) },
		"mergeCommit":         func(p *Pull) any { return p.mergeCommit() },
		"baseRefName":         func(p *Pull) any { return p.base },
		"baseRefOid":          func(p *Pull) any { return p.baseSHA },
		"baseRef":             func(p *Pull) any { return p.repo.refNode(p.base) },
		"baseRepository":      func(p *Pull) any { return node{"Repository", p.repo} },
		"repository":          func(p *Pull) any { return node{"Repository", p.repo} },
		"headRefName":         func(p *Pull) any { return p.branch },
		"headRefOid":          func(p *Pull) any { return p.head },
		"headRef":             func(p *Pull) any { return p.from.refNode(p.branch) },
		"headRepository":      func(p *Pull) any { return p.headRepository() },
		"headRepositoryOwner": func(p *Pull) any { return actor(p.from.owner) },
		"isCrossRepository":   func(p *Pull) any { return p.from != p.repo },
		"changedFiles":        func(p *Pull) any { return len(p.files().deltas) },
		"additions":           func(p *Pull) any { return p.files().additions },
		"deletions":           func(p *Pull) any { return p.files().deletions },
	}
}

// headRepository is null when it was deleted.
func (p *Pull) headRepository() any {
	if p.from.gone {
		return nil
	}
	return node{"Repository", p.from}
}

// mergeCommit is null before the merge.
func (p *Pull) mergeCommit() any {
	if p.merged.IsZero() {
		return nil
	}
	return p.repo.object(p.mergeSHA)
}

func pullCommitFields() map[string]field {
	return map[string]field{
		"id":          of(func(_ *execution, c pullCommit) any { return nodeID("PURC", c.pull.ID) + c.sha }),
		"commit":      of(func(_ *execution, c pullCommit) any { return c.pull.repo.object(c.sha) }),
		"pullRequest": of(func(_ *execution, c pullCommit) any { return node{"PullRequest", c.pull} }),
	}
}

func changedFileFields() map[string]field {
	return map[string]field{
		"path":      of(func(_ *execution, f changedFile) any { return f.Path }),
		"additions": of(func(_ *execution, f changedFile) any { return f.repo.stat(f.Delta).Additions }),
		"deletions": of(func(_ *execution, f changedFile) any { return f.repo.stat(f.Delta).Deletions }),
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
			o := l.repo.labelJSON(l.name)
			return o[slices.Index(o, any("node_id"))+1]
		}),
	}
}
