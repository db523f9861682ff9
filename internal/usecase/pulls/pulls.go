// Package pulls judges pull requests, and the merge groups that bring them: it reads
// them as they are now, and puts on record what they come to.
package pulls

import (
	"context"
	"errors"
	"slices"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/engine"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/judge"
	"github.com/gatehold/gatehold/internal/policy"
	"github.com/gatehold/gatehold/internal/usecase/book"
	"github.com/gatehold/gatehold/internal/usecase/brought"
	"github.com/gatehold/gatehold/internal/usecase/lanes"
	"github.com/gatehold/gatehold/internal/usecase/people"
	"github.com/gatehold/gatehold/internal/usecase/pushers"
	"github.com/gatehold/gatehold/internal/usecase/reading"
)

// Facts reads pull requests. Its errors are *gate.Error where a person can do
// something about them.
type Facts interface {
	// Facts reads a pull request as it is now, without the texts of its files.
	Facts(ctx context.Context, s gate.Subject, hint change.Hint) (change.Facts, error)
}

// Observer is told what happens, for metrics. Its methods must not block.
type Observer interface {
	Judged(v gate.Verdict)
}

// Config is what Pulls are made of.
type Config struct {
	Book      *book.Book
	Reader    *reading.Reader
	Directory *people.Directory
	Pushers   *pushers.Pushers
	Lanes     *lanes.Lanes
	Facts     Facts
	Past      Past
	Brought   *brought.Finder
	Observer  Observer
}

// Pulls judges pull requests and merge groups.
type Pulls struct {
	Config
	files *semaphore.Weighted
	past  *semaphore.Weighted
	spare *spare
}

// filesAtOnce bounds the files of all changes being judged at once, and
// with them the memory: a change of 3,000 files takes a third of it.
const filesAtOnce = 9000

// New returns what judges the pull requests in a book from now on.
func New(c Config) *Pulls {
	u := &Pulls{
		Config: c, files: semaphore.NewWeighted(filesAtOnce), past: semaphore.NewWeighted(pastAtOnce), spare: newSpare(),
	}
	for _, kind := range []gate.Kind{gate.PullRequest, gate.MergeGroup} {
		c.Book.Gates.On(kind, gate.Assess, u.assess)
		c.Book.Gates.On(kind, gate.Lapse, c.Book.Lapse)
	}
	return u
}

// assess reads a pull request as it is now and judges it. What was seen before
// the reading began is covered by the verdict; what comes during it asks for
// another look.
func (u *Pulls) assess(ctx context.Context, f book.Gate) error {
	s, covers := f.State, f.Head.Version
	if done, err := u.assessedOtherwise(ctx, f); done || err != nil {
		return err
	}
	if err := u.Lanes.Join(ctx, f); err != nil { // what was found by comparing was no event
		return err
	}
	if err := u.Reader.Hurry(ctx, s); err != nil {
		return err
	}
	weight := int64(min(max(s.Seen.ChangedFiles, 1), filesAtOnce/3))
	if err := u.files.Acquire(ctx, weight); err != nil {
		return engine.Outside(err)
	}
	defer u.files.Release(weight)

	hint := change.Hint{Head: s.Seen.Head, Base: s.Seen.Base, BaseRef: s.Seen.BaseRef, Files: s.Seen.ChangedFiles}
	facts, err := u.Facts.Facts(ctx, s.Subject, hint)
	if err != nil {
		return engine.Outside(err)
	}
	said, at := reading.SaidIn(&facts, s.Subject.Kind), reading.RulesAt(facts.Tip, facts.Rules)
	if err := u.Reader.Fresh(ctx, s, said); err != nil {
		return err
	}
	if !facts.Open {
		return u.pullClosed(ctx, f, facts.Merged)
	}
	trunk := reading.TrunkAt(&facts)
	if err := errors.Join(u.Reader.FreshRules(ctx, s.Subject.Repo, at), u.Reader.FreshRules(ctx, s.Subject.Repo, trunk)); err != nil {
		return err
	}
	rules, lane, own, err := u.Lanes.RulesIn(ctx, s, &facts)
	if err != nil {
		return engine.OutsideOr(err)
	}
	if !own {
		at = trunk
	}
	verdict, err := u.judge(ctx, s, &facts, rules)
	if err != nil {
		return engine.Outside(err)
	}
	if verdict.Brings == nil { // else what it brings may be released meanwhile
		u.spare.keep(f.Name, covers, &facts.Change, rules)
	}
	u.Observer.Judged(verdict)
	judged := gate.Judged{
		Covers: covers, Head: verdict.Head, BaseRef: facts.Change.BaseRef, Lane: lane,
		Digest: verdict.Digest, Verdict: &verdict, Reverts: change.Reverts(&facts.Change),
		Of: &said, Rules: &at,
	}
	if onRecord(s.Verdict, &verdict) {
		judged.Verdict = nil
	}
	listed(&judged, s, &facts.Change, &verdict)
	if s.Subject.Kind == gate.MergeGroup {
		judged.PullHead = facts.PullHead
		if err := u.enqueued(ctx, s, &facts, &verdict); err != nil {
			return err
		}
	}
	drafts, err := u.Directory.Judgement(ctx, s, judged, &verdict)
	if err != nil {
		return err
	}
	_, err = u.Book.Gates.Record(ctx, f.Name, drafts...)
	return err
}

