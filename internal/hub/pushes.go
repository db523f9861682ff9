package hub

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
)

// maxPushedCommits bounds how many commits of a push are kept: GitHub lists no
// more of a pull request.
const maxPushedCommits = 250

// noCommit is how an event names the commit before a branch was, or after it.
const noCommit = "0000000000000000000000000000000000000000"

// pushedBy is the move of a branch that an event tells of, or what was merged into
// one, or nil. Branches of merge queues are GitHub's own.
func pushedBy(event string, p payload, body []byte) *gate.Pushed {
	repo, err := p.repo()
	if err != nil {
		return nil
	}
	switch {
	case event == "pull_request" && p.Action == "synchronize":
		return p.PullRequest.synchronized(p.Before, repo, p.sender())
	case event == "pull_request" && p.Action == "closed":
		return p.PullRequest.wentIn(repo)
	case event == "push":
		var push pushEvent
		if err := tolerant(body, &push); err != nil {
			return nil
		}
		branch, ok := strings.CutPrefix(push.Ref, "refs/heads/")
		if !ok || branch == "" || len(branch) > 255 || strings.HasPrefix(branch, queuePrefix) {
			return nil
		}
		return push.moved(repo, branch, p.sender())
	}
	return nil
}

// moved is the move of a branch that a push event tells of.
func (p pushEvent) moved(repo gate.Repo, branch string, by gate.Actor) *gate.Pushed {
	move := gate.Push{By: by, Forced: p.Forced, Untold: len(p.Commits) > maxPushedCommits}
	if p.Before != noCommit && isSHA(p.Before) {
		move.Before = p.Before
	}
	if p.After != noCommit && isSHA(p.After) {
		move.After = p.After
	}
	if move.Before == "" && move.After == "" { // the event does not say
		return nil
	}
	for _, c := range p.Commits[:min(len(p.Commits), maxPushedCommits)] {
		switch {
		case !isSHA(c.ID):
			move.Untold = true
		case c.Distinct:
			move.Commits = append(move.Commits, c.ID)
		}
	}
	return &gate.Pushed{Branch: branchOf(repo, branch), Pushes: []gate.Push{move}}
}

// synchronized is the move of a pull request's branch, as the event of the pull
// request tells of it. Of a fork no other event does.
func (p pullRequest) synchronized(before string, repo gate.Repo, by gate.Actor) *gate.Pushed {
	if !isSHA(before) || !isSHA(p.Head.SHA) || p.Head.Repo.ID <= 0 || p.Head.Ref == "" {
		return nil
	}
	repo.ID = p.Head.Repo.ID
	if owner, name, ok := strings.Cut(p.Head.Repo.FullName, "/"); ok && safeName(owner) && safeName(name) {
		repo.Owner, repo.Name = owner, name
	}
	// Whether it was forced, this event does not say.
	move := gate.Push{Before: before, After: p.Head.SHA, By: by, Forced: true, Untold: true}
	return &gate.Pushed{Branch: branchOf(repo, p.Head.Ref), Pushes: []gate.Push{move}}
}

// wentIn is what became of a pull request that was merged.
func (p pullRequest) wentIn(repo gate.Repo) *gate.Pushed {
	if !p.Merged || !isSHA(p.MergeCommit) || p.Base.Ref == "" || len(p.Base.Ref) > 255 || p.Number <= 0 {
		return nil
	}
	return &gate.Pushed{Branch: branchOf(repo, p.Base.Ref), Merged: []gate.Merge{{SHA: p.MergeCommit, Number: p.Number}}}
}

func branchOf(repo gate.Repo, name string) gate.Subject {
	return gate.Subject{Kind: gate.Branch, Repo: repo, Name: name}
}

var activityRoute = route{name: "GET /repos/{owner}/{repo}/activity", need: "contents: read", max: 4 << 20}

// activityPage is how many moves of a branch GitHub is asked for: the most that
// one page holds.
const activityPage = 100

// activity is one move of a branch, as GitHub keeps it.
// https://docs.github.com/en/rest/repos/repos#list-repository-activities
type activity struct {
	Before string    `json:"before"`
	After  string    `json:"after"`
	Type   string    `json:"activity_type"`
	At     time.Time `json:"timestamp"`
	Actor  *account  `json:"actor"`
}

// Pushes asks GitHub who moved a branch, or any where it names none: the newest
// page of it, oldest first. What GitHub keeps names no commits but the ends of
// each move.
func (h *Hub) Pushes(ctx context.Context, branch gate.Subject) ([]gate.Push, error) {
	if err := checkRepo(branch.Repo); err != nil {
		return nil, err
	}
	if branch.Kind != gate.Branch {
		return nil, invalid("Pushes are read of branches.")
	}
	c, err := h.clientOf(ctx, branch.Repo)
	if err != nil {
		return nil, err
	}
	query := url.Values{"per_page": {fmt.Sprint(activityPage)}}
	if branch.Name != "" {
		query.Set("ref", "refs/heads/"+branch.Name)
	}
	var found []activity
	err = c.get(ctx, request{
		route: activityRoute, url: repoPath(branch.Repo) + "/activity?" + query.Encode(), doing: "read who pushed to " + branch.String(),
	}, into(&found))
	if err != nil {
		return nil, err
	}
	out := make([]gate.Push, 0, len(found))
	for i := len(found) - 1; i >= 0; i-- {
		out = append(out, found[i].push())
	}
	return out, nil
}

func (a activity) push() gate.Push {
	p := gate.Push{Forced: a.Type == "force_push", At: a.At, Untold: true}
	if a.Before != noCommit && a.Type != "branch_creation" && isSHA(a.Before) {
		p.Before = a.Before
	}
	if a.After != noCommit && a.Type != "branch_deletion" && isSHA(a.After) {
		p.After = a.After
	}
	if a.Actor != nil {
		p.By = gate.Actor{Login: clip(a.Actor.Login, 200), ID: a.Actor.ID, Type: clip(a.Actor.Type, 40)}
	}
	return p
}
