package keeper

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/engine"
	"github.com/gatehold/gatehold/internal/gate"
)

// GitHub may answer with the state before an event that it has told of already.
// What is read here covers what was seen only where it is as new: else it is a
// failure like any other, which is tried again, shown, and holds.

// saidIn is what an answer says of a pull request.
func saidIn(f *change.Facts, kind gate.Kind) gate.Said {
	c := &f.Change
	said := gate.Said{At: f.UpdatedAt, Head: c.Head, BaseRef: c.BaseRef, Closed: !f.Open, Draft: c.Draft,
		Text: gate.TextKey(c.Title, c.Body)}
	if kind == gate.MergeGroup {
		said.Head = f.PullHead
	}
	said.Labels = append(said.Labels, c.Labels...)
	for _, a := range c.Assignees {
		said.People = append(said.People, a.ID)
	}
	slices.Sort(said.Labels)
	slices.Sort(said.People)
	return said
}

func rulesAt(tip string, place change.RulesPlace) gate.RulesAt {
	return gate.RulesAt{Ref: place.Ref, Tip: tip, At: place.PushedAt, OrgTip: place.OrgTip, OrgAt: place.OrgAt}
}

// trunkAt says where the rules of the default branch were read.
func trunkAt(f *change.Facts) gate.RulesAt {
	place := f.Rules
	place.Ref = f.Default.Name
	return rulesAt(f.Default.Tip, place)
}

func rulesOfOutgoing(o *change.Outgoing) gate.RulesAt { return rulesAt(o.Tip, o.Rules) }

// fresh asks whether an answer about a pull request covers what events told of
// it; of a merge group, what they told of the pull request that it merges.
func (k *Keeper) fresh(ctx context.Context, s gate.State, answer gate.Said) error {
	if s.Subject.Kind == gate.MergeGroup {
		f, err := k.Book.Gates.Load(ctx, s.Subject.Pull().Stream())
		if err != nil {
			return err
		}
		s = f.State
	}
	if stale := s.Stale(answer, k.Book.Now()); stale != nil {
		return engine.Outside(stale)
	}
	return nil
}

// freshRules asks whether rules that were read are as new as the newest push
// that changed them, in the repository and in the organisation's. A branch has
// moved on since, most often: then the commit that they were read at has that
// push in its history.
func (k *Keeper) freshRules(ctx context.Context, repo gate.Repo, at gate.RulesAt) error {
	f, err := k.Book.Repositories.Load(ctx, gate.Subject{Kind: gate.Repository, Repo: repo}.Stream())
	if err != nil {
		return err
	}
	if pushed, known := f.State.Tips[at.Ref]; known && pushed.Behind(at.Tip, at.At, k.Book.Now()) {
		if err := k.follows(ctx, repo, at.Ref, pushed.Tip, at.Tip); err != nil {
			return err
		}
	}
	if org := f.State.OrgBehind(at, k.Book.Now()); org != nil {
		return k.follows(ctx, *org.Of, "the organisation's rules", org.Tip, at.OrgTip)
	}
	return nil
}

func (k *Keeper) follows(ctx context.Context, repo gate.Repo, what string, pushed gate.Tip, tip string) error {
	key := fmt.Sprintf("%d/%s/%s", repo.ID, pushed.SHA, tip)
	if _, known := k.followed.Get(key); known {
		return nil
	}
	stale := engine.Outside(gate.Stale(fmt.Sprintf("it shows %s at %.12s, before the push of %.12s", what, orNothing(tip), pushed.SHA)))
	if tip == "" || tip == pushed.Before || k.Branches == nil {
		return stale
	}
	home, err := k.Book.Where(ctx, repo)
	if err != nil {
		return err
	}
	follows, err := k.Branches.Follows(ctx, home, pushed.SHA, tip)
	switch {
	case err != nil:
		return engine.Outside(err)
	case !follows:
		return stale
	}
	k.followed.Add(key, struct{}{})
	return nil
}

func orNothing(sha string) string {
	if sha == "" {
		return "no commit"
	}
	return sha
}

// arrivesWithin is how long GitHub may not find what an event has named.
const arrivesWithin = time.Minute

// freshMerges asks whether an answer about what goes out shows the pull requests of
// which events told that they went in: which of them brought a commit GitHub may
// show later than the commit. Where it never does, nobody knows whose that is.
func (k *Keeper) freshMerges(ctx context.Context, repo gate.Repo, branches []string, o *change.Outgoing) error {
	if len(o.Direct) == 0 {
		return nil
	}
	slices.Sort(branches)
	for _, name := range slices.Compact(branches) {
		if name == "" {
			continue
		}
		f, err := k.Book.Branches.Load(ctx, gate.Subject{Kind: gate.Branch, Repo: repo, Name: name}.Stream())
		if err != nil {
			return err
		}
		for i := range o.Direct {
			m, known := f.State.MergedAs(o.Direct[i].SHA)
			switch {
			case !known || slices.ContainsFunc(o.Pulls, func(p change.Pull) bool { return p.Number == m.Number }):
			case k.Book.Now().Sub(m.Heard) < doubtMerges:
				return engine.Outside(gate.Stale(fmt.Sprintf("it does not show that #%d brought %.12s", m.Number, m.SHA)))
			default:
				o.Direct[i].Pushers, o.Direct[i].Pushes = nil, change.PushesGap
			}
		}
	}
	return nil
}

// doubtMerges is how long an answer is asked for again that lacks a pull request.
const doubtMerges = 30 * time.Minute

// freshRun asks whether an answer about a workflow run is as new as what events
// told of its attempts, and of a deployment that GitHub asked about.
func (k *Keeper) freshRun(ctx context.Context, s gate.State, run change.Run) error {
	attempt, completed := s.Going.Attempt, s.Going.Completed
	if s.Subject.Kind == gate.Deployment {
		of := gate.Subject{Kind: gate.WorkflowRun, Repo: s.Subject.Repo, Run: s.Subject.Run}
		f, err := k.Book.Gates.Load(ctx, of.Stream())
		if err != nil {
			return err
		}
		attempt, completed = max(attempt, f.State.Going.Attempt), max(completed, f.State.Going.Completed)
	}
	asked := s.Seen.Event == "deployment_protection_rule" && !s.Seen.Since.IsZero()
	told := s.Seen.Event == "deployment_protection_rule" || s.Seen.Event == "workflow_run"
	switch {
	case run.Conclusion == "gone" && told && k.Book.Now().Sub(s.SeenAt) < arrivesWithin:
		return engine.Outside(gate.Stale("it knows no such run yet"))
	case run.Conclusion == "gone" || run.Attempt == 0:
		return nil
	case run.Attempt < attempt:
		return engine.Outside(gate.Stale(fmt.Sprintf("it shows attempt %d of the run, which is at attempt %d", run.Attempt, attempt)))
	case run.Attempt == completed && !run.Over():
		return engine.Outside(gate.Stale(fmt.Sprintf("it shows attempt %d of the run going on, which has ended", run.Attempt)))
	case run.Over() && asked && !run.UpdatedAt.IsZero() && run.UpdatedAt.Before(s.Seen.Since):
		return engine.Outside(gate.Stale("it shows the run ended before it asked about this deployment"))
	}
	return nil
}
