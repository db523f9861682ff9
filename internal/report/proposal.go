package report

import (
	"fmt"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/words"
)

// Bounds on what is shown of a proposed rules file.
const (
	maxChanges   = 30
	maxDifferent = 10
)

// proposal says what the rules file that a change brings would do.
func (p *page) proposal(r *gate.Proposal) {
	if r == nil {
		return
	}
	p.heading("The rules that this change brings")
	if !r.Valid {
		p.line("- They cannot be used. They were read by the code that would enforce them, and it refuses:")
		for _, problem := range r.Problems[:min(len(r.Problems), maxChanges)] {
			p.line("  - %s", prose(problem, 400))
		}
		if n := len(r.Problems) - maxChanges; n > 0 {
			p.line("  - and %s", words.Plural(n, "more problem"))
		}
		p.line("- Merged as they are, every change would be held until they are repaired.")
		return
	}
	p.line("- They were read by the code that would enforce them, which finds no fault. They count from the merge on, never " +
		"for this change.")
	for _, text := range r.Changes[:min(len(r.Changes), maxChanges)] {
		p.line("- %s", prose(text, 400))
	}
	p.more(len(r.Changes)-maxChanges, "difference")
	if r.Judged > 0 {
		p.line("- %s", past(r))
		for _, d := range r.Different[:min(len(r.Different), maxDifferent)] {
			p.line("  - %s - now %s; then %s", code(d.Subject, 140), prose(d.From, 200), prose(d.To, 200))
		}
		if n := len(r.Different) - maxDifferent; n > 0 {
			p.line("  - and %d more", n)
		}
	}
	if r.Note != "" {
		p.line("- %s", prose(r.Note, 400))
	}
}

// past sums up the comparison with what was merged before.
func past(r *gate.Proposal) string {
	text := "Of the last " + words.Plural(r.Judged, "change") + ", judged by both, "
	if len(r.Different) == 0 {
		return text + "none would have come out otherwise."
	}
	return text + fmt.Sprintf("%d would have come out otherwise:", len(r.Different))
}

func (s *screen) proposal(r *gate.Proposal) {
	if r == nil {
		return
	}
	s.line("")
	if !r.Valid {
		s.line("%s", s.paint(bold+red, "The rules that this change brings cannot be used"))
		for _, problem := range r.Problems[:min(len(r.Problems), maxChanges)] {
			s.line("  %s %s", s.paint(red, "!"), visible(problem, 400))
		}
		return
	}
	s.line("%s", s.paint(bold, "The rules that this change brings"))
	s.differences(r)
}

func (s *screen) differences(r *gate.Proposal) {
	for _, text := range r.Changes {
		s.line("  %s", visible(text, 400))
	}
	if r.Judged > 0 {
		s.line("")
		s.line("%s", past(r))
		for _, d := range r.Different {
			s.line("  %s", visible(d.Subject, 140))
			s.line("    %s %s", s.paint(faint, "now "), visible(d.From, 200))
			s.line("    %s %s", s.paint(faint, "then"), visible(d.To, 200))
		}
	}
	if r.Note != "" {
		s.line("%s", visible(r.Note, 400))
	}
}

// Preview is a proposal for people at a terminal, in colour if wanted.
func Preview(r gate.Proposal, color bool) string {
	s := &screen{color: color}
	s.differences(&r)
	return s.String()
}

// briefly is a proposal as far as a check shows it.
func briefly(r *gate.Proposal) *gate.Proposal {
	if r == nil {
		return nil
	}
	short := *r
	short.Problems = r.Problems[:min(len(r.Problems), maxDifferent)]
	short.Changes = r.Changes[:min(len(r.Changes), maxDifferent)]
	short.Different = r.Different[:min(len(r.Different), maxDifferent)]
	return &short
}
