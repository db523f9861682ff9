package keeper

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/engine"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/judge"
	"github.com/gatehold/gatehold/internal/policy"
	"github.com/gatehold/gatehold/internal/usecase/book"
)

// assess reads a pull request as it is now and judges it. What was seen before
// the reading began is covered by the verdict; what comes during it asks for
// another look.
func (k *Keeper) assess(ctx context.Context, f book.Gate) error {
	s, covers := f.State, f.Head.Version
	if done, err := k.assessedOtherwise(ctx, f); done || err != nil {
		return err
	}
	if err := k.takeBack(ctx, f); err != nil { // what was found by comparing was no event
		return err
	}
	if err := k.hurry(ctx, s); err != nil {
		return err
	}
	weight := int64(min(max(s.Seen.ChangedFiles, 1), filesAtOnce/3))
	if err := k.files.Acquire(ctx, weight); err != nil {
		return engine.Outside(err)
	}
	defer k.files.Release(weight)

	hint := change.Hint{Head: s.Seen.Head, Base: s.Seen.Base, BaseRef: s.Seen.BaseRef, Files: s.Seen.ChangedFiles}
	facts, err := k.Hub.Facts(ctx, s.Subject, hint)
	if err != nil {
		return engine.Outside(err)
	}
	said, at := saidIn(&facts, s.Subject.Kind), rulesAt(facts.Tip, facts.Rules)
	if err := k.fresh(ctx, s, said); err != nil {
		return err
	}
	if !facts.Open {
		return k.pullClosed(ctx, f, facts.Merged)
	}
	trunk := trunkAt(&facts)
	if err := errors.Join(k.freshRules(ctx, s.Subject.Repo, at), k.freshRules(ctx, s.Subject.Repo, trunk)); err != nil {
		return err
	}
	rules, lane, own, err := k.rulesIn(ctx, s, &facts)
	if err != nil {
		return engine.OutsideOr(err)
	}
	if !own {
		at = trunk
	}
	verdict, err := k.judge(ctx, s, &facts, rules)
	if err != nil {
		return engine.Outside(err)
	}
	k.spare.keep(f.Name, covers, &facts.Change, rules)
	k.Observer.Judged(verdict)
	judged := gate.Judged{
		Covers: covers, Head: verdict.Head, BaseRef: facts.Change.BaseRef, Lane: lane,
		Digest: verdict.Digest, Verdict: &verdict, Reverts: change.Reverts(&facts.Change),
		Of: &said, Rules: &at,
	}
	if onRecord(s.Verdict, &verdict) {
		judged.Verdict = nil
	}
	if s.Subject.Kind == gate.MergeGroup {
		judged.PullHead = facts.PullHead
		if err := k.enqueued(ctx, s, &facts, &verdict); err != nil {
			return err
		}
	}
	drafts, err := k.judgement(ctx, s, judged, &verdict)
	if err != nil {
		return err
	}
	_, err = k.Book.Gates.Record(ctx, f.Name, drafts...)
	return err
}

// assessedOtherwise takes what is not judged by the facts of a pull request: what
// deploys, a merge group that is gone, and what was seen and would change nothing.
func (k *Keeper) assessedOtherwise(ctx context.Context, f book.Gate) (done bool, err error) {
	kind := f.State.Subject.Kind
	switch {
	case (kind == gate.Deployment || kind == gate.WorkflowRun) && k.Deploys == nil:
		return true, k.Book.Close(ctx, f, "gatehold does not look at deployments here.")
	case kind == gate.Deployment:
		return true, k.assessDeployment(ctx, f)
	case kind == gate.WorkflowRun:
		return true, k.assessRun(ctx, f)
	case kind == gate.MergeGroup && f.State.Seen.Closed:
		return true, k.dequeued(ctx, f, "The merge group is gone.")
	}
	return k.spared(ctx, f)
}

// onRecord reports whether the verdict on record says all that a new one does.
func onRecord(on, verdict *gate.Verdict) bool {
	return on != nil && on.Digest == verdict.Digest && on.Head == verdict.Head &&
		on.Says(verdict) && sameLinks(on.Origin, verdict.Origin)
}

// pullClosed puts on record that a pull request is closed, or takes its merge group
// out of the queue. Of one that was merged GitHub is asked again who its approvers
// are: what they released goes out later.
func (k *Keeper) pullClosed(ctx context.Context, f book.Gate, merged bool) error {
	if f.State.Subject.Kind == gate.MergeGroup {
		return k.dequeued(ctx, f, "The pull request is closed.")
	}
	closed := engine.Draft{Event: gate.Closed{Covers: f.Head.Version, Why: "The pull request is closed.", Merged: merged}}
	var left []engine.Draft
	if merged {
		var err error
		if left, err = k.confirm(ctx, f.State, 0); err != nil {
			return err
		}
	}
	_, err := k.Book.Gates.Record(ctx, f.Name, append(left, closed)...)
	return err
}

// sameLinks compares what led to a change: no part of the digest, and yet worth
// keeping where it moved.
func sameLinks(a, b []gate.Link) bool {
	return slices.EqualFunc(a, b, func(x, y gate.Link) bool {
		return x.Kind == y.Kind && x.Ref == y.Ref && x.By == y.By && x.Agent == y.Agent && slices.Equal(x.OnBehalf, y.OnBehalf)
	})
}

