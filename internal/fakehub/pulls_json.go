package fakehub

import (
	"fmt"
	"hash/fnv"
)

func (p *Pull) api() string  { return fmt.Sprintf("%s/pulls/%d", p.repo.api(), p.Number) }
func (p *Pull) html() string { return fmt.Sprintf("%s/pull/%d", p.repo.html(), p.Number) }

// simple is the pull request as lists show it.
func (p *Pull) simple() obj {
	issue := fmt.Sprintf("%s/issues/%d", p.repo.api(), p.Number)
	statuses := p.repo.api() + "/statuses/" + p.head
	labels, assignees := list{}, list{}
	for _, l := range p.labels {
		labels = append(labels, p.repo.labelJSON(l))
	}
	for _, a := range p.assignees {
		assignees = append(assignees, a.json())
	}
	var assignee any
	if len(p.assignees) > 0 {
		assignee = p.assignees[0].json()
	}
	href := func(url string) obj { return obj{"href", url} }
	return obj{
		"url", p.api(), "id", p.ID, "node_id", nodeID("PR", p.ID), "html_url", p.html(), "diff_url", p.html() + ".diff",
		"patch_url", p.html() + ".patch",
		"issue_url", issue, "number", p.Number, "state", p.state, "locked", false, "title", p.title, "user", p.author.json(),
		"body", orNull(p.body),
		"created_at", p.created, "updated_at", p.updated, "closed_at", p.closed, "merged_at", p.merged, "merge_commit_sha",
		orNull(p.mergeSHA),
		"assignee", assignee, "assignees", assignees, "requested_reviewers", list{}, "requested_teams", list{}, "labels",
		labels, "milestone", nil,
		"draft", p.draft, "commits_url", p.api() + "/commits", "review_comments_url", p.api() + "/comments",
		"review_comment_url", p.repo.api() + "/pulls/comments{/number}", "comments_url", issue + "/comments", "statuses_url", statuses,
		"head", branchJSON(p.from, p.branch, p.head), "base", branchJSON(p.repo, p.base, p.baseSHA),
		"_links", obj{"self", href(p.api()), "html", href(p.html()), "issue", href(issue), "comments", href(issue + "/comments"),
			"review_comments", href(p.api() + "/comments"), "review_comment", href(p.repo.api() + "/pulls/comments{/number}"),
			"commits", href(p.api() + "/commits"), "statuses", href(statuses)},
		"author_association", p.repo.association(p.author), "auto_merge", nil, "active_lock_reason", nil,
	}
}

// branchJSON is one side of a pull request. The repository of a head may be
// gone.
func branchJSON(r *Repo, ref, sha string) obj {
	var repo any
	if !r.gone {
		repo = r.json()
	}
	return obj{"label", r.owner.Login + ":" + ref, "ref", ref, "sha", sha, "user", r.owner.json(), "repo", repo}
}

// full is the pull request as it is got by its number, and as webhooks show it.
func (p *Pull) full() obj {
	files := p.files()
	var mergedBy any
	if p.mergedBy != nil {
		mergedBy = p.mergedBy.json()
	}
	return append(p.simple(),
		"merged", !p.merged.IsZero(), "mergeable", nil, "rebaseable", nil, "mergeable_state", "unknown", "merged_by", mergedBy,
		"comments", 0, "review_comments", 0, "maintainer_can_modify", p.from != p.repo, "commits", len(p.commits().Ahead),
		"additions", files.additions, "deletions", files.deletions, "changed_files", len(files.deltas))
}

func (p *Pull) emit(action string, by *Account, more ...any) {
	p.updated = p.repo.hub.now()
	if by == nil {
		by = p.author
	}
	if !p.repo.hub.listens(p.repo, "pull_request") {
		return
	}
	payload := append(obj{"action", action, "number", p.Number, "pull_request", p.full()}, more...)
	p.repo.hub.emit(p.repo, "pull_request", action, append(payload, "repository", p.repo.json(), "sender", by.json()))
}

// association is how GitHub calls what an account is to a repository.
func (r *Repo) association(a *Account) string {
	if a == r.owner {
		return "OWNER"
	}
	if o := r.hub.orgs[r.owner.ID]; o != nil && o.members[a.ID] != "" {
		return "MEMBER"
	}
	if r.collaborators[a.ID] != "" {
		return "COLLABORATOR"
	}
	return "NONE"
}

func (r *Repo) labelJSON(name string) obj {
	sum := fnv.New32a()
	sum.Write([]byte(name))
	id := int64(6_000_000_000) + int64(sum.Sum32())
	return obj{"id", id, "node_id", nodeID("LA", id), "url", r.api() + "/labels/" + name, "name", name, "color", "ededed",
		"default", false, "description", ""}
}
