package board

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/report"
)

// Hold is one gate that waits for people, or an override that waits for
// somebody else's look.
type Hold struct {
	Stream  string    `json:"stream"`
	Subject string    `json:"subject"` // as people write it: acme/shop#12
	Kind    gate.Kind `json:"kind"`
	Title   string    `json:"title"` // what its check says in a line
	// Statement is who wants what, in a sentence.
	Statement string        `json:"statement"`
	Standing  gate.Standing `json:"standing"`
	Score     int           `json:"score"`
	Level     gate.Level    `json:"level,omitempty"`
	Since     time.Time     `json:"since"`
	From      []string      `json:"from"`             // who may release it: any of them, as Needed says in words
	Yours     bool          `json:"yours"`            // whoever asked is one of them
	Needed    string        `json:"needed,omitempty"` // "1 approval from @acme/sre by cli"
	Review    []gate.Actor  `json:"review,omitempty"` // whose override of it nobody else has looked at
	Link      string        `json:"link,omitempty"`

	repo int64
}

// Holds is a list of what waits. What is left out is counted.
type Holds struct {
	Gates   []Hold `json:"gates"`   // overrides to be reviewed first, then by score, then the oldest first
	Omitted int    `json:"omitted"` // gates beyond the bound
	// Unasked are repositories of which it is not known whether the person may
	// see them: there were too many, or GitHub did not tell.
	Unasked int `json:"unasked"`
}

// Bounds of one list.
const (
	maxHolds      = 200
	maxHoldsRead  = 1000 // gates looked at, before what does not wait is left out
	maxHoldsRepos = 50   // repositories that GitHub is asked about: two requests each
	// maxGroupsAsked bounds the groups of each of them that it is asked about.
	maxGroupsAsked = 10
	askedAtOnce    = 8
)

// Holds lists what waits in the repositories where a person has write access, or may
// read and is of those whom a gate asks for. A repository, "owner/name", narrows it;
// empty: all.
func (b *Board) Holds(ctx context.Context, who gate.Actor, repository string) (Holds, error) {
	found := b.waiting(repository)
	is, unasked := b.groupsOf(ctx, who, found)
	found = slices.DeleteFunc(found, func(c candidate) bool { return !c.concerns(is[c.subject.Repo.ID]) })
	out, err := b.holds(ctx, found)
	for i := range out.Gates {
		h := &out.Gates[i]
		h.Yours = meet(h.From, is[h.repo])
	}
	slices.SortStableFunc(out.Gates, func(a, b Hold) int { return cmp.Compare(b.first(), a.first()) })
	out.Unasked = unasked
	return out, err
}

// first is 2 for what waits for a review, 1 for what waits for whoever asked.
func (h Hold) first() int {
	switch {
	case len(h.Review) > 0:
		return 2
	case h.Yours:
		return 1
	}
	return 0
}

// meet reports whether two lists of groups have one in common.
func meet(a, b []string) bool {
	return slices.ContainsFunc(a, func(g string) bool { return slices.Contains(b, g) })
}

// ReadHolds reads the ledger to its end and lists all that waits: for whoever
// works on the server's own machine, of a board that does not run.
func (b *Board) ReadHolds(ctx context.Context, repository string) (Holds, error) {
	if err := b.Read(ctx); err != nil {
		return Holds{}, fmt.Errorf("reading the ledger: %w", err)
	}
	return b.holds(ctx, b.waiting(repository))
}

func (b *Board) holds(ctx context.Context, found []candidate) (Holds, error) {
	out := Holds{Gates: []Hold{}}
	for i, c := range found {
		if i == maxHoldsRead || len(out.Gates) == maxHolds {
			out.Omitted = len(found) - i
			break
		}
		s, err := b.Streams.Gate(ctx, c.stream)
		if gate.Unknown(err) != nil { // nobody can answer on it
			continue
		}
		if err != nil {
			return out, err
		}
		if h, waits := b.hold(c.stream, s); waits {
			out.Gates = append(out.Gates, h)
		}
	}
	slices.SortStableFunc(out.Gates, func(a, b Hold) int {
		return cmp.Or(-cmp.Compare(min(len(a.Review), 1), min(len(b.Review), 1)), cmp.Compare(b.Score, a.Score), a.Since.Compare(b.Since))
	})
	return out, nil
}

