package policy

import (
	"errors"
	"fmt"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect/catalog"
	"github.com/gatehold/gatehold/internal/gate"
)

// proposedInvalid is the code of a proposed rules file that could not be used.
const proposedInvalid = "proposed_rules_invalid"

// isRulesFile reports whether a change of f changes the rules file of its
// repository. In an organisation's .github repository that is the
// organisation's too.
func isRulesFile(f *change.File) bool {
	return f.Path == FileName || f.PreviousPath == FileName && f.Status == change.Renamed
}

// Propose reads the rules file that a change brings, by the code that would
// enforce it, lays it over the organisation's, and says what would be in force
// other than now. Both results are nil where the change leaves the rules file
// alone; the rules are nil where the file cannot be used.
func Propose(current *Rules, c *change.Change) (*gate.Proposal, *Rules) {
	for i := range c.Files {
		f := &c.Files[i]
		if !isRulesFile(f) {
			continue
		}
		if f.Path != FileName || f.Status == change.Removed || f.After.State == change.Absent {
			return propose(current, c, nil)
		}
		file, problems := readProposed(f, current.registry)
		if len(problems) > 0 {
			return &gate.Proposal{Problems: problems}, nil
		}
		return propose(current, c, file)
	}
	return nil, nil
}

// ProposeFile is Propose for a file that no change has brought yet.
func ProposeFile(current *Rules, file *File) (*gate.Proposal, *Rules) {
	return propose(current, &change.Change{}, file)
}

// propose lays a file in the place of the repository's, or of both where the
// repository is the organisation's own. nil is no file.
func propose(current *Rules, c *change.Change, file *File) (*gate.Proposal, *Rules) {
	if current.plain != nil {
		current = current.plain
	}
	org := current.org
	if isOrganisations(c.Repository) {
		org = file
	}
	next, err := compile(org, file, current.registry)
	if err != nil {
		return &gate.Proposal{Problems: []string{sayProposed(err.Error())}}, nil
	}
	return &gate.Proposal{Valid: true, Changes: differences(current, next)}, next
}

// readProposed parses the head's side of the rules file. It refuses what the
// gate would refuse to read from the base branch.
func readProposed(f *change.File, r *catalog.Registry) (*File, []string) {
	if f.Mode != "" && f.Mode != change.ModeFile {
		return nil,
			[]string{fmt.Sprintf("%s: it has the mode %s, and only a plain file (%s) is used: no link, submodule or executable",
				FileName, quote(clip(f.Mode)), change.ModeFile)}
	}
	if f.After.State != change.Loaded {
		reason := f.After.Reason
		if reason == "" {
			reason = "its text was not fetched"
		}
		return nil, []string{sayProposed(FileName + ": it cannot be read: " + reason)}
	}
	file, err := parse(Source{Name: FileName, Text: []byte(f.After.Body)}, r, packRuleIDs)
	if err == nil {
		return file, nil
	}
	var faults Problems
	if !errors.As(err, &faults) {
		return nil, []string{sayProposed(err.Error())}
	}
	var said []string
	for _, p := range faults[:min(len(faults), maxProposedProblems)] {
		said = append(said, sayProposed(p.String()))
	}
	if n := len(faults) - len(said); n > 0 {
		said = append(said, "and "+plural(n, "more problem"))
	}
	return nil, said
}

// Bounds on what a proposal tells.
const (
	maxProposedProblems = 20

	maxDifferent = 20
)

func sayProposed(s string) string { return quote(clipTo(s, 400)) }

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
		text += "; and " + plural(n, "more")
	}
	j.problems = append(j.problems, gate.Problem{
		Code: proposedInvalid,
		Text: text + ". Once merged it would hold every change: repair it here; `gatehold rules check` names every fault.",
	})
}

// Compare judges changes of the past under two sets of rules, and says how many
// could be judged and which of them come out otherwise: held or not, at another
// level, or with another need. A change that is not known whole is left out.
func Compare(current, proposed *Rules, past []change.Change) (judged int, different []gate.Difference) {
	for i := range past {
		c := &past[i]
		if len(c.Gaps) > 0 {
			continue
		}
		judged++
		from, to := current.Judge(c), proposed.Judge(c)
		if sameOutcome(&from, &to) || len(different) >= maxDifferent {
			continue
		}
		different = append(different, gate.Difference{Subject: subjectOf(c), From: SayOutcome(&from), To: SayOutcome(&to)})
	}
	return judged, different
}

func sameOutcome(a, b *gate.Verdict) bool {
	return a.Held == b.Held && a.WouldHold == b.WouldHold && a.Level == b.Level && sayNeed(a.Needs) == sayNeed(b.Needs)
}

func subjectOf(c *change.Change) string {
	name := c.ID
	if c.Number > 0 {
		name = fmt.Sprintf("#%d", c.Number)
	}
	return strings.TrimSpace(name + " " + quote(clipTo(c.Title, 100)))
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
		text += ", needs " + sayNeed(v.Needs)
	}
	return text
}
