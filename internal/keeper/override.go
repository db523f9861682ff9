package keeper

import (
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/report"
)

// toReview is a pull request that is closed and was released at once, as the
// check of its last head goes on showing it: so that somebody else can review it
// there. It decides nothing: another pull request with this commit as its head
// passes by its own gate alone.
func (k *Keeper) toReview(f folded, sha string) *report.Gate {
	s := f.gate
	if !s.Done || s.Subject.Kind != gate.PullRequest || s.Head() != sha || len(s.Overrides) == 0 {
		return nil
	}
	return &report.Gate{
		Subject: s.Subject, Standing: s.Standing(k.Now()), Verdict: s.Verdict, URL: k.link(f.stream), Closed: true,
		Approvals: report.Approvals{Voided: s.Voided, Refused: s.Refusals, Overrides: s.Overrides},
	}
}
