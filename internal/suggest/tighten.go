package suggest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/judge"
	"github.com/gatehold/gatehold/internal/rulesfile"
	"github.com/gatehold/gatehold/internal/words"
)

// How much has to speak against a change that a rule found something in before
// more is asked: what was taken back had passed, so that one is enough.
const (
	revertsToTighten = 1
	refusalsToRaise  = 2 // denials and overrides together
)

// tighten proposes what the file should ask more for.
func (s *session) tighten() {
	s.enforceFile()
	for _, f := range s.out.Rules {
		if f.Mode == rulesfile.Observe {
			s.enforceRule(ref{f.Rule, f.From}, f)
		}
	}
	for _, f := range s.out.Rules {
		if f.Mode == rulesfile.Enforce {
			s.raise(ref{f.Rule, f.From}, f)
		}
	}
}

// answered reports whether more would be needed for a verdict already, by what
// was proposed before.
func (s *session) answered(v *gate.Verdict) bool {
	return stricter(judge.Weigh(s.before, v), judge.Weigh(s.now, v))
}

// stricter reports whether more is needed than was.
func stricter(was, is judge.Weight) bool {
	return is.Need != nil && (was.Need == nil || was.Milder(judge.Weight{Need: is.Need})) || is.Held && !was.Held
}

// enforceFile proposes to hold at all, where the file only observes and what it
// would have held was taken back.
func (s *session) enforceFile() {
	if s.now.Mode() != rulesfile.Observe {
		return
	}
	n := 0
	for _, p := range s.pasts {
		if p.reverted && judge.Weigh(s.now, p.verdict).Waits {
			n++
		}
	}
	if n == 0 {
		return
	}
	text, rules, why := s.try(edit{key: "mode", value: string(rulesfile.Enforce)}, ref{})
	if why != "" {
		s.leave(ref{id: "the file"}, "", "should be enforced: "+why)
		return
	}
	s.accept(Proposal{
		Kind: Tighten, Setting: "mode: enforce", Figures: s.out.Figures, Otherwise: n,
		Why: fmt.Sprintf("it only observes; enforced, it would have held %s taken back later", words.Plural(n, "change")),
	}, text, rules)
}

// enforceRule proposes to count a rule that only watches, where it would have
// held by itself what people denied, or took back later.
func (s *session) enforceRule(r ref, f RuleFigures) {
	enforced := s.enforced(r)
	denied, overridden, reverted := 0, 0, 0
	for _, p := range s.pasts {
		would := func(v *gate.Verdict) bool {
			ok, _ := mark(v, r)
			return ok && judge.Weigh(enforced, only(v, r)).Waits
		}
		if p.acted(gate.Deny, would) {
			denied++
		}
		if p.acted(gate.Override, would) {
			overridden++
		}
		if p.reverted && would(p.verdict) {
			reverted++
		}
	}
	n := denied + overridden + reverted
	if n == 0 {
		return
	}
	what := strings.Join(said(denied, "denial", overridden, "override", reverted, "revert"), ", ")
	note := what + " since " + s.out.From.Format("2006-01-02")
	text, rules, why := s.try(s.edit(r, "mode", string(rulesfile.Enforce), note), ref{})
	if why != "" {
		s.leave(r, "", fmt.Sprintf("should be enforced (%s): %s", what, why))
		return
	}
	s.accept(Proposal{
		Kind: Tighten, Rule: r.id, From: r.from, Setting: "mode: enforce", Figures: f.Figures, Otherwise: n,
		Why: "it only watches, and would have held by itself what came to " + what,
	}, text, rules)
}

// raise proposes a higher least level for a rule that weighed most in what was
// denied, overridden or taken back: the first at which more would be needed.
func (s *session) raise(r ref, f RuleFigures) {
	var cases []*gate.Verdict
	denied, overridden, reverted := 0, 0, 0
	for _, p := range s.pasts {
		led := func(v *gate.Verdict) bool {
			yes := slices.Contains(gravest(v), r) && !s.answered(v)
			if yes {
				cases = append(cases, v)
			}
			return yes
		}
		if p.acted(gate.Deny, led) {
			denied++
		}
		if p.acted(gate.Override, led) {
			overridden++
		}
		if p.reverted && led(p.verdict) {
			reverted++
		}
	}
	if reverted < revertsToTighten && denied+overridden < refusalsToRaise {
		return
	}
	what := strings.Join(said(denied, "denial", overridden, "override", reverted, "revert"), ", ")
	s.raiseTo(r, f, cases, what)
}

func (s *session) raiseTo(r ref, f RuleFigures, cases []*gate.Verdict, what string) {
	in, _ := inForce(s.now, r)
	note := what + " since " + s.out.From.Format("2006-01-02")
	refused := "at no level would more be needed: look at `needs`, or at who approves"
	for _, level := range []gate.Level{gate.Medium, gate.High, gate.Critical} {
		if level.Rank() <= in.Level.Rank() {
			continue
		}
		text, rules, why := s.try(s.edit(r, "level", string(level), note), ref{})
		if why != "" {
			refused = why
			continue
		}
		more := 0
		for _, v := range cases {
			if stricter(judge.Weigh(s.now, v), judge.Weigh(rules, v)) {
				more++
			}
		}
		if more == 0 {
			continue
		}
		s.accept(Proposal{
			Kind: Tighten, Rule: r.id, From: r.from, Setting: "level: " + string(level), Figures: f.Figures, Otherwise: more,
			Why: fmt.Sprintf("it weighed most in what came to %s; %d of them would have needed more", what, more),
		}, text, rules)
		return
	}
	s.leave(r, "", fmt.Sprintf("should ask for more (%s), and %s", what, refused))
}
