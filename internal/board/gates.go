package board

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/ledger"
	"github.com/gatehold/gatehold/internal/report"
)

// Summary is one line of the list of gates.
type Summary struct {
	Stream    string        `json:"stream"`
	Subject   gate.Subject  `json:"subject"`
	Head      string        `json:"head"`
	BaseRef   string        `json:"base_ref,omitempty"`
	Standing  gate.Standing `json:"standing"`
	Score     int           `json:"score"`
	Level     gate.Level    `json:"level,omitempty"`
	Agents    []string      `json:"agents,omitempty"`
	Strength  gate.Strength `json:"strength,omitempty"`
	Statement string        `json:"statement"` // who wants what
	Reason    string        `json:"reason"`
	ChangedAt time.Time     `json:"changed_at"`
	// Unreviewed are the releases at once that nobody else has looked at yet.
	Unreviewed []Override `json:"unreviewed,omitempty"`

	Merged bool `json:"merged,omitempty"`
	// Asked are the people on whose behalf the agents worked.
	Asked []string `json:"asked,omitempty"`
	// OpenedAt is when it was first seen, and DecidedAt when somebody's answer decided
	// it; zero: nobody's did.
	OpenedAt  time.Time `json:"opened_at,omitzero"`
	DecidedAt time.Time `json:"decided_at,omitzero"`
	DecidedBy string    `json:"decided_by,omitempty"`
	Denied    bool      `json:"denied,omitempty"`
	WasHeld   bool      `json:"was_held,omitempty"` // its verdict holds it, whatever was answered
	Rules     []string  `json:"rules,omitempty"`    // that found something grave

	waiting time.Time // since when an event waits for a verdict; zero: none does
	owners  []gate.Owned
	from    []string // whom it asks for, in whatever way
	reverts []int    // pull requests that it says it takes back
	shared  []uint32 // texts that others say as well, by number
	low     string   // what a search looks through beside them, in small letters
}

// Override is a release at once that nobody else has looked at yet.
type Override struct {
	By     string    `json:"by"`
	Via    string    `json:"via"`
	Reason string    `json:"reason,omitempty"`
	At     time.Time `json:"at"`
}

func (b *Board) showGate(stream string, s gate.State, at time.Time) {
	line := summaryOf(stream, s, at, b.Now())
	b.mu.Lock()
	defer b.mu.Unlock()
	b.share(&line)
	b.nowInForce(s)
	before, had := b.gates[stream]
	if had && before.ChangedAt.After(line.ChangedAt) {
		line.ChangedAt = before.ChangedAt
	}
	b.put(&line)
	b.notify(stream)
	over := func(l Summary) bool { return l.Standing == gate.IsClosed && len(l.Unreviewed) == 0 }
	if over(line) && !(had && over(*before)) {
		b.closed = append(b.closed, stream)
	}
	b.forget()
}

func summaryOf(stream string, s gate.State, at, now time.Time) Summary {
	line := Summary{
		Stream: stream, Subject: s.Subject, Head: s.Head(), BaseRef: s.Base(),
		Standing: s.Standing(now), Reason: Reason(s, now), ChangedAt: at,
	}
	if v := s.Verdict; v != nil {
		line.Score, line.Level, line.Agents, line.Strength = v.Score, v.Level, v.Agent.Names, v.Agent.Strength
		line.owners = v.Agent.Owners
		for _, need := range []*gate.Need{v.Needs, v.BreakGlass} {
			if need != nil {
				line.from = append(line.from, need.Groups()...)
			}
		}
		line.WasHeld, line.Asked, line.Rules = v.Held, v.Agent.Instigators, graveRules(v)
	}
	line.Statement = report.StatementOf(s.Subject, s.Verdict, s.Base(), s.Left()).String()
	line.Merged, line.OpenedAt, line.reverts = s.Merged, s.OpenedAt, s.Pull.Reverts
	if d := s.Denied(); d != nil {
		line.Denied, line.DecidedAt, line.DecidedBy = true, d.At, d.By.Login
	} else if n := len(s.Choices); n > 0 && s.Verdict != nil && s.Verdict.Needs != nil && s.Verdict.Needs.Progress(s.Choices, now).Met {
		line.DecidedAt, line.DecidedBy = s.Choices[n-1].At, s.Choices[n-1].By.Login
	}
	if s.Wanted > s.Covered && !s.Done {
		line.waiting = s.FirstSeen
	}
	for _, o := range s.Unreviewed() {
		line.Unreviewed = append(line.Unreviewed, Override{By: o.By.Login, Via: o.Via, Reason: o.Reason, At: o.At})
	}
	return line
}

