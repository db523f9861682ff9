package pulls

import (
	"context"
	"fmt"
	"time"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/judge"
	"github.com/gatehold/gatehold/internal/policy"
)

// Past tells what was merged before. It is asked only where a change touches
// the rules file.
type Past interface {
	// Merged returns the last n merged pull requests whose base is a branch,
	// the newest first, with the texts that want asks for. What could not be
	// read whole has Gaps.
	Merged(ctx context.Context, repo gate.Repo, baseRef string, n int, want func(*change.File) bool) ([]change.Change, error)
}

// How much of the past is looked at, and how long a verdict waits for it.
const (
	pastChanges = 10
	pastAtOnce  = 2
	pastTime    = 30 * time.Second
)

// comparePast adds to a verdict which changes of the past the proposed rules
// would have judged otherwise. It is a help for whoever reads the check: what
// fails here is a sentence there, and never keeps the verdict from standing.
func (u *Pulls) comparePast(ctx context.Context, s gate.State, c *change.Change, current *policy.Rules, v *gate.Verdict) {
	if v.Proposed == nil || !v.Proposed.Valid {
		return
	}
	_, proposed := judge.Propose(current, c)
	if proposed == nil || proposed.Digest() == current.Digest() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, pastTime)
	defer cancel()
	if u.past.Acquire(ctx, 1) != nil {
		return
	}
	defer u.past.Release(1)
	want := func(f *change.File) bool { return current.Wants(f) || proposed.Wants(f) }
	past, err := u.Past.Merged(ctx, s.Subject.Repo, c.BaseRef, pastChanges, want)
	p := *v.Proposed
	if err != nil {
		known := gate.AsError(err)
		u.Book.Slog.WarnContext(ctx, "past changes not read", "subject", s.Subject.String(), "code", known.Code, "error", err)
		p.Note = "Which of the last merged changes would come out otherwise could not be told: " + known.Text
	} else {
		for i := range past { // today's owners: it is the rules that are compared
			past[i].Owners = c.Owners
		}
		p.Judged, p.Different = judge.Compare(current, proposed, past)
		p.Note = notJudged(len(past) - p.Judged)
	}
	v.Proposed = &p
}

func notJudged(n int) string {
	switch n {
	case 0:
		return ""
	case 1:
		return "Not counted: 1 merged change that could not be read whole."
	}
	return fmt.Sprintf("Not counted: %d merged changes that could not be read whole.", n)
}
