package fakehub

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub/wire"
)

// Issue is an issue of a repository. It shares its numbers with pull requests.
type Issue struct {
	Number int
	ID     int64

	Repo    *Repo
	Title   string
	Body    string
	Author  *Account // nil: the account was deleted
	Editor  *Account // of the newest edit; nil: nobody, or an account that was deleted
	Edited  time.Time
	Created time.Time
}

// issueBook are the issues of a repository, and the links that people made by
// hand between them and its pull requests. The zero value is empty.
type issueBook struct {
	byNumber map[int]*Issue
	linked   map[int][]*Issue // by number of the pull request
}

// OpenIssue opens an issue. An author of nil is an account that was deleted.
func (r *Repo) OpenIssue(author *Account, title, body string) *Issue {
	r.hub.State.Lock()
	defer r.hub.State.Unlock()
	return r.OpenIssueLocked(author, title, body)
}

// Issues are all issues, the newest first.
func (r *Repo) Issues() []*Issue {
	var out []*Issue
	for _, n := range slices.Sorted(maps.Keys(r.issues.byNumber)) {
		out = append(out, r.issues.byNumber[n])
	}
	slices.Reverse(out)
	return out
}

// JSON is an issue as GitHub gives it.
func (i *Issue) JSON() wire.Object {
	url, created := fmt.Sprintf("%s/issues/%d", i.Repo.API(), i.Number), i.Created.UTC().Format(time.RFC3339)
	var user any
	if i.Author != nil {
		user = i.Author.JSON()
	}
	return wire.Object{
		"id", i.ID, "node_id", wire.NodeID("I", i.ID), "url", url, "repository_url", i.Repo.API(), "labels_url", url + "/labels{/name}",
		"comments_url", url + "/comments", "events_url", url + "/events", "html_url", i.HTML(), "number", i.Number, "title", i.Title,
		"user", user, "labels", []any{}, "state", "open", "locked", false, "assignee", nil, "assignees", []any{}, "milestone", nil,
		"comments", 0, "created_at", created, "updated_at", created, "closed_at", nil, "author_association", "NONE",
		"active_lock_reason", nil, "body", wire.OrNull(i.Body),
	}
}

// OpenIssueLocked is OpenIssue for whoever holds the state's lock.
func (r *Repo) OpenIssueLocked(author *Account, title, body string) *Issue {
	h := r.hub
	i := &Issue{Number: r.nextNumber, ID: h.NextID("issue", 1_100_000_001), Repo: r, Title: title, Body: body,
		Author: author, Created: h.Now()}
	r.nextNumber++
	if r.issues.byNumber == nil {
		r.issues.byNumber = map[int]*Issue{}
	}
	r.issues.byNumber[i.Number] = i
	return i
}

// Edit replaces the text. A by of nil is an account that was deleted since.
func (i *Issue) Edit(body string, by *Account) {
	i.Repo.hub.State.Lock()
	defer i.Repo.hub.State.Unlock()
	i.Body, i.Editor, i.Edited = body, by, i.Repo.hub.Now()
}

// LinkIssue links an issue by hand, as on the page of the pull request.
func (p *Pull) LinkIssue(i *Issue) {
	p.Repo.hub.State.Lock()
	defer p.Repo.hub.State.Unlock()
	if p.Repo.issues.linked == nil {
		p.Repo.issues.linked = map[int][]*Issue{}
	}
	p.Repo.issues.linked[p.Number] = append(p.Repo.issues.linked[p.Number], i)
}

// HTML is the address of the issue's page.
func (i *Issue) HTML() string { return fmt.Sprintf("%s/issues/%d", i.Repo.HTML(), i.Number) }

var closingWords = regexp.MustCompile(`(?i)\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?[ \t]+([\w.-]+/[\w.-]+)?#([0-9]{1,9})\b`)

// Closes are the issues that merging would close, in the order of their ids:
// those that the text names with a keyword, where the base is the default
// branch, and those linked by hand.
// https://docs.github.com/en/issues/tracking-your-work-with-issues/using-issues/linking-a-pull-request-to-an-issue
func (p *Pull) Closes(byHandOnly bool) []*Issue {
	found := map[int64]*Issue{}
	for _, i := range p.Repo.issues.linked[p.Number] {
		found[i.ID] = i
	}
	if p.Base == p.Repo.DefaultBranch && !byHandOnly {
		for _, m := range closingWords.FindAllStringSubmatch(p.Body, -1) {
			r := p.Repo
			if m[1] != "" {
				r = p.Repo.hub.repos[Fold(m[1])]
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
