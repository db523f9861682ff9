package deploys

import (
	"context"
	"slices"

	"github.com/gatehold/gatehold/internal/gate"
)

// endStates are the states that a deployment ends in: that it waits, or goes on,
// decides nothing.
var endStates = []string{"success", "failure", "error"}

// Concerned says which gate an event on a deployment is for: none, where it tells
// of a state that decides nothing or of what GitHub never asked about.
func (u *Deploys) Concerned(ctx context.Context, seen gate.Seen) (_ gate.Seen, concerned bool, err error) {
	if seen.Event != "deployment_status" {
		return seen, true, nil
	}
	if !slices.Contains(endStates, seen.Action) {
		return seen, false, nil
	}
	seen.Subject, err = u.asked(ctx, seen.Subject)
	return seen, seen.Subject.Run != 0, err
}

// asked is the gate that holds a deployment: the one of its id, or the one that
// was begun when GitHub did not say that. A deployment about which GitHub never
// asked has none, whatever is said of it.
func (u *Deploys) asked(ctx context.Context, s gate.Subject) (gate.Subject, error) {
	unnamed := s
	unnamed.DeploymentID = 0
	for _, subject := range []gate.Subject{s, unnamed} {
		f, err := u.Book.Gates.Load(ctx, subject.Stream())
		if err != nil || f.Head.Version > 0 {
			return subject, err
		}
	}
	return gate.Subject{}, nil
}
