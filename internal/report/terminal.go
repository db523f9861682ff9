package report

import (
	"fmt"
	"strings"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/words"
)

// The colours of a terminal. What comes from outside cannot add any: an escape
// character is shown, never sent.
const (
	plainText = "\x1b[0m"
	bold      = "\x1b[1m"
	faint     = "\x1b[2m"
	red       = "\x1b[31m"
	green     = "\x1b[32m"
	yellow    = "\x1b[33m"
)

// Line is a verdict in one line of plain text.
func Line(v gate.Verdict) string {
	parts := []string{verdictTitle(&v), who(&v)}
	if n := len(v.Findings) + v.Hidden; n > 0 {
		parts = append(parts, words.Plural(n, "finding"))
	}
	return strings.Join(parts, "; ")
}

func who(v *gate.Verdict) string {
	switch {
	case v.Agent.ByAutomation():
		return author(v)
	case len(v.Agent.Unknown) > 0 && len(v.Agent.Names) == 0:
		return "not known to be a person's"
	case v.Agent.Presumed:
		return "presumed an agent's"
	case v.Agent.Is:
		return "agent " + words.List(agents(v.Agent, plainName), "and")
	}
	if v.Agent.Signed != "" {
		return "signed as theirs by @" + plainName(v.Agent.Signed) + ", passkey"
	}
	return "nothing points to an agent"
}

// screen writes lines for a terminal.
type screen struct {
	strings.Builder
	color bool
}

func (s *screen) paint(color, text string) string {
	if !s.color {
		return text
	}
	return color + text + plainText
}

func (s *screen) line(format string, args ...any) {
	fmt.Fprintf(s, format, args...)
	s.WriteByte('\n')
}

// Terminal is a verdict for people at a terminal, in colour if wanted.
func Terminal(v gate.Verdict, color bool) string {
	s := &screen{color: color}
	head := green
	switch {
	case v.Held || len(v.Problems) > 0:
		head = red
	case v.WouldHold:
		head = yellow
	}
	s.line("%s", s.paint(bold+head, verdictTitle(&v)))
	if v.Reason != "" {
		s.line("%s", visible(v.Reason, 600))
	}
	for _, p := range v.Problems[:min(len(v.Problems), maxEvidence)] {
		s.line("  %s %s: %s", s.paint(red, "!"), visible(p.Code, 60), visible(p.Text, 600))
	}
	s.findings(&v)
	for _, said := range Brings(v.Brings) {
		s.line("  %s %s", s.paint(faint, "brings"), said)
	}
	for _, note := range v.Notes[:min(len(v.Notes), maxEvidence)] {
		s.line("  %s %s", s.paint(faint, "note"), visible(note, 400))
	}
	s.proposal(v.Proposed)
	s.line("")
	s.line("author  %s", who(&v))
	for _, e := range v.Agent.Evidence[:min(len(v.Agent.Evidence), maxEvidence)] {
		s.line("        %s", s.paint(faint, fmt.Sprintf("%s: %s %s", strengthWords[e.Strength], visible(e.Kind, 20), visible(e.Text, 160))))
	}
	if len(v.Agent.Instigators) > 0 {
		s.line("        on behalf of %s", words.List(names(v.Agent.Instigators, plainName), "and"))
	}
	if v.Needs != nil && (v.Held || v.WouldHold) {
		s.line("needs   %s", needText(*v.Needs, plainName))
	}
	s.line("rules   %s  %s", s.paint(faint, visible(digest(v.Rules.Digest), 20)), sources(&v))
	s.line("verdict %s", s.paint(faint, visible(digest(v.Digest), 20)))
	return s.String()
}

func sources(v *gate.Verdict) string {
	if v.Rules.Builtin {
		return "the built-in default: no rules file"
	}
	return words.List(names(v.Rules.Sources, plainName), "and")
}

func (s *screen) findings(v *gate.Verdict) {
	for _, group := range grouped(v.Findings) {
		first := group[0]
		color := yellow
		if risk(group) >= 50 {
			color = red
		}
		note := ""
		if first.Level != "" {
			note = ", at least " + visible(string(first.Level), 20)
		}
		if first.Observe {
			note, color = ", only watched", faint
		}
		s.line("")
		s.line("%s  %s%s", s.paint(color, fmt.Sprintf("%3d", risk(group))), s.paint(bold, visible(first.Rule, 80)), note)
		for _, f := range group[:min(len(group), 2*maxPlaces)] {
			s.line("     %s  %s", whereabouts(f), visible(f.Message, 300))
		}
		if n := len(group) - 2*maxPlaces; n > 0 {
			s.line("     and %s", words.Plural(n, "more place"))
		}
		if first.Why != "" {
			s.line("     %s", s.paint(faint, visible(first.Why, 500)))
		}
	}
	if v.Hidden > 0 {
		s.line("\n     and %s", words.Plural(v.Hidden, "more finding"))
	}
}

func whereabouts(f gate.Finding) string {
	switch {
	case f.Path == "":
		return "(the change)"
	case f.Line == 0:
		return visible(f.Path, 160)
	case f.Removed:
		return fmt.Sprintf("%s:%d (before)", visible(f.Path, 160), f.Line)
	}
	return fmt.Sprintf("%s:%d", visible(f.Path, 160), f.Line)
}
