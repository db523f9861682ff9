package keeper

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/ledger"
)

// Arrived is what reached an environment, with whose yes let it go.
type Arrived struct {
	gate.Arrival
	ReleasedBy []string `json:"released_by"`        // logins; empty: nobody's was needed, or there was no gate
	Rollback   bool     `json:"rollback,omitempty"` // it went back to what had been approved there
}

// EnvironmentSummary is one environment: what runs there, and what waits.
type EnvironmentSummary struct {
	Stream      string        `json:"stream"`
	Repo        gate.Repo     `json:"repository"`
	Environment string        `json:"environment"`
	Standing    Occupied      `json:"standing"`
	Runs        *Arrived      `json:"runs,omitempty"`   // what reached it last; absent: not known
	Failed      *gate.Arrival `json:"failed,omitempty"` // what failed after that, the newest
	// Bypassed reached it without passing a gate since the last that passed one.
	Bypassed []gate.Arrival `json:"bypassed"`
	Waiting  []Summary      `json:"waiting"` // deployments that were not let go yet
	// Enforcement says whether GitHub asks before it deploys there; nil: not known.
	Enforcement *gate.Enforcement `json:"enforcement,omitempty"`
	Failure     string            `json:"failure,omitempty"` // what keeps the record from being kept
}

// Occupied is how an environment stands, in a word: the most pressing one.
type Occupied string

// How environments stand.
const (
	WasBypassed Occupied = "bypassed" // something reached it without passing a gate
	HasWaiting  Occupied = "waiting"  // a deployment waits
	HasFailed   Occupied = "failed"   // the last deployment did not succeed
	IsRunning   Occupied = "running"
	NothingRuns Occupied = "unknown" // nothing is known to have reached it
)

// Environments is a list of them. What is left out is counted.
type Environments struct {
	List    []EnvironmentSummary `json:"environments"`
	Omitted int                  `json:"omitted"`
}

// EnvironmentDetail is one environment with what reached it, the newest first.
type EnvironmentDetail struct {
	EnvironmentSummary
	Arrivals []Arrived `json:"arrivals"`
	Omitted  int       `json:"omitted"` // of Arrivals, older ones
}

// Bounds of what is read for one page.
const (
	maxEnvironmentsListed = 500
	maxArrivalsListed     = 100
)

// Environments lists the environments that something was deployed to, that wait
// for something or that a repository is known to have, by name. A repository,
// "owner/name", narrows it; empty: all.
func (k *Keeper) Environments(ctx context.Context, repository string) (Environments, error) {
	out := Environments{List: []EnvironmentSummary{}}
	known := k.knownEnvironments()
	known = slices.DeleteFunc(known, func(e EnvironmentSummary) bool {
		return repository != "" && !strings.EqualFold(repository, e.Repo.FullName())
	})
	out.Omitted = max(0, len(known)-maxEnvironmentsListed)
	for _, e := range known[:len(known)-out.Omitted] {
		e, _, err := k.occupied(ctx, e)
		if err != nil {
			return Environments{}, err
		}
		out.List = append(out.List, e)
	}
	return out, nil
}

// Environment reads one environment. Its error is a *gate.Error with code
// not_found where there is none of that name.
func (k *Keeper) Environment(ctx context.Context, stream string) (EnvironmentDetail, error) {
	known := k.knownEnvironments()
	i := slices.IndexFunc(known, func(e EnvironmentSummary) bool { return e.Stream == stream })
	if i < 0 {
		return EnvironmentDetail{}, &gate.Error{Code: "not_found", Text: "There is no such environment.", Final: true}
	}
	e, state, err := k.occupied(ctx, known[i])
	if err != nil {
		return EnvironmentDetail{}, err
	}
	out := EnvironmentDetail{EnvironmentSummary: e, Arrivals: []Arrived{}, Omitted: max(0, len(state.Arrivals)-maxArrivalsListed)}
	for _, a := range slices.Backward(state.Arrivals[out.Omitted:]) {
		arrived, err := k.arrived(ctx, a)
		if err != nil {
			return EnvironmentDetail{}, err
		}
		out.Arrivals = append(out.Arrivals, arrived)
	}
	return out, nil
}

