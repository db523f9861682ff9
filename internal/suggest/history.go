package suggest

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
)

// History gathers the records of pull requests, each in the order of its
// stream. It keeps a few KB for each.
type History struct {
	gates map[string]*record
	names map[string]string // texts that come again and again, kept once
}

// NewHistory is an empty one.
func NewHistory() *History {
	return &History{gates: map[string]*record{}, names: map[string]string{}}
}

// record is one pull request.
type record struct {
	first   time.Time
	state   gate.State
	last    *gate.Verdict
	reverts []int // pull requests that it says it takes back
	left    parting
	acts    []act
	closed  bool
	merged  bool
	ended   time.Time // when it was closed
}

// parting is what the gate came to when GitHub last told of something new.
type parting struct {
	verdict    *gate.Verdict
	baseRef    string
	released   bool
	overridden bool
}

// act is a denial or an override, and what it was about.
type act struct {
	answer  gate.Answer
	at      time.Time
	verdict *gate.Verdict
}

// Wants reports whether a stream is one that is looked at: a pull request's.
func Wants(stream string) bool { return strings.HasPrefix(stream, string(gate.PullRequest)+"/") }

// Add takes in the next record of a stream. Streams that are not of pull
// requests are passed over.
func (h *History) Add(stream string, e gate.Entry) {
	if !Wants(stream) {
		return
	}
	r := h.gates[stream]
	if r == nil {
		r = &record{first: e.At}
		h.gates[stream] = r
	}
	before := r.state
	if ev, ok := e.Event.(gate.Judged); ok && ev.Verdict != nil {
		ev.Verdict = h.trimmed(ev.Verdict)
		e.Event = ev
	}
	r.state = before.After(e)
	switch ev := e.Event.(type) {
	case gate.Seen:
		r.seen(before, ev.Head, ev.BaseRef, e.At)
	case gate.Look:
		r.seen(before, ev.Head, ev.BaseRef, e.At)
	case gate.Judged:
		r.last, r.reverts, r.left, r.closed = r.state.Verdict, ev.Reverts, parting{}, false
	case gate.Counted:
		if ev.Answer == gate.Deny || ev.Answer == gate.Override {
			r.acts = append(r.acts, act{ev.Answer, e.At, before.Verdict})
		}
	case gate.Closed:
		if before.Wanted <= before.Covered {
			r.left = part(before, e.At)
		}
		r.closed, r.merged, r.ended = true, ev.Merged, e.At
	}
}

// seen notes what the gate came to before an event, and forgets it where the
// event tells of something that was never judged.
func (r *record) seen(before gate.State, head, baseRef string, at time.Time) {
	if before.Wanted <= before.Covered && !before.Done {
		r.left = part(before, at)
	}
	if v := r.left.verdict; v != nil && (head != "" && head != v.Head || baseRef != "" && baseRef != r.left.baseRef) {
		r.left = parting{}
	}
}

func part(s gate.State, at time.Time) parting {
	return parting{verdict: s.Verdict, baseRef: s.BaseRef, released: s.Released(at), overridden: s.Overridden() != nil}
}

// trimmed keeps of a verdict what can be weighed: one finding for each rule and
// observation, and each that is about something unreadable.
func (h *History) trimmed(v *gate.Verdict) *gate.Verdict {
	out := &gate.Verdict{
		Head: h.once(v.Head), Score: v.Score, Level: gate.Level(h.once(string(v.Level))), Held: v.Held, WouldHold: v.WouldHold,
		Mode:   h.once(v.Mode),
		Hidden: v.Hidden, Needs: v.Needs, BreakGlass: v.BreakGlass, FindingsDigest: v.FindingsDigest, Digest: v.Digest,
		Rules: gate.RulesRef{Digest: h.once(v.Rules.Digest)},
		Agent: gate.Attribution{Is: v.Agent.Is, Strength: v.Agent.Strength, Presumed: v.Agent.Presumed},
	}
	for _, name := range v.Agent.Names {
		out.Agent.Names = append(out.Agent.Names, h.once(name))
	}
	for _, c := range v.Contributors {
		out.Contributors = append(out.Contributors, gate.Contributor{Login: h.once(c.Login), ID: c.ID, Role: h.once(c.Role)})
	}
	for _, p := range v.Problems {
		out.Problems = append(out.Problems, gate.Problem{Code: h.once(p.Code)})
	}
	type key struct{ rule, pack, observation, path string }
	at := map[key]int{}
	for _, f := range v.Findings {
		k := key{rule: f.Rule, pack: f.Pack}
		kept := gate.Finding{Rule: h.once(f.Rule), Pack: h.once(f.Pack), Risk: f.Risk, Level: f.Level, Observe: f.Observe}
		if f.Observation != nil {
			id := h.once(*f.Observation)
			kept.Observation, k.observation = &id, id
			if strings.HasSuffix(id, "/unreadable") {
				kept.Path, k.path = f.Path, f.Path
			}
		}
		if i, ok := at[k]; ok {
			out.Findings[i].Risk = max(out.Findings[i].Risk, f.Risk)
			continue
		}
		at[k] = len(out.Findings)
		out.Findings = append(out.Findings, kept)
	}
	return out
}

