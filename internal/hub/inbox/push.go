package inbox

import (
	"strings"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

// maxPushedCommits bounds how many commits of a push are kept: GitHub lists no
// more of a pull request.
const maxPushedCommits = 250

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
	if p.Before != wire.NoCommit && wire.IsSHA(p.Before) {
		move.Before = p.Before
	}
	if p.After != wire.NoCommit && wire.IsSHA(p.After) {
		move.After = p.After
	}
	if move.Before == "" && move.After == "" { // the event does not say
		return nil
	}
	for _, c := range p.Commits[:min(len(p.Commits), maxPushedCommits)] {
		switch {
		case !wire.IsSHA(c.ID):
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
	if !wire.IsSHA(before) || !wire.IsSHA(p.Head.SHA) || p.Head.Repo.ID <= 0 || p.Head.Ref == "" {
		return nil
	}
	repo.ID = p.Head.Repo.ID
	if owner, name, ok := strings.Cut(p.Head.Repo.FullName, "/"); ok && wire.IsName(owner) && wire.IsName(name) {
		repo.Owner, repo.Name = owner, name
	}
	// Whether it was forced, this event does not say.
	move := gate.Push{Before: before, After: p.Head.SHA, By: by, Forced: true, Untold: true}
	return &gate.Pushed{Branch: branchOf(repo, p.Head.Ref), Pushes: []gate.Push{move}}
}

// wentIn is what became of a pull request that was merged.
func (p pullRequest) wentIn(repo gate.Repo) *gate.Pushed {
	if !p.Merged || !wire.IsSHA(p.MergeCommit) || p.Base.Ref == "" || len(p.Base.Ref) > 255 || p.Number <= 0 {
		return nil
	}
	m := gate.Merge{SHA: p.MergeCommit, Number: p.Number, At: p.MergedAt.Time}
	if wire.IsSHA(p.Head.SHA) {
		m.Head = p.Head.SHA
	}
	return &gate.Pushed{Branch: branchOf(repo, p.Base.Ref), Merged: []gate.Merge{m}}
}

func branchOf(repo gate.Repo, name string) gate.Subject {
	return gate.Subject{Kind: gate.Branch, Repo: repo, Name: name}
}