// judge gathers what the rules in force need and lets the core decide.
func (k *Keeper) judge(ctx context.Context, s gate.State, facts *change.Facts, rules *policy.Rules) (gate.Verdict, error) {
	c := &facts.Change
	if s.Pull.PushedHead == c.Head {
		c.Pusher = change.Actor{Login: s.Pull.Pusher.Login, ID: s.Pull.Pusher.ID, Type: change.ActorType(s.Pull.Pusher.Type)}
	}
	updated := facts.UpdatedAt
	if s.Subject.Kind == gate.MergeGroup {
		updated = time.Time{} // its commit is GitHub's own: no push brings it, and none is missed
	}
	if err := k.pushers(ctx, s.Subject.Repo, c, updated); err != nil {
		return gate.Verdict{}, err
	}
	if err := k.texts(ctx, s.Subject, c, rules.Wants); err != nil {
		return gate.Verdict{}, err
	}
	if err := k.owners(ctx, s.Subject.Repo, facts, rules); err != nil {
		return gate.Verdict{}, err
	}
	var err error
	if c.Names, err = k.names(ctx, s.Subject.Repo, rules.Plan.Logins); err != nil {
		return gate.Verdict{}, err
	}
	verdict := judge.Change(rules, c)
	verdict.Origin = judge.Origin(c)
	k.comparePast(ctx, s, c, rules, &verdict)
	return verdict, nil
}

// rulesOf compiles the rules that apply. A file that could not be read for
// now is an error, to be tried again; one that may not be used, or does not
// parse, makes rules that hold everything until somebody mends it.
func (k *Keeper) rulesOf(org, repo change.RulesFile) (*policy.Rules, error) {
	for _, file := range []change.RulesFile{org, repo} {
		if file.State == change.RulesUnknown {
			return nil, &gate.Error{Code: "rules_unreadable", Text: "The rules file could not be read: " + file.Reason}
		}
	}
	key := rulesKey(org, repo)
	if rules, ok := k.rules.Get(key); ok {
		return rules, nil
	}
	rules := policy.Load(org, repo)
	k.rules.Add(key, rules)
	return rules, nil
}

// rulesKey names a pair of rules files by all that a verdict shows of them.
func rulesKey(files ...change.RulesFile) string {
	h := sha256.New()
	for _, f := range files {
		h.Write([]byte{byte(f.State)})
		for _, part := range [][]byte{[]byte(f.Name), []byte(f.Reason), f.Text} {
			sum := sha256.Sum256(part)
			h.Write(sum[:])
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// checkOf is the check of a commit that shows a gate of a lane.
func checkOf(s gate.Subject, sha string, lane gate.Lane) gate.Subject {
	check := gate.Subject{Kind: gate.Check, Repo: s.Repo, SHA: sha}
	if lane != gate.DefaultLane {
		check.Name = lane.Check()
	}
	if s.Kind == gate.Deployment || s.Kind == gate.WorkflowRun {
		check.Name = gate.DeployCheck(s.Environment)
	}
	return check
}

// notifyChecks lets the checks that show this gate know that it has changed: its
// head's, and those of heads that it has left.
func (k *Keeper) notifyChecks(ctx context.Context, f book.Gate) error {
	s := f.State
	lane, err := k.laneOf(ctx, s)
	if err != nil {
		return err
	}
	checks, err := k.showing(ctx, s, lane)
	if err != nil {
		return err
	}
	for _, check := range checks {
		news := gate.News{Check: check, Gate: s.Subject, Version: s.Changed, Since: s.FirstSeen}
		key := book.NewsKey(f.Name, s.Changed)
		// it may have heard of this change before the gate left it
		if inLane(s.Subject.Kind) && (check.SHA != s.Head() || checkName(check) != lane.Check()) {
			key = fmt.Sprintf("%s left@%d", key, f.Head.Version)
		}
		if err := k.Book.Checks.Once(ctx, check.Stream(), key, news); err != nil {
			return err
		}
	}
	told := gate.Told{Covers: s.Changed, Lane: lane}
	if head := s.Head(); head != "" && !s.Done {
		told.Checks = []string{head}
	}
	next, err := k.Book.Gates.Record(ctx, f.Name, engine.Draft{Event: told})
	if err != nil {
		return err
	}
	return k.toItsLane(ctx, next, lane)
}

// showing are the checks that must hear of a gate: its head's in its lane, those
// that still show it for a head or in a lane that it has left, and those of the
// merge groups that have it.
func (k *Keeper) showing(ctx context.Context, s gate.State, lane gate.Lane) ([]gate.Subject, error) {
	var out []gate.Subject
	add := func(sha string, in gate.Lane) {
		check := checkOf(s.Subject, sha, in)
		if sha != "" && !slices.ContainsFunc(out, func(c gate.Subject) bool { return c.Stream() == check.Stream() }) {
			out = append(out, check)
		}
	}
	for _, sha := range s.ToldChecks {
		add(sha, s.ToldLane)
	}
	known, err := k.Book.RepositoryOf(ctx, s.Subject.Repo)
	if err != nil {
		return nil, err
	}
	s.EachMayShow(func(sha, base string) {
		if inLane(s.Subject.Kind) {
			add(sha, known.State.Lanes.Of(base))
		}
	})
	add(s.Head(), lane)
	for _, sha := range s.Pull.Queues {
		group, err := k.Book.Gates.Load(ctx, gate.Subject{Kind: gate.MergeGroup, Repo: s.Subject.Repo, SHA: sha}.Stream())
		if err != nil {
			return nil, err
		}
		in, err := k.laneOf(ctx, group.State)
		if err != nil {
			return nil, err
		}
		add(sha, in)
	}
	return out, nil
}
