package keeper

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/report"
)

// meant are the gates that a press is about. A review is about those that were
// released at once: the others on the same commit have nothing to be reviewed.
func (k *Keeper) meant(ctx context.Context, p gate.Press) ([]gate.Shown, error) {
	if gate.Answer(p.Button) != gate.Review {
		return p.Shown, nil
	}
	var waiting []gate.Shown
	for _, shown := range p.Shown {
		g, err := k.load(ctx, shown.Gate.Stream())
		if err != nil {
			return nil, err
		}
		if len(g.gate.Unreviewed()) > 0 {
			waiting = append(waiting, shown)
		}
	}
	if len(waiting) == 0 { // it is on record all the same
		return p.Shown, nil
	}
	return waiting, nil
}

// toReview is a pull request that is closed and was released at once, as the
// check of its last head goes on showing it: so that somebody else can review it
// there. It decides nothing: another pull request with this commit as its head
// passes by its own gate alone.
func (k *Keeper) toReview(f folded, sha string) []report.Gate {
	s := f.gate
	if !s.Done || s.Subject.Kind != gate.PullRequest || s.Head() != sha || len(s.Overrides) == 0 {
		return nil
	}
	return []report.Gate{{
		Subject: s.Subject, Verdict: s.Verdict, URL: k.link(f.stream), Closed: true, Approvals: approvals(s, nil, k.Now()),
	}}
}

// Override is a release at once that nobody else has looked at yet, as the list
// of gates shows it.
type Override struct {
	By     string    `json:"by"`
	Via    string    `json:"via"`
	Reason string    `json:"reason,omitempty"`
	At     time.Time `json:"at"`

	id int64 // of the account
}

// counted keeps what the list has to say of a choice: a release at once stays
// until somebody else has reviewed it, as the law has it.
func (s Summary) counted(ev gate.Counted, at time.Time) Summary {
	switch ev.Answer {
	case gate.Override:
		o := Override{By: ev.By.Login, Via: ev.Via, Reason: ev.Reason, At: at, id: ev.By.ID}
		s.Unreviewed, s.ChangedAt = append(slices.Clone(s.Unreviewed), o), at
	case gate.Review:
		s.Unreviewed = slices.DeleteFunc(slices.Clone(s.Unreviewed), func(o Override) bool { return o.id != ev.By.ID })
		s.ChangedAt = at
	}
	return s
}

// Unreviewed counts the releases at once that wait for somebody else's review.
func (k *Keeper) Unreviewed() int {
	k.view.mu.RLock()
	defer k.view.mu.RUnlock()
	n := 0
	for _, s := range k.view.gates {
		n += len(s.Unreviewed)
	}
	return n
}

// byUrgency puts what waits for a review first, then the newest change.
func byUrgency(a, b Summary) int {
	if x, y := len(a.Unreviewed) > 0, len(b.Unreviewed) > 0; x != y {
		if x {
			return -1
		}
		return 1
	}
	return cmp.Or(b.ChangedAt.Compare(a.ChangedAt), cmp.Compare(a.Stream, b.Stream))
}