// hold says how a gate waits for people, if it does.
func (b *Board) hold(stream string, s gate.State) (Hold, bool) {
	now := b.Now()
	h := Hold{
		Stream: stream, Subject: s.Subject.String(), Kind: s.Subject.Kind, Title: report.Title(report.Of(s, now)), repo: s.Subject.Repo.ID,
		Statement: report.StatementOf(s.Subject, s.Verdict, s.Base(), s.Left()).String(),
		Standing:  s.Standing(now), Since: s.JudgedAt, From: []string{}, Link: b.link(stream),
	}
	for _, o := range s.Unreviewed() {
		h.Review = append(h.Review, o.By)
	}
	if v := s.Verdict; v != nil {
		h.Score, h.Level = v.Score, v.Level
		if v.Needs != nil {
			h.From, h.Needed = v.Needs.Groups(), report.Needed(*v.Needs)
		}
	}
	if h.Standing == gate.IsFailing {
		h.Since = s.Failure.Since
	}
	return h, len(h.Review) > 0 || h.Standing == gate.IsHeld || h.Standing == gate.IsFailing
}

// groupsOf asks GitHub of which groups a person is in each of the repositories: those
// who may read it, who may write to it, and those that its gates ask for. What it does
// not tell is not a yes.
func (b *Board) groupsOf(ctx context.Context, who gate.Actor, found []candidate) (is map[int64][]string, unasked int) {
	is = map[int64][]string{}
	asked := map[int64][]string{}
	var repos []gate.Repo
	for _, c := range found {
		id := c.subject.Repo.ID
		if asked[id] == nil {
			repos, asked[id] = append(repos, c.subject.Repo), []string{gate.WriteAccess, readAccess}
		}
		for _, group := range c.from {
			if len(asked[id]) < maxGroupsAsked && !slices.Contains(asked[id], group) {
				asked[id] = append(asked[id], group)
			}
		}
	}
	unasked = max(0, len(repos)-maxHoldsRepos)
	var mu sync.Mutex
	var work sync.WaitGroup
	slots := make(chan struct{}, askedAtOnce)
	for _, repo := range repos[:len(repos)-unasked] {
		slots <- struct{}{}
		work.Go(func() {
			defer func() { <-slots }()
			groups, told := b.person(ctx, repo, who, asked[repo.ID])
			mu.Lock()
			defer mu.Unlock()
			is[repo.ID] = groups
			if !told {
				unasked++
			}
		})
	}
	work.Wait()
	return is, unasked
}

const readAccess = "role:read"

func (b *Board) person(ctx context.Context, repo gate.Repo, who gate.Actor, groups []string) (is []string, told bool) {
	if b.People == nil {
		return nil, false
	}
	p, err := b.People.Person(ctx, repo, who, groups)
	if err != nil || p.Actor.ID != who.ID || p.Actor.Type != "User" {
		return nil, err == nil
	}
	return p.Groups, !slices.Contains(p.Untold, gate.WriteAccess)
}

// candidate is a gate that may wait for people, as the board knows it.
type candidate struct {
	stream  string
	subject gate.Subject
	review  bool
	score   int
	since   time.Time
	from    []string // whom it asks for
}

// concerns reports whether a gate is shown to somebody who is of these groups.
func (c candidate) concerns(is []string) bool {
	return slices.Contains(is, gate.WriteAccess) || slices.Contains(is, readAccess) && meet(c.from, is)
}

// waiting lists the gates that may wait for people, the most pressing first.
func (b *Board) waiting(repository string) []candidate {
	b.mu.RLock()
	defer b.mu.RUnlock()
	var out []candidate
	for stream, s := range b.gates {
		review := len(s.Unreviewed) > 0
		if !review && !s.maybeWaits() || repository != "" && !strings.EqualFold(repository, s.Subject.Repo.FullName()) {
			continue
		}
		out = append(out, candidate{stream: stream, subject: s.Subject, review: review, score: s.Score, since: s.ChangedAt, from: s.from})
	}
	slices.SortFunc(out, func(a, b candidate) int {
		if a.review != b.review {
			if a.review {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(b.score, a.score), a.since.Compare(b.since), strings.Compare(a.stream, b.stream))
	})
	return out
}

// maybeWaits leaves out what surely waits for nobody. Time alone takes away what
// passes at the last look: the ledger tells about the rest.
func (s Summary) maybeWaits() bool {
	switch s.Standing {
	case gate.IsHeld, gate.IsFailing, gate.IsPassed:
		return s.Subject.Kind != gate.MergeGroup
	}
	return false
}
