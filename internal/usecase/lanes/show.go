package lanes

import (
	"context"
	"fmt"
	"slices"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/gate/check"
	"github.com/gatehold/gatehold/internal/gate/repo"
	"github.com/gatehold/gatehold/internal/usecase/book"
)

// ToTheirLanes has every gate of a repository shown in the lane that it has now,
// and nowhere else: open ones are judged again where their lane is another, or the
// branch whose rules count for them, and a green check is painted again that may
// not stay so for anybody. What a check shows is made from the lanes of that moment:
// once they are others, each one hears of it that shows a gate or should.
func (u *Lanes) ToTheirLanes(ctx context.Context, f book.Repository, n gate.Noted) error {
	lanes, repo := f.State.Lanes, f.State.Subject
	open, err := u.book.OpenGates(ctx, repo.Repo.ID, gate.PullRequest, gate.MergeGroup)
	if err != nil {
		return err
	}
	for _, known := range open {
		s, key := known.State, book.NewsKey(f.Name, n.Version)
		lane := lanes.Of(s.Base())
		if s.Verdict != nil && (!shownIn(s, lane) || !byTheRulesOf(lanes, s)) && s.Wanted <= s.Covered {
			again := gate.Look{Subject: s.Subject, Why: gate.LanesChanged}
			if err := u.book.Gates.Once(ctx, known.Name, key, again); err != nil {
				return err
			}
		}
		if f.State.Unsettled() || len(s.ToldChecks) > 0 && s.ToldLane != lane {
			if err := u.laneNews(ctx, f.State, s, n, key+" "+known.Name); err != nil {
				return err
			}
		}
	}
	green, err := u.greens.of(ctx, u.book.Log, repo.Repo.ID)
	if err != nil {
		return err
	}
	for _, stream := range green {
		check, err := u.book.Checks.Load(ctx, stream)
		if err != nil {
			return err
		}
		stays, err := u.Stays(ctx, check.State, lanes)
		if err == nil && !stays {
			err = u.news(ctx, check.State.Subject, repo, n, book.NewsKey(f.Name, n.Version))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// laneNews tells the checks of a gate that the lanes have become others: the one in
// which it is to be shown, and those that show it by what they were before.
func (u *Lanes) laneNews(ctx context.Context, repo repo.State, s gate.State, n gate.Noted, key string) error {
	lanes := repo.LanesOf(s.Base())
	for _, was := range []gate.Lane{s.ToldLane, s.Lane} {
		if !slices.Contains(lanes, was) {
			lanes = append(lanes, was)
		}
	}
	if len(lanes) == 1 { // it never had another
		return nil
	}
	for i, lane := range lanes {
		for _, sha := range slices.Compact(slices.Sorted(slices.Values(append(slices.Clone(s.ToldChecks), s.Head())))) {
			check := CheckOf(s.Subject, sha, lane)
			c, err := u.book.Checks.Load(ctx, check.Stream())
			if err != nil {
				return err
			}
			if sha == "" || c.Head.Version == 0 && i > 0 { // it shows nothing
				continue
			}
			if err := u.news(ctx, check, s.Subject, n, key); err != nil {
				return err
			}
		}
	}
	return nil
}

// shownIn reports whether a gate was judged for a lane, and its checks told so.
func shownIn(s gate.State, lane gate.Lane) bool {
	return s.Lane == lane && (len(s.ToldChecks) == 0 || s.ToldLane == lane)
}

// byTheRulesOf reports whether a gate was judged by the rules of the branch whose
// rules it has by these lanes: in no lane they are the default branch's, whichever
// that is. Where they were read was not always on record.
func byTheRulesOf(lanes *gate.Lanes, s gate.State) bool {
	ref := s.Base()
	if !lanes.OwnRules(ref) {
		ref = lanes.Default
	}
	return s.RulesAt.Ref == "" || s.RulesAt.Ref == ref
}

// news tells a check that it has to be looked at, because of a gate or, where
// none is left, of the repository's lanes.
func (u *Lanes) news(ctx context.Context, check, about gate.Subject, n gate.Noted, key string) error {
	news := gate.News{Check: check, Gate: about, Version: n.Version, Since: n.At}
	return u.book.Checks.Once(ctx, check.Stream(), key, news)
}

// basesOf are the branches for which a check was painted as it is. Before there
// were lanes that was not written down: then they are those that its gates were
// judged for last, as far as it knows them.
func (u *Lanes) basesOf(ctx context.Context, s check.State) ([]string, error) {
	if len(s.Bases) > 0 {
		return s.Bases, nil
	}
	var out []string
	for _, member := range s.Members {
		f, err := u.book.GateOf(ctx, member)
		if err != nil {
			return nil, err
		}
		out = append(out, f.State.BaseRef)
	}
	return out, nil
}

// ToItsLane has a gate judged again that was judged for another lane than is on
// record, as where that was written while it was being judged. Once for a head and
// what is on record: where GitHub goes on to tell otherwise, the comparison with it
// looks again.
func (u *Lanes) ToItsLane(ctx context.Context, f book.Gate, lane gate.Lane) error {
	s := f.State
	if !s.Subject.Kind.Merges() || s.Left() || s.Verdict == nil || s.Lane == lane || s.Wanted > s.Covered {
		return nil
	}
	known, err := u.book.RepositoryOf(ctx, s.Subject.Repo)
	if err != nil {
		return err
	}
	again := gate.Look{Subject: s.Subject, Why: gate.LanesChanged}
	return u.book.Gates.Once(ctx, f.Name, fmt.Sprintf("lanes@%d@%s", known.State.LanesAt, s.Verdict.Head), again)
}

// Join has the check of a commit in a lane hold for a change before anything is read
// of it: a new commit, a second pull request with the same one, one that has got
// another base or was opened again. The event alone decides it, and also where the
// check passes for nobody yet: by whatever it comes to pass, it is not for this one.
func (u *Lanes) Join(ctx context.Context, f book.Gate) error {
	s := f.State
	if !s.Subject.Kind.Merges() || s.Left() || s.Seen.Closed || s.Head() == "" {
		return nil
	}
	lane, err := u.Of(ctx, s)
	if err != nil || s.In(lane).Current() != nil && !s.Moved {
		return err
	}
	check := CheckOf(s.Subject, s.Head(), lane)
	news := gate.News{Check: check, Gate: s.Subject, Version: s.Wanted, Since: s.FirstSeen, Unjudged: true}
	return u.book.Checks.Once(ctx, check.Stream(), book.NewsKey(f.Name, s.Wanted)+" seen", news)
}

// Stays reports whether a check may stay as it is where no gate has its commit
// as head any more: it is not green, or green for the one branch of its lane.
func (u *Lanes) Stays(ctx context.Context, s check.State, lanes *gate.Lanes) (bool, error) {
	lane, is := gate.LaneOfCheck(CheckName(s.Subject))
	if gate.Blocks(s.Outcome) && !s.Unsure || !is || lanes == nil {
		return true, nil
	}
	bases, err := u.basesOf(ctx, s)
	return lanes.Stands(lane, bases), err
}