func (h *History) once(s string) string {
	if kept, ok := h.names[s]; ok {
		return kept
	}
	kept := strings.Clone(s)
	h.names[kept] = kept
	return kept
}

// Repositories are the full names of those that there are records of, as they
// were last called.
func (h *History) Repositories() []string {
	newest := map[int64]*record{}
	for _, r := range h.gates {
		if had := newest[r.state.Subject.Repo.ID]; had == nil || r.state.SeenAt.After(had.state.SeenAt) {
			newest[r.state.Subject.Repo.ID] = r
		}
	}
	names := map[string]bool{}
	for _, r := range newest {
		if r.state.Subject.Repo.Name != "" {
			names[r.state.Subject.Repo.FullName()] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// outcome is what became of a change.
type outcome int

const (
	open       outcome = iota
	unmerged           // closed without being merged, or merged before that was on record
	passed             // merged; nobody was asked
	unreleased         // merged although it was held, or before it was judged
	overridden         // merged after an override
	clean              // merged after approvals
)

// past is one change of the past, settled with the others.
type past struct {
	repo     string
	number   int
	at       time.Time     // of the newest thing that speaks for or against it
	verdict  *gate.Verdict // what it came to last
	outcome  outcome
	reverted bool
	pending  bool // an open pull request would take it back
	acts     []act
}

// against are the verdicts that speak against asking less: those that were
// denied or overridden, and what was merged and taken back.
func (p *past) against() []*gate.Verdict {
	var out []*gate.Verdict
	for _, a := range p.acts {
		if a.verdict != nil {
			out = append(out, a.verdict)
		}
	}
	if p.reverted {
		out = append(out, p.verdict)
	}
	return out
}

func (p *past) clean() bool {
	return p.outcome == clean && !p.reverted && !p.pending && len(p.acts) == 0
}

// pasts settles the changes of the repositories that are meant, the oldest
// first, and says since when there are records of them.
func (h *History) pasts(o Options) (out []*past, reaches time.Time) {
	names := map[int64]gate.State{}
	for _, r := range h.gates {
		if s, ok := names[r.state.Subject.Repo.ID]; !ok || r.state.SeenAt.After(s.SeenAt) {
			names[r.state.Subject.Repo.ID] = r.state
		}
	}
	taken, wanted := h.takenBack()
	for _, r := range h.gates {
		s := r.state.Subject
		repo := names[s.Repo.ID].Subject.Repo
		if !o.means(repo) {
			continue
		}
		if reaches.IsZero() || r.first.Before(reaches) {
			reaches = r.first
		}
		at := pull{s.Repo.ID, s.Number}
		p := r.settled()
		if p == nil {
			continue
		}
		p.repo, p.number = repo.FullName(), s.Number
		if when, ok := taken[at]; ok && r.merged && r.closed {
			p.reverted, p.at = true, later(p.at, when)
		}
		p.pending = wanted[at]
		if !p.at.Before(o.Now.Add(-o.Since)) {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b *past) int {
		return cmp.Or(a.at.Compare(b.at), strings.Compare(a.repo, b.repo), cmp.Compare(a.number, b.number))
	})
	return out, reaches
}

func (o Options) means(r gate.Repo) bool {
	if o.Repository != "" {
		return strings.EqualFold(o.Repository, r.FullName())
	}
	return o.Owner == "" || strings.EqualFold(o.Owner, r.Owner)
}

type pull struct {
	repo   int64
	number int
}

// takenBack says which pull requests were taken back and when, and which an
// open one would take back.
func (h *History) takenBack() (taken map[pull]time.Time, wanted map[pull]bool) {
	taken, wanted = map[pull]time.Time{}, map[pull]bool{}
	for _, r := range h.gates {
		for _, n := range r.reverts {
			at := pull{r.state.Subject.Repo.ID, n}
			switch {
			case !r.closed:
				wanted[at] = true
			case r.merged:
				taken[at] = later(taken[at], r.ended)
			}
		}
	}
	return taken, wanted
}

// settled says what became of the change; nil where it was never judged.
func (r *record) settled() *past {
	if r.last == nil {
		return nil
	}
	p := &past{verdict: r.last, acts: r.acts, at: r.state.JudgedAt}
	for _, a := range r.acts {
		p.at = later(p.at, a.at)
	}
	if !r.closed {
		return p
	}
	p.at = later(p.at, r.ended)
	v := r.left.verdict
	switch {
	case !r.merged:
		p.outcome = unmerged
	case v == nil || !r.left.released:
		p.outcome = unreleased
	case r.left.overridden:
		p.outcome = overridden
	case !v.Held:
		p.outcome = passed
	default:
		p.outcome = clean
	}
	return p
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
