package keeper

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/ledger"
)

// Summary is one line of the list of gates.
type Summary struct {
	Stream    string        `json:"stream"`
	Subject   gate.Subject  `json:"subject"`
	Head      string        `json:"head"`
	BaseRef   string        `json:"base_ref,omitempty"`
	Standing  Standing      `json:"standing"`
	Score     int           `json:"score"`
	Level     gate.Level    `json:"level,omitempty"`
	Agents    []string      `json:"agents,omitempty"`
	Strength  gate.Strength `json:"strength,omitempty"`
	Reason    string        `json:"reason"`
	ChangedAt time.Time     `json:"changed_at"`
	// Unreviewed are the releases at once that nobody else has looked at yet.
	Unreviewed []Override `json:"unreviewed,omitempty"`

	waiting  time.Time // since when an event waits for a verdict; zero: none does
	judgedAs Standing  // what the last verdict made of it
	because  string    // and why
}

// Standing is where a gate is, in a word.
type Standing string

// The standings.
const (
	Judging  Standing = "judging"  // no verdict for what was seen last
	Held     Standing = "held"     // waits for people
	Watching Standing = "watching" // would be held, but the rules only observe
	Passed   Standing = "passed"
	Failing  Standing = "failing"  // held, because a step does not succeed
	Queued   Standing = "queued"   // a merge group: its pull request's gate decides
	Released Standing = "released" // a deployment that was let go
	Rejected Standing = "rejected"
	Closed   Standing = "closed"
)

// view is a projection of the ledger: the newest standing of every gate. It
// is rebuilt in the background at start and is never asked for a decision.
type view struct {
	mu    sync.RWMutex
	gates map[string]Summary
	repos map[string]RepoSummary
	// deployed are the environments that something was deployed to, by stream.
	deployed map[string]gate.Subject
	closed   []string // streams in the order of their closing

	overrides map[string]overridden // by stream, those that wait for a review
}

const (
	keptClosed = 1000
	tailPage   = 512
	tailEvery  = 2 * time.Second
)

func newView() *view {
	return &view{gates: map[string]Summary{}, repos: map[string]RepoSummary{}, deployed: map[string]gate.Subject{}}
}

// Gates lists the gates: those that were released at once and not reviewed
// first, closed or not, then by the newest change.
func (k *Keeper) Gates() []Summary {
	k.view.mu.RLock()
	out := make([]Summary, 0, len(k.view.gates))
	for _, s := range k.view.gates {
		out = append(out, s)
	}
	k.view.mu.RUnlock()
	slices.SortFunc(out, byUrgency)
	return out
}

// Standings counts the gates by standing.
func (k *Keeper) Standings() map[Standing]int {
	k.view.mu.RLock()
	defer k.view.mu.RUnlock()
	n := map[Standing]int{}
	for _, s := range k.view.gates {
		n[s.Standing]++
	}
	return n
}

// OldestWaiting is since when the oldest event waits for a verdict; zero where
// none does.
func (k *Keeper) OldestWaiting() time.Time {
	k.view.mu.RLock()
	defer k.view.mu.RUnlock()
	var oldest time.Time
	for _, s := range k.view.gates {
		if !s.waiting.IsZero() && (oldest.IsZero() || s.waiting.Before(oldest)) {
			oldest = s.waiting
		}
	}
	return oldest
}

// Detail is one gate with its whole record.
type Detail struct {
	State   gate.State
	Records []ledger.Record
	// Enforcement is what makes GitHub wait for it, where that is known.
	Enforcement *gate.Enforcement
	// Bypassed reached the environment of a deployment without passing a gate:
	// it is part of what is judged.
	Bypassed []gate.Arrival
}

// Detail reads one gate from the ledger. Its error is a *gate.Error with code
// not_found where there is no such gate.
func (k *Keeper) Detail(ctx context.Context, stream string) (Detail, error) {
	if !gate.StreamKind(stream).Gates() {
		return Detail{}, notFound()
	}
	records, err := k.Log.Read(ctx, stream, 0)
	if err != nil {
		return Detail{}, fmt.Errorf("reading stream %s: %w", stream, err)
	}
	if len(records) == 0 {
		return Detail{}, notFound()
	}
	f := folded{stream: stream}
	for _, r := range records {
		if f, err = f.after(r); err != nil {
			return Detail{}, err
		}
	}
	out := Detail{State: f.gate, Records: records}
	if out.Enforcement, err = k.knownOf(ctx, f.gate); err == nil && f.gate.Subject.Kind == gate.Deployment {
		var env gate.EnvironmentState
		env, err = k.environment(ctx, f.gate.Subject.Repo, f.gate.Subject.Environment)
		out.Bypassed = env.Bypassed()
	}
	return out, err
}

func notFound() error {
	return &gate.Error{Code: "not_found", Text: "There is no such gate.", Final: true}
}

