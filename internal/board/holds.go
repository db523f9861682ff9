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
// somebody else's loob.
type Hold struct {
	Stream   string        `json:"stream"`
	Subject  string        `json:"subject"` // as people write it: acme/shop#12
	Kind     gate.Kind     `json:"kind"`
	Title    string        `json:"title"` // what its check says in a line
	Standing gate.Standing `json:"standing"`
	Score    int           `json:"score"`
	Level    gate.Level    `json:"level,omitempty"`
	Since    time.Time     `json:"since"`
	From     []string      `json:"from"`             // who may release it: any of them, as Needed says in words
	Needed   string        `json:"needed,omitempty"` // "1 approval from @acme/sre by cli"
	Review   []gate.Actor  `json:"review,omitempty"` // whose override of it nobody else has looked at
	Link     string        `json:"link,omitempty"`
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
	askedAtOnce   = 8
)

// Holds lists what waits in the repositories where a person has write access.
// A repository, "owner/name", narrows it; empty: all.
func (b *Board) Holds(ctx context.Context, who gate.Actor, repository string) (Holds, error) {
	found := b.waiting(repository)
	may, unasked := b.mayWrite(ctx, who, found)
	found = slices.DeleteFunc(found, func(c candidate) bool { return !may[c.subject.Repo.ID] })
	out, err := b.holds(ctx, found)
	out.Unasked = unasked
	return out, err
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
		Stream: stream, Subject: s.Subject.String(), Kind: s.Subject.Kind, Title: report.Title(report.Of(s, now)),
		Standing: s.Standing(now), Since: s.JudgedAt, From: []string{}, Link: b.link(stream),
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

// mayWrite asks GitHub in which of the repositories a person may write. What it
// does not tell is not a yes.
func (b *Board) mayWrite(ctx context.Context, who gate.Actor, found []candidate) (may map[int64]bool, unasked int) {
	may = map[int64]bool{}
	var repos []gate.Repo
	for _, c := range found {
		if _, had := may[c.subject.Repo.ID]; !had {
			may[c.subject.Repo.ID] = false
			repos = append(repos, c.subject.Repo)
		}
	}
	asked := repos[:min(len(repos), maxHoldsRepos)]
	unasked = len(repos) - len(asked)
	var mu sync.Mutex
	var work sync.WaitGroup
	slots := make(chan struct{}, askedAtOnce)
	for _, repo := range asked {
		slots <- struct{}{}
		work.Go(func() {
			defer func() { <-slots }()
			yes, told := b.writes(ctx, repo, who)
			mu.Lock()
			defer mu.Unlock()
			may[repo.ID] = yes
			if !told {
				unasked++
			}
		})
	}
	work.Wait()
	return may, unasked
}

func (b *Board) writes(ctx context.Context, repo gate.Repo, who gate.Actor) (yes, told bool) {
	if b.People == nil {
		return false, false
	}
	p, err := b.People.Person(ctx, repo, who, []string{gate.WriteAccess})
	if err != nil || p.Actor.ID != who.ID || p.Actor.Type != "User" {
		return false, err == nil
	}
	return slices.Contains(p.Groups, gate.WriteAccess), len(p.Untold) == 0
}

// candidate is a gate that may wait for people, as the board knows it.
type candidate struct {
	stream  string
	subject gate.Subject
	review  bool
	score   int
	since   time.Time
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
		out = append(out, candidate{stream: stream, subject: s.Subject, review: review, score: s.Score, since: s.ChangedAt})
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
