package judge

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"slices"
	"strconv"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/redact"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/policy"
)

// Bounds on what a verdict shows. What is over them counts all the same, in
// the score and in the digest.
const (
	MaxFindings     = 200
	maxPathFindings = 50 // of one rule that only matches paths
)

// builtinPack is where findings are from that no rule asked for.
const builtinPack = "built-in"

// match notes one place at which a rule matched.
func (j *judgement) match(rule *policy.ActiveRule, f gate.Finding) {
	f.Rule, f.Pack = rule.FullID, rule.Pack
	f.Level, f.Observe = rule.Level, rule.Observe
	f.Controls = joinControls(rule.Controls, f.Controls)
	j.risk[rule.Index] = max(j.risk[rule.Index], f.Risk)
	j.found.add(f)
}

// matchPath notes a file that a rule without observations matched.
func (j *judgement) matchPath(rule *policy.ActiveRule, f *change.File) {
	finding := gate.Finding{Risk: rule.Risk, Path: redact.Text(f.Path), Why: rule.Why}
	if rule.Message != "" {
		finding.Message = redact.Quote(f.Path) + ": " + strings.TrimSuffix(rule.Message, ".") + "."
	} else {
		finding.Message = redact.Quote(f.Path) + " " + happened(f) + ": " + rule.Title + "."
	}
	if j.shown[rule.Index]++; j.shown[rule.Index] > maxPathFindings {
		finding.Rule, finding.Pack = rule.FullID, rule.Pack
		finding.Level, finding.Observe = rule.Level, rule.Observe
		j.risk[rule.Index] = max(j.risk[rule.Index], finding.Risk)
		j.found.hide(finding)
		return
	}
	j.match(rule, finding)
}

// observed is the finding of a rule that names an observation.
func observed(rule *policy.ActiveRule, o detect.Observation) gate.Finding {
	f := fromObservation(o)
	if rule.Risk > 0 {
		f.Risk = rule.Risk
	}
	f.Risk = max(f.Risk, rule.Floor)
	if rule.Message != "" {
		f.Message = strings.TrimSuffix(f.Message, ".") + ": " + strings.TrimSuffix(rule.Message, ".") + "."
	}
	f.Why = cmp.Or(rule.Why, f.Why)
	return f
}

func fromObservation(o detect.Observation) gate.Finding {
	id := o.Kind.ID
	return gate.Finding{
		Observation: &id, Risk: min(max(o.Kind.Risk, 1), 100),
		Path: redact.Text(o.Path), Line: o.Line, Removed: o.Removed, Object: redact.Text(o.Object), Args: redact.Text(o.Args),
		Message: sayObservation(o), Why: o.Kind.Why, Controls: o.Kind.Controls,
	}
}

// sayObservation: "db/1.sql line 3 drops a table: users (with its rows)."
func sayObservation(o detect.Observation) string {
	var b strings.Builder
	if o.Path == "" {
		b.WriteString("The change")
	} else {
		b.WriteString(redact.Quote(o.Path))
	}
	if o.Line > 0 {
		b.WriteString(" line " + strconv.Itoa(o.Line))
		if o.Removed {
			b.WriteString(" before")
		}
	}
	b.WriteString(" " + o.Kind.Title)
	if o.Object != "" {
		b.WriteString(": " + redact.Quote(o.Object))
	}
	if o.Detail != "" {
		b.WriteString(" (" + redact.Quote(o.Detail) + ")")
	}
	b.WriteByte('.')
	return b.String()
}

func happened(f *change.File) string {
	switch {
	case f.Mode == change.ModeSymlink:
		return "is a symbolic link"
	case f.Mode == change.ModeSubmodule:
		return "is a submodule"
	}
	switch f.Status {
	case change.Added:
		return "was added"
	case change.Removed:
		return "was removed"
	case change.Renamed:
		return "was renamed from " + redact.Quote(f.PreviousPath)
	case change.Copied:
		return "was copied from " + redact.Quote(f.PreviousPath)
	case change.Changed:
		return "had its mode changed"
	}
	return "was changed"
}

func joinControls(a, b []string) []string {
	out := make([]string, 0, len(a)+len(b))
	for _, s := range append(append(out, a...), b...) {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// unreadable notes what no rule asked about and nobody could read.
func (j *judgement) unreadable(o detect.Observation) {
	f := fromObservation(o)
	f.Rule, f.Pack, f.Controls = "unreadable", builtinPack, joinControls(nil, f.Controls)
	j.unreadRisk = max(j.unreadRisk, f.Risk)
	j.found.add(f)
}

// findings collects what was found: all of it in a hash, the gravest to show.
type findings struct {
	kept   []gate.Finding
	hidden int
	sum    hash.Hash
	same   *sameness
}

func (s *findings) add(f gate.Finding) {
	s.note(f)
	s.kept = append(s.kept, f)
	if len(s.kept) >= 8*MaxFindings {
		s.trim()
	}
}

// hide counts a finding without keeping it.
func (s *findings) hide(f gate.Finding) {
	s.note(f)
	s.hidden++
}

// trim keeps the gravest findings. They arrive in an order that depends on the
// change alone, so that what is kept does as well.
func (s *findings) trim() {
	slices.SortStableFunc(s.kept, compareFindings)
	if len(s.kept) > MaxFindings {
		s.hidden += len(s.kept) - MaxFindings
		clear(s.kept[MaxFindings:])
		s.kept = s.kept[:MaxFindings]
	}
}

func compareFindings(a, b gate.Finding) int {
	return cmp.Or(cmp.Compare(b.Risk, a.Risk), strings.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line),
		strings.Compare(a.Rule, b.Rule), strings.Compare(observationOf(a), observationOf(b)),
		strings.Compare(a.Pack, b.Pack), strings.Compare(a.Object, b.Object), strings.Compare(a.Args, b.Args))
}

func observationOf(f gate.Finding) string {
	if f.Observation == nil {
		return ""
	}
	return *f.Observation
}

// note hashes a finding.
func (s *findings) note(f gate.Finding) {
	if s.sum == nil {
		s.sum = sha256.New()
	}
	fact := f.Fact()
	s.sum.Write(binary.AppendUvarint(nil, uint64(len(fact))))
	s.sum.Write(fact)
	s.same.note(f)
}

// beyond stands for all findings where some are hidden, else for none.
func (s *findings) beyond() string {
	if s.hidden == 0 {
		return ""
	}
	return hex.EncodeToString(s.sum.Sum(nil))
}

// read stands for the files and commits that were judged.
func (j *judgement) read() string {
	h := sha256.New()
	note := func(text string) {
		h.Write(binary.AppendUvarint(nil, uint64(len(text))))
		h.Write([]byte(text))
	}
	files := j.change.Files
	if j.whole != nil { // what is left out of the score was looked at all the same
		files = j.whole.Files
	}
	for i := range files {
		f := &files[i]
		note(f.Path)
		note(f.PreviousPath)
		note(string(f.Status))
	}
	note("")
	for i := range j.change.Commits {
		note(j.change.Commits[i].SHA)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// reader reads the rules files of the change that is judged.
func (j *judgement) reader() policy.FileReader {
	return policy.FileReader{Org: j.rules.Org, Organisation: policy.IsOrganisations(j.change.Repository)}
}
