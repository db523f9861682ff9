package outgoing

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/engine"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/usecase/reading"
)

// freshMerges asks whether an answer about what goes out shows the pull requests of
// which events told that they went in: which of them brought a commit GitHub may
// show later than the commit. Where it never does, nobody knows whose that is.
func (u *Gatherer) freshMerges(ctx context.Context, repo gate.Repo, branches []string, o *change.Outgoing) error {
	if len(o.Direct) == 0 {
		return nil
	}
	slices.Sort(branches)
	for _, name := range slices.Compact(branches) {
		if name == "" {
			continue
		}
		f, err := u.Book.Branches.Load(ctx, gate.Subject{Kind: gate.Branch, Repo: repo, Name: name}.Stream())
		if err != nil {
			return err
		}
		for i := range o.Direct {
			m, known := f.State.MergedAs(o.Direct[i].SHA)
			switch {
			case !known || slices.ContainsFunc(o.Pulls, func(p change.Pull) bool { return p.Number == m.Number }):
			case u.Book.Now().Sub(m.Heard) < doubtMerges:
				return engine.Outside(gate.Stale(fmt.Sprintf("it does not show that #%d brought %.12s", m.Number, m.SHA)))
			default:
				o.Direct[i].Pushers, o.Direct[i].Pushes = nil, change.PushesGap
			}
		}
	}
	return nil
}

// doubtMerges is how long an answer is asked for again that lacks a pull request.
const doubtMerges = 30 * time.Minute

// FreshRun asks whether an answer about a workflow run is as new as what events
// told of its attempts, and of a deployment that GitHub asked about.
func (u *Gatherer) FreshRun(ctx context.Context, s gate.State, run change.Run) error {
	attempt, completed := s.Going.Attempt, s.Going.Completed
	if s.Subject.Kind == gate.Deployment {
		of := gate.Subject{Kind: gate.WorkflowRun, Repo: s.Subject.Repo, Run: s.Subject.Run}
		f, err := u.Book.Gates.Load(ctx, of.Stream())
		if err != nil {
			return err
		}
		attempt, completed = max(attempt, f.State.Going.Attempt), max(completed, f.State.Going.Completed)
	}
	asked := s.Seen.Event == "deployment_protection_rule" && !s.Seen.Since.IsZero()
	told := s.Seen.Event == "deployment_protection_rule" || s.Seen.Event == "workflow_run"
	switch {
	case run.Conclusion == "gone" && told && u.Book.Now().Sub(s.SeenAt) < reading.ArrivesWithin:
		return engine.Outside(gate.Stale("it knows no such run yet"))
	case run.Conclusion == "gone" || run.Attempt == 0:
		return nil
	case run.Attempt < attempt:
		return engine.Outside(gate.Stale(fmt.Sprintf("it shows attempt %d of the run, which is at attempt %d", run.Attempt, attempt)))
	case run.Attempt == completed && !run.Over():
		return engine.Outside(gate.Stale(fmt.Sprintf("it shows attempt %d of the run going on, which has ended", run.Attempt)))
	case run.Over() && asked && !run.UpdatedAt.IsZero() && run.UpdatedAt.Before(s.Seen.Since):
		return engine.Outside(gate.Stale("it shows the run ended before it asked about this deployment"))
	}
	return nil
}
