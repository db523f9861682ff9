package keeper

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/ledger"
	"github.com/gatehold/gatehold/internal/report"
)

// Hold is one gate that waits for people, or an override that waits for
// somebody else's look.
type Hold struct {
	Stream   string       `json:"stream"`
	Subject  string       `json:"subject"` // as people write it: acme/shop#12
	Kind     gate.Kind    `json:"kind"`
	Title    string       `json:"title"` // what its check says in a line
	Standing Standing     `json:"standing"`
	Score    int          `json:"score"`
	Level    gate.Level   `json:"level,omitempty"`
	Since    time.Time    `json:"since"`
	From     []string     `json:"from"`             // who may release it: any of them, as Needed says in words
	Needed   string       `json:"needed,omitempty"` // "1 approval from @acme/sre by cli"
	Review   []gate.Actor `json:"review,omitempty"` // whose override of it nobody else has looked at
	Link     string       `json:"link,omitempty"`
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
func (k *Keeper) Holds(ctx context.Context, who gate.Actor, repository string) (Holds, error) {
	found := k.view.waiting(repository)
	may, unasked := k.mayWrite(ctx, who, found)
	found = slices.DeleteFunc(found, func(c candidate) bool { return !may[c.subject.Repo.ID] })
	out, err := k.holds(ctx, found)
	out.Unasked = unasked
	return out, err
}

// ReadHolds reads the ledger to its end and lists all that waits: for whoever
// works on the server's own machine, of a keeper that does not run.
func (k *Keeper) ReadHolds(ctx context.Context, repository string) (Holds, error) {
	for shard := range ledger.Shards {
		var start ledger.Cursor
		if err := k.catchUp(ctx, shard, &start); err != nil {
			return Holds{}, fmt.Errorf("reading the ledger: %w", err)
		}
	}
	return k.holds(ctx, k.view.waiting(repository))
}

func (k *Keeper) holds(ctx context.Context, found []candidate) (Holds, error) {
	out := Holds{Gates: []Hold{}}
	for i, c := range found {
		if i == maxHoldsRead || len(out.Gates) == maxHolds {
			out.Omitted = len(found) - i
			break
		}
		f, err := k.load(ctx, c.stream)
		if err != nil {
			return out, err
		}
		if h, waits := k.hold(f); waits {
			out.Gates = append(out.Gates, h)
		}
	}
	slices.SortStableFunc(out.Gates, func(a, b Hold) int {
		return cmp.Or(-cmp.Compare(min(len(a.Review), 1), min(len(b.Review), 1)), cmp.Compare(b.Score, a.Score), a.Since.Compare(b.Since))
	})
	return out, nil
}

// hold says how a gate waits for people, if it does.
func (k *Keeper) hold(f folded) (Hold, bool) {
	s, now := f.gate, k.Now()
	h := Hold{
		Stream: f.stream, Subject: s.Subject.String(), Kind: s.Subject.Kind, Title: k.title(f),
		Standing: Held, Since: s.JudgedAt, From: []string{}, Link: k.link(f.stream),
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
	switch {
	case s.Failure != nil && s.Wanted > s.Covered:
		h.Standing, h.Since = Failing, s.Failure.Since
	case s.Done:
		h.Standing = Closed
	case s.Verdict == nil || s.Wanted > s.Covered:
		h.Standing = Judging
	case s.Released(now) || s.Answered() != "":
		h.Standing = Passed
	}
	return h, len(h.Review) > 0 || h.Standing == Held || h.Standing == Failing
}

// title is what a check would say in a line if it showed this gate alone.
func (k *Keeper) title(f folded) string {
	s := f.gate
	verdict := current(s)
	shown := report.Gate{Subject: s.Subject, Verdict: verdict, Failure: s.Failure, Approvals: approvals(s, verdict, k.Now())}
	if s.Subject.Kind != gate.PullRequest {
		shown.Deployed = &report.Deployed{Waits: s.Waits(k.Now()), Answered: s.Answered(), Over: s.ClosedWhy}
	}
	return report.Title(shown)
}

// mayWrite asks GitHub in which of the repositories a person may write. What it
// does not tell is not a yes.
func (k *Keeper) mayWrite(ctx context.Context, who gate.Actor, found []candidate) (may map[int64]bool, unasked int) {
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
			yes, told := k.writes(ctx, repo, who)
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

func (k *Keeper) writes(ctx context.Context, repo gate.Repo, who gate.Actor) (yes, told bool) {
	if k.People == nil {
		return false, false
	}
	p, err := k.People.Person(ctx, repo, who, []string{gate.WriteAccess})
	if err != nil || p.Actor.ID != who.ID || p.Actor.Type != "User" {
		return false, err == nil
	}
	return slices.Contains(p.Groups, gate.WriteAccess), len(p.Untold) == 0
}

// candidate is a gate that may wait for people, as the view knows it.
type candidate struct {
	stream  string
	subject gate.Subject
	review  bool
	score   int
	since   time.Time
}

// waiting lists the gates that may wait for people, the most pressing first.
func (v *view) waiting(repository string) []candidate {
	v.mu.RLock()
	defer v.mu.RUnlock()
	var out []candidate
	add := func(stream string, subject gate.Subject, s Summary) {
		if repository == "" || strings.EqualFold(repository, subject.Repo.FullName()) {
			_, review := v.overrides[stream]
			out = append(out, candidate{stream: stream, subject: subject, review: review, score: s.Score, since: s.ChangedAt})
		}
	}
	for stream, s := range v.gates {
		if _, review := v.overrides[stream]; !review && s.maybeWaits() {
			add(stream, s.Subject, s)
		}
	}
	for stream, o := range v.overrides { // whatever became of the gate
		add(stream, o.subject, v.gates[stream])
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

// maybeWaits leaves out what surely waits for nobody. The ledger tells about the
// rest.
func (s Summary) maybeWaits() bool {
	switch s.Standing {
	case Held, Failing:
		return s.Subject.Kind != gate.MergeGroup
	case Passed: // may still wait for a time
		return s.Subject.Kind == gate.Deployment || s.Subject.Kind == gate.WorkflowRun
	}
	return false
}

// overridden is a gate with overrides that nobody else has looked at.
type overridden struct {
	subject gate.Subject
	by      []int64
}

// noteOverride follows which overrides wait for a review.
func (v *view) noteOverride(stream string, subject gate.Subject, ev gate.Event) {
	counted, ok := ev.(gate.Counted)
	if !ok {
		return
	}
	had := v.overrides[stream]
	switch counted.Answer {
	case gate.Override:
		had = overridden{subject: subject, by: append(slices.Clone(had.by), counted.By.ID)}
	case gate.Review:
		had.by = slices.DeleteFunc(slices.Clone(had.by), func(id int64) bool { return id != counted.By.ID })
	default:
		return
	}
	if len(had.by) == 0 {
		delete(v.overrides, stream)
		return
	}
	if v.overrides == nil {
		v.overrides = map[string]overridden{}
	}
	v.overrides[stream] = had
}