// follow keeps the view up to date until ctx ends: at once with what this
// process appends, and a little later with what other replicas do.
func (k *Keeper) follow(ctx context.Context) {
	var cursors [ledger.Shards]ledger.Cursor
	look := func(shard int) {
		if err := k.catchUp(ctx, shard, &cursors[shard]); err != nil && ctx.Err() == nil {
			k.Slog.Error("the list of gates cannot follow the ledger", "shard", shard, "error", err)
		}
	}
	tick := time.NewTicker(tailEvery)
	defer tick.Stop()
	for {
		for shard := range ledger.Shards {
			look(shard)
		}
		for ticked := false; !ticked; {
			select {
			case shard := <-k.appended:
				look(shard)
			case done := <-k.behind:
				for shard := range ledger.Shards {
					look(shard)
				}
				close(done)
			case <-tick.C:
				ticked = true
			case <-ctx.Done():
				return
			}
		}
	}
}

func (k *Keeper) catchUp(ctx context.Context, shard int, cursor *ledger.Cursor) error {
	for {
		records, next, err := k.Log.Tail(ctx, shard, *cursor, tailPage)
		if err != nil {
			return err
		}
		for _, r := range records {
			kind := gate.StreamKind(r.Stream)
			if !kind.Gates() && kind != gate.Repository && kind != gate.Environment {
				continue
			}
			ev, err := gate.Decode(r.Kind, r.Body)
			if err != nil {
				return err
			}
			switch kind {
			case gate.Repository:
				k.view.applyRepo(r, ev)
			case gate.Environment:
				k.view.applyEnvironment(r, ev)
			default:
				k.view.apply(r, ev)
			}
		}
		*cursor = next
		if len(records) < tailPage {
			return nil
		}
	}
}

func (v *view) apply(r ledger.Record, ev gate.Event) {
	v.mu.Lock()
	defer v.mu.Unlock()
	s := v.gates[r.Stream]
	s.Stream = r.Stream
	v.noteOverride(r.Stream, s.Subject, ev)
	switch ev := ev.(type) {
	case gate.Seen:
		s.Subject = ev.Subject
		if ev.BaseRef != "" {
			s.BaseRef = ev.BaseRef
		}
		if ev.Head != "" && ev.Head != s.Head {
			s.Head, s.Standing, s.Reason = ev.Head, Judging, "It has not been judged yet."
		}
		s.ChangedAt = r.At
		if s.waiting.IsZero() {
			s.waiting = r.At
		}
	case gate.Judged:
		s = s.judged(ev)
		s.ChangedAt, s.waiting = r.At, time.Time{}
	case gate.Replied:
		switch ev.Reply {
		case gate.Approved:
			s.judgedAs, s.because, s.ChangedAt = Released, "GitHub was told to go on.", r.At
		case gate.Rejected:
			s.judgedAs, s.because, s.ChangedAt = Rejected, "GitHub was told to stop it.", r.At
		}
		s.Standing, s.Reason = s.judgedAs, s.because
	case gate.Failed:
		s.Standing, s.Reason, s.ChangedAt = Failing, ev.Text, r.At
	case gate.Closed:
		s.Standing, s.Reason, s.ChangedAt, s.waiting = Closed, ev.Why, r.At, time.Time{}
		v.closed = append(v.closed, r.Stream)
	case gate.Counted:
		had := len(s.Unreviewed)
		s = s.counted(ev, r.At)
		if had > 0 && len(s.Unreviewed) == 0 && s.Standing == Closed {
			v.closed = append(v.closed, r.Stream) // it was kept for its review
		}
	}
	v.gates[r.Stream] = s
	v.forget()
}

func (s Summary) judged(ev gate.Judged) Summary {
	s.Head, s.BaseRef = ev.Head, ev.BaseRef
	v := ev.Verdict
	if v == nil { // the same as before
		s.Standing, s.Reason = s.judgedAs, s.because
		return s
	}
	s.Score, s.Level, s.Reason = v.Score, v.Level, v.Reason
	s.Agents, s.Strength = v.Agent.Names, v.Agent.Strength
	switch {
	case s.Subject.Kind == gate.MergeGroup && len(v.Problems) == 0:
		s.Standing, s.Reason = Queued, fmt.Sprintf("In the merge queue: #%d decides.", s.Subject.Number)
	case v.Held:
		s.Standing = Held
	case v.WouldHold:
		s.Standing = Watching
	default:
		s.Standing = Passed
	}
	s.judgedAs, s.because = s.Standing, s.Reason
	return s
}

// forget drops the oldest of the closed gates, but for those with a review open.
func (v *view) forget() {
	for len(v.closed) > keptClosed {
		oldest := v.closed[0]
		v.closed = v.closed[1:]
		if g := v.gates[oldest]; g.Standing == Closed && len(g.Unreviewed) == 0 {
			delete(v.gates, oldest)
		}
	}
}
