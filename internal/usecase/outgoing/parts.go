package outgoing

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/judge"
	"github.com/gatehold/gatehold/internal/words"
)

// parts are what the ledger knows of the pull requests that go out.
func (u *Gatherer) parts(ctx context.Context, repo gate.Repo, pulls []change.Pull) ([]judge.Part, error) {
	var out []judge.Part
	for _, p := range pulls {
		f, err := u.Book.Gates.Load(ctx, gate.Subject{Kind: gate.PullRequest, Repo: repo, Number: p.Number}.Stream())
		if err != nil {
			return nil, err
		}
		if f.State.Verdict == nil {
			continue
		}
		if !f.State.Done { // that it was merged is not on record, nor who had left by then
			if f, err = u.Directory.Confirmed(ctx, f); err != nil {
				return nil, err
			}
		}
		out = append(out, partOf(f.State, p))
	}
	return out, nil
}

// partOf says whether what was merged is what was judged and released.
func partOf(s gate.State, p change.Pull) judge.Part {
	v := s.Verdict
	part := judge.Part{By: v.Agent, Choices: s.Choices}
	part.Number, part.Score, part.Level, part.Worst = p.Number, v.Score, v.Level, judge.Worst(v)
	for _, c := range s.Choices {
		if c.Answer == gate.Approve || c.Answer == gate.Override {
			part.ApprovedBy = append(part.ApprovedBy, c.By.Login)
		}
	}
	switch {
	case v.Head != p.Head:
		part.Why = fmt.Sprintf("It was merged at %s, and judged at %s.", words.Short(p.Head), words.Short(v.Head))
	case s.Denied() != nil:
		part.Why = "@" + s.Denied().By.Login + " denied it."
	case !v.Held, s.Overridden() != nil, v.Needs != nil && v.Needs.Progress(s.Choices, p.MergedAt).Met:
		part.Valid = true
	default:
		part.Why = "It was merged while it was held."
	}
	return part
}

// chain is what led to a run: for each pull request that an agent had a part
// in, who made it, on whose behalf, and who merged it; then who started the
// run, and where it goes.
func (u *Gatherer) chain(ctx context.Context, s gate.Subject, facts *judge.RunFacts) ([]gate.Link, error) {
	var links []gate.Link
	for _, part := range facts.Parts {
		i := slices.IndexFunc(facts.Outgoing.Pulls, func(p change.Pull) bool { return p.Number == part.Number })
		if !part.By.Is || i < 0 || len(links) > maxChain {
			continue
		}
		p := facts.Outgoing.Pulls[i]
		f, err := u.Book.Gates.Load(ctx, gate.Subject{Kind: gate.PullRequest, Repo: s.Repo, Number: p.Number}.Stream())
		if err != nil {
			return nil, err
		}
		if f.State.Verdict != nil {
			links = append(links, f.State.Verdict.Origin...)
		}
		links = append(links,
			gate.Link{Kind: "pull_request", Ref: "#" + strconv.Itoa(p.Number), By: p.Author.Login, Agent: true,
				OnBehalf: part.By.Instigators},
			gate.Link{Kind: "merge", Ref: words.Short(p.MergeCommit), By: p.MergedBy.Login, Agent: acts(p.MergedBy)})
	}
	run := facts.Run
	link := gate.Link{Kind: "run", Ref: fmt.Sprintf("%d, attempt %d (%s)", run.ID, run.Attempt, run.Event),
		By: run.Triggered.Login, Agent: acts(run.Triggered)}
	if run.Actor.Login != run.Triggered.Login {
		link.OnBehalf = []string{run.Actor.Login}
	}
	links = append(links, link)
	if s.Environment != "" {
		links = append(links, gate.Link{Kind: "deployment", Ref: s.Environment})
	}
	return links, nil
}

// acts reports whether an account acts by itself: it is no person's, and not
// GitHub's own merge queue, which carries what people have decided.
func acts(a change.Actor) bool { return !a.IsPerson() && !a.IsTransport() }

// maxChain bounds the links that a verdict keeps.
const maxChain = 40