// Reason is why a gate stands as it does, in a sentence.
func Reason(s gate.State, now time.Time) string {
	switch s.Standing(now) {
	case gate.IsClosed:
		return s.ClosedWhy
	case gate.IsReleased:
		return "GitHub was told to go on."
	case gate.IsRejected:
		return "GitHub was told to stop it."
	case gate.IsFailing:
		return s.Failure.Text
	case gate.IsJudging:
		return "It has not been judged yet."
	case gate.IsQueued:
		return fmt.Sprintf("In the merge queue: #%d decides.", s.Subject.Number)
	case gate.IsPassed:
		if s.Verdict.Held {
			return "What it needs is met."
		}
	case gate.IsHeld:
		if d := s.Denied(); d != nil {
			return fmt.Sprintf("@%s denied it.", d.By.Login)
		}
		if waits := s.Waits(now); len(waits) > 0 {
			return waits[0].Text
		}
	}
	return s.Verdict.Reason
}

// forget drops the oldest of the closed gates, but for those with a review open.
func (b *Board) forget() {
	for len(b.closed) > keptClosed {
		oldest := b.closed[0]
		b.closed = b.closed[1:]
		if g := b.gates[oldest]; g != nil && g.Standing == gate.IsClosed && len(g.Unreviewed) == 0 {
			b.drop(oldest)
		}
	}
}

// Gates lists the gates: those that were released at once and not reviewed
// first, closed or not, then by the newest change.
func (b *Board) Gates() []Summary {
	b.mu.RLock()
	out := make([]Summary, 0, len(b.gates))
	for _, s := range b.gates {
		out = append(out, b.told(s))
	}
	b.mu.RUnlock()
	slices.SortFunc(out, byUrgency)
	return out
}

// told is a gate as it is listed. The caller locks.
func (b *Board) told(s *Summary) Summary {
	out := *s
	repo := gate.Subject{Kind: gate.Repository, Repo: s.Subject.Repo}
	if s.Standing != gate.IsClosed && b.repos[repo.Stream()].Archived {
		out.Reason = archivedText
	}
	return out
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

// Standings counts the gates by standing.
func (b *Board) Standings() map[gate.Standing]int {
	b.mu.RLock()
	defer b.mu.RUnlock()
	n := map[gate.Standing]int{}
	for _, s := range b.gates {
		n[s.Standing]++
	}
	return n
}

// OldestWaiting is since when the oldest event waits for a verdict; zero where
// none does.
func (b *Board) OldestWaiting() time.Time {
	b.mu.RLock()
	defer b.mu.RUnlock()
	var oldest time.Time
	for _, s := range b.gates {
		if !s.waiting.IsZero() && (oldest.IsZero() || s.waiting.Before(oldest)) {
			oldest = s.waiting
		}
	}
	return oldest
}

// Unreviewed counts the releases at once that wait for somebody else's review.
func (b *Board) Unreviewed() int {
	b.mu.RLock()
	defer b.mu.RUnlock()
	n := 0
	for _, s := range b.gates {
		n += len(s.Unreviewed)
	}
	return n
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
	// Told is what people were told of it, by channel.
	Told []Told
}

// Detail reads one gate from the ledger. Its error is a *gate.Error with code
// not_found where there is no such gate.
func (b *Board) Detail(ctx context.Context, stream string) (Detail, error) {
	if !gate.StreamKind(stream).Gates() {
		return Detail{}, notFound()
	}
	records, err := b.Tail.Read(ctx, stream, 0)
	if err != nil {
		return Detail{}, fmt.Errorf("reading stream %s: %w", stream, err)
	}
	s, err := b.Streams.Gate(ctx, stream)
	if err != nil {
		return Detail{}, err
	}
	if len(records) == 0 || s.Wanted == 0 {
		return Detail{}, notFound()
	}
	told, err := b.Streams.Told(ctx, stream)
	if readable(err) != nil {
		return Detail{}, err
	}
	out := Detail{State: s, Records: records, Told: toldOf(told)}
	repo, err := b.Streams.Repository(ctx, gate.Subject{Kind: gate.Repository, Repo: s.Subject.Repo}.Stream())
	if err != nil {
		return Detail{}, err
	}
	if s.Subject.Environment == "" {
		out.Enforcement = repo.On(s.BaseRef, "")
		return out, nil
	}
	out.Enforcement = repo.On("", s.Subject.Environment)
	if s.Subject.Kind == gate.Deployment {
		env, err := b.Streams.Environment(ctx, environmentStream(s.Subject.Repo, s.Subject.Environment))
		if err != nil {
			return Detail{}, err
		}
		out.Bypassed = env.Bypassed()
	}
	return out, nil
}

func environmentStream(repo gate.Repo, name string) string {
	return gate.Subject{Kind: gate.Environment, Repo: repo, Environment: name}.Stream()
}

func notFound() error {
	return &gate.Error{Code: "not_found", Text: "There is no such gate.", Final: true}
}
