package keeper

import (
	"context"

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
		Subject: s.Subject, Standing: s.Standing(k.Now()), Verdict: s.Verdict, URL: k.link(f.stream), Closed: true,
		Approvals: report.Approvals{Voided: s.Voided, Refused: s.Refusals, Overrides: s.Overrides},
	}}
}
