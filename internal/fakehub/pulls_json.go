package fakehub

import (
	"fmt"
	"hash/fnv"

	"github.com/gatehold/gatehold/internal/fakehub/wire"
)

func (p *Pull) api() string { return fmt.Sprintf("%s/pulls/%d", p.Repo.API(), p.Number) }

// HTML is the address of the pull request's page.
func (p *Pull) HTML() string { return fmt.Sprintf("%s/pull/%d", p.Repo.HTML(), p.Number) }

// Simple is the pull request as lists show it.
func (p *Pull) Simple() wire.Object {
	issue := fmt.Sprintf("%s/issues/%d", p.Repo.API(), p.Number)
	statuses := p.Repo.API() + "/statuses/" + p.Head
	labels, assignees := wire.List{}, wire.List{}
	for _, l := range p.Labels {
		labels = append(labels, p.Repo.LabelJSON(l))
	}
	for _, a := range p.Assignees {
		assignees = append(assignees, a.JSON())
	}
	var assignee any
	if len(p.Assignees) > 0 {
		assignee = p.Assignees[0].JSON()
	}
	href := func(url string) wire.Object { return wire.Object{"href", url} }
	return wire.Object{
		"url", p.api(), "id", p.ID, "node_id", wire.NodeID("PR", p.ID), "html_url", p.HTML(), "diff_url", p.HTML() + ".diff",
		"patch_url", p.HTML() + ".patch",
		"issue_url", issue, "number", p.Number, "state", p.Status, "locked", false, "title", p.Title, "user", p.Author.JSON(),
		"body", wire.OrNull(p.Body),
		"created_at", p.Created, "updated_at", p.Updated, "closed_at", p.Closed, "merged_at", p.Merged, "merge_commit_sha",
		wire.OrNull(p.MergeSHA),
		"assignee", assignee, "assignees", assignees, "requested_reviewers", wire.List{}, "requested_teams", wire.List{}, "labels",
		labels, "milestone", nil,
		"draft", p.Draft, "commits_url", p.api() + "/commits", "review_comments_url", p.api() + "/comments",
		"review_comment_url", p.Repo.API() + "/pulls/comments{/number}", "comments_url", issue + "/comments", "statuses_url", statuses,
		"head", branchJSON(p.From, p.Branch, p.Head), "base", branchJSON(p.Repo, p.Base, p.BaseSHA),
		"_links", wire.Object{"self", href(p.api()), "html", href(p.HTML()), "issue", href(issue), "comments", href(issue + "/comments"),
			"review_comments", href(p.api() + "/comments"), "review_comment", href(p.Repo.API() + "/pulls/comments{/number}"),
			"commits", href(p.api() + "/commits"), "statuses", href(statuses)},
		"author_association", p.Repo.Association(p.Author), "auto_merge", nil, "active_lock_reason", nil,
	}
}

// branchJSON is one side of a pull request. The repository of a head may be
// gone.
func branchJSON(r *Repo, ref, sha string) wire.Object {
	var repo any
	if !r.Gone {
		repo = r.JSON()
	}
	return wire.Object{"label", r.Owner.Login + ":" + ref, "ref", ref, "sha", sha, "user", r.Owner.JSON(), "repo", repo}
}

// Full is the pull request as it is got by its number, and as webhooks show it.
func (p *Pull) Full() wire.Object {
	files := p.Files()
	var mergedBy any
	if p.MergedBy != nil {
		mergedBy = p.MergedBy.JSON()
	}
	return append(p.Simple(),
		"merged", !p.Merged.IsZero(), "mergeable", nil, "rebaseable", nil, "mergeable_state", "unknown", "merged_by", mergedBy,
		"comments", 0, "review_comments", 0, "maintainer_can_modify", p.From != p.Repo, "commits", len(p.Commits().Ahead),
		"additions", files.Additions, "deletions", files.Deletions, "changed_files", len(files.Deltas))
}

func (p *Pull) emit(action string, by *Account, more ...any) {
	p.Updated = p.Repo.hub.Now()
	if by == nil {
		by = p.Author
	}
	if !p.Repo.hub.Listens(p.Repo, "pull_request") {
		return
	}
	payload := append(wire.Object{"action", action, "number", p.Number, "pull_request", p.Full()}, more...)
	p.Repo.hub.Emit(p.Repo, "pull_request", action, append(payload, "repository", p.Repo.JSON(), "sender", by.JSON()))
}

// LabelJSON is a label as REST and webhooks show it.
func (r *Repo) LabelJSON(name string) wire.Object {
	sum := fnv.New32a()
	sum.Write([]byte(name))
	id := int64(6_000_000_000) + int64(sum.Sum32())
	return wire.Object{"id", id, "node_id", wire.NodeID("LA", id), "url", r.API() + "/labels/" + name, "name", name, "color", "ededed",
		"default", false, "description", ""}
}
