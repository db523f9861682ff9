package judge

import (
	"errors"
	"fmt"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect/catalog"
	"github.com/gatehold/gatehold/internal/detect/redact"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/policy"
	"github.com/gatehold/gatehold/internal/report"
	"github.com/gatehold/gatehold/internal/rulesfile"
	"github.com/gatehold/gatehold/internal/words"
)

// proposedInvalid is the code of a proposed rules file that could not be used.
const proposedInvalid = "proposed_rules_invalid"

// Propose reads the rules file that a change brings, by the code that would
// enforce it, lays it over the organisation's, and says what would be in force
// other than now. Both results are nil where the change leaves the rules file
// alone; the rules are nil where the file cannot be used.
func Propose(current *policy.Rules, c *change.Change) (*gate.Proposal, *policy.Rules) {
	for i := range c.Files {
		f := &c.Files[i]
		if !policy.IsRulesFile(f) {
			continue
		}
		if f.Path != policy.FileName || f.Status == change.Removed || f.After.State == change.Absent {
			return propose(current, c, nil)
		}
		file, problems := readProposed(f, current.Registry)
		if len(problems) > 0 {
			return &gate.Proposal{Problems: problems}, nil
		}
		return propose(current, c, file)
	}
	return nil, nil
}

// ProposeFile is Propose for a file that no change has brought yet.
func ProposeFile(current *policy.Rules, file *rulesfile.File) (*gate.Proposal, *policy.Rules) {
	return propose(current, &change.Change{}, file)
}

// propose lays a file in the place of the repository's, or of both where the
// repository is the organisation's own. nil is no file.
func propose(current *policy.Rules, c *change.Change, file *rulesfile.File) (*gate.Proposal, *policy.Rules) {
	if current.Plain != nil {
		current = current.Plain
	}
	org := current.Org
	if policy.IsOrganisations(c.Repository) {
		org = file
	}
	next, err := policy.CompileWith(org, file, current.Registry)
	if err != nil {
		return &gate.Proposal{Problems: []string{sayProposed(err.Error())}}, nil
	}
	return &gate.Proposal{Valid: true, Changes: policy.Differences(current, next)}, next
}

// readProposed parses the head's side of the rules file. It refuses what the
// gate would refuse to read from the base branch.
func readProposed(f *change.File, r *catalog.Registry) (*rulesfile.File, []string) {
	if f.Mode != "" && f.Mode != change.ModeFile {
		return nil,
			[]string{fmt.Sprintf("%s: it has the mode %s, and only a plain file (%s) is used: no link, submodule or executable",
				policy.FileName, redact.Quote(words.Clip(f.Mode)), change.ModeFile)}
	}
	if f.After.State != change.Loaded {
		reason := f.After.Reason
		if reason == "" {
			reason = "its text was not fetched"
		}
		return nil, []string{sayProposed(policy.FileName + ": it cannot be read: " + reason)}
	}
	file, err := rulesfile.ParseWith(rulesfile.Source{Name: policy.FileName, Text: []byte(f.After.Body)}, r, rulesfile.PackRuleIDs)
	if err == nil {
		return file, nil
	}
	var faults rulesfile.Problems
	if !errors.As(err, &faults) {
		return nil, []string{sayProposed(err.Error())}
	}
	var said []string
	for _, p := range faults[:min(len(faults), maxProposedProblems)] {
		said = append(said, sayProposed(p.String()))
	}
	if n := len(faults) - len(said); n > 0 {
		said = append(said, "and "+words.Plural(n, "more problem"))
	}
	return nil, said
}

// Bounds on what a proposal tells.
const (
	maxProposedProblems = 20

	maxDifferent = 20
)

func sayProposed(s string) string { return redact.Quote(words.ClipTo(s, 400)) }

// judgeProposed notes what the change would do to the rules. A file that could
// not be used holds the change, whoever made it: merged, it would hold all.
func (j *judgement) judgeProposed() {
	j.proposed, _ = Propose(j.rules, j.change)
	if j.proposed == nil || j.proposed.Valid {
		return
	}
	said := j.proposed.Problems[:min(len(j.proposed.Problems), 3)]
	text := "The rules file that this change brings cannot be used: " + strings.Join(said, "; ")
	if n := len(j.proposed.Problems) - len(said); n > 0 {
		text += "; and " + words.Plural(n, "more")
	}
	j.problems = append(j.problems, gate.Problem{
		Code: proposedInvalid,
		Text: text + ". Once merged it would hold every change: repair it here; `gatehold rules check` names every fault.",
	})
}

// Compare judges changes of the past under two sets of rules, and says how many
// could be judged and which of them come out otherwise: held or not, at another
// level, or with another need. A change that is not known whole is left out.
func Compare(current, proposed *policy.Rules, past []change.Change) (judged int, different []gate.Difference) {
	for i := range past {
		c := &past[i]
		if len(c.Gaps) > 0 {
			continue
		}
		judged++
		from, to := Change(current, c), Change(proposed, c)
		if sameOutcome(&from, &to) || len(different) >= maxDifferent {
			continue
		}
		different = append(different, gate.Difference{Subject: subjectOf(c), From: SayOutcome(&from), To: SayOutcome(&to)})
	}
	return judged, different
}

func sameOutcome(a, b *gate.Verdict) bool {
	return a.Held == b.Held && a.WouldHold == b.WouldHold && a.Level == b.Level && report.Need(a.Needs) == report.Need(b.Needs)
}

func subjectOf(c *change.Change) string {
	name := c.ID
	if c.Number > 0 {
		name = fmt.Sprintf("#%d", c.Number)
	}
	return strings.TrimSpace(name + " " + redact.Quote(words.ClipTo(c.Title, 100)))
}

// SayOutcome puts what came of a change into a few words: "held: high risk,
// score 60, needs 1 approval".
func SayOutcome(v *gate.Verdict) string {
	word := "passes"
	switch {
	case v.Held:
		word = "held"
	case v.WouldHold:
		word = "only watched"
	}
	text := fmt.Sprintf("%s: %s risk, score %d", word, v.Level, v.Score)
	if v.Held || v.WouldHold {
		text += ", needs " + report.Need(v.Needs)
	}
	return text
}
