package keeper

import (
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/report"
	"github.com/gatehold/gatehold/internal/usecase/book"
)

// toReview is a pull request that is closed and was released at once, as the
// check of its last head goes on showing it: so that somebody else can review it
// there. It decides nothing: another pull request with this commit as its head
// passes by its own gate alone.
func (k *Keeper) toReview(f book.Gate, sha string) *report.Gate {
	s := f.State
	if !s.Done || s.Subject.Kind != gate.PullRequest || s.Head() != sha || len(s.Overrides) == 0 {
		return nil
	}
	return &report.Gate{
		Subject: s.Subject, Standing: s.Standing(k.Book.Now()), Verdict: s.Verdict, URL: k.link(f.Name), Closed: true,
		Approvals: report.Approvals{Voided: s.Voided, Refused: s.Refusals, Overrides: s.Overrides},
	}
}
