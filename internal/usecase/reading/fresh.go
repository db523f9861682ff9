package reading

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

// SaidIn is what an answer says of a pull request.
func SaidIn(f *change.Facts, kind gate.Kind) gate.Said {
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

func RulesAt(tip string, place change.RulesPlace) gate.RulesAt {
	return gate.RulesAt{Ref: place.Ref, Tip: tip, At: place.PushedAt, OrgTip: place.OrgTip, OrgAt: place.OrgAt}
}

// TrunkAt says where the rules of the default branch were read.
func TrunkAt(f *change.Facts) gate.RulesAt {
	place := f.Rules
	place.Ref = f.Default.Name
	return RulesAt(f.Default.Tip, place)
}

func RulesOfOutgoing(o *change.Outgoing) gate.RulesAt { return RulesAt(o.Tip, o.Rules) }

// Fresh asks whether an answer about a pull request covers what events told of
// it; of a merge group, what they told of the pull request that it merges.
func (u *Reader) Fresh(ctx context.Context, s gate.State, answer gate.Said) error {
	if s.Subject.Kind == gate.MergeGroup {
		f, err := u.Book.Gates.Load(ctx, s.Subject.Pull().Stream())
		if err != nil {
			return err
		}
		s = f.State
	}
	if stale := s.Stale(answer, u.Book.Now()); stale != nil {
		return engine.Outside(stale)
	}
	return nil
}

// FreshRules asks whether rules that were read are as new as the newest push
// that changed them, in the repository and in the organisation's. A branch has
// moved on since, most often: then the commit that they were read at has that
// push in its history.
func (u *Reader) FreshRules(ctx context.Context, repo gate.Repo, at gate.RulesAt) error {
	f, err := u.Book.Repositories.Load(ctx, gate.Subject{Kind: gate.Repository, Repo: repo}.Stream())
	if err != nil {
		return err
	}
	if pushed, known := f.State.Tips[at.Ref]; known && pushed.Behind(at.Tip, at.At, u.Book.Now()) {
		if err := u.follows(ctx, repo, at.Ref, pushed.Tip, at.Tip); err != nil {
			return err
		}
	}
	if org := f.State.OrgBehind(at, u.Book.Now()); org != nil {
		return u.follows(ctx, *org.Of, "the organisation's rules", org.Tip, at.OrgTip)
	}
	return nil
}

func (u *Reader) follows(ctx context.Context, repo gate.Repo, what string, pushed gate.Tip, tip string) error {
	key := fmt.Sprintf("%d/%s/%s", repo.ID, pushed.SHA, tip)
	if _, known := u.followed.Get(key); known {
		return nil
	}
	stale := engine.Outside(gate.Stale(fmt.Sprintf("it shows %s at %.12s, before the push of %.12s", what, orNothing(tip), pushed.SHA)))
	if tip == "" || tip == pushed.Before {
		return stale
	}
	home, err := u.Book.Where(ctx, repo)
	if err != nil {
		return err
	}
	follows, err := u.History.Follows(ctx, home, pushed.SHA, tip)
	switch {
	case err != nil:
		return engine.Outside(err)
	case !follows:
		return stale
	}
	u.followed.Add(key, struct{}{})
	return nil
}

func orNothing(sha string) string {
	if sha == "" {
		return "no commit"
	}
	return sha
}

// ArrivesWithin is how long GitHub may not find what an event has named.
const ArrivesWithin = time.Minute
