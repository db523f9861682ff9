package board

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/gate/env"
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
// "owner/name", narrows it; empty: all that may be seen, see Agents.
func (b *Board) Environments(ctx context.Context, repository string, sees func(gate.Repo) bool) (Environments, error) {
	out := Environments{List: []EnvironmentSummary{}}
	known := b.knownEnvironments()
	known = slices.DeleteFunc(known, func(e EnvironmentSummary) bool {
		return !sees(e.Repo) || repository != "" && !strings.EqualFold(repository, e.Repo.FullName())
	})
	out.Omitted = max(0, len(known)-maxEnvironmentsListed)
	for _, e := range known[:len(known)-out.Omitted] {
		e, _, err := b.occupied(ctx, e)
		if err != nil {
			return Environments{}, err
		}
		out.List = append(out.List, e)
	}
	return out, nil
}

// Environment reads one environment. Its error is a *gate.Error with code
// not_found where there is none of that name.
func (b *Board) Environment(ctx context.Context, stream string) (EnvironmentDetail, error) {
	known := b.knownEnvironments()
	i := slices.IndexFunc(known, func(e EnvironmentSummary) bool { return e.Stream == stream })
	if i < 0 {
		return EnvironmentDetail{}, &gate.Error{Code: "not_found", Text: "There is no such environment.", Final: true}
	}
	e, state, err := b.occupied(ctx, known[i])
	if err != nil {
		return EnvironmentDetail{}, err
	}
	out := EnvironmentDetail{EnvironmentSummary: e, Arrivals: []Arrived{}, Omitted: max(0, len(state.Arrivals)-maxArrivalsListed)}
	for _, a := range slices.Backward(state.Arrivals[out.Omitted:]) {
		arrived, err := b.arrived(ctx, a)
		if err != nil {
			return EnvironmentDetail{}, err
		}
		out.Arrivals = append(out.Arrivals, arrived)
	}
	return out, nil
}

// occupied fills in what the record of an environment says.
func (b *Board) occupied(ctx context.Context, e EnvironmentSummary) (EnvironmentSummary, env.State, error) {
	s, err := b.Streams.Environment(ctx, e.Stream)
	if err != nil {
		return e, env.State{}, err
	}
	e.Bypassed = append([]gate.Arrival{}, s.Bypassed()...)
	if s.Failure != nil {
		e.Failure = s.Failure.Text
	}
	if n := len(s.Arrivals); n > 0 && s.Arrivals[n-1].Failed {
		e.Failed = &s.Arrivals[n-1]
	}
	if last := s.Last(); last != nil {
		arrived, err := b.arrived(ctx, *last)
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
func (b *Board) arrived(ctx context.Context, a gate.Arrival) (Arrived, error) {
	out := Arrived{Arrival: a, ReleasedBy: []string{}}
	if a.Gate == "" {
		return out, nil
	}
	s, err := b.Streams.Gate(ctx, a.Gate)
	if err != nil {
		return out, err
	}
	for _, r := range slices.Backward(s.Deployment.Replied) {
		if r.Reply == gate.Approved {
			out.ReleasedBy = append(out.ReleasedBy, r.By...)
			break
		}
	}
	out.Rollback = s.Verdict != nil && s.Verdict.Deploy != nil && s.Verdict.Deploy.Rollback && len(out.ReleasedBy) == 0
	return out, nil
}

// knownEnvironments are those that the board knows of, by repository and name.
func (b *Board) knownEnvironments() []EnvironmentSummary {
	b.mu.RLock()
	found := b.environments()
	b.mu.RUnlock()
	out := make([]EnvironmentSummary, 0, len(found))
	for _, e := range found {
		if !b.left(e.Repo.ID) {
			slices.SortFunc(e.Waiting, byUrgency)
			out = append(out, *e)
		}
	}
	slices.SortFunc(out, func(a, b EnvironmentSummary) int {
		return cmp.Or(strings.Compare(a.Repo.FullName(), b.Repo.FullName()),
			strings.Compare(strings.ToLower(a.Environment), strings.ToLower(b.Environment)), strings.Compare(a.Stream, b.Stream))
	})
	return out
}

// environments puts together what is known of environments by their streams.
// The caller locks.
func (b *Board) environments() map[string]*EnvironmentSummary {
	found := map[string]*EnvironmentSummary{}
	at := func(repo gate.Repo, name string) *EnvironmentSummary {
		stream := environmentStream(repo, name)
		e := found[stream]
		if e == nil {
			e = &EnvironmentSummary{Stream: stream, Repo: repo, Environment: name, Waiting: []Summary{}}
			found[stream] = e
		}
		return e
	}
	for _, r := range b.repos {
		for _, on := range r.Enforcement {
			if on.Environment != "" {
				at(r.Repo, on.Environment).Enforcement = &on
			}
		}
	}
	for _, s := range b.deployed {
		at(s.Repo, s.Environment)
	}
	for i := range b.index {
		if g := b.index[i].gate; b.index[i].kind == gate.Deployment && !b.index[i].over {
			e := at(g.Subject.Repo, g.Subject.Environment)
			e.Waiting = append(e.Waiting, *g)
		}
	}
	return found
}

// showEnvironment notes that something was deployed to an environment. The runs of
// a workflow have a record like one's, which no event names.
func (b *Board) showEnvironment(stream string, s env.State) {
	if s.Wanted == 0 || s.Subject.Environment == "" || strings.Contains(s.Subject.Environment, "\n") {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.deployed[stream] = s.Subject
}