// assessedOtherwise takes what is not judged by the facts of a pull request: a
// merge group that is gone, and what was seen and would change nothing.
func (u *Pulls) assessedOtherwise(ctx context.Context, f book.Gate) (done bool, err error) {
	if f.State.Subject.Kind == gate.MergeGroup && f.State.Seen.Closed {
		return true, u.dequeued(ctx, f, "The merge group is gone.")
	}
	return u.spared(ctx, f)
}

// onRecord reports whether the verdict on record says all that a new one does.
func onRecord(on, verdict *gate.Verdict) bool {
	return on != nil && on.Digest == verdict.Digest && on.Head == verdict.Head &&
		on.Says(verdict) && sameLinks(on.Origin, verdict.Origin)
}

// pullClosed puts on record that a pull request is closed, or takes its merge group
// out of the queue. Of one that was merged GitHub is asked again who its approvers
// are: what they released goes out later.
func (u *Pulls) pullClosed(ctx context.Context, f book.Gate, merged bool) error {
	if f.State.Subject.Kind == gate.MergeGroup {
		return u.dequeued(ctx, f, "The pull request is closed.")
	}
	closed := engine.Draft{Event: gate.Closed{Covers: f.Head.Version, Why: "The pull request is closed.", Merged: merged}}
	var left []engine.Draft
	if merged {
		var err error
		if left, err = u.Directory.Confirm(ctx, f.State, 0); err != nil {
			return err
		}
	}
	if _, err := u.Book.Gates.Record(ctx, f.Name, append(left, closed)...); err != nil || !merged {
		return err
	}
	return u.wentIn(ctx, f.State)
}

// sameLinks compares what led to a change: no part of the digest, and yet worth
// keeping where it moved.
func sameLinks(a, b []gate.Link) bool {
	return slices.EqualFunc(a, b, func(x, y gate.Link) bool {
		return x.Kind == y.Kind && x.Ref == y.Ref && x.By == y.By && x.Agent == y.Agent && slices.Equal(x.OnBehalf, y.OnBehalf)
	})
}

// judge gathers what the rules in force need and lets the core decide.
func (u *Pulls) judge(ctx context.Context, s gate.State, facts *change.Facts, rules *policy.Rules) (gate.Verdict, error) {
	c := &facts.Change
	if s.Pull.PushedHead == c.Head {
		c.Pusher = change.Actor{Login: s.Pull.Pusher.Login, ID: s.Pull.Pusher.ID, Type: change.ActorType(s.Pull.Pusher.Type)}
	}
	if err := u.claimed(ctx, s, c); err != nil {
		return gate.Verdict{}, err
	}
	updated := facts.UpdatedAt
	if s.Subject.Kind == gate.MergeGroup {
		updated = time.Time{} // its commit is GitHub's own: no push brings it, and none is missed
	}
	if err := u.Pushers.OfPull(ctx, s.Subject.Repo, c, updated); err != nil {
		return gate.Verdict{}, err
	}
	if err := u.Reader.ReadTexts(ctx, s.Subject, c, rules.Wants); err != nil {
		return gate.Verdict{}, err
	}
	if err := u.Reader.ReadOwners(ctx, s.Subject.Repo, facts, rules); err != nil {
		return gate.Verdict{}, err
	}
	var err error
	if c.Names, err = u.Directory.Bind(ctx, s.Subject.Repo, rules.Plan.Logins); err != nil {
		return gate.Verdict{}, err
	}
	verdict, err := u.without(ctx, s, facts, rules)
	if err != nil {
		return gate.Verdict{}, err
	}
	verdict.Origin = judge.Origin(c)
	u.comparePast(ctx, s, c, rules, &verdict)
	return verdict, nil
}

// claimed says who signed that the head is theirs, as long as their key counts.
func (u *Pulls) claimed(ctx context.Context, s gate.State, c *change.Change) error {
	claim := s.Pull.Claim
	if claim == nil || claim.Head != c.Head || claim.BaseRef != c.BaseRef || s.Subject.Kind != gate.PullRequest {
		return nil
	}
	key := gate.KeyGroup(claim.Proof.Key)
	p, err := u.Directory.People.Person(ctx, s.Subject.Repo, claim.By, []string{key})
	switch {
	case err != nil && !gate.AsError(err).Final:
		return err
	case err == nil && p.Actor.ID == claim.By.ID && p.Actor.Type == "User" && slices.Contains(p.Groups, key):
		c.Claimed = change.Actor{Login: p.Actor.Login, ID: p.Actor.ID, Type: change.User}
	}
	return nil
}
