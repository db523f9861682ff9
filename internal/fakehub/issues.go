package fakehub

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"time"
)

// Issue is an issue of a repository. It shares its numbers with pull requests.
type Issue struct {
	Number int
	ID     int64

	repo    *Repo
	title   string
	body    string
	author  *Account // nil: the account was deleted
	editor  *Account // of the newest edit; nil: nobody, or an account that was deleted
	edited  time.Time
	created time.Time
}

// issueBook are the issues of a repository, and the links that people made by
// hand between them and its pull requests. The zero value is empty.
type issueBook struct {
	byNumber map[int]*Issue
	linked   map[int][]*Issue // by number of the pull request
}

// OpenIssue opens an issue. An author of nil is an account that was deleted.
func (r *Repo) OpenIssue(author *Account, title, body string) *Issue {
	h := r.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	i := &Issue{Number: r.nextNumber, ID: h.id("issue", 1_100_000_001), repo: r, title: title, body: body, author: author, created: h.now()}
	r.nextNumber++
	if r.issues.byNumber == nil {
		r.issues.byNumber = map[int]*Issue{}
	}
	r.issues.byNumber[i.Number] = i
	return i
}

// Edit replaces the text. A by of nil is an account that was deleted since.
func (i *Issue) Edit(body string, by *Account) {
	i.repo.hub.mu.Lock()
	defer i.repo.hub.mu.Unlock()
	i.body, i.editor, i.edited = body, by, i.repo.hub.now()
}

// LinkIssue links an issue by hand, as on the page of the pull request.
func (p *Pull) LinkIssue(i *Issue) {
	p.repo.hub.mu.Lock()
	defer p.repo.hub.mu.Unlock()
	if p.repo.issues.linked == nil {
		p.repo.issues.linked = map[int][]*Issue{}
	}
	p.repo.issues.linked[p.Number] = append(p.repo.issues.linked[p.Number], i)
}

func (i *Issue) html() string { return fmt.Sprintf("%s/issues/%d", i.repo.html(), i.Number) }

var closingWords = regexp.MustCompile(`(?i)\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?[ \t]+([\w.-]+/[\w.-]+)?#([0-9]{1,9})\b`)

// closes are the issues that merging would close, in the order of their ids:
// those that the text names with a keyword, where the base is the default
// branch, and those linked by hand.
// https://docs.github.com/en/issues/tracking-your-work-with-issues/using-issues/linking-a-pull-request-to-an-issue
func (p *Pull) closes(byHandOnly bool) []*Issue {
	found := map[int64]*Issue{}
	for _, i := range p.repo.issues.linked[p.Number] {
		found[i.ID] = i
	}
	if p.base == p.repo.defaultBranch && !byHandOnly {
		for _, m := range closingWords.FindAllStringSubmatch(p.body, -1) {
			r := p.repo
			if m[1] != "" {
				r = p.repo.hub.repos[fold(m[1])]
			}
			if n, err := strconv.Atoi(m[2]); err == nil && r != nil && r.issues.byNumber[n] != nil {
				found[r.issues.byNumber[n].ID] = r.issues.byNumber[n]
			}
		}
	}
	var out []*Issue
	for _, id := range slices.Sorted(maps.Keys(found)) {
		out = append(out, found[id])
	}
	return out
}

// pullIssues resolves closingIssuesReferences. Without the permission to read
// issues it is FORBIDDEN, and null; issues of a repository that the caller does
// not see are left out.
func pullIssues(x *execution, v any, a arguments) (any, error) {
	p := v.(*Pull)
	if err := x.may(p.repo, "issues"); err != nil {
		return nil, err
	}
	byHand, _ := a["userLinkedOnly"].(bool)
	issues := slices.DeleteFunc(p.closes(byHand),
		func(i *Issue) bool { return !x.call.auth.sees(i.repo) || x.may(i.repo, "issues") != nil })
	return paginate(a, "closingIssuesReferences", "IssueConnection", len(issues), func(i int) node { return node{"Issue", issues[i]} })
}

func issueFields() map[string]field {
	return map[string]field{
		"id":           of(func(_ *execution, i *Issue) any { return nodeID("I", i.ID) }),
		"databaseId":   of(func(_ *execution, i *Issue) any { return i.ID }),
		"number":       of(func(_ *execution, i *Issue) any { return i.Number }),
		"title":        of(func(_ *execution, i *Issue) any { return i.title }),
		"body":         of(func(_ *execution, i *Issue) any { return i.body }),
		"url":          of(func(_ *execution, i *Issue) any { return i.html() }),
		"author":       of(func(_ *execution, i *Issue) any { return actor(i.author) }),
		"editor":       of(func(_ *execution, i *Issue) any { return actor(i.editor) }),
		"lastEditedAt": of(func(_ *execution, i *Issue) any { return i.edited }),
		"createdAt":    of(func(_ *execution, i *Issue) any { return i.created }),
		"repository":   of(func(_ *execution, i *Issue) any { return node{"Repository", i.repo} }),
	}
}