// occupied fills in what the record of an environment says.
func (k *Keeper) occupied(ctx context.Context, e EnvironmentSummary) (EnvironmentSummary, gate.EnvironmentState, error) {
	f, err := k.load(ctx, e.Stream)
	if err != nil {
		return e, gate.EnvironmentState{}, err
	}
	s := f.env
	e.Bypassed = append([]gate.Arrival{}, s.Bypassed()...)
	if s.Failure != nil {
		e.Failure = s.Failure.Text
	}
	if n := len(s.Arrivals); n > 0 && s.Arrivals[n-1].Failed {
		e.Failed = &s.Arrivals[n-1]
	}
	if last := s.Last(); last != nil {
		arrived, err := k.arrived(ctx, *last)
		if err != nil {
			return e, s, err
		}
		e.Runs = &arrived
	}
	switch {
	case len(e.Bypassed) > 0:
		e.Standing = WasBypassed
	case len(e.Waiting) > 0:
		e.Standing = HasWaiting
	case e.Failed != nil:
		e.Standing = HasFailed
	case e.Runs != nil:
		e.Standing = IsRunning
	default:
		e.Standing = NothingRuns
	}
	return e, s, nil
}

// arrived says whose yes let something go, as its gate has it on record.
func (k *Keeper) arrived(ctx context.Context, a gate.Arrival) (Arrived, error) {
	out := Arrived{Arrival: a, ReleasedBy: []string{}}
	if a.Gate == "" {
		return out, nil
	}
	f, err := k.load(ctx, a.Gate)
	if err != nil {
		return out, err
	}
	for _, r := range slices.Backward(f.gate.Replied) {
		if r.Reply == gate.Approved {
			out.ReleasedBy = append(out.ReleasedBy, r.By...)
			break
		}
	}
	out.Rollback = f.gate.Verdict != nil && f.gate.Verdict.Deploy != nil && f.gate.Verdict.Deploy.Rollback && len(out.ReleasedBy) == 0
	return out, nil
}

// knownEnvironments are those that the view knows of, by repository and name.
func (k *Keeper) knownEnvironments() []EnvironmentSummary {
	k.view.mu.RLock()
	found := k.view.environments()
	k.view.mu.RUnlock()
	out := make([]EnvironmentSummary, 0, len(found))
	for _, e := range found {
		if !k.compared.left(e.Repo.ID) {
			slices.SortFunc(e.Waiting, byUrgency)
			out = append(out, *e)
		}
	}
	slices.SortFunc(out, func(a, b EnvironmentSummary) int {
		return cmp.Or(strings.Compare(a.Repo.FullName(), b.Repo.FullName()), strings.Compare(strings.ToLower(a.Environment), strings.ToLower(b.Environment)), strings.Compare(a.Stream, b.Stream))
	})
	return out
}

// environments puts together what is known of environments by their streams.
// The caller locks.
func (v *view) environments() map[string]*EnvironmentSummary {
	found := map[string]*EnvironmentSummary{}
	at := func(repo gate.Repo, name string) *EnvironmentSummary {
		stream := gate.Subject{Kind: gate.Environment, Repo: repo, Environment: name}.Stream()
		e := found[stream]
		if e == nil {
			e = &EnvironmentSummary{Stream: stream, Repo: repo, Environment: name, Waiting: []Summary{}}
			found[stream] = e
		}
		return e
	}
	for _, r := range v.repos {
		for _, on := range r.Enforcement {
			if on.Environment != "" {
				at(r.Repo, on.Environment).Enforcement = &on
			}
		}
	}
	for _, s := range v.deployed {
		at(s.Repo, s.Environment)
	}
	for _, g := range v.gates {
		switch {
		case g.Subject.Kind != gate.Deployment:
		case g.Standing != Closed && g.Standing != Released && g.Standing != Rejected:
			e := at(g.Subject.Repo, g.Subject.Environment)
			e.Waiting = append(e.Waiting, g)
		}
	}
	return found
}

// applyEnvironment notes that something was deployed to an environment. The runs
// of a workflow have a record like one's, which no event names.
func (v *view) applyEnvironment(r ledger.Record, ev gate.Event) {
	seen, ok := ev.(gate.Seen)
	if !ok || seen.Subject.Environment == "" || strings.Contains(seen.Subject.Environment, "\n") {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.deployed[r.Stream] = seen.Subject
}
